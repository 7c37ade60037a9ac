// One picture at a time. data: {name, classes: [name], leaveTexts: [button, state], hint,
//   pictures: [{src, name, ranked: [{label, text}], label}]}
// Sends {name, labels: {position: label}} shortly after the last key: all labels chosen in this browser.
const LEFT_OUT = -1;
const KEY_PAUSE = 250; // milliseconds after the last choice: reruns in quick succession could lose the last of them

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".labelling");
  root.labelling ??= new Labelling(root);
  root.labelling.send = (labels) => setStateValue("labels", { name: root.labelling.name, labels });
  root.labelling.show(data);
}

class Labelling {
  constructor(root) {
    this.root = root;
    this.parts = Object.fromEntries(
      ["img", ".name", ".position", ".choices", "select", ".leave", ".hint"].map((part) => [part, root.querySelector(part)]),
    );
    root.addEventListener("keydown", (event) => this.press(event));
    this.parts.select.addEventListener("change", () => {
      if (this.parts.select.value) this.choose(Number(this.parts.select.value));
    });
    const actions = { leave: () => this.choose(LEFT_OUT), previous: () => this.move(-1), next: () => this.move(1) };
    for (const button of root.querySelectorAll("[data-action]")) {
      button.addEventListener("click", actions[button.dataset.action]);
    }
  }

  // called again on every rerun; what was chosen here stays unless other pictures come
  show({ name, classes, pictures, leaveTexts, hint }) {
    if (this.name === name) return;
    Object.assign(this, { name, classes, pictures, leaveTexts, chosen: {} });
    this.parts[".leave"].textContent = leaveTexts[0];
    this.parts[".hint"].textContent = hint;
    this.labels = pictures.map(({ label }) => label);
    this.position = Math.max(0, this.labels.findIndex((label) => label === null));
    const options = classes.map((text, value) => new Option(text, value));
    this.parts.select.replaceChildren(new Option("Choose", ""), ...options);
    this.draw();
  }

  draw() {
    const { src, name, ranked } = this.pictures[this.position];
    const label = this.labels[this.position];
    Object.assign(this.parts.img, { src, alt: name });
    this.parts[".name"].textContent = name;
    const done = this.labels.filter((value) => value !== null).length;
    this.parts[".position"].textContent =
      `Picture ${this.position + 1} of ${this.pictures.length}, ${done} checked` +
      (label === LEFT_OUT ? `: ${this.leaveTexts[1]}` : label === null ? "" : `: ${this.classes[label]}`);
    this.parts[".choices"].replaceChildren(...ranked.map((choice, index) => this.choice(choice, index, label)));
    const isListed = ranked.some((choice) => choice.label === label);
    this.parts.select.value = label === null || label === LEFT_OUT || isListed ? "" : String(label);
  }

  choice({ label, text }, index, chosen) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1; // the keys 1 to 9 choose it
    button.setAttribute("aria-keyshortcuts", String(index + 1));
    button.setAttribute("aria-pressed", String(label === chosen));
    const key = document.createElement("kbd");
    key.textContent = index + 1;
    const name = document.createElement("span");
    name.textContent = this.classes[label];
    const percent = document.createElement("span");
    percent.className = "percent";
    percent.textContent = text;
    button.append(key, name, percent);
    button.addEventListener("click", () => this.choose(label));
    return button;
  }

  choose(label) {
    this.labels[this.position] = this.chosen[this.position] = label;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.send({ ...this.chosen }), KEY_PAUSE);
    const after = this.labels.findIndex((value, i) => value === null && i > this.position);
    this.position = after < 0 ? Math.min(this.position + 1, this.pictures.length - 1) : after;
    this.draw();
    this.root.focus({ preventScroll: true }); // its button is gone, and the next key is for the next picture
  }

  move(step) {
    this.position = Math.min(Math.max(this.position + step, 0), this.pictures.length - 1);
    this.draw();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === this.parts.select) return;
    const { ranked } = this.pictures[this.position];
    const onButton = event.target instanceof HTMLButtonElement;
    const actions = {
      ArrowLeft: () => this.move(-1),
      ArrowRight: () => this.move(1),
      0: () => this.choose(LEFT_OUT),
      ...(onButton ? {} : { Enter: () => this.choose(ranked[0].label) }),
      ...Object.fromEntries(ranked.map(({ label }, index) => [index + 1, () => this.choose(label)])),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }
}
