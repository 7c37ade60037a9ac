// data: {patterns: [[true, false, ...], ...], counts, names, picked: position | null}
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".upset");
  root.send = setTriggerValue;
  const shown = JSON.stringify([data.patterns, data.counts, data.names]);
  if (root.shown !== shown) {
    root.shown = shown;
    const most = Math.max(...data.counts, 1);
    root.style.setProperty("--runs", data.names.length);
    const bars = data.patterns.map((pattern, i) => bar(root, data, pattern, i, most));
    root.replaceChildren(head(data), ...bars, saveButton(() => save(data)));
  }
  root.querySelectorAll("button.row").forEach((b, i) => b.setAttribute("aria-pressed", String(i === data.picked)));
}

function head(data) {
  const row = document.createElement("div");
  row.className = "row head";
  for (const name of data.names) {
    const cell = document.createElement("span");
    cell.textContent = name;
    row.append(cell);
  }
  row.append(document.createElement("span"));
  return row;
}

function bar(root, data, pattern, i, most) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "row";
  const right = data.names.filter((_, r) => pattern[r]);
  const words = right.length === data.names.length ? "all right" : right.length ? `right: ${right.join(", ")}` : "all wrong";
  button.setAttribute("aria-label", `${words}; ${data.counts[i].toLocaleString("en")} garments`);
  for (const yes of pattern) {
    const dot = document.createElement("span");
    dot.className = yes ? "dot yes" : "dot";
    button.append(dot);
  }
  const track = document.createElement("span");
  track.className = "track";
  const fill = document.createElement("span");
  fill.className = "fill";
  fill.style.width = `max(2px, (100% - 3.5rem) * ${data.counts[i] / most})`; // the rest is for the number
  const count = document.createElement("span");
  count.className = "count";
  count.textContent = data.counts[i].toLocaleString("en");
  track.append(fill, count);
  button.append(track);
  button.addEventListener("click", () => root.send("picked", i));
  return button;
}

function save(data) {
  const [column, row, top] = [110, 24, 40];
  const left = data.names.length * column;
  const most = Math.max(...data.counts, 1);
  const parts = data.names.map((name, r) => text(r * column + column / 2, 20, name, 'text-anchor="middle"'));
  data.patterns.forEach((pattern, i) => {
    const y = top + i * row;
    pattern.forEach((yes, r) => {
      const fill = yes ? "#1d232b" : "none";
      parts.push(`<circle cx="${r * column + column / 2}" cy="${y}" r="6" fill="${fill}" stroke="#1d232b"/>`);
    });
    const width = (400 * data.counts[i]) / most;
    parts.push(`<rect x="${left}" y="${y - 8}" width="${width}" height="16" fill="#2a6fbb"/>`);
    parts.push(text(left + width + 6, y + 4, data.counts[i].toLocaleString("en")));
  });
  saveSvg("agreement.svg", left + 480, top + data.patterns.length * row, parts);
}
