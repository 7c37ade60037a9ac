// data: {pictures: [{src, caption}], ids: [number], width, height in CSS pixels, arePhotographs}
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".picture-grid");
  const content = JSON.stringify(data);
  grid.send = setTriggerValue;
  if (grid.content === content) return; // called again on every rerun
  grid.content = content;
  grid.classList.toggle("photographs", data.arePhotographs);
  grid.style.setProperty("--cell", `${Math.ceil(Math.max(data.width, longestLine(grid, data.pictures))) + 8}px`);
  grid.replaceChildren(...data.pictures.map((picture, index) => pictureButton(grid, data, picture, index)));
}

// The width of the longest line of a caption: all cells are as wide, so that they form columns.
function longestLine(grid, pictures) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = getComputedStyle(grid).font;
  return Math.max(0, ...pictures.flatMap(({ caption }) => caption.split("\n").map((line) => context.measureText(line).width)));
}

function pictureButton(grid, { ids, width, height }, { src, caption }, index) {
  const button = document.createElement("button");
  button.type = "button";
  const image = document.createElement("img");
  Object.assign(image, { src, alt: "", width, height });
  const text = document.createElement("span");
  text.textContent = caption;
  button.append(image, text);
  button.addEventListener("click", () => grid.send("selected", ids[index] ?? -1));
  return button;
}
