// the test images: what the report knows about them, and how they are shown
const DATA = JSON.parse(document.getElementById("report-data").textContent);
const decodeBytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const LABELS = decodeBytes(DATA.labels);
const SPRITE_COLUMNS = 100;
const IMAGE_SIZE = 56; // pixels on the screen
const FIRST_SHOWN = 48; // images shown before the reader asks for all
const NO_IMAGES = `This file has no images: ${DATA.dataset} was not on the machine that built the report, or has too many.`;
const SELECT_HINT = "Select a cell to see its images.";

function createElement(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function createImage(index) {
  const image = createElement("span", { class: "test-image", role: "img" });
  image.setAttribute("aria-label", `${DATA.names[LABELS[index]]}, test image ${index}`);
  const [row, column] = [Math.floor(index / SPRITE_COLUMNS), index % SPRITE_COLUMNS];
  image.style.backgroundPosition = `-${column * IMAGE_SIZE}px -${row * IMAGE_SIZE}px`;
  return image;
}

// empty the panel of images, and move the focus from it to the cell that they came from; returns whether there were any
function closeImages() {
  const open = document.querySelector(".cell-images:has(strong)");
  if (!open) return false;
  const hasFocus = open.contains(document.activeElement);
  open.replaceChildren(SELECT_HINT);
  const cell = document.querySelector('td button[aria-pressed="true"]');
  cell.setAttribute("aria-pressed", "false");
  if (hasFocus) cell.focus();
  return true;
}

// the images at `indices` under `title`, each with the caption that `describe` gives
function showImages(container, title, indices, describe) {
  const close = createElement("button", { type: "button" }, "Close");
  close.addEventListener("click", closeImages);
  const heading = createElement("p", { class: "heading" }, createElement("strong", {}, title), close);
  if (!DATA.pictures) {
    const some = indices.slice(0, FIRST_SHOWN).join(", ") + (indices.length > FIRST_SHOWN ? ", …" : "");
    container.replaceChildren(heading, NO_IMAGES, ...(indices.length ? [` Positions among the test images: ${some}.`] : []));
    return;
  }
  const grid = createElement("div", { class: "image-grid" });
  const add = (list) => grid.append(...list.map((index) => createElement("div", {}, createImage(index), describe(index))));
  add(indices.slice(0, FIRST_SHOWN));
  container.replaceChildren(heading, grid);
  if (indices.length > FIRST_SHOWN) {
    const button = createElement("button", { type: "button" }, `Show all ${indices.length.toLocaleString("en")}`);
    button.addEventListener("click", () => {
      add(indices.slice(FIRST_SHOWN));
      button.remove();
      close.focus({ preventScroll: true }); // the button that had the focus is gone
    });
    container.append(button);
  }
}
