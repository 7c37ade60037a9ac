// Saves both panels with their legends as one PNG.
const PNG_SCALE = 2;
const LEGEND_COLUMNS = 4;

function saveMapAsPng(map) {
  const style = getComputedStyle(map.root);
  const { clientWidth: width, clientHeight: height } = map.panels[0].overlay;
  const entries = Math.max(...map.panels.map(({ colouring }) => (colouring.range ? 1 : colouring.names.length)));
  const legendHeight = Math.ceil(entries / LEGEND_COLUMNS) * 18;
  const sheet = document.createElement("canvas");
  Object.assign(sheet, { width: (2 * width + 36) * PNG_SCALE, height: (height + 70 + legendHeight) * PNG_SCALE });
  const context = sheet.getContext("2d");
  context.scale(PNG_SCALE, PNG_SCALE);
  context.fillStyle = style.getPropertyValue("--st-background-color") || "#fff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  map.panels.forEach((panel) => (panel.needsRedraw = true));
  map.draw(); // WebGL pixels can only be copied in the task that drew them
  map.panels.forEach((panel, i) => {
    context.save();
    context.translate(12 + i * (width + 12), 0);
    drawPanelSheet(context, panel, width, height, style);
    context.restore();
  });
  context.fillStyle = style.color;
  context.font = `12px ${style.fontFamily}`;
  context.fillText(map.data.axes, 12, height + 60 + legendHeight);
  sheet.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "clusters.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
}

function drawPanelSheet(context, { colouring, pointsCanvas, overlay }, width, height, style) {
  const { title, names, colours, range, scale_labels: labels } = colouring;
  context.fillStyle = style.color;
  context.font = `600 14px ${style.fontFamily}`;
  context.fillText(title, 0, 20);
  context.drawImage(pointsCanvas, 0, 30, width, height);
  context.drawImage(overlay, 0, 30, width, height);
  context.strokeStyle = "#8888";
  context.strokeRect(0, 30, width, height);
  context.font = `12px ${style.fontFamily}`;
  const entries = range ? [[labels.join(" to "), colours.at(-1)]] : names.map((name, group) => [name, colours[group]]);
  entries.forEach(([name, colour], i) => {
    const [x, y] = [(i % LEGEND_COLUMNS) * (width / LEGEND_COLUMNS), height + 48 + Math.floor(i / LEGEND_COLUMNS) * 18];
    context.fillStyle = colour;
    context.fillRect(x, y - 9, 10, 10);
    context.fillStyle = style.color;
    context.fillText(name, x + 15, y);
  });
}
