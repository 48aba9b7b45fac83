// crowd-checkbox: its answer is {name: {value: true or false}}.

class CrowdCheckbox extends CrowdField {
  static observedAttributes = ["checked", "disabled", "required"];
  #input;

  connectedCallback() {
    if (this.#input) return;
    this.#input = make("input", { type: "checkbox", "aria-describedby": "fault" });
    this.#input.checked = flag(this, "checked");
    const fault = make("p", { class: "fault", id: "fault", role: "alert" });
    this.shadowRoot.append(make("label", { class: "choice" }, this.#input, make("span", {}, make("slot"))), fault);
    this.#input.addEventListener("change", () => {
      if (fault.textContent) this.reportValidity();
      this.changed();
    });
    this.#dress();
    whenParsed(() => {
      if (!this.textContent.trim()) this.#input.setAttribute("aria-label", nameOf(this));
    });
  }

  attributeChangedCallback(name) {
    if (!this.#input) return;
    if (name === "checked") this.#input.checked = flag(this, "checked");
    this.#dress();
  }

  get checked() { return this.#input ? this.#input.checked : flag(this, "checked"); }
  set checked(on) {
    if (this.#input) this.#input.checked = Boolean(on);
    else this.toggleAttribute("checked", Boolean(on));
  }

  get value() { return this.getAttribute("value") ?? "on"; }
  set value(text) { this.setAttribute("value", text); }

  get _submittableValue() { return { [this.value]: this.checked }; }

  fault() { return this.required && !this.checked ? "Please tick this box." : ""; }

  contribute(answers) { answers[this.name] = { ...answers[this.name], ...this._submittableValue }; }

  reset() { this.#input.checked = flag(this, "checked"); }

  #dress() {
    this.#input.disabled = this.disabled;
    this.#input.setAttribute("aria-required", String(this.required));
  }
}

define("crowd-checkbox", CrowdCheckbox);
