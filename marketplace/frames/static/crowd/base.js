// What all crowd elements build on.

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
  :host { display: block; color: #1d2126; font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  :host([hidden]) { display: none; }
  *, *::before, *::after { box-sizing: border-box; }
  .field { max-width: 40rem; margin: 0.5rem 0; }
  .field > label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
  .field input, .field textarea { width: 100%; padding: 0.5rem 0.65rem; font: inherit; color: inherit; background: #fff; border: 1px solid #80868d; border-radius: 0.35rem; }
  .wrong input, .wrong textarea { border-color: #a12c22; }
  .fault { margin: 0.25rem 0 0; color: #a12c22; font-size: 0.9rem; }
  .fault:empty { display: none; }
  .counter { margin: 0.15rem 0 0; text-align: right; font-size: 0.85rem; color: #5b636d; }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  button, a.button { display: inline-flex; align-items: center; gap: 0.4rem; padding: 0.5rem 1rem; font: inherit; font-weight: 600; color: #14617a; background: #fff; border: 1px solid currentcolor; border-radius: 0.35rem; text-decoration: none; cursor: pointer; }
  button.primary { color: #fff; background: #14617a; border-color: #14617a; }
  button.link { padding: 0; border: 0; background: none; text-decoration: underline; font-weight: 400; }
  button:disabled { cursor: default; color: #6b7178; background: #eceeef; border-color: #c8ccd0; }
  :focus-visible { outline: 3px solid #14617a; outline-offset: 2px; }
  .choice { display: flex; align-items: flex-start; gap: 0.6rem; padding: 0.35rem 0; cursor: pointer; }
  .choice input { flex: none; width: 1.2rem; height: 1.2rem; margin: 0.15rem 0 0; }
  dialog { top: 0; margin: 1rem auto; width: min(46rem, calc(100% - 2rem)); max-height: min(85vh, 48rem); padding: 0 1.25rem 1.25rem; overflow: auto; color: inherit; border: 1px solid #80868d; border-radius: 0.5rem; }
  dialog::backdrop { background: rgb(20 25 30 / 45%); }
  dialog .top { display: flex; align-items: center; justify-content: space-between; gap: 1rem; margin: 0.75rem 0; }
  dialog h2 { margin: 0; font-size: 1.15rem; }
`);

const PAGE_SHEET = new CSSStyleSheet();
PAGE_SHEET.replaceSync(`
  :where(body) { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  crowd-form, crowd-instructions, short-instructions, full-instructions, classification-target,
  short-summary, detailed-instructions, positive-example, negative-example { display: block; }
  .crowd-note { margin: 0.5rem 0; padding: 0.5rem 0.75rem; font: 0.9rem/1.5 system-ui, sans-serif; color: #5c3f00; background: #fcf3dc; border: 1px solid #d8b75f; border-radius: 0.35rem; }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, PAGE_SHEET];

const define = (name, element) => {
  if (!customElements.get(name)) customElements.define(name, element);
};

/** Run when an element's children are there: elements come to life before they are parsed. */
const whenParsed = (run) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run, { once: true });
  else queueMicrotask(run);
};

/** A switch: there, and not written as "false". */
const flag = (element, name) => element.hasAttribute(name) && element.getAttribute(name) !== "false";

/** A number in an attribute, or what to take without one. */
const numeric = (element, name, otherwise) => {
  const given = element.getAttribute(name);
  return given === null || given.trim() === "" || Number.isNaN(Number(given)) ? otherwise : Number(given);
};

/** An element with attributes and children; an attribute that is null is left out. */
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

/** What a field is called: its label, one that points at it, or the words right before it. */
const nameOf = (element) => {
  const label = element.id ? element.getRootNode().querySelector(`label[for="${CSS.escape(element.id)}"]`) : null;
  const before = element.previousElementSibling;
  const words = before && /^(P|LABEL|H[1-6]|STRONG|SPAN|B)$/.test(before.tagName) ? before.textContent.trim() : "";
  return element.getAttribute("label") || element.getAttribute("aria-label") || label?.textContent.trim()
    || (words.length <= 200 ? words : "") || element.getAttribute("placeholder") || element.getAttribute("name") || "";
};

const isPreview = () =>
  new URLSearchParams(window.location.search).get("assignmentId") === "ASSIGNMENT_ID_NOT_AVAILABLE";

/** An element that takes part in a crowd-form: it has a name, a value, perhaps a fault. */
class CrowdField extends HTMLElement {
  /** Whether something inside takes the focus, not the element itself. */
  static delegatesFocus = true;

  constructor() {
    super();
    this.attachShadow({ mode: "open", delegatesFocus: this.constructor.delegatesFocus }).adoptedStyleSheets = [SHEET];
  }

  get name() { return this.getAttribute("name") ?? ""; }
  set name(name) { this.setAttribute("name", name); }
  get required() { return flag(this, "required"); }
  set required(on) { this.toggleAttribute("required", Boolean(on)); }
  get disabled() { return flag(this, "disabled"); }
  set disabled(on) { this.toggleAttribute("disabled", Boolean(on)); }

  /** Under another name, which templates use too. */
  get _submittableValue() { return this.value; }

  /** What is wrong with the answer, empty if nothing is. */
  fault() { return ""; }

  /** Put the answer into the object that a crowd-form hands in. */
  contribute(answers) { answers[this.name] = this.value; }

  checkValidity() { return this.fault() === ""; }

  /** Show what is wrong, or that nothing is; returns whether nothing is. */
  reportValidity() {
    const text = this.fault();
    const place = this.shadowRoot.querySelector(".fault");
    if (place) place.textContent = text;
    this.shadowRoot.querySelector(".field")?.classList.toggle("wrong", text !== "");
    for (const input of this.shadowRoot.querySelectorAll("input, textarea, [role=radiogroup], [role=group]")) {
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    return text === "";
  }

  /** Back to what the page began with. */
  reset() {}

  changed() { this.dispatchEvent(new Event("change", { bubbles: true, composed: true })); }
}

/** A window over the page with a title and a way out; `near` is what opened it. */
const dialogOf = (title, ...content) => {
  const close = make("button", { type: "button" }, "Close");
  const heading = make("h2", { id: "dialog-title" }, title);
  const dialog = make("dialog", { "aria-labelledby": "dialog-title" }, make("div", { class: "top" }, heading, close), ...content);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.openNear = (near) => {
    // A frame is as tall as its page, so its middle may be far from what the worker looks at.
    dialog.style.top = `${Math.max(near.getBoundingClientRect().top - 16, 0)}px`;
    dialog.showModal();
  };
  return dialog;
};
