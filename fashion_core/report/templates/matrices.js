// cells of a matrix show their images; a matrix is one Tab stop, and arrow keys move within it
document.querySelectorAll("table[data-matrix]").forEach((table, number) => {
  const run = DATA.runs[number];
  const predicted = decodeBytes(run.answers);
  const confidence = run.confidence && decodeBytes(run.confidence); // null for k-means
  // a row holds one class; the last one holds all that are not shown
  const rows = new Uint8Array(256).fill(run.shown.length);
  run.shown.forEach((label, row) => (rows[label] = row));
  const container = table.closest(".matrices").nextElementSibling;
  const showCell = (i, j) => {
    const indices = [...predicted.keys()].filter((k) => rows[LABELS[k]] === i && rows[predicted[k]] === j);
    if (confidence) indices.sort((a, b) => confidence[b] - confidence[a] || a - b);
    const isClass = i < run.shown.length;
    const verdict = i === j && isClass ? `${run.title} classifies correctly` : `${run.title} predicts as ${run.names[j]}`;
    const count = `${indices.length.toLocaleString("en")} ${indices.length === 1 ? "image" : "images"}`;
    const title = `${count} of ${run.names[i]} that ${verdict}${confidence ? ", most confident first" : ""}`;
    for (const other of document.querySelectorAll(".cell-images")) if (other !== container) other.replaceChildren(SELECT_HINT);
    showImages(container, title, indices, (k) => (confidence ? `${k}\n${Math.round(confidence[k] / 2.55)}%` : String(k)));
    container.scrollIntoView({ block: "nearest" });
  };
  const buttons = [...table.tBodies[0].rows].map((row, i) =>
    [...row.querySelectorAll("td")].map((cell, j) => {
      const button = createElement("button", { type: "button", tabindex: -1, "aria-pressed": false }, cell.textContent);
      const label = `${run.names[i]} predicted as ${run.names[j]}: ${cell.textContent || "0"}`;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => {
        for (const other of table.closest("main").querySelectorAll('td button[aria-pressed="true"]')) other.setAttribute("aria-pressed", "false");
        button.setAttribute("aria-pressed", "true");
        showCell(i, j);
      });
      cell.replaceChildren(button);
      return button;
    }),
  );
  moveWithArrowKeys(table, buttons);
});
for (const container of document.querySelectorAll(".cell-images")) container.textContent = SELECT_HINT;

function moveWithArrowKeys(table, buttons) {
  let [row, column] = [0, 0];
  buttons[row][column].tabIndex = 0;
  const moveTo = (i, j) => {
    if (!buttons[i]?.[j]) return;
    buttons[row][column].tabIndex = -1;
    [row, column] = [i, j];
    buttons[row][column].tabIndex = 0;
  };
  table.addEventListener("focusin", (event) => {
    buttons.forEach((line, i) => line.includes(event.target) && moveTo(i, line.indexOf(event.target)));
  });
  table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    moveTo(row + step[0], column + step[1]);
    buttons[row][column].focus();
  });
}
