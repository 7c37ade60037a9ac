// A sheet of paper to draw a garment on. Sends a PNG data URL after each stroke, "" when the sheet is empty.
const SIDE = 280;
const HISTORY = 40;

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".sheet");
  if (root.dataset.ready) return; // called again on every rerun; the sheet keeps its state
  root.dataset.ready = "1";

  const canvas = root.querySelector("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const size = root.querySelector("input");
  const tools = [...root.querySelectorAll("[data-tool]")];
  const undoButton = root.querySelector("[data-action=undo]");
  const clearButton = root.querySelector("[data-action=clear]");
  const past = [];
  let tool = "brush";
  let last = null;

  context.lineCap = context.lineJoin = "round";
  wipe();
  if (data && data.image) {
    const kept = new Image();
    kept.onload = () => context.drawImage(kept, 0, 0, SIDE, SIDE);
    kept.src = data.image;
  }
  enable();

  function wipe() {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SIDE, SIDE);
  }

  function isEmpty() {
    return new Uint32Array(context.getImageData(0, 0, SIDE, SIDE).data.buffer).every((pixel) => pixel === 0xffffffff);
  }

  function remember() {
    past.push(context.getImageData(0, 0, SIDE, SIDE));
    if (past.length > HISTORY) past.shift();
  }

  function enable() {
    undoButton.disabled = past.length === 0;
  }

  function send() {
    enable();
    setStateValue("drawing", isEmpty() ? "" : canvas.toDataURL("image/png"));
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
  }

  function line(from, to, pressure) {
    context.strokeStyle = tool === "eraser" ? "#fff" : "#000";
    context.lineWidth = Number(size.value) * (tool === "eraser" ? 2 : 1) * (pressure > 0 ? 0.5 + pressure : 1);
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }

  function fill([x, y]) {
    const image = context.getImageData(0, 0, SIDE, SIDE);
    const light = (i) => image.data[4 * i] > 128;
    const start = Math.floor(y) * SIDE + Math.floor(x);
    const target = light(start);
    const stack = [start];
    const seen = new Uint8Array(SIDE * SIDE);
    while (stack.length) {
      const i = stack.pop();
      if (seen[i] || light(i) !== target) continue;
      seen[i] = 1;
      image.data.fill(0, 4 * i, 4 * i + 3);
      const column = i % SIDE;
      if (column > 0) stack.push(i - 1);
      if (column < SIDE - 1) stack.push(i + 1);
      if (i >= SIDE) stack.push(i - SIDE);
      if (i < SIDE * (SIDE - 1)) stack.push(i + SIDE);
    }
    context.putImageData(image, 0, 0);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || last) return;
    event.preventDefault();
    const point = place(event);
    remember();
    if (tool === "fill") {
      fill(point);
      send();
      return;
    }
    canvas.setPointerCapture(event.pointerId);
    last = { id: event.pointerId, point };
    line(point, point, event.pointerType === "pen" ? event.pressure : 0);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last || event.pointerId !== last.id) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const point = place(part);
      line(last.point, point, part.pointerType === "pen" ? part.pressure : 0);
      last.point = point;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (!last || event.pointerId !== last.id) return;
      last = null;
      send();
    });
  }

  function choose(name) {
    tool = name;
    for (const button of tools) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  }
  for (const button of tools) button.addEventListener("click", () => choose(button.dataset.tool));

  function undo() {
    if (!past.length) return;
    context.putImageData(past.pop(), 0, 0);
    send();
  }
  undoButton.addEventListener("click", undo);
  clearButton.addEventListener("click", () => {
    remember();
    wipe();
    send();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      undo();
    }
  });
}
