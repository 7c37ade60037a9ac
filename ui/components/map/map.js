// Two panels over the same points: pan, zoom, hover, isolated groups and selection are shared.
// data: see paired_map in __init__.py.
const FOCUS_ZOOM = 4;
const MANY_POINTS = 30000; // above this many, points are drawn smaller

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".map");
  root.pairedMap ??= new PairedMap(root);
  root.pairedMap.send = setStateValue;
  root.pairedMap.trigger = setTriggerValue;
  root.pairedMap.show(data);
  return () => {
    root.pairedMap?.stop();
    delete root.pairedMap;
  };
}

class PairedMap {
  constructor(root) {
    this.root = root;
    this.viewport = new Viewport();
    this.selection = { revision: 0, polygon: [], isolated: [-1, -1], colourings: [] };
    this.tool = "move";
    this.path = null; // the lasso or box that is being drawn
    this.drag = null; // of one pointer on either map: a second finger does nothing
    this.hoveredPoint = this.focusedPoint = -1;
    this.focusRevision = 0;
    this.nPoints = 0;
    this.statusLine = root.querySelector(".status-line");
    this.listeners = new AbortController();
    this.resizeObserver = new ResizeObserver(() => this.redraw());
    try {
      this.panels = [...root.querySelectorAll(".panel")].map((element) => new Panel(element));
    } catch {
      this.panels = [];
      this.unsupported = true;
      return;
    }
    listenToMap(this);
    this.panels.forEach(({ overlay }) => this.resizeObserver.observe(overlay));
  }

  stop() {
    this.stopped = true;
    this.listeners.abort();
    this.resizeObserver.disconnect();
    this.panels.forEach((panel) => panel.release());
  }

  // ---- data from Python

  show(data) {
    if (this.unsupported) {
      this.root.hidden = true;
      return this.send("unsupported", true);
    }
    if (data.unsupported) this.send("unsupported", false);
    this.data = data;
    this.viewport.extent = data.extent;
    this.focusedPoint = data.point;
    const isNewSession = data.session !== this.session; // a new session counts revisions from the start
    this.session = data.session;
    if (isNewSession || data.selection.revision >= this.selection.revision) this.selection = structuredClone(data.selection);
    this.update();
  }

  // Fetches missing arrays, then draws. A later call replaces an earlier one.
  async update() {
    const { data } = this;
    const { colourings: names } = this.selection;
    const request = (this.request = Symbol("request"));
    const shown = names.map((name) => data.colourings[name]);
    const hovered = data.hover_fields.map(({ colouring }) => data.colourings[colouring]);
    let points;
    let groups;
    try {
      [points, ...groups] = await Promise.all([
        fetchArray(data.positions, Uint16Array),
        ...[...shown, ...hovered].map(({ values }) => fetchArray(values, Uint8Array)),
      ]);
    } catch {
      this.statusLine.textContent = "The map's points did not arrive. Reload the page.";
      return;
    }
    if (this.stopped || request !== this.request) return;
    const pointsChanged = this.pointsUrl !== data.positions;
    if (pointsChanged) this.setPoints(points);
    this.hoverFields = data.hover_fields.map((field, i) => ({ ...field, names: hovered[i].names, values: groups[2 + i] }));
    this.panels.forEach((panel, i) => {
      panel.setChoices(data.colourings, names[i]);
      panel.setColouring(shown[i], groups[i], points, pointsChanged, (group) => this.toggleGroup(i, group));
    });
    this.applySelection();
    if (data.focus && data.focus.revision > this.focusRevision) this.centreOn(data.focus);
    if (this.hoveredPoint < 0) this.statusLine.textContent = data.axes;
    this.draw();
    Object.assign(this.root.dataset, { drawn: this.nPoints, colourings: names.join("|") });
  }

  setPoints(points) {
    if (this.pointsUrl) {
      this.viewport.reset();
      this.hoveredPoint = -1;
    }
    this.pointsUrl = this.data.positions;
    this.points = points;
    this.nPoints = points.length / 2;
    this.dimmed = null;
    this.panels.forEach(({ card, layer }) => {
      card.hidden = true;
      layer.setPositions(points);
    });
  }

  centreOn({ index, revision }) {
    this.focusRevision = revision;
    if (index >= this.nPoints) return;
    this.viewport.centreOn(this.points[2 * index], this.points[2 * index + 1], FOCUS_ZOOM);
    this.panels.forEach((panel) => (panel.needsRedraw = true));
    this.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  choosePoint(index) {
    this.focusedPoint = index;
    this.redrawOverlays();
    this.trigger("point", index);
  }

  // ---- selection

  select(change) {
    this.setSelection(change);
    this.applySelection();
    this.redrawOverlays();
  }

  setSelection(change) {
    this.selection = { ...this.selection, ...change, revision: this.selection.revision + 1 };
    this.send("selection", this.selection);
  }

  chooseColouring(i, name) {
    const { colourings, isolated } = this.selection;
    this.setSelection({ colourings: colourings.with(i, name), isolated: isolated.with(i, -1) });
    this.update();
  }

  toggleGroup(i, group) {
    const { isolated } = this.selection;
    this.select({ isolated: isolated.with(i, isolated[i] === group ? -1 : group) });
  }

  selectView(overlay) {
    this.select({ polygon: pathToCorners(this.viewport.rectangle(overlay, [0, 0], [overlay.clientWidth, overlay.clientHeight])) });
  }

  clearSelection() {
    this.select({ polygon: [], isolated: [-1, -1] });
  }

  // Dims every point outside the polygon, and outside the group isolated in either panel.
  applySelection() {
    const { polygon, isolated } = this.selection;
    const wasSelected = this.isSelected;
    this.isSelected = polygon.length > 0 || isolated.some((group) => group >= 0);
    const unchanged = !this.isSelected && !wasSelected && this.dimmed?.length === this.nPoints;
    const dimmed = new Uint8Array(this.nPoints);
    let count = this.nPoints;
    if (this.isSelected) {
      const inside = polygon.length ? pointsInPolygon(this.points, polygon) : null;
      const [left, right] = this.panels.map(({ groups }) => groups);
      for (let p = 0; p < this.nPoints; p++) {
        const isOther = (isolated[0] >= 0 && left[p] !== isolated[0]) || (isolated[1] >= 0 && right[p] !== isolated[1]);
        if (isOther || (inside && !inside[p])) [dimmed[p], count] = [1, count - 1];
      }
    }
    this.dimmed = dimmed;
    const countText = this.isSelected ? `${count.toLocaleString("en")} of ${this.nPoints.toLocaleString("en")}` : "";
    this.panels.forEach((panel, i) => {
      panel.showSelection(isolated[i], countText);
      if (unchanged) return;
      panel.layer.setDimmed(dimmed);
      panel.needsRedraw = true;
    });
    this.root.querySelector("[data-action=clear]").disabled = !this.isSelected;
  }

  // ---- view

  chooseTool(tool) {
    this.tool = tool;
    for (const button of this.root.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    this.root.dataset.tool = tool;
  }

  panBy(dx, dy) {
    this.viewport.panBy(dx, dy);
    this.redraw();
  }

  zoomBy(factor) {
    this.viewport.zoomBy(factor);
    this.redraw();
  }

  reset() {
    this.viewport.reset();
    if (this.focusedPoint >= 0) this.choosePoint(-1);
    if (this.isSelected) this.clearSelection();
    this.redraw();
  }

  redraw() {
    this.panels.forEach((panel) => (panel.needsRedraw = true));
    this.redrawOverlays();
  }

  redrawOverlays() {
    if (this.nPoints) this.frame ||= requestAnimationFrame(() => this.draw());
  }

  // Points are drawn again only after a change, the drawing over them always.
  draw() {
    this.frame = 0;
    if (this.stopped) return;
    const style = getComputedStyle(this.root);
    const dimmedColour = (style.color.match(/[\d.]+/g) || [128, 128, 128]).slice(0, 3).map((value) => value / 255);
    const radius = (this.nPoints > MANY_POINTS ? 1.3 : 2) * Math.min(3, Math.sqrt(this.viewport.zoom));
    const markedPoints = [[this.hoveredPoint, 6], [this.focusedPoint, 9]].filter(([index]) => index >= 0 && index < this.nPoints);
    const { viewport, points, path } = this;
    const { polygon, isolated } = this.selection;
    this.panels.forEach((panel, i) => {
      if (!panel.overlay.clientWidth) return;
      if (panel.needsRedraw) panel.layer.draw(viewport.centre(), viewport.pixelsPerUnit(panel.overlay), radius, dimmedColour);
      panel.needsRedraw = false;
      panel.drawOverlay({ viewport, points, path, polygon, isolatedGroup: isolated[i], markedPoints, style });
    });
  }

  // ---- the point under the pointer

  hover(panel, index, pixel) {
    this.panels.forEach(({ card }) => (card.hidden = true));
    const lines = index < 0 ? [] : this.describePoint(index);
    if (index >= 0) panel.showCard(lines, this.imageUrl(index), pixel);
    if (index === this.hoveredPoint) return;
    this.hoveredPoint = index;
    this.statusLine.textContent = index < 0 ? this.data.axes : lines.join(", ");
    this.redrawOverlays();
  }

  imageUrl(index) {
    const { pictures, n_train: nTrain } = this.data;
    if (!pictures) return null;
    return index < nTrain ? `${pictures}/train/${index}.png` : `${pictures}/test/${index - nTrain}.png`;
  }

  // "Test picture 12", then class and cluster, then what else the panels show
  describePoint(index) {
    const testIndex = index - this.data.n_train;
    const lines = [testIndex < 0 ? `Train picture ${index}` : `Test picture ${testIndex}`];
    for (const { label, names, values } of this.hoverFields) lines.push(`${label} ${names[values[index]]}`);
    for (const { colouring, groups, colourSelect } of this.panels) {
      if (this.hoverFields.some((field) => field.colouring === colourSelect.value)) continue;
      const text = describeGroup(colouring, groups[index]);
      if (text) lines.push(`${colouring.title}: ${text}`);
    }
    return lines;
  }
}

// The name of a group or, on a scale, the value that its colour stands for; null for a point without a value.
function describeGroup({ names, range, colours }, group) {
  if (!range) return names[group] ?? "no answer";
  const last = colours.length - 1;
  if (group > last) return null;
  const value = range[0] + ((group + 0.5) / (last + 1)) * (range[1] - range[0]);
  const qualifier = group === 0 ? "at most" : group === last ? "at least" : "about";
  return `${qualifier} ${value.toPrecision(2)}`;
}
