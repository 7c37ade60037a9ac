// Positions are integers, 0 to MAP_UNITS along the longer side of the map. Python tests the same polygons with the same
// arithmetic, so both agree on every point.
const MAP_UNITS = 65520;
const CORNER_GRID = 16; // corners lie on every 16th unit, which keeps the page's address short
const MAX_DRAWN_CORNERS = 60;
const MAX_MEDIAN_POINTS = 10000;

// Which of the points [2n] lie in a polygon [[x, y], ...], even-odd rule; Uint8Array [n].
function pointsInPolygon(points, polygon) {
  const n = points.length / 2;
  const inside = new Uint8Array(n);
  if (polygon.length < 3) return inside;
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [bottom, top] = [Math.min(...ys), Math.max(...ys)];
  for (let p = 0; p < n; p++) {
    const [x, y] = [points[2 * p], points[2 * p + 1]];
    if (x < left || x > right || y < bottom || y > top) continue;
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      if (ys[i] > y !== ys[j] > y) {
        const side = (x - xs[i]) * (ys[j] - ys[i]) - (xs[j] - xs[i]) * (y - ys[i]);
        if (ys[j] > ys[i] ? side < 0 : side > 0) inside[p] ^= 1;
      }
    }
  }
  return inside;
}

// The corners of a drawn path: on the grid, at most MAX_DRAWN_CORNERS.
function pathToCorners(path) {
  const step = Math.max(1, path.length / MAX_DRAWN_CORNERS);
  const corners = [];
  const snap = (value) => Math.min(MAP_UNITS, Math.max(0, Math.round(value / CORNER_GRID) * CORNER_GRID));
  for (let i = 0; i < path.length; i += step) {
    const corner = path[Math.floor(i)].map(snap);
    const last = corners[corners.length - 1];
    if (!last || last[0] !== corner[0] || last[1] !== corner[1]) corners.push(corner);
  }
  return corners;
}

// The median position of each group, where its label goes; null for an empty group.
function groupMedians(points, groups, nGroups) {
  const xs = Array.from({ length: nGroups }, () => []);
  const ys = Array.from({ length: nGroups }, () => []);
  const step = Math.max(1, Math.floor(groups.length / MAX_MEDIAN_POINTS));
  for (let p = 0; p < groups.length; p += step) {
    if (groups[p] >= nGroups) continue;
    xs[groups[p]].push(points[2 * p]);
    ys[groups[p]].push(points[2 * p + 1]);
  }
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  return xs.map((values, g) => (values.length ? [median(values), median(ys[g])] : null));
}

// The index of the undimmed point nearest to x, y and closer than maxDistance; -1 if there is none.
function nearestPoint(points, dimmed, x, y, maxDistance) {
  let smallest = maxDistance ** 2;
  let nearest = -1;
  for (let p = 0; p < dimmed.length; p++) {
    const dx = points[2 * p] - x;
    const dy = points[2 * p + 1] - y;
    const squared = dx * dx + dy * dy;
    if (squared < smallest && !dimmed[p]) [smallest, nearest] = [squared, p];
  }
  return nearest;
}
