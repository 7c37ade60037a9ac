// data: {pictures: [{src, caption}], width, height in CSS pixels}
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".picture-grid");
  const content = JSON.stringify(data);
  grid.send = setTriggerValue;
  if (grid.content === content) return; // called again on every rerun
  grid.content = content;
  // all cells are as wide as the picture or, if it is wider, the longest line, so that they form columns
  const lines = data.pictures.flatMap(({ caption }) => caption.split("\n"));
  const longest = Math.max(0, ...lines.map((line) => line.length));
  grid.style.setProperty("--cell", `max(${data.width + 6}px, ${longest * 0.95}ch + 8px)`);
  grid.replaceChildren(...data.pictures.map((picture, index) => pictureButton(grid, data, picture, index)));
}

function pictureButton(grid, { width, height }, { src, caption }, index) {
  const button = document.createElement("button");
  button.type = "button";
  const image = document.createElement("img");
  Object.assign(image, { src, alt: "", width, height });
  const text = document.createElement("span");
  text.textContent = caption;
  button.append(image, text);
  button.addEventListener("click", () => grid.send("selected", index));
  return button;
}
