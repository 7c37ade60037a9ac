// data: {names, order, picked: [name, row, column] | null, matrices: [{name, title, texts, shades, diverging}]}
// One Tab stop a matrix; arrow keys move within it.
const BLUE = [18, 61, 110];
const BELOW = [26, 111, 223];
const ABOVE = [230, 97, 0];

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".matrices");
  root.send = setTriggerValue;
  root.ground = luminance(getComputedStyle(root).color.match(/[\d.]+/g)) > 0.5 ? 20 : 255; // dark theme or light
  const shown = JSON.stringify([data.names, data.order, data.matrices, root.ground]);
  if (root.shown !== shown) {
    root.shown = shown;
    root.replaceChildren(...data.matrices.map((matrix) => table(root, data, matrix)), saveButton(() => save(data)));
  }
  const picked = JSON.stringify(data.picked);
  for (const button of root.querySelectorAll("table button")) {
    button.setAttribute("aria-pressed", String(button.dataset.place === picked));
  }
}

function table(root, data, matrix) {
  const box = document.createElement("section");
  const title = document.createElement("p");
  title.textContent = matrix.title;
  const grid = document.createElement("table");
  grid.setAttribute("aria-label", `${matrix.title}. Rows: true class; columns: predicted class.`);
  const n = data.names.length;
  const rows = [];
  for (let i = -1; i < n; i++) {
    const row = document.createElement("tr");
    const buttons = [];
    for (let j = -1; j < n; j++) {
      const head = i < 0 || j < 0;
      const cell = document.createElement(head ? "th" : "td");
      if (i >= 0 || j >= 0) {
        const place = [matrix.name, i < 0 ? null : data.order[i], j < 0 ? null : data.order[j]];
        const button = choice(root, place, head ? data.names[Math.max(i, j)] : matrix.texts[i][j]);
        if (head) button.title = i < 0 ? `All taken for ${data.names[j]}` : `All that are ${data.names[i]}`;
        else {
          button.setAttribute("aria-label", `${data.names[i]} taken for ${data.names[j]}: ${matrix.texts[i][j] || "0"}`);
          const { colour, strength, ink } = shading(matrix, i, j, root.ground);
          button.style.background = `rgba(${colour.join(",")}, ${strength.toFixed(3)})`;
          button.style.color = ink;
        }
        cell.append(button);
        buttons.push(button);
      } else {
        cell.textContent = "true ↓ predicted →";
        buttons.push(null);
      }
      row.append(cell);
    }
    rows.push(buttons);
    grid.append(row);
  }
  rove(grid, rows);
  const frame = document.createElement("div");
  frame.className = "frame";
  frame.append(grid);
  box.append(title, frame);
  return box;
}

function choice(root, place, text) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: text, tabIndex: -1 });
  button.dataset.place = JSON.stringify(place);
  button.addEventListener("click", () => root.send("picked", place));
  return button;
}

// a cell's colour, how much of it covers the ground (0 to 255), and the ink that stands out on both together
function shading(matrix, i, j, ground) {
  const shade = matrix.shades[i][j];
  const strength = Math.min(1, Math.abs(shade));
  const colour = matrix.diverging ? (shade < 0 ? BELOW : ABOVE) : BLUE;
  const light = luminance(colour.map((c) => strength * c + (1 - strength) * ground));
  return { colour, strength, ink: (light + 0.05) ** 2 > 0.0525 ? "#000" : "#fff" }; // where both contrast alike, 4.58
}

// relative luminance of r, g, b (0 to 255), as WCAG has it
function luminance(rgb) {
  const [r, g, b] = [...rgb].slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// arrow keys move the one Tab stop of a matrix
function rove(grid, rows) {
  let [r, c] = [1, 1];
  rows[r][c].tabIndex = 0;
  const move = (i, j) => {
    if (!rows[i]?.[j]) return;
    rows[r][c].tabIndex = -1;
    [r, c] = [i, j];
    rows[r][c].tabIndex = 0;
    rows[r][c].focus();
  };
  grid.addEventListener("focusin", (event) => {
    rows.forEach((buttons, i) => {
      const j = buttons.indexOf(event.target);
      if (j < 0 || (i === r && j === c)) return;
      rows[r][c].tabIndex = -1;
      [r, c] = [i, j];
      rows[r][c].tabIndex = 0;
    });
  });
  grid.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    move(r + step[0], c + step[1]);
  });
}

function save(data) {
  const [side, left, top] = [38, 80, 70];
  const n = data.names.length;
  const wide = left + n * side + 30;
  const parts = data.matrices.flatMap((matrix, m) => {
    const x0 = m * wide + left;
    const drawn = [text(x0, 20, matrix.title, 'font-weight="bold"')];
    for (let i = 0; i < n; i++) {
      const [x, y] = [x0 + i * side, top + i * side];
      drawn.push(text(x0 - 6, y + 24, data.names[i], 'text-anchor="end"'));
      drawn.push(text(x + 23, top - 6, data.names[i], `transform="rotate(-60 ${x + 23} ${top - 6})"`));
      for (let j = 0; j < n; j++) {
        const { colour, strength, ink } = shading(matrix, i, j, 255);
        const at = `x="${x0 + j * side}" y="${y}" width="${side - 1}" height="${side - 1}"`;
        drawn.push(`<rect ${at} fill="rgb(${colour.join(",")})" fill-opacity="${strength}" stroke="#ccc"/>`);
        const middle = `text-anchor="middle" font-size="10" fill="${ink}"`;
        drawn.push(text(x0 + j * side + side / 2, y + 23, matrix.texts[i][j], middle));
      }
    }
    return drawn;
  });
  saveSvg("matrices.svg", data.matrices.length * wide, top + n * side + 20, parts);
}
