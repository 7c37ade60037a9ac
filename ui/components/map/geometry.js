// Places are whole numbers, 0 to SIZE across the longer side of the map, so that the browser and Python, which tests
// the same polygon, agree on every point.
const SIZE = 65520;
const GRID = 16; // a selection's corners lie on every 16th unit, which keeps the page's address short
const CORNERS = 60; // most corners of a selection

// Which of the points [2n] lie in a polygon of corners [[x, y], ...], even-odd rule; Uint8Array [n].
function inside(points, polygon) {
  const n = points.length / 2;
  const found = new Uint8Array(n);
  if (polygon.length < 3) return found;
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const [y0, y1] = [Math.min(...ys), Math.max(...ys)];
  for (let p = 0; p < n; p++) {
    const [x, y] = [points[2 * p], points[2 * p + 1]];
    if (x < x0 || x > x1 || y < y0 || y > y1) continue;
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      if (ys[i] > y !== ys[j] > y) {
        const side = (x - xs[i]) * (ys[j] - ys[i]) - (xs[j] - xs[i]) * (y - ys[i]);
        if (ys[j] > ys[i] ? side < 0 : side > 0) found[p] ^= 1;
      }
    }
  }
  return found;
}

// The corners of a drawn path, on the grid and at most CORNERS of them.
function corners(path) {
  const step = Math.max(1, path.length / CORNERS);
  const kept = [];
  for (let i = 0; i < path.length; i += step) {
    const corner = path[Math.floor(i)].map((v) => Math.min(SIZE, Math.max(0, Math.round(v / GRID) * GRID)));
    const last = kept[kept.length - 1];
    if (!last || last[0] !== corner[0] || last[1] !== corner[1]) kept.push(corner);
  }
  return kept;
}

// The middle of each group, for its label: medians over at most 10,000 points; null for an empty group.
function middles(points, groups, n_groups) {
  const xs = Array.from({ length: n_groups }, () => []);
  const ys = Array.from({ length: n_groups }, () => []);
  const step = Math.max(1, Math.floor(groups.length / 10000));
  for (let p = 0; p < groups.length; p += step) {
    if (groups[p] >= n_groups) continue;
    xs[groups[p]].push(points[2 * p]);
    ys[groups[p]].push(points[2 * p + 1]);
  }
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  return xs.map((list, g) => (list.length ? [median(list), median(ys[g])] : null));
}
