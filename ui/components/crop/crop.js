// A box on a picture. data: {base, src, width, height, box: [left, top, right, bottom]}, the box in fractions.
// Sends {base, box, number} when a drag ends, or shortly after the last key. A finger moves corners and the box; elsewhere it scrolls the page.
const WHOLE = [0, 0, 1, 1];
const SMALLEST = 0.05;
const KEY_STEP = 0.02;
const KEY_PAUSE = 200; // milliseconds after the last key
const CHECK_PAUSE = 500; // milliseconds until the box that a rerun was made for is compared with ours; then twice as many
const LARGEST = { width: 360, height: 320 }; // CSS pixels, so that the whole picture is in view on a laptop
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".crop");
  root.crop ??= new CropBox(root);
  root.crop.send = (box) => setStateValue("crop", { base: root.crop.base, box, number: ++root.crop.number });
  root.crop.show(data);
  acceptDroppedFile(parentElement.getRootNode().host?.closest("[data-testid=stColumn]"));
}

// a file that is dropped anywhere in the column goes to its file input, as if it were dropped there
function acceptDroppedFile(column) {
  if (!column || column.acceptsFiles) return;
  column.acceptsFiles = true;
  column.addEventListener("dragover", (event) => event.preventDefault());
  column.addEventListener("drop", (event) => {
    const input = column.querySelector("input[type=file]");
    if (event.defaultPrevented || !input || !event.dataTransfer.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

class CropBox {
  constructor(root) {
    this.surface = root.querySelector(".surface");
    this.frame = root.querySelector(".frame");
    this.hole = root.querySelector(".hole");
    this.reset = root.querySelector("[data-action=reset]");
    this.number = 0; // of boxes sent: a box that is sent again counts as new
    this.corners = [...this.frame.querySelectorAll("button")];
    this.listen();
  }

  // called again on every rerun; the box stays unless the picture changes
  show({ base, src, width, height, box }) {
    this.shown = box;
    if (this.base === base) return this.check();
    this.base = base;
    this.surface.style.aspectRatio = `${width} / ${height}`;
    this.surface.style.maxWidth = `${Math.min(LARGEST.width, (LARGEST.height * width) / height)}px`;
    this.surface.querySelector("img").src = src;
    this.place(box);
    this.sent = box;
  }

  // a box that is sent during a rerun can be lost: it is sent again until a rerun was made for it
  check(pause = CHECK_PAUSE) {
    clearTimeout(this.checking);
    this.checking = setTimeout(() => {
      if (!this.surface.isConnected) return; // the visitor has left the tab
      if (this.sent.every((value, i) => value === this.shown[i])) return;
      if (!this.drag) this.send(this.sent);
      this.check(2 * pause);
    }, pause);
  }

  place(box) {
    this.box = box;
    const [left, top, right, bottom] = box.map((value) => 100 * value);
    const edges = { left: `${left}%`, top: `${top}%`, right: `${100 - right}%`, bottom: `${100 - bottom}%` };
    for (const element of [this.frame, this.hole]) Object.assign(element.style, edges);
    const whole = box.every((value, i) => value === WHOLE[i]);
    this.reset.disabled = whole;
    this.frame.classList.toggle("movable", !whole);
    for (const corner of this.corners) {
      const [x, y] = [corner.dataset.x > 0 ? right : left, corner.dataset.y > 0 ? bottom : top];
      const { name } = corner.dataset;
      corner.setAttribute("aria-label", `${name}, ${Math.round(x)}% from the left, ${Math.round(y)}% from the top`);
    }
  }

  finish() {
    if (this.box.every((value, i) => value === this.sent[i])) return;
    this.send((this.sent = this.box));
    this.check(2 * CHECK_PAUSE);
  }

  toFractions(event) {
    const bounds = this.surface.getBoundingClientRect();
    return [clamp((event.clientX - bounds.left) / bounds.width, 0, 1), clamp((event.clientY - bounds.top) / bounds.height, 0, 1)];
  }

  begin(event) {
    if (event.button !== 0 || this.drag) return;
    const [x, y] = this.toFractions(event);
    const [left, top, right, bottom] = this.box;
    const { target, pointerType, pointerId } = event;
    if (this.corners.includes(target)) {
      const fixed = [Number(target.dataset.x) ? left : right, Number(target.dataset.y) ? top : bottom];
      this.drag = (to) => stretch(fixed, to);
    } else if (target.classList.contains("movable")) {
      const [width, height] = [right - left, bottom - top];
      this.drag = (to) => {
        const [l, t] = [clamp(left + to[0] - x, 0, 1 - width), clamp(top + to[1] - y, 0, 1 - height)];
        return [l, t, l + width, t + height];
      };
    } else if (pointerType !== "touch") {
      this.drag = (to) => stretch([x, y], to);
    } else return;
    event.preventDefault();
    this.pointer = pointerId;
    this.surface.setPointerCapture(pointerId);
  }

  move(event) {
    if (!this.drag || event.pointerId !== this.pointer) return;
    const box = this.drag(this.toFractions(event));
    if (box[2] - box[0] >= SMALLEST && box[3] - box[1] >= SMALLEST) this.place(box);
  }

  end(event) {
    if (!this.drag || event.pointerId !== this.pointer) return;
    this.drag = null;
    this.finish();
  }

  moveCorner(corner, [dx, dy]) {
    const box = [...this.box];
    const [i, j] = [Number(corner.dataset.x), 1 + Number(corner.dataset.y)];
    box[i] = i ? clamp(box[i] + dx * KEY_STEP, box[0] + SMALLEST, 1) : clamp(box[i] + dx * KEY_STEP, 0, box[2] - SMALLEST);
    box[j] = j > 1 ? clamp(box[j] + dy * KEY_STEP, box[1] + SMALLEST, 1) : clamp(box[j] + dy * KEY_STEP, 0, box[3] - SMALLEST);
    this.place(box);
  }

  listen() {
    this.surface.addEventListener("pointerdown", (event) => this.begin(event));
    this.surface.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.surface.addEventListener(end, (event) => this.end(event));
    this.reset.addEventListener("click", () => {
      this.place(WHOLE);
      this.finish();
    });
    for (const corner of this.corners) {
      corner.addEventListener("keydown", (event) => {
        if (!ARROWS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        this.moveCorner(corner, ARROWS[event.key]);
      });
      // several presses are one change: reruns in quick succession could lose the last of them
      corner.addEventListener("keyup", (event) => {
        if (!ARROWS[event.key]) return;
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => this.finish(), KEY_PAUSE);
      });
    }
  }
}

// the box between two opposite corners
function stretch([x1, y1], [x2, y2]) {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
}
