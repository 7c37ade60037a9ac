// the pair of maps: the image under the pointer is ringed on both; a class selected below is shown alone on both
const MAP_HINT = document.documentElement.matches(".slides")
  ? "Point at an image to see it on both maps."
  : "Point at an image, or use the arrow keys. Select a class to show it alone.";
const MAX_POINTER_DISTANCE = 30; // units of the map from the pointer to the point that it means

document.querySelectorAll(".maps").forEach((pair, number) => {
  const { clusters: encodedClusters, titles } = DATA.maps[number];
  const clusters = decodeBytes(encodedClusters);
  const panels = [...pair.querySelectorAll("svg")];
  const groupsByPanel = [LABELS, clusters];
  const points = [];
  // a path has its class's points in the order of the test images
  for (const path of panels[0].querySelectorAll(".points")) {
    const indices = [...LABELS.keys()].filter((k) => LABELS[k] === Number(path.dataset.group));
    const commands = path.getAttribute("d").split("M").slice(1);
    commands.forEach((command, i) => (points[indices[i]] = command.split("h")[0].split(" ").map(Number)));
  }
  const rings = panels.map((panel) => {
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    ring.setAttribute("class", "ring off");
    ring.setAttribute("r", 12);
    panel.append(ring);
    return ring;
  });
  const figure = pair.closest("figure");
  const description = figure.querySelector(".map-reading");
  let selected = null; // { side, group }: the class or cluster that is shown alone
  let current = -1; // the image that is ringed

  const isShown = (k) => !selected || groupsByPanel[selected.side][k] === selected.group;
  const describe = (k) => {
    current = k;
    for (const ring of rings) {
      ring.classList.toggle("off", k < 0);
      if (k >= 0) [ring.cx.baseVal.value, ring.cy.baseVal.value] = points[k];
    }
    if (k < 0) return description.replaceChildren(MAP_HINT);
    const words = `${DATA.names[LABELS[k]]}, test image ${k}; cluster ${titles[clusters[k]]}`;
    description.replaceChildren(...(DATA.pictures ? [createImage(k)] : []), words);
  };
  // the shown point for which `cost` is least, or `fallback` where it is infinite for all
  const findPoint = (cost, fallback) => {
    let [best, least] = [fallback, Infinity];
    points.forEach(([x, y], k) => {
      const value = isShown(k) ? cost(x, y) : Infinity;
      if (value < least) [best, least] = [k, value];
    });
    return best;
  };
  const findNearest = (pointer) =>
    findPoint((x, y) => {
      const distance = Math.hypot(x - pointer.x, y - pointer.y);
      return distance < MAX_POINTER_DISTANCE ? distance : Infinity;
    }, -1);
  // the nearest point on the side that the arrow key points to
  const findNext = ([fromX, fromY], [dx, dy]) =>
    findPoint((x, y) => {
      const [across, down] = [x - fromX, y - fromY];
      const ahead = across * dx + down * dy;
      const aside = Math.abs(across * dy) + Math.abs(down * dx);
      return ahead > 0 && aside <= ahead ? ahead + aside : Infinity;
    }, current);
  for (const panel of panels) {
    panel.tabIndex = 0;
    const point = (event) => {
      const pointer = new DOMPoint(event.clientX, event.clientY).matrixTransform(panel.getScreenCTM().inverse());
      const nearest = findNearest(pointer);
      if (nearest !== current) describe(nearest);
    };
    panel.addEventListener("pointerdown", point);
    panel.addEventListener("pointermove", point);
    // a finger that is lifted leaves, too, but what it tapped is still to be read
    panel.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && describe(-1));
    panel.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const from = current >= 0 ? points[current] : [panel.viewBox.baseVal.width / 2, panel.viewBox.baseVal.height / 2];
      describe(findNext(from, step));
    });
    panel.addEventListener("blur", (event) => panels.includes(event.relatedTarget) || describe(-1));
  }
  describe(-1);

  const buttons = [...figure.querySelectorAll(".classes button")];
  for (const button of buttons) {
    const [side, group] = [Number(button.closest("ul").dataset.side), Number(button.dataset.group)];
    button.addEventListener("click", () => {
      const alone = button.getAttribute("aria-pressed") !== "true";
      for (const other of buttons) other.setAttribute("aria-pressed", String(alone && other === button));
      selected = alone ? { side, group } : null;
      panels.forEach(redraw);
    });
  }
  const redraw = (panel, side) => {
    for (const path of panel.querySelectorAll(".points")) {
      const group = Number(path.dataset.group);
      const shown = points.map(([x, y], k) => (groupsByPanel[side][k] === group && isShown(k) ? `M${x} ${y}h0` : "")).join("");
      path.setAttribute("d", shown);
      panel.querySelector(`.group-label[data-group="${group}"]`)?.classList.toggle("off", !shown);
    }
  };
});
