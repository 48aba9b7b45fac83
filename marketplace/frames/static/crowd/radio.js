// crowd-radio-button: its answer is {name: {value: true or false}}; in a crowd-radio-group one is chosen.

const RADIO_SHEET = new CSSStyleSheet();
RADIO_SHEET.replaceSync(`
  :host { display: flex; align-items: flex-start; gap: 0.6rem; padding: 0.35rem 0.25rem; cursor: pointer; border-radius: 0.25rem; }
  :host([hidden]) { display: none; }
  :host(:focus-visible) { outline: 3px solid #14617a; outline-offset: 2px; }
  :host([aria-disabled=true]) { cursor: default; color: #6b7178; }
  .dot { flex: none; width: 1.2rem; height: 1.2rem; margin-top: 0.15rem; border: 2px solid #5b636d; border-radius: 50%; background: #fff; }
  :host([aria-checked=true]) .dot { border-color: #14617a; background: radial-gradient(#14617a 45%, #fff 50%); }
`);

class CrowdRadioButton extends CrowdField {
  static delegatesFocus = false;
  static observedAttributes = ["checked", "disabled"];
  #checked = false;
  #built = false;

  connectedCallback() {
    if (!this.#built) {
      this.#built = true;
      this.shadowRoot.adoptedStyleSheets = [SHEET, RADIO_SHEET];
      this.shadowRoot.append(make("span", { class: "dot", "aria-hidden": "true" }), make("span", {}, make("slot")));
      this.#checked ||= flag(this, "checked");
      this.addEventListener("click", () => this.choose());
      this.addEventListener("keydown", (event) => this.#onKey(event));
    }
    this.setAttribute("role", "radio");
    this.#dress();
    whenParsed(() => {
      if (!this.textContent.trim()) this.setAttribute("aria-label", this.getAttribute("value") ?? nameOf(this));
      this.group?.arrange();
    });
  }

  attributeChangedCallback(name) {
    if (!this.#built) return;
    if (name === "checked") this.checked = flag(this, "checked");
    this.#dress();
  }

  /** The group that it belongs to, if any. */
  get group() { return this.closest("crowd-radio-group"); }

  get checked() { return this.#built ? this.#checked : flag(this, "checked"); }
  set checked(on) {
    this.#checked = Boolean(on);
    if (this.#checked) for (const other of this.group?.buttons ?? []) if (other !== this) other.checked = false;
    if (this.#built) this.#dress();
    this.group?.arrange();
  }

  get value() { return this.getAttribute("value") ?? "on"; }
  set value(text) { this.setAttribute("value", text); }

  get _submittableValue() { return { [this.value]: this.checked }; }

  contribute(answers) { answers[this.name] = { ...answers[this.name], ...this._submittableValue }; }

  reset() { this.checked = flag(this, "checked"); }

  /** As a worker chooses it. */
  choose() {
    if (this.disabled || this.checked) return;
    this.checked = true;
    this.group?.reportValidity();
    this.changed();
  }

  #onKey(event) {
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      this.choose();
      return;
    }
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const buttons = this.group?.buttons.filter((button) => !button.disabled) ?? [];
    if (!step || buttons.length < 2) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(this) + step + buttons.length) % buttons.length];
    next.focus();
    next.choose();
  }

  #dress() {
    this.setAttribute("aria-checked", String(this.#checked));
    this.setAttribute("aria-disabled", String(this.disabled));
    if (!this.group) this.tabIndex = this.disabled ? -1 : 0;
  }
}

class CrowdRadioGroup extends CrowdField {
  static delegatesFocus = false;

  connectedCallback() {
    if (!this.shadowRoot.firstChild) {
      const fault = make("p", { class: "fault", id: "fault", role: "alert" });
      this.shadowRoot.append(make("slot"), fault);
    }
    this.setAttribute("role", "radiogroup");
    whenParsed(() => {
      if (!this.hasAttribute("aria-label") && nameOf(this)) this.setAttribute("aria-label", nameOf(this));
      this.arrange();
    });
  }

  get buttons() { return [...this.querySelectorAll("crowd-radio-button")]; }

  /** The name of the button that is chosen, as the page wrote it. */
  get selected() { return this.buttons.find((button) => button.checked)?.getAttribute("name") ?? null; }

  get value() { return this.buttons.find((button) => button.checked)?.value ?? null; }

  focus() { this.buttons.find((button) => button.tabIndex === 0)?.focus(); }

  fault() {
    const needed = this.required || this.buttons.some((button) => button.required);
    return needed && !this.selected && this.value === null ? "Please choose one." : "";
  }

  contribute() {} // the buttons do

  /** One stop for the Tab key: what is chosen, or else the first. */
  arrange() {
    const buttons = this.buttons.filter((button) => !button.disabled);
    const stop = buttons.find((button) => button.checked) ?? buttons[0];
    for (const button of this.buttons) button.tabIndex = button === stop ? 0 : -1;
  }
}

define("crowd-radio-group", CrowdRadioGroup);
define("crowd-radio-button", CrowdRadioButton);
