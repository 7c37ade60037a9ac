// cells that show their garments; one Tab stop a matrix, arrow keys move within it
for (const table of document.querySelectorAll("table[data-matrix]")) {
  const run = DATA.runs[table.dataset.matrix];
  const [answers, confidence] = [bytes(run.answers), bytes(run.confidence)];
  const box = table.closest(".matrices").nextElementSibling;
  const rows = [...table.tBodies[0].rows].map((row, i) =>
    [...row.querySelectorAll("td")].map((cell, j) => {
      const [truth, said] = [DATA.names[i], DATA.names[j]];
      const button = element("button", { type: "button", tabindex: -1, "aria-pressed": false }, cell.textContent);
      button.setAttribute("aria-label", `${truth} taken for ${said}: ${cell.textContent || "0"}`);
      button.addEventListener("click", () => {
        for (const other of table.closest("main").querySelectorAll('td button[aria-pressed="true"]')) other.setAttribute("aria-pressed", "false");
        button.setAttribute("aria-pressed", "true");
        const places = [...answers.keys()].filter((k) => LABELS[k] === i && answers[k] === j);
        places.sort((a, b) => confidence[b] - confidence[a] || a - b);
        const what = i === j ? `that ${run.title} knows` : `that ${run.title} takes for ${said}`;
        const title = `${places.length.toLocaleString("en")} garments of ${truth} ${what}, the surest first`;
        for (const other of document.querySelectorAll(".garments")) if (other !== box) other.replaceChildren();
        showGarments(box, title, places, (k) => `${k}\n${Math.round(confidence[k] / 2.55)}%`);
      });
      cell.replaceChildren(button);
      return button;
    }),
  );
  rove(table, rows);
}
for (const box of document.querySelectorAll(".garments")) box.textContent = "Choose a cell to see its garments.";

function rove(table, rows) {
  let [r, c] = [0, 0];
  rows[r][c].tabIndex = 0;
  const move = (i, j) => {
    if (!rows[i]?.[j]) return;
    rows[r][c].tabIndex = -1;
    [r, c] = [i, j];
    rows[r][c].tabIndex = 0;
  };
  table.addEventListener("focusin", (event) => {
    rows.forEach((buttons, i) => buttons.includes(event.target) && move(i, buttons.indexOf(event.target)));
  });
  table.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    move(r + step[0], c + step[1]);
    rows[r][c].focus();
  });
}
