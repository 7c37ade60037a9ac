// data: {patterns: [[true, false, ...], ...], counts, names, selected: index | null}
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".upset");
  root.send = setTriggerValue;
  const content = JSON.stringify([data.patterns, data.counts, data.names]);
  if (root.content !== content) {
    root.content = content;
    root.style.setProperty("--runs", data.names.length);
    const bars = data.patterns.map((_, i) => barButton(root, data, i));
    root.replaceChildren(headerRow(data.names), ...bars, saveButton(() => saveChart(data)));
  }
  root.querySelectorAll("button.row").forEach((b, i) => b.setAttribute("aria-pressed", String(i === data.selected)));
}

function span(className, content = "") {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = content;
  return element;
}

function headerRow(names) {
  const row = document.createElement("div");
  row.className = "row head";
  row.append(...names.map((name) => span("", name)), span(""));
  return row;
}

function barButton(root, data, i) {
  const pattern = data.patterns[i];
  const count = data.counts[i].toLocaleString("en");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "row";
  button.setAttribute("aria-label", `${describePattern(pattern, data.names)}; ${count} garments`);
  const fill = span("fill");
  fill.style.width = `max(2px, (100% - 3.5rem) * ${data.counts[i] / Math.max(...data.counts, 1)})`; // 3.5rem: the count
  const track = span("track");
  track.append(fill, span("count", count));
  button.append(...pattern.map((correct) => span(correct ? "dot yes" : "dot")), track);
  button.addEventListener("click", () => root.send("selected", pattern));
  return button;
}

function describePattern(pattern, names) {
  const correct = names.filter((_, i) => pattern[i]);
  if (correct.length === names.length) return "all right";
  return correct.length ? `right: ${correct.join(", ")}` : "all wrong";
}

function saveChart(data) {
  const [column, row, top] = [110, 24, 40];
  const left = data.names.length * column;
  const largest = Math.max(...data.counts, 1);
  const parts = data.names.map((name, r) => text(r * column + column / 2, 20, name, 'text-anchor="middle"'));
  data.patterns.forEach((pattern, i) => {
    const y = top + i * row;
    pattern.forEach((correct, r) => {
      const fill = correct ? "#1d232b" : "none";
      parts.push(`<circle cx="${r * column + column / 2}" cy="${y}" r="6" fill="${fill}" stroke="#1d232b"/>`);
    });
    const width = (400 * data.counts[i]) / largest;
    parts.push(`<rect x="${left}" y="${y - 8}" width="${width}" height="16" fill="#2a6fbb"/>`);
    parts.push(text(left + width + 6, y + 4, data.counts[i].toLocaleString("en")));
  });
  saveSvg("agreement.svg", left + 480, top + data.patterns.length * row, parts);
}
