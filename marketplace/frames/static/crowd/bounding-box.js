// crowd-bounding-box: labelled rectangles on a picture, drawn with mouse, finger or keyboard. All
// numbers are whole pixels of the picture itself, however large it is shown.

const BOXES_SHEET = new CSSStyleSheet();
BOXES_SHEET.replaceSync(`
  .labels { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0 0 0.75rem; }
  .labels button { color: #1d2126; border-color: #80868d; font-weight: 400; }
  .labels button[aria-checked=true] { outline: 3px solid var(--color); outline-offset: -1px; font-weight: 700; }
  .labels i { width: 0.9rem; height: 0.9rem; border-radius: 0.2rem; background: var(--color); }
  .stage { position: relative; display: inline-block; max-width: 100%; line-height: 0; cursor: crosshair; touch-action: none; user-select: none; }
  .stage img { display: block; max-width: 100%; pointer-events: none; }
  .box { position: absolute; border: 2px solid var(--color); background: color-mix(in srgb, var(--color) 15%, transparent); cursor: move; line-height: 1.2; }
  .box > span { position: absolute; left: -2px; bottom: 100%; padding: 0.05rem 0.35rem; font-size: 0.8rem; color: #fff; background: var(--color); white-space: nowrap; pointer-events: none; }
  .box:focus-visible, .box.chosen { outline: 2px solid #fff; box-shadow: 0 0 0 4px #1d2126; }
  .corner { position: absolute; width: 22px; height: 22px; display: none; place-items: center; }
  .corner::after { content: ""; width: 10px; height: 10px; background: #fff; border: 2px solid var(--color); }
  .box:focus .corner, .box.chosen .corner { display: grid; }
  .nw { left: -12px; top: -12px; cursor: nwse-resize; } .se { right: -12px; bottom: -12px; cursor: nwse-resize; }
  .ne { right: -12px; top: -12px; cursor: nesw-resize; } .sw { left: -12px; bottom: -12px; cursor: nesw-resize; }
  .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin: 0.75rem 0; }
  .hint { font-size: 0.9rem; color: #41484f; }
  ol { margin: 0.5rem 0; padding-left: 1.5rem; }
  li { margin: 0.25rem 0; }
  li button { padding: 0.2rem 0.6rem; }
  select { font: inherit; padding: 0.2rem; }
`);

const COLORS = ["#b3330f", "#14617a", "#6b2fa0", "#1c6b3a", "#8a5a00", "#a3195b", "#27408b", "#4d5b00", "#7a3b2e", "#3f4a54"];
const SMALLEST = 4; // pixels of the picture, each way

const between = (least, number, most) => Math.min(Math.max(number, least), most);

class CrowdBoundingBox extends CrowdField {
  #boxes = [];
  #chosen = null;
  #label = null;
  #image;
  #stage;
  #modified = false;
  #drag = null;

  connectedCallback() {
    if (!this.shadowRoot.firstChild) whenParsed(() => this.#build());
  }

  get labels() { return relaxed(this.getAttribute("labels"), []).map(String); }

  get #width() { return this.#image?.naturalWidth ?? 0; }
  get #height() { return this.#image?.naturalHeight ?? 0; }

  get value() {
    const boundingBoxes = this.#boxes.map(({ height, label, left, top, width }) => ({ height, label, left, top, width }));
    const value = { boundingBoxes, inputImageProperties: { height: this.#height, width: this.#width } };
    return this.hasAttribute("initial-value") ? { ...value, initialValueModified: this.#modified } : value;
  }

  fault() {
    const waits = this.#image && !this.#image.complete;
    return waits ? "The picture is still loading." : "";
  }

  reset() {
    this.#boxes = [];
    this.#chosen = null;
    this.#modified = false;
    this.#begin();
  }

  #build() {
    if (this.shadowRoot.firstChild) return;
    this.shadowRoot.adoptedStyleSheets = [SHEET, WIDGET_SHEET, BOXES_SHEET];
    const heading = make("h2", { id: "heading" }, this.getAttribute("header") ?? "");
    this.#image = make("img", { src: this.getAttribute("src") ?? "", alt: this.getAttribute("alt") ?? "The picture to draw on", draggable: "false" });
    this.#stage = make("div", { class: "stage", role: "group", "aria-labelledby": "heading" }, this.#image);
    const add = make("button", { type: "button", id: "add" }, "Add a box");
    const remove = make("button", { type: "button", id: "remove" }, "Delete the box");
    const hint = make("p", { class: "hint", id: "hint" },
      "Draw a box by dragging over the picture, or add one. With the keyboard: arrow keys move a box, Ctrl and arrow keys resize it, Shift makes steps of ten, Delete removes it.");
    const work = make("div", { class: "work" }, heading, this.#palette(), this.#stage,
      make("div", { class: "tools" }, add, remove), hint, make("ol", { "aria-label": "Boxes" }),
      make("p", { class: "unseen", role: "status", id: "said" }), make("p", { class: "fault", role: "alert" }));
    this.shadowRoot.append(make("div", { class: "widget" }, helpOf(this), work));
    add.addEventListener("click", () => this.#addInMiddle());
    remove.addEventListener("click", () => this.#remove(this.#chosen));
    this.#stage.addEventListener("pointerdown", (event) => this.#down(event));
    this.#stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel"]) this.#stage.addEventListener(type, () => this.#up());
    this.#label = this.labels[0] ?? "";
    if (this.#image.complete && this.#width) this.#begin();
    else this.#image.addEventListener("load", () => this.#begin(), { once: true });
  }

  #begin() {
    for (const given of relaxed(this.getAttribute("initial-value"), [])) {
      const [left, top, width, height] = ["left", "top", "width", "height"].map((side) => Math.round(Number(given[side])));
      if ([left, top, width, height].every(Number.isFinite)) this.#boxes.push({ left, top, width, height, label: String(given.label ?? "") });
    }
    this.#draw();
  }

  #palette() {
    const palette = make("div", { class: "labels", role: "radiogroup", "aria-label": "Label for new boxes, and for the box that is chosen" });
    this.labels.forEach((label, index) => {
      const button = make("button", { type: "button", role: "radio", "aria-checked": String(index === 0) }, make("i"), label);
      button.style.setProperty("--color", this.#color(label));
      button.addEventListener("click", () => this.#use(label));
      palette.append(button);
    });
    return palette;
  }

  #color(label) { return COLORS[Math.max(this.labels.indexOf(label), 0) % COLORS.length]; }

  #use(label) {
    this.#label = label;
    for (const [index, button] of [...this.shadowRoot.querySelector(".labels").children].entries()) {
      button.setAttribute("aria-checked", String(this.labels[index] === label));
    }
    if (this.#chosen) this.#change(this.#chosen, { label });
  }

  // Changing boxes. A box keeps within the picture.

  #change(box, to) {
    Object.assign(box, to);
    this.#modified = true;
    this.#draw();
    this.changed();
  }

  #place(box, { left, top, width, height }) {
    const fits = { width: between(SMALLEST, width, this.#width), height: between(SMALLEST, height, this.#height) };
    this.#change(box, {
      ...fits,
      left: between(0, left, this.#width - fits.width),
      top: between(0, top, this.#height - fits.height),
    });
  }

  #addInMiddle() {
    if (!this.#width) return;
    const [width, height] = [Math.round(this.#width / 4), Math.round(this.#height / 4)];
    const box = { label: this.#label };
    this.#boxes.push(box);
    this.#chosen = box;
    this.#place(box, { left: Math.round((this.#width - width) / 2), top: Math.round((this.#height - height) / 2), width, height });
    this.#elementOf(box).focus();
    this.#say(`${this.#words(box)} added.`);
  }

  #remove(box) {
    const at = this.#boxes.indexOf(box);
    if (at < 0) return;
    this.#boxes.splice(at, 1);
    this.#chosen = null;
    this.#modified = true;
    this.#draw();
    this.shadowRoot.getElementById("add").focus();
    this.#say(`${this.#words(box)} deleted.`);
    this.changed();
  }

  #onKey(event, box) {
    const step = event.shiftKey ? 10 : 1;
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (event.key === "Delete" || event.key === "Backspace") {
      this.#remove(box);
    } else if (right || down) {
      const { left, top, width, height } = box;
      if (event.ctrlKey || event.altKey || event.metaKey) {
        this.#place(box, {
          left, top,
          width: Math.min(width + right * step, this.#width - left),
          height: Math.min(height + down * step, this.#height - top),
        });
      } else {
        this.#place(box, { left: left + right * step, top: top + down * step, width, height });
      }
      this.#say(this.#words(box));
    } else {
      return;
    }
    event.preventDefault();
  }

  // Pointers: on a corner to resize, on a box to move, elsewhere to draw.

  #at(event) {
    const shown = this.#image.getBoundingClientRect();
    return {
      x: between(0, ((event.clientX - shown.left) * this.#width) / shown.width, this.#width),
      y: between(0, ((event.clientY - shown.top) * this.#height) / shown.height, this.#height),
    };
  }

  #down(event) {
    if (event.button !== 0 || !this.#width) return;
    event.preventDefault();
    const at = this.#at(event);
    const element = event.composedPath().find((node) => node.classList?.contains("box"));
    const corner = event.composedPath().find((node) => node.classList?.contains("corner"))?.dataset.corner;
    const box = element ? this.#boxes[Number(element.dataset.number)] : null;
    if (box && corner) {
      const fixed = {
        x: corner.includes("w") ? box.left + box.width : box.left,
        y: corner.includes("n") ? box.top + box.height : box.top,
      };
      this.#drag = { box, fixed };
    } else if (box) {
      this.#drag = { box, from: at, start: { ...box } };
    } else {
      this.#drag = { box: null, fixed: at };
    }
    this.#chosen = box;
    this.#stage.setPointerCapture(event.pointerId);
    this.#draw();
    if (box) this.#elementOf(box).focus();
  }

  #move(event) {
    const drag = this.#drag;
    if (!drag) return;
    const at = this.#at(event);
    if (drag.from) {
      const { left, top, width, height } = drag.start;
      this.#place(drag.box, { left: Math.round(left + at.x - drag.from.x), top: Math.round(top + at.y - drag.from.y), width, height });
      return;
    }
    const [left, right] = [at.x, drag.fixed.x].sort((a, b) => a - b).map(Math.round);
    const [top, bottom] = [at.y, drag.fixed.y].sort((a, b) => a - b).map(Math.round);
    if (right - left < SMALLEST || bottom - top < SMALLEST) return;
    if (!drag.box) {
      drag.box = { label: this.#label };
      this.#boxes.push(drag.box);
      this.#chosen = drag.box;
    }
    this.#place(drag.box, { left, top, width: right - left, height: bottom - top });
  }

  #up() {
    const box = this.#drag?.box;
    this.#drag = null;
    if (box) {
      this.#elementOf(box).focus();
      this.#say(this.#words(box));
    }
  }

  // Showing.

  #elementOf(box) { return this.#stage.querySelector(`.box[data-number="${this.#boxes.indexOf(box)}"]`); }

  #words({ label, left, top, width, height }) {
    return `${label || "Box"}: left ${left}, top ${top}, width ${width}, height ${height}`;
  }

  #say(text) { this.shadowRoot.getElementById("said").textContent = text; }

  #draw() {
    // Elements are reused, so that the one with the focus keeps it.
    const shown = [...this.#stage.querySelectorAll(".box")];
    shown.slice(this.#boxes.length).forEach((element) => element.remove());
    this.#boxes.forEach((box, number) => {
      const element = shown[number] ?? this.#newElement(number);
      const percent = (part, whole) => `${(100 * part) / whole}%`;
      element.style.left = percent(box.left, this.#width);
      element.style.top = percent(box.top, this.#height);
      element.style.width = percent(box.width, this.#width);
      element.style.height = percent(box.height, this.#height);
      element.style.setProperty("--color", this.#color(box.label));
      element.querySelector("span").textContent = box.label;
      element.classList.toggle("chosen", box === this.#chosen);
      element.setAttribute("aria-label", this.#words(box));
    });
    this.shadowRoot.getElementById("remove").disabled = !this.#chosen;
    this.shadowRoot.querySelector("ol").replaceChildren(...this.#boxes.map((box, number) => this.#row(box, number)));
  }

  #newElement(number) {
    const element = make("div", { class: "box", role: "button", tabindex: "0", "data-number": number, "aria-describedby": "hint" }, make("span"));
    for (const corner of ["nw", "ne", "sw", "se"]) element.append(make("b", { class: `corner ${corner}`, "data-corner": corner }));
    element.addEventListener("keydown", (event) => this.#onKey(event, this.#boxes[number]));
    element.addEventListener("focus", () => {
      if (this.#drag || this.#chosen === this.#boxes[number]) return;
      this.#chosen = this.#boxes[number];
      this.#draw();
    });
    this.#stage.append(element);
    return element;
  }

  #row(box, number) {
    const remove = make("button", { type: "button", "aria-label": `Delete box ${number + 1}, ${this.#words(box)}` }, "Delete");
    remove.addEventListener("click", () => this.#remove(box));
    return make("li", {}, `${this.#words(box)} `, remove);
  }
}

define("crowd-bounding-box", CrowdBoundingBox);
