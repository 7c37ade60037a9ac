// data: {cards: [{title, bars: [{name, percent, text}]}]}
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".answers");
  const shown = JSON.stringify(data.cards);
  if (root.shown === shown) return; // called again on every rerun
  root.shown = shown;
  root.replaceChildren(...data.cards.map(createCard));
  root.dataset.version = String(Number(root.dataset.version ?? 0) + 1);
}

function createCard({ title, bars }) {
  const card = createElement("section", "card");
  card.setAttribute("aria-label", title);
  card.append(createElement("h4", "", title), ...bars.map(createBar));
  return card;
}

function createBar({ name, percent, text }, rank) {
  const row = createElement("div", rank ? "row" : "row first");
  const track = createElement("div", "track");
  const fill = createElement("div", "fill");
  fill.style.width = `${percent.toFixed(1)}%`;
  track.append(fill);
  const attributes = { role: "meter", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100 };
  Object.entries(attributes).forEach(([key, value]) => track.setAttribute(key, value));
  track.setAttribute("aria-valuenow", percent.toFixed(1));
  const words = createElement("div", "words");
  words.append(createElement("span", "name", name), createElement("span", "percent", text));
  row.append(words, track);
  return row;
}

function createElement(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}
