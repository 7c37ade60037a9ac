// data: {items: [{src, caption}], width, height in CSS pixels}
export default function ({ data, parentElement, setTriggerValue }) {
  const rows = parentElement.querySelector(".rows");
  const shown = JSON.stringify(data);
  rows.send = setTriggerValue;
  if (rows.shown === shown) return; // called again on every rerun
  rows.shown = shown;
  rows.replaceChildren(
    ...data.items.map(({ src, caption }, position) => {
      const button = document.createElement("button");
      button.type = "button";
      const image = document.createElement("img");
      Object.assign(image, { src, alt: "", width: data.width, height: data.height });
      const text = document.createElement("span");
      text.textContent = caption;
      text.style.maxWidth = `${data.width + 14}px`;
      button.append(image, text);
      button.addEventListener("click", () => rows.send("picked", position));
      return button;
    }),
  );
}
