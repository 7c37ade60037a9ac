// Two panels over one set of points, pan, zoom, hover and isolation moving together.
// data: {points: base64 float32 [n, 2], panels: [{title, values: base64 uint8 [n], names, colours}, ...], axes, version}
const RADIUS = 1.7; // of a point, CSS pixels
const REACH = 10; // pixels within which the pointer finds a point
const MARGIN = 0.04; // share of the panel left free around all points

const decode = (text, Type) => new Type(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".map");
  if (root.dataset.version === data.version) return; // called again on every rerun
  root.dataset.version = data.version;
  root.stop?.();

  const points = decode(data.points, Float32Array);
  const n = points.length / 2;
  const panels = data.panels.map((panel, i) => build(panel, i));
  const bounds = extent();
  const view = { scale: 1, x: 0, y: 0 }; // zoom, and the shift in units of the data
  let hovered = -1;
  let frame = 0;
  let drag = null;

  function build(panel, i) {
    const box = root.querySelectorAll(".panel")[i];
    box.querySelector(".title").textContent = panel.title;
    const canvas = box.querySelector("canvas");
    canvas.setAttribute("aria-label", `Map ${panel.title}. Arrow keys move, plus and minus zoom, 0 resets.`);
    const legend = box.querySelector(".legend");
    legend.replaceChildren();
    const state = { ...panel, box, canvas, values: decode(panel.values, Uint8Array), only: -1 };
    state.medians = panel.names.map((_, g) => median(state.values, g));
    panel.names.forEach((name, g) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      const dot = document.createElement("span");
      dot.style.background = panel.colours[g];
      button.append(dot, name);
      button.addEventListener("click", () => isolate(state, g));
      legend.append(button);
    });
    return state;
  }

  function median(values, group) {
    const xs = [];
    const ys = [];
    for (let i = 0; i < n; i++) {
      if (values[i] === group) {
        xs.push(points[2 * i]);
        ys.push(points[2 * i + 1]);
      }
    }
    const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
    return xs.length ? [middle(xs), middle(ys)] : null;
  }

  function extent() {
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < n; i++) {
      x0 = Math.min(x0, points[2 * i]);
      x1 = Math.max(x1, points[2 * i]);
      y0 = Math.min(y0, points[2 * i + 1]);
      y1 = Math.max(y1, points[2 * i + 1]);
    }
    return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, width: x1 - x0 || 1, height: y1 - y0 || 1 };
  }

  // pixels a unit of the data, and the place of a point on a panel of w x h pixels
  const zoom = (w, h) => (1 - 2 * MARGIN) * Math.min(w / bounds.width, h / bounds.height) * view.scale;
  const place = (x, y, w, h, k) => [w / 2 + (x - bounds.x - view.x) * k, h / 2 - (y - bounds.y - view.y) * k];

  function isolate(panel, group) {
    panel.only = panel.only === group ? -1 : group;
    [...panel.box.querySelectorAll(".legend button")].forEach((button, g) =>
      button.setAttribute("aria-pressed", String(g === panel.only)),
    );
    schedule();
  }

  // a point is shown when it belongs to what is isolated in every panel
  const shown = (i) => panels.every((panel) => panel.only < 0 || panel.values[i] === panel.only);

  function schedule() {
    if (!frame) frame = requestAnimationFrame(draw);
  }

  function draw() {
    frame = 0;
    const style = getComputedStyle(root);
    const visible = new Uint8Array(n).map((_, i) => shown(i));
    for (const panel of panels) {
      const { canvas, values, colours, medians } = panel;
      const ratio = window.devicePixelRatio || 1;
      const [w, h] = [canvas.clientWidth, canvas.clientHeight];
      if (!w) continue;
      canvas.width = w * ratio;
      canvas.height = h * ratio;
      const context = canvas.getContext("2d");
      context.scale(ratio, ratio);
      const k = zoom(w, h);
      const r = RADIUS * Math.min(2.5, Math.sqrt(view.scale));
      context.globalAlpha = 0.12;
      context.fillStyle = style.color;
      if (panels.some((p) => p.only >= 0)) {
        for (let i = 0; i < n; i++) if (!visible[i]) dot(context, i, w, h, k, r);
      }
      context.globalAlpha = 0.75;
      for (let i = 0; i < n; i++) {
        if (!visible[i]) continue; // in the order of the points, so that no group lies on top of another
        context.fillStyle = colours[values[i]];
        dot(context, i, w, h, k, r);
      }
      context.globalAlpha = 1;
      context.font = `600 12px ${style.fontFamily}`;
      context.textAlign = "center";
      context.lineJoin = "round";
      context.lineWidth = 4;
      context.strokeStyle = style.getPropertyValue("--st-background-color") || "#fff";
      context.fillStyle = style.color;
      medians.forEach((middle, g) => {
        if (!middle || (panel.only >= 0 && panel.only !== g)) return;
        const [x, y] = place(middle[0], middle[1], w, h, k);
        context.strokeText(panel.names[g], x, y);
        context.fillText(panel.names[g], x, y);
      });
      if (hovered >= 0) {
        const [x, y] = place(points[2 * hovered], points[2 * hovered + 1], w, h, k);
        context.lineWidth = 2;
        context.strokeStyle = style.color;
        context.beginPath();
        context.arc(x, y, 6, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  function dot(context, i, w, h, k, r) {
    const x = w / 2 + (points[2 * i] - bounds.x - view.x) * k;
    const y = h / 2 - (points[2 * i + 1] - bounds.y - view.y) * k;
    if (x > -r && y > -r && x < w + r && y < h + r) context.fillRect(x - r, y - r, 2 * r, 2 * r);
  }

  function nearest(canvas, px, py) {
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    const k = zoom(w, h);
    let best = REACH * REACH;
    let found = -1;
    for (let i = 0; i < n; i++) {
      const dx = w / 2 + (points[2 * i] - bounds.x - view.x) * k - px;
      const dy = h / 2 - (points[2 * i + 1] - bounds.y - view.y) * k - py;
      const d = dx * dx + dy * dy;
      if (d < best && shown(i)) [best, found] = [d, i];
    }
    return found;
  }

  const told = root.querySelector(".told");
  function hover(index) {
    if (index === hovered) return;
    hovered = index;
    told.textContent =
      index < 0
        ? data.axes
        : `Test picture ${index}: ${panels.map((panel) => panel.names[panel.values[index]]).join(", in cluster ")}`;
    schedule();
  }

  function zoomBy(factor) {
    view.scale = Math.min(60, Math.max(1, view.scale * factor));
    if (view.scale === 1) view.x = view.y = 0;
    schedule();
  }
  function reset() {
    Object.assign(view, { scale: 1, x: 0, y: 0 });
    for (const panel of panels) if (panel.only >= 0) isolate(panel, panel.only);
    schedule();
  }

  const listening = new AbortController();
  const on = (target, type, handler) => target.addEventListener(type, handler, { signal: listening.signal });
  for (const { canvas } of panels) {
    const k = () => zoom(canvas.clientWidth, canvas.clientHeight);
    on(canvas, "pointerdown", (event) => {
      canvas.focus();
      canvas.setPointerCapture(event.pointerId);
      drag = { x: event.clientX, y: event.clientY };
    });
    on(canvas, "pointermove", (event) => {
      if (!drag) return hover(nearest(canvas, event.offsetX, event.offsetY));
      view.x -= (event.clientX - drag.x) / k();
      view.y += (event.clientY - drag.y) / k();
      drag = { x: event.clientX, y: event.clientY };
      schedule();
    });
    for (const end of ["pointerup", "pointercancel"]) on(canvas, end, () => (drag = null));
    on(canvas, "pointerleave", () => hover(-1));
    on(canvas, "dblclick", reset);
    on(canvas, "wheel", (event) => {
      if (canvas.getRootNode().activeElement !== canvas) return; // the page scrolls until the map is clicked
      event.preventDefault();
      const [w, h] = [canvas.clientWidth, canvas.clientHeight];
      const [ux, uy] = [event.offsetX - w / 2, h / 2 - event.offsetY];
      const before = k();
      zoomBy(Math.exp(-event.deltaY / 400));
      if (view.scale > 1) {
        view.x += ux / before - ux / k();
        view.y += uy / before - uy / k();
      }
    });
    on(canvas, "keydown", (event) => {
      const step = 40 / k();
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
      if (moves[event.key]) {
        view.x += moves[event.key][0];
        view.y += moves[event.key][1];
        schedule();
      } else if (event.key === "+" || event.key === "=") zoomBy(1.4);
      else if (event.key === "-") zoomBy(1 / 1.4);
      else if (event.key === "0") reset();
      else return;
      event.preventDefault();
    });
  }
  on(root.querySelector("[data-action=in]"), "click", () => zoomBy(1.6));
  on(root.querySelector("[data-action=out]"), "click", () => zoomBy(1 / 1.6));
  on(root.querySelector("[data-action=reset]"), "click", reset);

  const resized = new ResizeObserver(schedule);
  panels.forEach(({ canvas }) => resized.observe(canvas));
  root.stop = () => {
    listening.abort();
    resized.disconnect();
  };
  told.textContent = data.axes;
  draw();
  root.dataset.drawn = String(n);
  return root.stop;
}
