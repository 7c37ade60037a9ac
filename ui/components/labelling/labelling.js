// One picture at a time. data: {name, classes: [name], others: [{label, key, text, state}], hint, first, canUndo, nUndone,
//   pictures: [{src, name, ranked: [{label, text}], label}]}: the pictures from number `first` on
// Sends {name, labels: {number: label}} shortly after the last key: all labels chosen in this browser. While the name is
// the same, pictures that are new are added, and those shown before stay.
const UNDONE = -3;
const UNDO_PATIENCE = 5000; // milliseconds to wait for the answer to an undo, before which keys are about other pictures
const KEY_PAUSE = 250; // milliseconds after the last choice: reruns in quick succession could lose the last of them

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".labelling");
  root.labelling ??= new Labelling(root);
  root.labelling.send = (labels) => setStateValue("labels", { name: root.labelling.name, labels });
  root.labelling.askForUndo = () => setTriggerValue("undo", true);
  root.labelling.show(data);
}

class Labelling {
  constructor(root) {
    this.root = root;
    this.parts = Object.fromEntries(
      ["img", ".name", ".position", ".choices", "select", ".others", ".hint"].map((part) => [part, root.querySelector(part)]),
    );
    this.listedButton = root.querySelector("[data-action=listed]");
    root.addEventListener("keydown", (event) => this.press(event));
    this.listenToList(this.parts.select);
    const actions = {
      previous: () => this.move(-1),
      next: () => this.move(1),
      undo: () => this.undo(),
      listed: () => this.chooseListed(),
    };
    for (const button of root.querySelectorAll("[data-action]")) {
      button.addEventListener("click", actions[button.dataset.action]);
    }
  }

  // A closed list changes with every arrow key and letter, so a key only proposes a class: Enter or the button chooses it.
  listenToList(list) {
    let byKey = false;
    list.addEventListener("pointerdown", () => (byKey = false));
    list.addEventListener("keydown", (event) => {
      byKey = true;
      if (event.key !== "Enter" || event.repeat || this.listedButton.hidden) return;
      event.preventDefault();
      this.chooseListed();
    });
    list.addEventListener("change", () => {
      if (byKey) this.listedButton.hidden = !list.value;
      else this.chooseListed();
    });
  }

  chooseListed() {
    if (this.parts.select.value) this.choose(Number(this.parts.select.value));
  }

  // called again on every rerun; what was chosen here stays unless other pictures come
  show({ name, classes, pictures, others, hint, first, canUndo, nUndone }) {
    if (this.nUndone !== nUndone) Object.assign(this, { nUndone, undoAsked: -Infinity });
    const isNew = this.name !== name;
    if (isNew) {
      const empty = { chosen: {}, history: [], pictures: [], labels: [] };
      Object.assign(this, { name, classes, others, first, canUndo, ...empty });
      this.parts[".hint"].textContent = hint;
      this.parts[".others"].replaceChildren(...others.map((other) => this.otherButton(other)));
      this.root.querySelector("[data-action=undo]").hidden = !canUndo;
      const options = classes.map((text, value) => new Option(text, value));
      this.parts.select.replaceChildren(new Option("Choose", ""), ...options);
    }
    const nBefore = this.pictures.length;
    pictures.forEach((picture, index) => {
      const number = first + index;
      if (this.pictures[number]) return;
      this.pictures[number] = picture;
      this.labels[number] = picture.label;
    });
    if (!isNew && this.pictures.length === nBefore) return;
    const isWaiting = !isNew && this.position === nBefore - 1 && this.labels[this.position] !== null;
    if (isNew || isWaiting) {
      const open = this.labels.findIndex((label, number) => label === null && number >= (isNew ? first : nBefore));
      this.position = open < 0 ? (isNew ? first : this.position) : open;
    }
    this.draw();
  }

  draw() {
    const { src, name, ranked } = this.pictures[this.position];
    const label = this.labels[this.position];
    this.showImage(src, name);
    this.parts[".name"].textContent = name;
    const done = this.first + this.labels.filter((value) => value !== null).length;
    const other = this.others.find((each) => each.label === label);
    const total = this.canUndo ? "" : ` of ${this.pictures.length}`; // with undo, more pictures come
    this.parts[".position"].textContent =
      `Picture ${this.position + 1}${total}, ${done} checked` +
      (label === null ? "" : `: ${other ? other.state : this.classes[label]}`);
    this.parts[".choices"].replaceChildren(...ranked.map((choice, index) => this.choice(choice, index, label)));
    const isListed = ranked.some((choice) => choice.label === label);
    this.parts.select.value = label === null || other || isListed ? "" : String(label);
    this.listedButton.hidden = true;
  }

  // An element of its own for each picture: the one before would stay until the next has arrived.
  showImage(src, alt) {
    if (this.parts.img.getAttribute("src") !== src) {
      const image = Object.assign(new Image(), { src });
      this.parts.img.replaceWith(image);
      this.parts.img = image;
    }
    this.parts.img.alt = alt;
    this.nextImage = Object.assign(new Image(), { src: this.pictures[this.position + 1]?.src ?? "" }); // fetched ahead
  }

  otherButton({ label, key, text }) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-keyshortcuts", key);
    const letter = document.createElement("kbd");
    letter.textContent = key.toUpperCase();
    button.append(letter, ` ${text}`);
    button.addEventListener("click", () => this.choose(label));
    return button;
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

  isUndoing() {
    return performance.now() - this.undoAsked < UNDO_PATIENCE;
  }

  choose(label) {
    if (this.isUndoing()) return;
    this.history = [...this.history.filter((number) => number !== this.position), this.position];
    this.store(label, label);
    const after = this.labels.findIndex((value, i) => value === null && i > this.position);
    this.position = after < 0 ? Math.min(this.position + 1, this.pictures.length - 1) : after;
    this.draw();
    this.root.focus({ preventScroll: true }); // its button is gone, and the next key is for the next picture
  }

  // what the picture is now, and what is sent
  store(label, sent) {
    this.labels[this.position] = label;
    this.chosen[this.position] = sent;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.sendChosen(), KEY_PAUSE);
  }

  sendChosen() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.send({ ...this.chosen });
  }

  undo() {
    if (this.isUndoing()) return;
    if (!this.history.length) {
      if (this.waiting) this.sendChosen(); // before the question, which brings other pictures
      this.undoAsked = performance.now();
      return this.askForUndo();
    }
    this.position = this.history.pop();
    this.store(null, UNDONE);
    this.draw();
    this.root.focus({ preventScroll: true });
  }

  move(step) {
    this.position = Math.min(Math.max(this.position + step, this.first), this.pictures.length - 1);
    this.draw();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === this.parts.select) return;
    const { ranked } = this.pictures[this.position];
    const onButton = event.target instanceof HTMLButtonElement;
    const actions = {
      ArrowLeft: () => this.move(-1),
      ArrowRight: () => this.move(1),
      ...(this.canUndo ? { u: () => this.undo() } : {}),
      ...Object.fromEntries(this.others.map(({ label, key }) => [key, () => this.choose(label)])),
      ...(onButton ? {} : { Enter: () => this.choose(ranked[0].label) }),
      ...Object.fromEntries(ranked.map(({ label }, index) => [index + 1, () => this.choose(label)])),
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!actions[key]) return;
    event.preventDefault();
    if (event.repeat && !key.startsWith("Arrow")) return; // a held key would label pictures that nobody has seen
    actions[key]();
  }
}
