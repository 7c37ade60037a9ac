// data: {cards: [{title, note, bars: [{name, share, text}]}]}
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".answers");
  const shown = JSON.stringify(data.cards);
  if (root.shown === shown) return; // called again on every rerun
  root.shown = shown;
  root.replaceChildren(...data.cards.map(card));
  root.dataset.version = String(Number(root.dataset.version ?? 0) + 1);
}

function card({ title, note, bars }) {
  const box = element("section", "card");
  box.setAttribute("aria-label", title);
  box.append(element("h4", "", title), ...bars.map(bar));
  if (note) box.append(element("p", "note", note));
  return box;
}

function bar({ name, share, text }, rank) {
  const row = element("div", rank ? "row" : "row first");
  const track = element("div", "track");
  const fill = element("div", "fill");
  fill.style.width = `${(100 * share).toFixed(1)}%`;
  track.append(fill);
  Object.entries({ role: "meter", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100 }).forEach(([k, v]) =>
    track.setAttribute(k, v),
  );
  track.setAttribute("aria-valuenow", (100 * share).toFixed(1));
  const words = element("div", "words");
  words.append(element("span", "name", name), element("span", "share", text));
  row.append(words, track);
  return row;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}
