// data: {patterns: [[true, false, ...], ...], counts, names, picked: position | null}
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".upset");
  root.send = setTriggerValue;
  const shown = JSON.stringify([data.patterns, data.counts, data.names]);
  if (root.shown !== shown) {
    root.shown = shown;
    const most = Math.max(...data.counts, 1);
    root.style.setProperty("--runs", data.names.length);
    root.replaceChildren(head(data), ...data.patterns.map((pattern, i) => bar(root, data, pattern, i, most)));
  }
  root.querySelectorAll("button").forEach((b, i) => b.setAttribute("aria-pressed", String(i === data.picked)));
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
  fill.style.width = `${Math.max(0.5, (100 * data.counts[i]) / most)}%`;
  const count = document.createElement("span");
  count.className = "count";
  count.textContent = data.counts[i].toLocaleString("en");
  track.append(fill, count);
  button.append(track);
  button.addEventListener("click", () => root.send("picked", i));
  return button;
}
