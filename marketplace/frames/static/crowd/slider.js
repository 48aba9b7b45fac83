// crowd-slider: its answer is a number.

const SLIDER_SHEET = new CSSStyleSheet();
SLIDER_SHEET.replaceSync(`
  .row { display: flex; align-items: center; gap: 0.75rem; }
  .row input[type=range] { flex: 1; padding: 0; accent-color: #14617a; }
  .row input[type=number] { width: 6rem; }
  .row output { min-width: 2.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
`);

class CrowdSlider extends CrowdField {
  static observedAttributes = ["value", "min", "max", "step", "disabled", "label"];
  #range;
  #number;

  connectedCallback() {
    if (this.#range) return;
    this.shadowRoot.adoptedStyleSheets = [SHEET, SLIDER_SHEET];
    this.#range = make("input", { type: "range" });
    this.#number = flag(this, "editable") ? make("input", { type: "number" }) : null;
    const shown = flag(this, "pin") && !this.#number ? make("output", { "aria-hidden": "true" }) : null;
    this.shadowRoot.append(make("div", { class: "field" }, make("div", { class: "row" }, this.#range, this.#number, shown)));
    this.#dress();
    this.value = numeric(this, "value", 0);
    for (const input of [this.#range, this.#number].filter(Boolean)) {
      input.addEventListener("input", () => { if (input.value !== "") this.value = input.value; });
      input.addEventListener("change", () => this.changed());
    }
  }

  attributeChangedCallback(name) {
    if (!this.#range) return;
    this.#dress();
    if (name === "value") this.value = numeric(this, "value", 0);
  }

  get value() { return this.#range ? Number(this.#range.value) : numeric(this, "value", 0); }
  set value(number) {
    if (!this.#range) {
      this.setAttribute("value", number);
      return;
    }
    this.#range.value = number; // within its bounds, and on a step
    if (this.#number) this.#number.value = this.#range.value;
    const shown = this.shadowRoot.querySelector("output");
    if (shown) shown.value = this.#range.value;
  }

  reset() { this.value = numeric(this, "value", 0); }

  #dress() {
    for (const input of [this.#range, this.#number].filter(Boolean)) {
      input.min = numeric(this, "min", 0);
      input.max = numeric(this, "max", 100);
      input.step = numeric(this, "step", 1);
      input.disabled = this.disabled;
      input.setAttribute("aria-label", nameOf(this));
    }
  }
}

define("crowd-slider", CrowdSlider);
