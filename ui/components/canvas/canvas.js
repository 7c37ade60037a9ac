// A canvas to draw on. data: {mode: "draw" | "paint" | "mask", base: {id, src, width, height}, image}
// draw: black on white. paint: over the picture `src`, in three tones. mask: strokes on a layer above the picture.
// Sends {base: id, image} after each stroke: image is a PNG data URL, "" when nothing is drawn.
const HISTORY = 40;
const TONES = { light: "#fff", grey: "#808080", dark: "#000" };
const STROKES = { keep: "#1a6fdf", remove: "#e66100" };
const TOOLS = {
  draw: { brush: "Brush", eraser: "Eraser", fill: "Fill" },
  paint: { light: "Light", grey: "Grey", dark: "Dark" },
  mask: { keep: "Keep", remove: "Remove", eraser: "Eraser" },
};
const LABELS = {
  draw: "Canvas to draw a garment on",
  paint: "Picture to paint over",
  mask: "Picture on which to mark what belongs to the garment",
};

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".sheet");
  root.sheet ??= new Sheet(root, data.mode);
  root.sheet.send = setStateValue;
  root.sheet.show(data);
}

class Sheet {
  constructor(root, mode) {
    Object.assign(this, { root, mode, past: [], last: null, tool: Object.keys(TOOLS[mode])[0] });
    this.canvas = root.querySelector("canvas");
    this.background = root.querySelector("img");
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.width = root.querySelector("input");
    this.canvas.setAttribute("aria-label", LABELS[mode]);
    root.querySelector("[data-action=clear]").textContent = mode === "paint" ? "Restore" : "Clear";
    this.tools = Object.entries(TOOLS[mode]).map(([name, label]) => this.createButton(name, label));
    root.querySelector(".tools").replaceChildren(...this.tools);
    this.selectTool(this.tool);
    this.listen();
  }

  createButton(name, label) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: label });
    button.dataset.tool = name;
    button.addEventListener("click", () => this.selectTool(name));
    return button;
  }

  selectTool(name) {
    this.tool = name;
    for (const button of this.tools) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  }

  // called again on every rerun; the drawing stays unless the picture below it changes
  show({ base, image }) {
    if (this.base === base.id) return;
    this.base = base.id;
    Object.assign(this.canvas, { width: base.width, height: base.height });
    this.canvas.style.aspectRatio = `${base.width} / ${base.height}`;
    this.context.lineCap = this.context.lineJoin = "round";
    this.past = [];
    this.background.hidden = this.mode !== "mask";
    if (this.mode === "mask") this.background.src = base.src;
    this.blank = null;
    this.load(this.mode === "paint" ? base.src : "", () => {
      this.blank = this.pixels();
      this.load(image, () => this.updateUndo());
    });
  }

  // draw the picture at `src` on an empty canvas; without `src` nothing changes
  load(src, then) {
    if (!this.blank) this.wipe();
    if (!src) return then();
    const base = this.base;
    const picture = new Image();
    picture.onload = () => {
      if (base !== this.base) return; // the picture has changed meanwhile
      this.context.imageSmoothingEnabled = false;
      if (this.blank) this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      this.context.drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
      then();
    };
    picture.src = src;
  }

  wipe() {
    const { width, height } = this.canvas;
    this.context.clearRect(0, 0, width, height);
    if (this.mode === "mask") return;
    this.context.fillStyle = "#fff";
    this.context.fillRect(0, 0, width, height);
  }

  pixels() {
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }

  isBlank() {
    const [now, blank] = [this.pixels(), this.blank].map(({ data }) => new Uint32Array(data.buffer));
    return now.every((pixel, i) => pixel === blank[i]);
  }

  pushUndo() {
    this.past.push(this.pixels());
    if (this.past.length > HISTORY) this.past.shift();
  }

  updateUndo() {
    this.root.querySelector("[data-action=undo]").disabled = this.past.length === 0;
  }

  sendDrawing() {
    this.updateUndo();
    this.send("drawing", { base: this.base, image: this.isBlank() ? "" : this.canvas.toDataURL("image/png") });
  }

  toCanvas(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.canvas;
    return [((event.clientX - box.left) * width) / box.width, ((event.clientY - box.top) * height) / box.height];
  }

  line(from, to, pressure) {
    const { context, tool, mode } = this;
    const erasing = tool === "eraser";
    context.globalCompositeOperation = erasing && mode === "mask" ? "destination-out" : "source-over";
    context.strokeStyle = TONES[tool] ?? STROKES[tool] ?? (erasing ? "#fff" : "#000");
    context.lineWidth = Number(this.width.value) * (erasing ? 2 : 1) * (pressure > 0 ? 0.5 + pressure : 1);
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    context.globalCompositeOperation = "source-over";
  }

  fill([x, y]) {
    const image = this.pixels();
    const { width, height } = image;
    const light = (i) => image.data[4 * i] > 128;
    const start = Math.floor(y) * width + Math.floor(x);
    const target = light(start);
    const stack = [start];
    const seen = new Uint8Array(width * height);
    while (stack.length) {
      const i = stack.pop();
      if (seen[i] || light(i) !== target) continue;
      seen[i] = 1;
      image.data.fill(0, 4 * i, 4 * i + 3);
      const column = i % width;
      if (column > 0) stack.push(i - 1);
      if (column < width - 1) stack.push(i + 1);
      if (i >= width) stack.push(i - width);
      if (i < width * (height - 1)) stack.push(i + width);
    }
    this.context.putImageData(image, 0, 0);
  }

  undo() {
    if (this.last || !this.past.length) return; // a stroke is being drawn
    this.context.putImageData(this.past.pop(), 0, 0);
    this.sendDrawing();
  }

  clear() {
    if (this.last) return;
    this.pushUndo();
    this.context.putImageData(this.blank, 0, 0);
    this.sendDrawing();
  }

  listen() {
    const { canvas, root } = this;
    root.tabIndex = -1;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.last || !this.blank) return;
      event.preventDefault();
      root.focus({ preventScroll: true }); // so that Ctrl+Z comes here
      const point = this.toCanvas(event);
      this.pushUndo();
      if (this.tool === "fill") {
        this.fill(point);
        this.sendDrawing();
        return;
      }
      canvas.setPointerCapture(event.pointerId);
      this.last = { id: event.pointerId, point };
      this.line(point, point, event.pointerType === "pen" ? event.pressure : 0);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.last || event.pointerId !== this.last.id) return;
      for (const moved of event.getCoalescedEvents?.() ?? [event]) {
        const point = this.toCanvas(moved);
        this.line(this.last.point, point, moved.pointerType === "pen" ? moved.pressure : 0);
        this.last.point = point;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        if (!this.last || event.pointerId !== this.last.id) return;
        this.last = null;
        this.sendDrawing();
      });
    }
    root.querySelector("[data-action=undo]").addEventListener("click", () => this.undo());
    root.querySelector("[data-action=clear]").addEventListener("click", () => this.clear());
    root.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.undo();
      }
    });
  }
}
