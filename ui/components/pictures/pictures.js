// data: {pictures: [{src, caption, alt}], ids: [number], width, height in CSS pixels, canSelect, arePhotographs}
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".picture-grid");
  const content = JSON.stringify(data);
  grid.send = setTriggerValue;
  if (grid.content === content) return; // called again on every rerun
  grid.content = content;
  grid.setAttribute("aria-label", data.canSelect ? "Garments; choose one for details" : "Garments");
  grid.classList.toggle("photographs", data.arePhotographs);
  grid.style.setProperty("--cell", `${Math.ceil(Math.max(data.width, longestLine(grid, data.pictures))) + 8}px`);
  grid.replaceChildren(...data.pictures.map((picture, index) => pictureCell(grid, data, picture, index)));
}

// The width of the longest line of a caption: all cells are as wide, so that they form columns.
function longestLine(grid, pictures) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = getComputedStyle(grid).font;
  return Math.max(0, ...pictures.flatMap(({ caption }) => caption.split("\n").map((line) => context.measureText(line).width)));
}

function pictureCell(grid, { ids, width, height, canSelect }, { src, caption, alt }, index) {
  const cell = document.createElement(canSelect ? "button" : "div");
  const image = document.createElement("img");
  Object.assign(image, { src, alt, width, height });
  const text = document.createElement("span");
  text.textContent = caption;
  cell.append(image, text);
  if (!canSelect) return cell;
  cell.type = "button";
  cell.addEventListener("click", () => grid.send("selected", ids[index] ?? -1));
  return cell;
}
