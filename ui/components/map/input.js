// What pointer, wheel, keyboard and buttons do to a pair of maps.
const HOVER_DISTANCE = 10; // pixels within which the pointer finds a point
const CLICK_DISTANCE = 4; // a press that moves less than this many pixels is a click
const PAN_STEP = 40; // pixels

function listenToMap(map) {
  const on = (target, type, handler) => target.addEventListener(type, handler, { signal: map.listeners.signal });
  for (const panel of map.panels) {
    listenToPointer(map, panel, on);
    listenToPanel(map, panel, on);
  }
  for (const button of map.root.querySelectorAll("[data-tool]")) on(button, "click", () => map.chooseTool(button.dataset.tool));
  const actions = {
    in: () => map.zoomBy(1.6),
    out: () => map.zoomBy(1 / 1.6),
    view: () => map.selectView(map.panels[0].overlay),
    clear: () => map.clearSelection(),
    reset: () => map.reset(),
    png: () => saveMapAsPng(map),
  };
  for (const [name, action] of Object.entries(actions)) {
    on(map.root.querySelector(`[data-action=${name}]`), "click", () => map.nPoints && action());
  }
}

function listenToPointer(map, panel, on) {
  const { overlay } = panel;
  const { viewport } = map;
  const pointAt = (pixel) => {
    const maxDistance = HOVER_DISTANCE / viewport.pixelsPerUnit(overlay);
    return nearestPoint(map.points, map.dimmed, ...viewport.toMap(overlay, pixel), maxDistance);
  };
  let drag = null;
  let drawnUntil = null; // where a lasso or box ended; the pointer rests there and hovers again once it moves away
  on(overlay, "pointerdown", (event) => {
    if (!map.nPoints || event.button) return;
    overlay.focus();
    overlay.setPointerCapture(event.pointerId);
    const tool = event.shiftKey && map.tool === "move" ? "lasso" : map.tool;
    drag = { tool, x: event.clientX, y: event.clientY, start: [event.offsetX, event.offsetY] };
    if (tool !== "move") map.path = [viewport.toMap(overlay, drag.start)];
    map.hover(panel, -1);
  });
  on(overlay, "pointermove", (event) => {
    if (!map.nPoints) return;
    const pixel = [event.offsetX, event.offsetY];
    if (!drag) {
      if (drawnUntil && Math.hypot(pixel[0] - drawnUntil[0], pixel[1] - drawnUntil[1]) < CLICK_DISTANCE) return;
      drawnUntil = null;
      return map.hover(panel, pointAt(pixel), pixel);
    }
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.tool === "lasso" && Math.hypot(dx, dy) < 3) return;
    if (drag.tool === "move") map.panBy(-dx / viewport.pixelsPerUnit(overlay), dy / viewport.pixelsPerUnit(overlay));
    else if (drag.tool === "lasso") map.path.push(viewport.toMap(overlay, pixel));
    else map.path = viewport.rectangle(overlay, drag.start, pixel);
    Object.assign(drag, { x: event.clientX, y: event.clientY });
    map.redrawOverlays();
  });
  on(overlay, "pointerup", (event) => {
    const { path } = map;
    const isClick = drag && Math.hypot(event.offsetX - drag.start[0], event.offsetY - drag.start[1]) < CLICK_DISTANCE;
    const clickedPoint = isClick ? pointAt(drag.start) : -1;
    if (isClick) map.hover(panel, clickedPoint, drag.start);
    if (clickedPoint >= 0) map.choosePoint(clickedPoint);
    map.path = drag = null;
    const polygon = path ? pathToCorners(path) : [];
    drawnUntil = polygon.length > 2 ? [event.offsetX, event.offsetY] : null;
    if (polygon.length > 2) map.select({ polygon });
    else map.redraw();
  });
  on(overlay, "pointercancel", () => {
    map.path = drag = null;
    map.redraw();
  });
  on(overlay, "pointerleave", () => map.nPoints && !drag && map.hover(panel, -1));
}

function listenToPanel(map, panel, on) {
  const { overlay, pointsCanvas, colourSelect } = panel;
  on(colourSelect, "change", () => map.chooseColouring(map.panels.indexOf(panel), colourSelect.value));
  on(overlay, "dblclick", () => map.nPoints && map.reset());
  on(overlay, "wheel", (event) => {
    if (!map.nPoints || overlay.getRootNode().activeElement !== overlay) return; // the page scrolls until the map is clicked
    event.preventDefault();
    map.viewport.zoomAt(overlay, [event.offsetX, event.offsetY], Math.exp(-event.deltaY / 400));
    map.redraw();
  });
  on(overlay, "keydown", (event) => map.nPoints && handleKey(map, overlay, event));
  on(pointsCanvas, "webglcontextlost", (event) => event.preventDefault());
  on(pointsCanvas, "webglcontextrestored", () => {
    if (map.stopped || !map.nPoints) return;
    panel.restore(map.points, map.dimmed);
    map.redraw();
  });
}

function handleKey(map, overlay, event) {
  const step = PAN_STEP / map.viewport.pixelsPerUnit(overlay);
  const actions = {
    ArrowLeft: () => map.panBy(-step, 0),
    ArrowRight: () => map.panBy(step, 0),
    ArrowUp: () => map.panBy(0, step),
    ArrowDown: () => map.panBy(0, -step),
    "+": () => map.zoomBy(1.4),
    "=": () => map.zoomBy(1.4),
    "-": () => map.zoomBy(1 / 1.4),
    0: () => map.reset(),
    Enter: () => map.selectView(overlay),
    Escape: () => map.clearSelection(),
  };
  if (!actions[event.key]) return;
  actions[event.key]();
  event.preventDefault();
}
