// The part of the map that both panels show, and the way from map units to pixels of a canvas and back.
const MARGIN = 0.04; // fraction of the panel left free around all points
const MAX_ZOOM = 80;

class Viewport {
  constructor() {
    this.extent = [1, 1];
    this.reset();
  }

  // x, y: distance of the view's centre from the map's centre
  reset() {
    Object.assign(this, { zoom: 1, x: 0, y: 0 });
  }

  centre() {
    return [this.extent[0] / 2 + this.x, this.extent[1] / 2 + this.y];
  }

  pixelsPerUnit(canvas) {
    const [width, height] = this.extent;
    const fit = Math.min(canvas.clientWidth / (width || 1), canvas.clientHeight / (height || 1));
    return (1 - 2 * MARGIN) * fit * this.zoom;
  }

  toPixels(canvas, [x, y]) {
    const scale = this.pixelsPerUnit(canvas);
    const [centreX, centreY] = this.centre();
    return [canvas.clientWidth / 2 + (x - centreX) * scale, canvas.clientHeight / 2 - (y - centreY) * scale];
  }

  toMap(canvas, [px, py]) {
    const scale = this.pixelsPerUnit(canvas);
    const [centreX, centreY] = this.centre();
    return [centreX + (px - canvas.clientWidth / 2) / scale, centreY - (py - canvas.clientHeight / 2) / scale];
  }

  // The corners, in map units, of a rectangle between two pixels.
  rectangle(canvas, [x0, y0], [x1, y1]) {
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]].map((pixel) => this.toMap(canvas, pixel));
  }

  panBy(dx, dy) {
    this.x += dx;
    this.y += dy;
  }

  zoomBy(factor) {
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom * factor));
    if (this.zoom === 1) this.x = this.y = 0;
  }

  // Zooms so that the map stays where it is under a pixel.
  zoomAt(canvas, pixel, factor) {
    const before = this.toMap(canvas, pixel);
    this.zoomBy(factor);
    if (this.zoom === 1) return;
    const after = this.toMap(canvas, pixel);
    this.panBy(before[0] - after[0], before[1] - after[1]);
  }

  centreOn(x, y, minZoom) {
    Object.assign(this, { zoom: Math.max(minZoom, this.zoom), x: x - this.extent[0] / 2, y: y - this.extent[1] / 2 });
  }
}
