// One panel: its points, the drawing over them, its choice of colours and its legend.
const MAX_FULL_LABELS = 14; // with more groups, only the first word of each label fits
const MAX_LEGEND_NAMES = 24; // more groups have neither labels nor a legend; their names appear on hovering
const LABEL_OFFSETS = [0, 15, -15, 30, -30]; // pixels that a label may move up or down to keep clear of others

class Panel {
  constructor(element) {
    this.element = element;
    this.pointsCanvas = element.querySelector(".points");
    this.overlay = element.querySelector(".overlay");
    this.colourSelect = element.querySelector(".colour-by");
    this.legend = element.querySelector(".legend");
    this.card = element.querySelector(".card");
    this.count = element.querySelector(".count");
    this.layer = new PointLayer(this.pointsCanvas);
    this.medians = [];
  }

  release() {
    this.layer.release();
    this.pointsCanvas.replaceWith(this.pointsCanvas.cloneNode()); // the lost context belongs to the old canvas
  }

  restore(points, dimmed) {
    this.layer = new PointLayer(this.pointsCanvas);
    this.layer.setPositions(points);
    this.layer.setGroups(this.groups, this.colouring.colours);
    this.layer.setDimmed(dimmed);
  }

  setChoices(colourings, chosen) {
    const choices = Object.entries(colourings).map(([name, { title }]) => [name, title]);
    const key = JSON.stringify(choices);
    if (this.choicesKey !== key) {
      this.choicesKey = key;
      this.colourSelect.replaceChildren(...choices.map(([name, title]) => new Option(title, name)));
    }
    this.colourSelect.value = chosen;
  }

  setColouring(colouring, groups, points, pointsChanged, onIsolate) {
    const key = JSON.stringify(colouring);
    if (this.colouringKey === key && !pointsChanged) return;
    Object.assign(this, { colouringKey: key, colouring, groups, needsRedraw: true });
    this.layer.setGroups(groups, colouring.colours);
    const isLabelled = !colouring.range && colouring.names.length <= MAX_LEGEND_NAMES;
    this.medians = !isLabelled ? [] : groupMedians(points, groups, colouring.names.length);
    this.overlay.setAttribute(
      "aria-label",
      `Map, ${colouring.title}. Arrow keys move, plus and minus zoom, Enter selects what is in view, Escape clears, 0 resets.`,
    );
    this.legend.replaceChildren(...this.legendEntries(onIsolate));
  }

  legendEntries(onIsolate) {
    const { names, range } = this.colouring;
    if (range) return [this.scaleBar()];
    if (names.length > MAX_LEGEND_NAMES) return [`${names.length} groups: point at one to see its name`];
    return names.map((name, group) => this.legendButton(name, group, onIsolate));
  }

  legendButton(name, group, onIsolate) {
    const button = document.createElement("button");
    button.type = "button";
    const dot = document.createElement("span");
    dot.style.background = this.colouring.colours[group];
    button.append(dot, name);
    button.addEventListener("click", () => onIsolate(group));
    return button;
  }

  scaleBar() {
    const { colours, scale_labels: [low, high] } = this.colouring;
    const bar = document.createElement("div");
    bar.className = "scale";
    const gradient = document.createElement("span");
    gradient.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
    bar.append(low, gradient, high);
    return bar;
  }

  showSelection(isolatedGroup, countText) {
    const buttons = [...this.legend.querySelectorAll("button")];
    buttons.forEach((button, group) => button.setAttribute("aria-pressed", String(group === isolatedGroup)));
    this.count.textContent = countText;
  }

  // lines: the title, then what is known of the point; pixel: where the pointer is
  showCard(lines, imageUrl, [px, py]) {
    const { card, overlay } = this;
    const texts = lines.map((line) => {
      const text = document.createElement("div");
      text.textContent = line;
      return text;
    });
    const image = document.createElement("img");
    image.alt = "";
    if (imageUrl) image.src = imageUrl;
    card.replaceChildren(...(imageUrl ? [image] : []), ...texts);
    const [width, height] = [overlay.clientWidth, overlay.clientHeight];
    card.style.left = px < width / 2 ? `${px + 14}px` : "";
    card.style.right = px < width / 2 ? "" : `${width - px + 14}px`;
    card.style.top = py < height / 2 ? `${py}px` : "";
    card.style.bottom = py < height / 2 ? "" : `${height - py}px`;
    card.hidden = false;
  }

  // Draws labels, selection and marked points over the points. path: what is being drawn, or null
  drawOverlay({ viewport, points, path, polygon, isolatedGroup, markedPoints, style }) {
    const { overlay } = this;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(overlay, { width: Math.round(overlay.clientWidth * ratio), height: Math.round(overlay.clientHeight * ratio) });
    const context = overlay.getContext("2d");
    context.scale(ratio, ratio);
    const background = style.getPropertyValue("--st-background-color") || "#fff";
    this.drawLabels(context, viewport, isolatedGroup, background, style);
    this.drawOutline(context, viewport, path ?? polygon, path === null, style);
    for (const [index, radius] of markedPoints) {
      const [x, y] = viewport.toPixels(overlay, [points[2 * index], points[2 * index + 1]]);
      for (const [lineWidth, strokeStyle] of [[4, background], [2, style.color]]) {
        Object.assign(context, { lineWidth, strokeStyle });
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  drawLabels(context, viewport, isolatedGroup, background, style) {
    Object.assign(context, { font: `600 12px ${style.fontFamily}`, textAlign: "center", lineJoin: "round", lineWidth: 4 });
    const { names } = this.colouring;
    const drawn = []; // [x, y, half the width] of each label
    this.medians.forEach((median, group) => {
      if (!median || (isolatedGroup >= 0 && isolatedGroup !== group)) return;
      const label = this.medians.length <= MAX_FULL_LABELS ? names[group] : names[group].split(" ")[0];
      const half = context.measureText(label).width / 2 + 2;
      const [x, middle] = viewport.toPixels(this.overlay, median);
      const isFree = (y) => drawn.every(([x1, y1, half1]) => Math.abs(x - x1) > half + half1 || Math.abs(y - y1) > 14);
      const y = LABEL_OFFSETS.map((offset) => middle + offset).find(isFree) ?? middle;
      drawn.push([x, y, half]);
      context.strokeStyle = background;
      context.fillStyle = style.color;
      context.strokeText(label, x, y);
      context.fillText(label, x, y);
    });
  }

  drawOutline(context, viewport, corners, closed, style) {
    if (!corners.length) return;
    context.beginPath();
    corners.forEach((corner, i) => context[i ? "lineTo" : "moveTo"](...viewport.toPixels(this.overlay, corner)));
    if (closed) context.closePath();
    context.lineWidth = 1.5;
    context.strokeStyle = style.getPropertyValue("--st-primary-color") || "#2a6fbb";
    context.setLineDash(closed ? [5, 3] : []);
    context.stroke();
    context.setLineDash([]);
  }
}
