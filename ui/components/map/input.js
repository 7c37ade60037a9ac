// What pointer, wheel, keyboard and buttons do to a pair of maps.
const HOVER_DISTANCE = 10; // pixels within which the pointer finds a point
const CLICK_DISTANCE = 4; // a press that moves less than this many pixels is a click
const PAN_STEP = 40; // pixels

function listenToMap(map) {
  map.drag = null;
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
  let drawnUntil = null; // where a lasso or box ended; the pointer rests there and hovers again once it moves away
  on(overlay, "pointerdown", (event) => {
    if (!map.nPoints || event.button || (map.drag && map.drag.pointerId !== event.pointerId)) return;
    overlay.focus();
    overlay.setPointerCapture(event.pointerId);
    const tool = event.shiftKey && map.tool === "move" ? "lasso" : map.tool;
    const start = [event.offsetX, event.offsetY];
    map.drag = { pointerId: event.pointerId, tool, x: event.clientX, y: event.clientY, start, moved: false };
    if (tool !== "move") map.path = [viewport.toMap(overlay, start)];
    map.hover(panel, -1);
  });
  on(overlay, "pointermove", (event) => {
    if (!map.nPoints) return;
    const { drag } = map;
    const pixel = [event.offsetX, event.offsetY];
    if (!drag) {
      if (drawnUntil && distance(pixel, drawnUntil) < CLICK_DISTANCE) return;
      drawnUntil = null;
      return map.hover(panel, pointAt(pixel), pixel);
    }
    if (event.pointerId !== drag.pointerId) return;
    drag.moved ||= distance(pixel, drag.start) >= CLICK_DISTANCE;
    if (!drag.moved) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.tool === "lasso" && Math.hypot(dx, dy) < 3) return;
    if (drag.tool === "move") map.panBy(-dx / viewport.pixelsPerUnit(overlay), dy / viewport.pixelsPerUnit(overlay));
    else if (drag.tool === "lasso") map.path.push(viewport.toMap(overlay, pixel));
    else map.path = viewport.rectangle(overlay, drag.start, pixel);
    Object.assign(drag, { x: event.clientX, y: event.clientY });
    map.redrawOverlays();
  });
  on(overlay, "pointerup", (event) => {
    if (event.pointerId !== map.drag?.pointerId) return;
    const { moved, start } = map.drag;
    const polygon = moved && map.path ? pathToCorners(map.path) : [];
    map.path = map.drag = drawnUntil = null;
    if (!moved) {
      const point = pointAt(start);
      map.hover(panel, point, start);
      if (point >= 0) map.choosePoint(point);
    } else if (polygon.length > 2) {
      drawnUntil = [event.offsetX, event.offsetY];
      map.select({ polygon });
    }
    map.redraw();
  });
  on(overlay, "pointercancel", (event) => {
    if (event.pointerId !== map.drag?.pointerId) return;
    map.path = map.drag = null;
    map.redraw();
  });
  on(overlay, "pointerleave", () => map.nPoints && !map.drag && map.hover(panel, -1));
}

function distance([x0, y0], [x1, y1]) {
  return Math.hypot(x1 - x0, y1 - y0);
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
  if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's shortcuts
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
