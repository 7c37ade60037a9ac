// data: {names, shortNames, order, selected: [matrix, row, column] | null, svgMatrices: null or as matrices,
//        matrices: [{name, title, texts, shades, diverging, hatched}]}
const BLUE = [18, 61, 110];
const BETTER = [26, 111, 223];
const WORSE = [230, 97, 0];
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".matrices");
  root.send = setTriggerValue;
  const isDark = luminance(getComputedStyle(root).color.match(/[\d.]+/g)) > 0.5;
  const background = isDark ? 20 : 255;
  const content = JSON.stringify([data.names, data.order, data.matrices, data.svgMatrices, background]);
  if (root.content !== content) {
    root.content = content;
    root.style.setProperty("--classes", data.names.length);
    root.style.setProperty("--longest-name", Math.max(...data.shortNames.map((name) => name.length)));
    root.style.setProperty("--longest-number", `${longestNumber(root, data.matrices)}px`);
    const saved = data.svgMatrices ?? data.matrices;
    const tables = data.matrices.map((matrix) => matrixTable(root, data, matrix, background));
    root.replaceChildren(...tables, ...(saved.length ? [saveButton(() => saveMatrices(data, saved))] : []));
    root.resizeObserver?.disconnect();
    root.resizeObserver = new ResizeObserver(() => turnHeaders(root));
    root.resizeObserver.observe(root);
  }
  const selected = JSON.stringify(data.selected);
  for (const button of root.querySelectorAll("table button")) {
    button.setAttribute("aria-pressed", String(button.dataset.selection === selected));
  }
}

// The width in pixels of the longest number in a cell. Digits are as wide as a 0 (tabular-nums).
function longestNumber(root, matrices) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = getComputedStyle(root).font;
  const numbers = new Set(matrices.flatMap(({ texts }) => texts.flat().map((text) => text.replace(/\d/g, "0"))));
  return Math.ceil(Math.max(0, ...[...numbers].map((number) => context.measureText(number).width)));
}

// The names of columns are upright where a column is too narrow for them.
function turnHeaders(root) {
  root.classList.remove("upright");
  const headers = [...root.querySelectorAll("tr:first-child button")];
  root.classList.toggle("upright", headers.some((button) => button.scrollWidth > button.clientWidth));
}

function matrixTable(root, data, matrix, background) {
  const title = document.createElement("p");
  title.textContent = matrix.title;
  const table = document.createElement("table");
  table.setAttribute("aria-label", `${matrix.title}. Rows: true class; columns: predicted class.`);
  const corner = document.createElement("th");
  corner.textContent = "predicted → true ↓";
  const buttons = [[null, ...data.names.map((_, j) => headerButton(root, data, matrix, null, j))]];
  data.names.forEach((_, i) => {
    const cells = data.names.map((_, j) => cellButton(root, data, matrix, i, j, background));
    buttons.push([headerButton(root, data, matrix, i, null), ...cells]);
  });
  for (const rowButtons of buttons) {
    const row = document.createElement("tr");
    row.append(...rowButtons.map((button, j) => (button ? tableCell(button, rowButtons === buttons[0] || j === 0) : corner)));
    table.append(row);
  }
  moveFocusWithArrowKeys(table, buttons);
  const frame = document.createElement("div");
  frame.className = "frame";
  frame.append(table);
  const section = document.createElement("section");
  section.append(title, frame);
  return section;
}

function tableCell(button, isHeader) {
  const cell = document.createElement(isHeader ? "th" : "td");
  cell.append(button);
  return cell;
}

// A row or a column: the other index is null.
function headerButton(root, data, matrix, row, column) {
  const name = data.names[row ?? column];
  const button = selectButton(root, data, matrix, row, column, data.shortNames[row ?? column]);
  const isHatched = row === null && matrix.hatched.includes(column);
  button.title = row !== null ? `Everything that is ${name}` : isHatched ? `${name} is never predicted` : `Everything predicted as ${name}`;
  return button;
}

function cellButton(root, data, matrix, row, column, background) {
  const text = matrix.texts[row][column];
  const button = selectButton(root, data, matrix, row, column, text);
  button.classList.toggle("hatched", matrix.hatched.includes(column));
  button.setAttribute("aria-label", `${data.names[row]} predicted as ${data.names[column]}: ${text || "0"}`);
  const { colour, opacity, textColour } = cellColours(matrix, row, column, background);
  button.style.backgroundColor = `rgba(${colour.join(",")}, ${opacity.toFixed(3)})`;
  button.style.color = textColour;
  return button;
}

function selectButton(root, data, matrix, row, column, text) {
  const selection = [matrix.name, ...[row, column].map((i) => (i === null ? null : data.order[i]))];
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: text, tabIndex: -1 });
  button.dataset.selection = JSON.stringify(selection);
  button.addEventListener("click", () => root.send("selected", selection));
  return button;
}

// A cell's colour, its opacity over the background (a grey, 0 to 255), and a text colour that contrasts with both.
function cellColours(matrix, row, column, background) {
  const shade = matrix.shades[row][column];
  const opacity = Math.min(1, Math.abs(shade));
  const colour = matrix.diverging ? (shade < 0 ? WORSE : BETTER) : BLUE;
  const mixed = luminance(colour.map((c) => opacity * c + (1 - opacity) * background));
  return { colour, opacity, textColour: (mixed + 0.05) ** 2 > 0.0525 ? "#000" : "#fff" }; // equal contrast at 0.0525
}

// Relative luminance of red, green and blue (0 to 255) as WCAG defines it.
function luminance(rgb) {
  const [r, g, b] = [...rgb].slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// A matrix is one Tab stop; arrow keys move within it.
function moveFocusWithArrowKeys(table, buttons) {
  let [row, column] = [1, 1];
  const moveTabStop = (i, j) => {
    buttons[row][column].tabIndex = -1;
    [row, column] = [i, j];
    buttons[row][column].tabIndex = 0;
  };
  moveTabStop(1, 1);
  table.addEventListener("focusin", (event) => {
    const i = buttons.findIndex((rowButtons) => rowButtons.includes(event.target));
    if (i >= 0) moveTabStop(i, buttons[i].indexOf(event.target));
  });
  table.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    buttons[row + step[0]]?.[column + step[1]]?.focus(); // focusin moves the Tab stop
  });
}

function saveMatrices(data, matrices) {
  const [side, left, top] = [38, 80, 70];
  const n = data.names.length;
  const width = left + n * side + 30;
  const parts = matrices.flatMap((matrix, m) => {
    const x0 = m * width + left;
    const drawn = [text(x0, 20, matrix.title, 'font-weight="bold"')];
    for (let i = 0; i < n; i++) {
      const [x, y] = [x0 + i * side, top + i * side];
      drawn.push(text(x0 - 6, y + 24, data.shortNames[i], 'text-anchor="end"'));
      drawn.push(text(x + 23, top - 6, data.shortNames[i], `transform="rotate(-60 ${x + 23} ${top - 6})"`));
      for (let j = 0; j < n; j++) drawn.push(...svgCell(matrix, i, j, x0 + j * side, y, side));
    }
    return drawn;
  });
  saveSvg("matrices.svg", matrices.length * width, top + n * side + 20, parts);
}

function svgCell(matrix, row, column, x, y, side) {
  const { colour, opacity, textColour } = cellColours(matrix, row, column, 255);
  const size = `width="${side - 1}" height="${side - 1}"`;
  return [
    `<rect x="${x}" y="${y}" ${size} fill="rgb(${colour.join(",")})" fill-opacity="${opacity}" stroke="#ccc"/>`,
    text(x + side / 2, y + 23, matrix.texts[row][column], `text-anchor="middle" font-size="10" fill="${textColour}"`),
  ];
}
