// the pair of maps: the garment under the pointer is ringed on both, a class chosen below stands alone on both
const HINT = document.documentElement.matches(".slides")
  ? "Point at a garment to see it on both maps."
  : "Point at a garment, or walk with the arrow keys; choose a class to see it alone.";
const NEAR = 30; // units of the map from the pointer to the point that it means

for (const pair of document.querySelectorAll(".maps")) {
  const { clusters: packed, titles } = DATA.maps[pair.dataset.map];
  const clusters = bytes(packed);
  const panels = [...pair.querySelectorAll("svg")];
  const points = [];
  // a path holds its class's points in the order of the test split
  for (const path of panels[0].querySelectorAll(".p")) {
    const places = [...LABELS.keys()].filter((k) => LABELS[k] === Number(path.dataset.group));
    const drawn = path.getAttribute("d").split("M").slice(1);
    drawn.forEach((text, i) => {
      const [x, y] = text.split("h")[0].split(" ").map(Number);
      points[places[i]] = [x, y];
    });
  }
  const rings = panels.map((panel) => {
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    ring.setAttribute("class", "ring off");
    ring.setAttribute("r", 12);
    panel.append(ring);
    return ring;
  });
  const figure = pair.closest("figure");
  const line = figure.querySelector(".garment-line");
  const hidden = [new Set(), new Set()];
  const shown = (k) => !hidden[0].has(LABELS[k]) && !hidden[1].has(clusters[k]);
  let now = -1;

  const tell = (k) => {
    now = k;
    for (const ring of rings) {
      ring.classList.toggle("off", k < 0);
      if (k >= 0) [ring.cx.baseVal.value, ring.cy.baseVal.value] = points[k];
    }
    if (k < 0) return line.replaceChildren(HINT);
    const words = `${DATA.names[LABELS[k]]}, test picture ${k}; cluster ${titles[clusters[k]]}`;
    line.replaceChildren(...(DATA.pictures ? [garment(k)] : []), words);
  };
  const nearest = (x, y, within) => {
    let [found, least] = [-1, within ** 2];
    for (let k = 0; k < points.length; k++) {
      const distance = (points[k][0] - x) ** 2 + (points[k][1] - y) ** 2;
      if (distance < least && shown(k)) [found, least] = [k, distance];
    }
    return found;
  };
  for (const panel of panels) {
    panel.tabIndex = 0;
    panel.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(panel.getScreenCTM().inverse());
      const k = nearest(at.x, at.y, NEAR);
      if (k !== now) tell(k);
    });
    panel.addEventListener("pointerleave", () => tell(-1));
    panel.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const from = now >= 0 ? points[now] : [panel.viewBox.baseVal.width / 2, panel.viewBox.baseVal.height / 2];
      tell(beyond(from, step));
    });
    panel.addEventListener("blur", () => tell(-1));
  }
  // the nearest point on the side that the arrow key points to
  const beyond = ([x, y], [dx, dy]) => {
    let [found, least] = [now, Infinity];
    for (let k = 0; k < points.length; k++) {
      const [across, down] = [points[k][0] - x, points[k][1] - y];
      const ahead = across * dx + down * dy;
      const aside = Math.abs(across * dy) + Math.abs(down * dx);
      if (ahead > 0 && aside <= ahead && ahead + aside < least && shown(k)) [found, least] = [k, ahead + aside];
    }
    return found;
  };
  tell(-1);
  for (const button of figure.querySelectorAll(".classes button")) {
    const side = Number(button.closest("ul").dataset.side);
    button.addEventListener("click", () => {
      const alone = button.getAttribute("aria-pressed") !== "true";
      for (const other of figure.querySelectorAll(".classes button")) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", String(alone));
      hidden.forEach((set) => set.clear());
      if (alone) for (const other of button.closest("ul").querySelectorAll("button")) if (other !== button) hidden[side].add(Number(other.dataset.group));
      redraw();
    });
  }
  // points of what stands alone, on both panels
  const redraw = () => {
    panels.forEach((panel, i) => {
      const groups = i === 0 ? LABELS : clusters;
      for (const path of panel.querySelectorAll(".p")) {
        const g = Number(path.dataset.group);
        const drawn = points.map(([x, y], k) => (groups[k] === g && shown(k) ? `M${x} ${y}h0` : "")).join("");
        path.setAttribute("d", drawn);
        panel.querySelector(`.of[data-group="${g}"]`)?.classList.toggle("off", !drawn);
      }
    });
  };
}
