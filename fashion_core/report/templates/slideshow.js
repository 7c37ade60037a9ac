// one slide at a time: the number after # in the address says which, so that reload and the back button keep it
const root = document.documentElement;
const screens = [...document.querySelectorAll(".slide")];
const notes = [...document.querySelectorAll(".notes")];
const control = (name) => document.querySelector(`[data-do="${name}"]`);
const position = document.querySelector(".position");
const MIN_TITLE_SCALE = 0.6; // of the font size, for a long title; a longer one takes several lines
const MIN_SCALE = 0.5; // of the font size, for a slide with a lot of text
let current = 0;

const slideInAddress = () => {
  const number = Number(location.hash.slice(1) || 1);
  return Number.isInteger(number) && number >= 1 && number <= screens.length ? number - 1 : 0;
};
const go = (index) => {
  const next = Math.max(0, Math.min(screens.length - 1, index));
  if (next === current) return;
  location.hash = String(next + 1);
  show(); // at once: the event may come after a second key
};
const overflows = (box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;

// shrink a title until it fits on a line
function fitTitle(title) {
  title.classList.remove("long");
  for (let scale = 1; scale >= MIN_TITLE_SCALE; scale -= 0.02) {
    title.style.setProperty("--title", scale);
    if (!overflows(title)) return;
  }
  title.classList.add("long");
}

// shrink the text until everything fits on the screen
function fitToScreen() {
  const screen = screens[current];
  screen.style.removeProperty("--shrink");
  fitTitle(screen.querySelector("h1"));
  const boxes = [screen, ...screen.querySelectorAll(".body, .charts, .words, .scroll, .matrices")];
  root.style.setProperty("--scale", parseFloat(getComputedStyle(root).fontSize) / 16);
  for (let shrink = 1; ; shrink -= 0.04) {
    screen.style.setProperty("--shrink", shrink);
    if (shrink <= MIN_SCALE || !boxes.some(overflows)) break;
  }
}

function show() {
  const next = slideInAddress();
  if (next !== current) closeImages();
  current = next;
  if (location.hash !== `#${current + 1}`) history.replaceState(null, "", `#${current + 1}`);
  screens.forEach((screen, i) => (screen.hidden = i !== current));
  const open = control("notes").getAttribute("aria-pressed") === "true";
  notes.forEach((note, i) => (note.hidden = i !== current || !open));
  control("back").disabled = current === 0;
  control("next").disabled = current === screens.length - 1;
  position.textContent = `${screens[current].dataset.title} · ${current + 1} of ${screens.length}`;
  const finding = createElement("span", { class: "unseen" }, `: ${screens[current].querySelector("h1").textContent}`);
  position.append(finding);
  fitToScreen();
}

function toggleNotes() {
  const open = control("notes").getAttribute("aria-pressed") !== "true";
  control("notes").setAttribute("aria-pressed", String(open));
  show();
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else {
    // a browser may refuse; where Escape can be kept, it closes the images of a cell before it leaves the full screen
    root.requestFullscreen?.().then(() => navigator.keyboard?.lock?.(["Escape"])).catch(() => {});
  }
}

// images of a cell cover the other matrix
for (const images of document.querySelectorAll(".cell-images")) {
  const tables = [...images.previousElementSibling.querySelectorAll("table")];
  tables.forEach((table, i) => table.addEventListener("click", () => (images.dataset.over = i === 0 ? "right" : "left")));
}

// back to the dashboard that opened this window, or to the report in this window
function closeSlideshow() {
  if (closeImages()) return;
  if (document.fullscreenElement) {
    document.exitFullscreen();
    return;
  }
  window.close();
  setTimeout(() => document.querySelector(".controls a").click(), 200); // if the browser does not let it close
}

const KEYS = {
  ArrowRight: () => go(current + 1),
  PageDown: () => go(current + 1),
  " ": (event) => go(current + (event.shiftKey ? -1 : 1)),
  ArrowLeft: () => go(current - 1),
  PageUp: () => go(current - 1),
  Home: () => go(0),
  End: () => go(screens.length - 1),
  n: toggleNotes,
  f: fullScreen,
  Escape: closeSlideshow,
};
document.addEventListener("keydown", (event) => {
  // arrow keys on a map or a matrix move there, and Space presses the focused button
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.closest("button, a")) return;
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action(event);
});
control("back").addEventListener("click", () => go(current - 1));
control("next").addEventListener("click", () => go(current + 1));
control("notes").addEventListener("click", toggleNotes);
control("full").addEventListener("click", fullScreen);
window.addEventListener("hashchange", () => slideInAddress() !== current && show());
window.addEventListener("resize", fitToScreen);
if (screens.length) show();
root.dataset.drawn = "yes"; // everything above has run
