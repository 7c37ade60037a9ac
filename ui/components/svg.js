// Drawing a component as an SVG file to take away.
const safe = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function text(x, y, words, more = "") {
  return `<text x="${x}" y="${y}" ${more}>${safe(words)}</text>`;
}

function saveSvg(name, width, height, parts) {
  const style = "font: 12px sans-serif; fill: #1d232b";
  const whole = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" style="${style}">
<rect width="100%" height="100%" fill="#fff"/>${parts.join("")}</svg>`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([whole], { type: "image/svg+xml" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function saveButton(onClick) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: "SVG", className: "save" });
  button.setAttribute("aria-label", "Save as SVG");
  button.addEventListener("click", onClick);
  return button;
}
