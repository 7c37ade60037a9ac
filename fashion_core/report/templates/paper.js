// printing on A4, or as one A1 poster at the largest zoom at which everything fits the sheet
const root = document.documentElement;
const A1 = "@page { size: 594mm 841mm; margin: 0; @bottom-right { content: none; } }";
const sheet = document.head.appendChild(document.createElement("style"));

function setPaper(paper) {
  root.dataset.paper = paper;
  sheet.textContent = paper === "a1" ? A1 : "";
  if (paper === "a1") fit(document.querySelector("main"));
}

function fit(main) {
  let [low, high] = [0.4, 2.5];
  for (let i = 0; i < 12; i++) {
    const zoom = (low + high) / 2;
    root.style.setProperty("--zoom", zoom);
    if (main.scrollWidth <= main.clientWidth + 1) low = zoom;
    else high = zoom;
  }
  root.style.setProperty("--zoom", low);
}

root.classList.toggle("dark", location.hash === "#dark"); // the dashboard's theme; the report itself has none
document.querySelector(".tools").hidden = window !== window.top; // the page around a preview has buttons of its own
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => {
    const before = root.dataset.paper;
    setPaper(button.dataset.print);
    window.addEventListener("afterprint", () => setPaper(before), { once: true });
    window.print();
  });
}
if (root.dataset.paper === "a1") setPaper("a1");
root.dataset.drawn = "yes"; // everything above has run
