// what the report knows of the test pictures, and the garments as elements
const DATA = JSON.parse(document.getElementById("report-data").textContent);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const LABELS = bytes(DATA.labels);
const ACROSS = 100; // garments in a row of the sprite
const SIDE = 56; // pixels a garment is shown at
const ONCE = 48; // garments shown before one asks for all
const NO_PICTURES = "The pictures are not in this file: they need Fashion-MNIST on the machine that builds the report.";

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function garment(place) {
  const picture = element("span", { class: "garment", role: "img" });
  picture.setAttribute("aria-label", `${DATA.names[LABELS[place]]}, test picture ${place}`);
  picture.style.backgroundPosition = `-${(place % ACROSS) * SIDE}px -${Math.floor(place / ACROSS) * SIDE}px`;
  return picture;
}

// the garments at `places` with a caption each, under `title`
function showGarments(box, title, places, caption) {
  const heading = element("p", {}, element("strong", {}, title));
  if (!DATA.pictures) {
    const some = places.slice(0, ONCE).join(", ") + (places.length > ONCE ? ", …" : "");
    box.replaceChildren(heading, NO_PICTURES, ...(places.length ? [` Places in the test split: ${some}.`] : []));
    return;
  }
  const many = element("div", { class: "many" });
  const add = (list) => many.append(...list.map((place) => element("div", {}, garment(place), caption(place))));
  add(places.slice(0, ONCE));
  box.replaceChildren(heading, many);
  if (places.length > ONCE) {
    const all = element("button", { type: "button" }, `Show all ${places.length.toLocaleString("en")}`);
    all.addEventListener("click", () => {
      add(places.slice(ONCE));
      all.remove();
    });
    box.append(all);
  }
}
