// data: {items: [{src, caption}], width, height in CSS pixels}
export default function ({ data, parentElement, setTriggerValue }) {
  const rows = parentElement.querySelector(".rows");
  const shown = JSON.stringify(data);
  rows.send = setTriggerValue;
  if (rows.shown === shown) return; // called again on every rerun
  rows.shown = shown;
  // one width for all, so that they stand in columns: the picture's or, where it is wider, the longest line's
  const letters = Math.max(0, ...data.items.flatMap(({ caption }) => caption.split("\n").map((line) => line.length)));
  rows.style.setProperty("--cell", `max(${data.width + 6}px, ${letters * 0.9}ch + 6px)`);
  rows.replaceChildren(
    ...data.items.map(({ src, caption }, position) => {
      const button = document.createElement("button");
      button.type = "button";
      const image = document.createElement("img");
      Object.assign(image, { src, alt: "", width: data.width, height: data.height });
      const text = document.createElement("span");
      text.textContent = caption;
      button.append(image, text);
      button.addEventListener("click", () => rows.send("picked", position));
      return button;
    }),
  );
}
