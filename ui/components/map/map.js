// Two panels over one set of points: pan, zoom, hover, isolation and selection move together.
// data: see __init__.py. Arrays are fetched by address, each once; a change of colours fetches the colours alone.
const REACH = 10; // pixels within which the pointer finds a point
const MARGIN = 0.04; // share of the panel left free around all points
const CLOSEST = 80; // largest zoom
const LABELS = 14; // groups that are still labelled on the map

const fetched = new Map(); // address -> promise of its bytes
async function array(address, Type) {
  if (!fetched.has(address)) {
    const coming = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`);
      return answer.arrayBuffer();
    });
    coming.catch(() => fetched.delete(address));
    fetched.set(address, coming);
    if (fetched.size > 40) fetched.delete(fetched.keys().next().value);
  }
  return new Type(await fetched.get(address));
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".map");
  root.pair ??= new Pair(root);
  root.pair.send = setStateValue;
  root.pair.show(data);
  return () => {
    root.pair?.stop();
    delete root.pair;
  };
}

class Pair {
  constructor(root) {
    this.root = root;
    this.view = { scale: 1, x: 0, y: 0 };
    this.selection = { revision: 0, polygon: [], only: [-1, -1], ways: [] };
    this.tool = "move";
    this.hovered = this.focused = -1;
    this.focusRevision = 0;
    this.n = 0;
    this.told = root.querySelector(".told");
    this.listening = new AbortController();
    this.panels = [...root.querySelectorAll(".panel")].map((box) => ({
      box,
      canvas: box.querySelector(".points"),
      over: box.querySelector(".over"),
      way: box.querySelector(".way"),
      legend: box.querySelector(".legend"),
      card: box.querySelector(".card"),
    }));
    try {
      this.panels.forEach((panel) => (panel.layer = new PointLayer(panel.canvas)));
    } catch {
      this.broken = true;
    }
    this.listen();
    this.resized = new ResizeObserver(() => this.schedule());
    this.panels.forEach(({ over }) => this.resized.observe(over));
  }

  stop() {
    this.stopped = true;
    this.listening.abort();
    this.resized.disconnect();
    this.panels.forEach(({ layer, canvas }) => {
      layer?.release();
      canvas.replaceWith(canvas.cloneNode()); // the lost context stays with the old one
    });
  }

  // ---- what Python says

  show(data) {
    if (this.broken) {
      this.root.hidden = true;
      return this.send("unsupported", true);
    }
    if (data.unsupported) this.send("unsupported", false);
    this.data = data;
    const other = data.session !== this.session; // a new session counts its revisions anew
    this.session = data.session;
    if (other || data.selection.revision >= this.selection.revision) this.selection = structuredClone(data.selection);
    this.update();
  }

  // Fetch what is not here yet, then draw; a later call overtakes an earlier one.
  async update() {
    const { data } = this;
    const { ways } = this.selection;
    const turn = (this.turn = Symbol("turn"));
    const specs = ways.map((way) => data.ways[way]);
    let places;
    let groups;
    try {
      [places, ...groups] = await Promise.all([
        array(data.points, Uint16Array),
        ...[...specs, ...data.facts.map(({ way }) => data.ways[way])].map(({ values }) => array(values, Uint8Array)),
      ]);
    } catch {
      this.told.textContent = "The map's points did not arrive. Reload the page.";
      return;
    }
    if (this.stopped || turn !== this.turn) return;
    const moved = this.address !== data.points;
    if (moved) {
      if (this.address) Object.assign(this, { view: { scale: 1, x: 0, y: 0 }, focused: -1, hovered: -1 });
      this.panels.forEach(({ card }) => (card.hidden = true));
      this.address = data.points;
      this.points = places;
      this.n = places.length / 2;
      this.faded = null;
      this.panels.forEach(({ layer }) => layer.places(places));
    }
    this.facts = data.facts.map(({ name, way }, i) => ({ name, way, names: data.ways[way].names, values: groups[2 + i] }));
    this.panels.forEach((panel, i) => this.colour(panel, i, specs[i], groups[i], moved));
    this.mark();
    if (data.focus && data.focus.revision > this.focusRevision) this.focus(data.focus);
    if (this.hovered < 0) this.told.textContent = data.axes;
    this.draw();
    Object.assign(this.root.dataset, { drawn: this.n, version: data.version, ways: ways.join("|") });
  }

  colour(panel, i, spec, groups, moved) {
    this.choices(panel, i);
    const address = JSON.stringify(spec);
    if (panel.address === address && !moved) return;
    Object.assign(panel, { address, spec, groups, stale: true });
    panel.layer.groups(groups, spec.colours);
    panel.middles = spec.scale ? [] : middles(this.points, groups, spec.names.length);
    panel.over.setAttribute(
      "aria-label",
      `Map, ${spec.title}. Arrow keys move, plus and minus zoom, Enter selects what is in view, Escape clears, 0 resets.`,
    );
    panel.legend.replaceChildren(...(spec.scale ? [this.bar(spec)] : spec.names.map((name, g) => this.entry(i, name, g))));
  }

  // the list of ways to colour a panel, rebuilt when the ways change
  choices(panel, i) {
    const entries = Object.entries(this.data.ways).map(([way, { title }]) => [way, title]);
    const listed = JSON.stringify(entries);
    if (panel.listed !== listed) {
      panel.listed = listed;
      panel.way.replaceChildren(...entries.map(([way, title]) => new Option(title, way)));
    }
    panel.way.value = this.selection.ways[i];
  }

  recolour(i, way) {
    const { ways, only } = this.selection;
    const change = { ways: ways.with(i, way), only: only.with(i, -1) }; // what was isolated is not there any more
    this.selection = { ...this.selection, ...change, revision: this.selection.revision + 1 };
    this.send("selection", this.selection);
    this.update();
  }

  entry(i, name, g) {
    const button = document.createElement("button");
    button.type = "button";
    const dot = document.createElement("span");
    dot.style.background = this.panels[i].spec.colours[g];
    button.append(dot, name);
    button.addEventListener("click", () => {
      const only = [...this.selection.only];
      only[i] = only[i] === g ? -1 : g;
      this.select({ only });
    });
    return button;
  }

  bar(spec) {
    const bar = document.createElement("div");
    bar.className = "scale";
    const ramp = document.createElement("span");
    ramp.style.background = `linear-gradient(to right, ${spec.colours.join(", ")})`;
    bar.append(spec.scale[0], ramp, spec.scale[1]);
    return bar;
  }

  // ---- what is selected

  select(change) {
    this.selection = { ...this.selection, ...change, revision: this.selection.revision + 1 };
    this.mark();
    this.annotateSoon();
    this.send("selection", this.selection);
  }

  // which points stand out: those in the polygon that belong to what is isolated in either panel
  mark() {
    const { polygon, only } = this.selection;
    const some = polygon.length > 0 || only.some((g) => g >= 0);
    const faded = new Uint8Array(this.n);
    let count = this.n;
    if (some) {
      const within = polygon.length ? inside(this.points, polygon) : null;
      const [left, right] = this.panels.map(({ groups }) => groups);
      for (let p = 0; p < this.n; p++) {
        const out = (within && !within[p]) || (only[0] >= 0 && left[p] !== only[0]) || (only[1] >= 0 && right[p] !== only[1]);
        if (out) [faded[p], count] = [1, count - 1];
      }
    }
    const same = !some && !this.some && this.faded?.length === this.n;
    Object.assign(this, { faded, some });
    this.panels.forEach((panel, i) => {
      const { layer, legend, box } = panel;
      if (!same) {
        layer.fade(faded);
        panel.stale = true;
      }
      [...legend.querySelectorAll("button")].forEach((b, g) => b.setAttribute("aria-pressed", String(g === only[i])));
      box.querySelector(".count").textContent = some ? `${count.toLocaleString("en")} of ${this.n.toLocaleString("en")}` : "";
    });
    this.root.querySelector("[data-action=clear]").disabled = !some;
  }

  reset() {
    this.view = { scale: 1, x: 0, y: 0 };
    this.focused = -1;
    const { polygon, only } = this.selection;
    if (polygon.length || only.some((g) => g >= 0)) this.select({ polygon: [], only: [-1, -1] });
    this.schedule();
  }

  focus({ index, revision }) {
    this.focusRevision = revision;
    if (index >= this.n) return;
    this.focused = index;
    const scale = Math.max(4, this.view.scale);
    const [w, h] = this.data.extent;
    this.view = { scale, x: this.points[2 * index] - w / 2, y: this.points[2 * index + 1] - h / 2 };
    this.panels.forEach((panel) => (panel.stale = true));
    this.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  // ---- drawing

  // pixels a unit on a panel of w x h pixels; the middle of the view; a point's place on the panel
  zoom(w, h) {
    const [width, height] = this.data.extent;
    return (1 - 2 * MARGIN) * Math.min(w / (width || 1), h / (height || 1)) * this.view.scale;
  }
  centre() {
    return [this.data.extent[0] / 2 + this.view.x, this.data.extent[1] / 2 + this.view.y];
  }
  place(x, y, w, h, k) {
    const [cx, cy] = this.centre();
    return [w / 2 + (x - cx) * k, h / 2 - (y - cy) * k];
  }
  units(canvas, px, py) {
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    const k = this.zoom(w, h);
    const [cx, cy] = this.centre();
    return [cx + (px - w / 2) / k, cy - (py - h / 2) / k];
  }

  schedule() {
    this.panels.forEach((panel) => (panel.stale = true));
    this.annotateSoon();
  }
  annotateSoon() {
    if (this.n) this.frame ||= requestAnimationFrame(() => this.draw());
  }

  // a panel's points only when they have moved or changed; marks and labels over them always
  draw() {
    this.frame = 0;
    if (this.stopped) return;
    const style = getComputedStyle(this.root);
    const shade = (style.color.match(/[\d.]+/g) || [128, 128, 128]).slice(0, 3).map((v) => v / 255);
    for (const panel of this.panels) {
      const [w, h] = [panel.over.clientWidth, panel.over.clientHeight];
      if (!w) continue;
      const k = this.zoom(w, h);
      const radius = (this.n > 30000 ? 1.3 : 2) * Math.min(3, Math.sqrt(this.view.scale));
      if (panel.stale) panel.layer.draw(w, h, this.centre(), k, radius, shade);
      panel.stale = false;
      this.annotate(panel, w, h, k, style);
    }
  }

  annotate(panel, w, h, k, style, context = null) {
    const ratio = window.devicePixelRatio || 1;
    if (!context) {
      Object.assign(panel.over, { width: Math.round(w * ratio), height: Math.round(h * ratio) });
      context = panel.over.getContext("2d");
      context.scale(ratio, ratio);
    }
    const ground = style.getPropertyValue("--st-background-color") || "#fff";
    context.font = `600 12px ${style.fontFamily}`;
    context.textAlign = "center";
    context.lineJoin = "round";
    const only = this.selection.only[this.panels.indexOf(panel)];
    const few = panel.middles.length <= LABELS;
    const taken = [];
    panel.middles.forEach((middle, g) => {
      if (!middle || (only >= 0 && only !== g)) return;
      const name = few ? panel.spec.names[g] : panel.spec.names[g].split(" ")[0];
      const half = context.measureText(name).width / 2 + 2;
      let [x, y] = this.place(...middle, w, h, k);
      const clear = (at) => taken.every(([x1, y1, half1]) => Math.abs(x - x1) > half + half1 || Math.abs(at - y1) > 14);
      y = [0, 15, -15, 30, -30].map((step) => y + step).find(clear) ?? y;
      taken.push([x, y, half]);
      context.lineWidth = 4;
      context.strokeStyle = ground;
      context.fillStyle = style.color;
      context.strokeText(name, x, y);
      context.fillText(name, x, y);
    });
    const path = this.path ?? this.selection.polygon;
    if (path.length) {
      context.beginPath();
      path.forEach((corner, i) => context[i ? "lineTo" : "moveTo"](...this.place(...corner, w, h, k)));
      if (!this.path) context.closePath();
      context.lineWidth = 1.5;
      context.strokeStyle = style.getPropertyValue("--st-primary-color") || "#2a6fbb";
      context.setLineDash(this.path ? [] : [5, 3]);
      context.stroke();
      context.setLineDash([]);
    }
    for (const [index, radius] of [[this.hovered, 6], [this.focused, 9]]) {
      if (index < 0 || index >= this.n) continue;
      const [x, y] = this.place(this.points[2 * index], this.points[2 * index + 1], w, h, k);
      for (const [width, colour] of [[4, ground], [2, style.color]]) {
        context.lineWidth = width;
        context.strokeStyle = colour;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  // ---- the pointer

  nearest(canvas, px, py) {
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    const k = this.zoom(w, h);
    const [x, y] = this.units(canvas, px, py);
    let best = (REACH / k) ** 2;
    let found = -1;
    for (let p = 0; p < this.n; p++) {
      const dx = this.points[2 * p] - x;
      const dy = this.points[2 * p + 1] - y;
      const d = dx * dx + dy * dy;
      if (d < best && !this.faded[p]) [best, found] = [d, p];
    }
    return found;
  }

  hover(panel, index, px, py) {
    this.panels.forEach(({ card }) => (card.hidden = true));
    if (index >= 0) {
      const { card, canvas } = panel;
      const [title, ...lines] = this.words(index);
      card.replaceChildren();
      if (this.data.pictures) {
        const image = document.createElement("img");
        image.alt = "";
        const place = index - this.data.train;
        image.src = `${this.data.pictures}/${place < 0 ? "train" : "test"}/${place < 0 ? index : place}.png`;
        card.append(image);
      }
      for (const line of [title, ...lines]) {
        const text = document.createElement("div");
        text.textContent = line;
        card.append(text);
      }
      card.style.left = px < canvas.clientWidth / 2 ? `${px + 14}px` : "";
      card.style.right = px < canvas.clientWidth / 2 ? "" : `${canvas.clientWidth - px + 14}px`;
      card.style.top = py < canvas.clientHeight / 2 ? `${py}px` : "";
      card.style.bottom = py < canvas.clientHeight / 2 ? "" : `${canvas.clientHeight - py}px`;
      card.hidden = false;
    }
    if (index === this.hovered) return;
    this.hovered = index;
    this.told.textContent = index < 0 ? this.data.axes : this.words(index).join(", ");
    this.annotateSoon();
  }

  // "Test picture 12", then class and cluster, then what the panels show besides
  words(index) {
    const place = index - this.data.train;
    const words = [place < 0 ? `Train picture ${index}` : `Test picture ${place}`];
    for (const { name, names, values } of this.facts) words.push(`${name} ${names[values[index]]}`);
    for (const { spec, groups, way } of this.panels) {
      if (this.facts.some((fact) => fact.way === way.value)) continue;
      const [g, last] = [groups[index], spec.colours.length - 1];
      if (!spec.scale) words.push(`${spec.title}: ${spec.names[g] ?? "no answer"}`);
      else if (g <= last) {
        const value = spec.range[0] + ((g + 0.5) / (last + 1)) * (spec.range[1] - spec.range[0]);
        const about = g === 0 ? "at most" : g === last ? "at least" : "about";
        words.push(`${spec.title}: ${about} ${value.toPrecision(2)}`);
      }
    }
    return words;
  }

  zoomBy(factor) {
    this.view.scale = Math.min(CLOSEST, Math.max(1, this.view.scale * factor));
    if (this.view.scale === 1) this.view.x = this.view.y = 0;
    this.schedule();
  }

  use(tool) {
    this.tool = tool;
    for (const button of this.root.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    this.root.dataset.tool = tool;
  }

  listen() {
    const on = (target, type, handler) => target.addEventListener(type, handler, { signal: this.listening.signal });
    for (const panel of this.panels) this.listenTo(panel, on);
    for (const button of this.root.querySelectorAll("[data-tool]")) on(button, "click", () => this.use(button.dataset.tool));
    const actions = {
      in: () => this.zoomBy(1.6),
      out: () => this.zoomBy(1 / 1.6),
      view: () => this.selectView(this.panels[0].over),
      clear: () => this.select({ polygon: [], only: [-1, -1] }),
      reset: () => this.reset(),
      png: () => this.save(),
    };
    for (const [name, action] of Object.entries(actions)) {
      on(this.root.querySelector(`[data-action=${name}]`), "click", () => this.n && action());
    }
  }

  listenTo(panel, on) {
    const { over } = panel;
    let drag = null;
    const scale = () => this.zoom(over.clientWidth, over.clientHeight);
    on(over, "pointerdown", (event) => {
      if (!this.n || event.button) return;
      over.focus();
      over.setPointerCapture(event.pointerId);
      const tool = event.shiftKey && this.tool === "move" ? "lasso" : this.tool;
      drag = { tool, x: event.clientX, y: event.clientY, from: [event.offsetX, event.offsetY] };
      if (tool !== "move") this.path = [this.units(over, ...drag.from)];
      this.hover(panel, -1);
    });
    on(over, "pointermove", (event) => {
      if (!this.n) return;
      const here = [event.offsetX, event.offsetY];
      if (!drag) return this.hover(panel, this.nearest(over, ...here), ...here);
      if (drag.tool === "move") {
        this.schedule();
        this.view.x -= (event.clientX - drag.x) / scale();
        this.view.y += (event.clientY - drag.y) / scale();
      } else if (drag.tool === "lasso") {
        if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 3) return;
        this.path.push(this.units(over, ...here));
      } else this.path = this.box(over, drag.from, here);
      Object.assign(drag, { x: event.clientX, y: event.clientY });
      this.annotateSoon();
    });
    on(over, "pointerup", (event) => {
      const path = this.path;
      const [x, y] = drag ? drag.from : [-99, -99];
      if (Math.hypot(event.offsetX - x, event.offsetY - y) < 4) this.hover(panel, this.nearest(over, x, y), x, y); // a tap
      this.path = drag = null;
      const polygon = path ? corners(path) : [];
      if (polygon.length > 2) this.select({ polygon });
      else this.schedule();
    });
    on(over, "pointercancel", () => {
      this.path = drag = null;
      this.schedule();
    });
    on(over, "pointerleave", () => this.n && !drag && this.hover(panel, -1));
    on(panel.way, "change", () => this.recolour(this.panels.indexOf(panel), panel.way.value));
    on(over, "dblclick", () => this.n && this.reset());
    on(over, "wheel", (event) => {
      if (!this.n || over.getRootNode().activeElement !== over) return; // the page scrolls until the map is clicked
      event.preventDefault();
      const before = this.units(over, event.offsetX, event.offsetY);
      this.zoomBy(Math.exp(-event.deltaY / 400));
      if (this.view.scale === 1) return;
      const after = this.units(over, event.offsetX, event.offsetY);
      this.view.x += before[0] - after[0];
      this.view.y += before[1] - after[1];
    });
    on(over, "keydown", (event) => this.n && this.key(event, over, 40 / scale()));
    on(panel.canvas, "webglcontextlost", (event) => event.preventDefault());
    on(panel.canvas, "webglcontextrestored", () => {
      if (this.stopped || !this.n) return;
      panel.layer = new PointLayer(panel.canvas);
      panel.layer.places(this.points);
      panel.layer.groups(panel.groups, panel.spec.colours);
      panel.layer.fade(this.faded);
      this.schedule();
    });
  }

  key(event, over, step) {
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key]) {
      this.view.x += moves[event.key][0];
      this.view.y += moves[event.key][1];
      this.schedule();
    } else if (event.key === "+" || event.key === "=") this.zoomBy(1.4);
    else if (event.key === "-") this.zoomBy(1 / 1.4);
    else if (event.key === "0") this.reset();
    else if (event.key === "Enter") this.selectView(over);
    else if (event.key === "Escape") this.select({ polygon: [], only: [-1, -1] });
    else return;
    event.preventDefault();
  }

  box(over, [x0, y0], [x1, y1]) {
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]].map(([x, y]) => this.units(over, x, y));
  }

  selectView(over) {
    this.select({ polygon: corners(this.box(over, [0, 0], [over.clientWidth, over.clientHeight])) });
  }

  // ---- the picture to take away

  save() {
    const style = getComputedStyle(this.root);
    const [w, h] = [this.panels[0].over.clientWidth, this.panels[0].over.clientHeight];
    const sheet = document.createElement("canvas");
    const scale = 2;
    const columns = 4;
    const rows = Math.ceil(Math.max(...this.panels.map(({ spec }) => (spec.scale ? 1 : spec.names.length))) / columns);
    Object.assign(sheet, { width: (2 * w + 36) * scale, height: (h + 70 + rows * 18) * scale });
    const context = sheet.getContext("2d");
    context.scale(scale, scale);
    context.fillStyle = style.getPropertyValue("--st-background-color") || "#fff";
    context.fillRect(0, 0, sheet.width, sheet.height);
    this.panels.forEach((panel) => (panel.stale = true));
    this.draw(); // in this very task, so that the panels' pixels are still there
    this.panels.forEach((panel, i) => {
      context.save();
      context.translate(12 + i * (w + 12), 0);
      context.fillStyle = style.color;
      context.font = `600 14px ${style.fontFamily}`;
      context.fillText(panel.spec.title, 0, 20);
      context.drawImage(panel.canvas, 0, 30, w, h);
      context.drawImage(panel.over, 0, 30, w, h);
      context.strokeStyle = "#8888";
      context.strokeRect(0, 30, w, h);
      context.font = `12px ${style.fontFamily}`;
      const names = panel.spec.scale ? [`${panel.spec.scale[0]} to ${panel.spec.scale[1]}`] : panel.spec.names;
      names.forEach((name, g) => {
        const [x, y] = [(g % columns) * (w / columns), h + 48 + Math.floor(g / columns) * 18];
        context.fillStyle = panel.spec.colours[panel.spec.scale ? panel.spec.colours.length - 1 : g];
        context.fillRect(x, y - 9, 10, 10);
        context.fillStyle = style.color;
        context.fillText(name, x + 15, y);
      });
      context.restore();
    });
    context.fillStyle = style.color;
    context.font = `12px ${style.fontFamily}`;
    context.fillText(this.data.axes, 12, h + 60 + rows * 18);
    sheet.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "clusters.png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }
}
