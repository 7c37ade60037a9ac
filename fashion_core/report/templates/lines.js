// the values of every line at the pointer
for (const chart of document.querySelectorAll("svg.lines")) {
  const [left, right, top, bottom] = chart.querySelector("[data-box]").dataset.box.split(" ").map(Number);
  const figure = chart.closest("figure");
  const rows = [...figure.querySelectorAll("details tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
  const names = [...figure.querySelectorAll("details thead th")].map((cell) => cell.textContent);
  const xs = rows.map((row) => Number(row[0]));
  const guide = document.createElementNS("http://www.w3.org/2000/svg", "path");
  guide.setAttribute("class", "pointer-line");
  chart.append(guide);
  const reading = createElement("div", { class: "reading" });
  chart.parentElement.append(reading);
  const read = (event) => {
    const pointer = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
    const [first, last] = [xs[0], Math.max(xs[xs.length - 1], xs[0] + 1)];
    const pointed = first + ((pointer.x - left) / (right - left)) * (last - first);
    const nearest = xs.reduce((best, x, k) => (Math.abs(x - pointed) < Math.abs(xs[best] - pointed) ? k : best), 0);
    const x = left + ((xs[nearest] - first) / (last - first)) * (right - left);
    guide.setAttribute("d", `M${x} ${top}V${bottom}`);
    reading.textContent = names.map((name, k) => `${name} ${rows[nearest][k]}`).join(", ");
  };
  chart.addEventListener("pointerdown", read);
  chart.addEventListener("pointermove", read);
  chart.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "touch") return; // a finger is lifted: what it tapped is still to be read
    guide.removeAttribute("d");
    reading.textContent = "";
  });
}
