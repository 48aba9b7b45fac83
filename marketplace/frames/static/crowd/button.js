// crowd-button: a button, or with href a link that looks like one.

const BUTTON_SHEET = new CSSStyleSheet();
BUTTON_SHEET.replaceSync(":host { display: inline-block; margin: 0.25rem 0; } :host([hidden]) { display: none; }");

class CrowdButton extends HTMLElement {
  static observedAttributes = ["disabled", "loading", "variant", "href", "target", "icon", "icon-url", "icon-align"];

  constructor() {
    super();
    this.attachShadow({ mode: "open", delegatesFocus: true }).adoptedStyleSheets = [SHEET, BUTTON_SHEET];
    this.addEventListener("click", (event) => this.#onClick(event));
  }

  get disabled() { return flag(this, "disabled"); }
  set disabled(on) { this.toggleAttribute("disabled", Boolean(on)); }
  get loading() { return flag(this, "loading"); }
  set loading(on) { this.toggleAttribute("loading", Boolean(on)); }

  connectedCallback() { this.#render(); }
  attributeChangedCallback() { if (this.isConnected) this.#render(); }

  #render() {
    const variant = this.getAttribute("variant") ?? (this.getAttribute("form-action") === "submit" ? "primary" : "normal");
    const href = this.getAttribute("href");
    const button = href === null
      ? make("button", { type: "button", class: variant, "aria-busy": this.loading ? "true" : null })
      : make("a", { class: "button", href, target: this.getAttribute("target"), rel: "noopener" });
    const iconUrl = this.getAttribute("icon-url");
    const icon = iconUrl ? make("img", { src: iconUrl, alt: "", height: "20" }) : null;
    if (this.getAttribute("icon") && !this.textContent.trim()) button.setAttribute("aria-label", this.getAttribute("icon"));
    const parts = [icon, make("slot")].filter(Boolean);
    button.append(...(this.getAttribute("icon-align") === "right" ? parts.reverse() : parts));
    if (href === null) button.disabled = this.disabled || this.loading;
    this.shadowRoot.replaceChildren(button);
  }

  #onClick(event) {
    if (this.disabled || this.loading) {
      event.stopImmediatePropagation();
      event.preventDefault();
      return;
    }
    const form = this.closest("crowd-form");
    const action = this.getAttribute("form-action");
    // After the page's own click handlers, as with a button of HTML's.
    queueMicrotask(() => {
      if (event.defaultPrevented || !form) return;
      if (action === "submit") form.submit();
      else if (action === "reset") form.reset();
    });
  }
}

define("crowd-button", CrowdButton);
