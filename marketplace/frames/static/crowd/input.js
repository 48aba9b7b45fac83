// crowd-input and crowd-text-area: a labelled text field.

class CrowdTextField extends CrowdField {
  static observedAttributes = [
    "label", "placeholder", "value", "type", "disabled", "required", "max-length", "min-length",
    "rows", "max-rows", "aria-label", "step", "min", "max",
  ];
  #input;
  #touched = false;

  connectedCallback() {
    if (this.#input) return;
    this.#input = this.createInput();
    this.#input.id = "input";
    this.#input.value = this.getAttribute("value") ?? "";
    const label = make("label", { for: "input" });
    const fault = make("p", { class: "fault", id: "fault", role: "alert" });
    this.#input.setAttribute("aria-describedby", "fault");
    this.shadowRoot.append(make("div", { class: "field" }, label, this.#input, fault));
    if (flag(this, "char-counter")) this.shadowRoot.firstChild.append(make("p", { class: "counter" }));
    this.#input.addEventListener("input", () => this.#onInput());
    this.#input.addEventListener("change", () => this.changed());
    this.#dress();
    if (flag(this, "auto-focus")) whenParsed(() => this.#input.focus());
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#input) return;
    if (name === "value" && !this.#touched) this.#input.value = after ?? "";
    this.#dress();
  }

  get value() { return this.#input ? this.#input.value : this.getAttribute("value") ?? ""; }
  set value(text) {
    if (this.#input) this.#input.value = text ?? "";
    else this.setAttribute("value", text ?? "");
    this.#touched = true;
    this.#count();
  }

  /** HTML's own field inside. */
  get inputElement() { return this.#input; }

  fault() {
    const input = this.#input;
    const least = numeric(this, "min-length", 0);
    const custom = this.getAttribute("error-message");
    if (this.required && this.value.trim() === "") return custom ?? "Please fill in this field.";
    if (this.value && this.value.length < least) return custom ?? `Please write at least ${least} characters.`;
    return input && !input.validity.valid ? custom ?? input.validationMessage : "";
  }

  contribute(answers) {
    if (this.value !== "") answers[this.name] = this.value;
  }

  reset() {
    this.#touched = false;
    this.#input.value = this.getAttribute("value") ?? "";
    this.#count();
  }

  #dress() {
    const input = this.#input;
    const label = this.shadowRoot.querySelector("label");
    const words = this.getAttribute("label") ?? "";
    label.textContent = words;
    label.hidden = words === "";
    if (words) input.removeAttribute("aria-label");
    else input.setAttribute("aria-label", nameOf(this));
    input.placeholder = this.getAttribute("placeholder") ?? "";
    input.disabled = this.disabled;
    if (this.required) input.setAttribute("aria-required", "true");
    const most = numeric(this, "max-length", 0);
    if (most > 0) input.maxLength = most;
    this.dress(input);
    this.#count();
  }

  #onInput() {
    this.#touched = true;
    const allowed = this.getAttribute("allowed-pattern");
    if (flag(this, "auto-validate") && allowed) this.#dropUnallowed(allowed);
    if (flag(this, "auto-validate") || this.shadowRoot.querySelector(".fault").textContent) this.reportValidity();
    this.#count();
  }

  #dropUnallowed(allowed) {
    let pattern;
    try {
      pattern = new RegExp(allowed);
    } catch {
      return;
    }
    const kept = [...this.#input.value].filter((character) => pattern.test(character)).join("");
    if (kept !== this.#input.value) this.#input.value = kept;
  }

  #count() {
    const counter = this.shadowRoot.querySelector(".counter");
    if (counter) counter.textContent = `${this.value.length} characters`;
    this.grow?.();
  }
}

class CrowdInput extends CrowdTextField {
  createInput() { return make("input", { autocomplete: "off" }); }

  dress(input) {
    input.type = this.getAttribute("type") ?? "text";
    for (const name of ["min", "max", "step"]) {
      if (this.hasAttribute(name)) input.setAttribute(name, this.getAttribute(name));
    }
  }
}

class CrowdTextArea extends CrowdTextField {
  createInput() { return make("textarea"); }

  dress(input) { input.rows = numeric(this, "rows", 1); }

  /** As tall as the text, from `rows` to `max-rows` lines. */
  grow() {
    const area = this.inputElement;
    if (!area) return;
    const lines = area.value.split("\n").length;
    const rows = numeric(this, "rows", 1);
    area.rows = Math.max(rows, Math.min(lines, numeric(this, "max-rows", 0) || 30));
  }
}

define("crowd-input", CrowdInput);
define("crowd-text-area", CrowdTextArea);
