// one step a screen: the number after # in the address says which, so that reload and the back button keep it
const page = document.documentElement;
const screens = [...document.querySelectorAll(".step")];
const notes = [...document.querySelectorAll(".notes")];
const action = (name) => document.querySelector(`[data-do="${name}"]`);
const position = document.querySelector(".position");
const SMALLEST = 0.5; // of the type's size, for a step that has very much to say
let at = 0;

const asked = () => {
  const number = Number(location.hash.slice(1) || 1);
  return Number.isInteger(number) && number >= 1 && number <= screens.length ? number - 1 : 0;
};
const go = (index) => {
  const next = Math.max(0, Math.min(screens.length - 1, index));
  if (next === at) return;
  location.hash = String(next + 1);
  show(); // at once: the event may come after a second key
};
const overflows = (box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;

// the type is made smaller until everything is on the screen
function fit() {
  const screen = screens[at];
  const boxes = [screen, ...screen.querySelectorAll(".body, .charts, .words, .scroll, .matrices")];
  page.style.setProperty("--scale", parseFloat(getComputedStyle(page).fontSize) / 16);
  for (let shrink = 1; ; shrink -= 0.04) {
    screen.style.setProperty("--shrink", shrink);
    if (shrink <= SMALLEST || !boxes.some(overflows)) break;
  }
}

function show() {
  at = asked();
  if (location.hash !== `#${at + 1}`) history.replaceState(null, "", `#${at + 1}`);
  screens.forEach((screen, i) => (screen.hidden = i !== at));
  const open = action("notes").getAttribute("aria-pressed") === "true";
  notes.forEach((note, i) => (note.hidden = i !== at || !open));
  action("back").disabled = at === 0;
  action("next").disabled = at === screens.length - 1;
  position.textContent = `${screens[at].dataset.title} · ${at + 1} of ${screens.length}`;
  const told = element("span", { class: "unseen" }, `: ${screens[at].querySelector("h1").textContent}`);
  position.append(told);
  fit();
}

function toggleNotes() {
  const open = action("notes").getAttribute("aria-pressed") !== "true";
  action("notes").setAttribute("aria-pressed", String(open));
  show();
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else page.requestFullscreen?.().catch(() => {}); // a browser that refuses leaves the window as it is
}

// garments of a cell lie over the other matrix
for (const garments of document.querySelectorAll(".garments")) {
  const tables = [...garments.previousElementSibling.querySelectorAll("table")];
  tables.forEach((table, i) => table.addEventListener("click", () => (garments.dataset.over = i === 0 ? "right" : "left")));
}
function putGarmentsAway() {
  const open = document.querySelector(".garments:has(strong)");
  if (!open) return false;
  open.replaceChildren("Choose a cell to see its garments.");
  document.querySelector('td button[aria-pressed="true"]')?.setAttribute("aria-pressed", "false");
  return true;
}

// to the dashboard that opened this window, or to the report in this one
function leave() {
  if (putGarmentsAway() || document.fullscreenElement) return;
  window.close();
  setTimeout(() => document.querySelector(".controls a").click(), 200); // where it may not close itself
}

const KEYS = {
  ArrowRight: () => go(at + 1),
  PageDown: () => go(at + 1),
  " ": (event) => go(at + (event.shiftKey ? -1 : 1)),
  ArrowLeft: () => go(at - 1),
  PageUp: () => go(at - 1),
  Home: () => go(0),
  End: () => go(screens.length - 1),
  n: toggleNotes,
  f: fullScreen,
  Escape: leave,
};
document.addEventListener("keydown", (event) => {
  // arrow keys on a map or a matrix move there, and Space presses what has the focus
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.closest("button, a")) return;
  const what = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!what) return;
  event.preventDefault();
  what(event);
});
action("back").addEventListener("click", () => go(at - 1));
action("next").addEventListener("click", () => go(at + 1));
action("notes").addEventListener("click", toggleNotes);
action("full").addEventListener("click", fullScreen);
window.addEventListener("hashchange", () => asked() !== at && show());
window.addEventListener("resize", fit);
if (screens.length) show();
page.dataset.drawn = "yes"; // everything above has run
