// crowd-form: collects the answers of all elements in it and hands them in as one field, taskAnswers;
// with answer-format="flatten-objects" as a field for each value.

const ordered = (value) => {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])]));
};

/** `{a: {b: 1, c: [2]}}` as `a.b` = `1`, `a.c` = `[2]`. */
const flattened = (value, name = "", into = []) => {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flattened(inner, name ? `${name}.${key}` : key, into);
  } else {
    into.push([name, typeof value === "string" ? value : JSON.stringify(value)]);
  }
  return into;
};

/** What HTML's own fields in the form say. */
const contributeNative = (field, answers) => {
  if (field.matches("button, input[type=submit], input[type=button], input[type=reset], input[type=image]")) return;
  if (field.disabled || field.name === "assignmentId") return;
  if (field.type === "checkbox" || field.type === "radio") {
    answers[field.name] = { ...answers[field.name], [field.value]: field.checked };
  } else if (field.type === "select-multiple") {
    answers[field.name] = [...field.selectedOptions].map((option) => option.value);
  } else {
    answers[field.name] = field.type === "file" ? field.files[0]?.name ?? "" : field.value;
  }
};

class CrowdForm extends HTMLElement {
  #asking = false;
  #sent = false;

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("keydown", this);
    window.addEventListener("pageshow", this);
    whenParsed(() => this.#complete());
  }

  disconnectedCallback() {
    window.removeEventListener("pageshow", this);
  }

  handleEvent(event) {
    if (event.type === "pageshow") this.#busy(false);
    else if (event.type === "keydown") this.#onKey(event);
    else this.#onClick(event);
  }

  /** All that takes part, ours and HTML's own, in the order of the page. */
  get elements() {
    return [...this.querySelectorAll("*")].filter(
      (field) => field instanceof CrowdField || field.matches("input[name], select[name], textarea[name]"),
    );
  }

  /** The answers as they stand. */
  get value() {
    const answers = {};
    for (const field of this.elements) {
      if (!(field instanceof CrowdField)) contributeNative(field, answers);
      else if (field.name && !field.disabled) field.contribute(answers);
    }
    return ordered(answers);
  }

  checkValidity() { return this.elements.every((field) => field.checkValidity()); }

  reportValidity() {
    const wrong = this.elements.filter((field) => (
      field instanceof CrowdField ? !field.reportValidity() : !field.checkValidity()
    ));
    const first = wrong[0];
    if (first instanceof CrowdField) {
      first.focus();
      first.scrollIntoView({ block: "nearest" });
    } else {
      first?.reportValidity();
    }
    return wrong.length === 0;
  }

  /** Check, ask the page's submit handlers, and hand in; called from a handler it hands in at once. */
  submit() {
    if (this.#sent) return;
    if (isPreview()) {
      window.alert("This is a preview: accept the HIT before you submit.");
      return;
    }
    if (!this.#asking) {
      if (!this.reportValidity()) return;
      this.#asking = true;
      const event = new SubmitEvent("submit", { bubbles: true, cancelable: true });
      const wanted = this.dispatchEvent(event);
      this.#asking = false;
      if (!wanted || this.#sent) return;
    }
    this.#send();
  }

  requestSubmit() { this.submit(); }

  reset() {
    for (const field of this.elements) {
      if (field instanceof CrowdField) field.reset();
      else if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
      else if (field.tagName === "SELECT") for (const option of field.options) option.selected = option.defaultSelected;
      else field.value = field.defaultValue;
    }
    this.dispatchEvent(new Event("reset", { bubbles: true }));
  }

  #send() {
    this.#busy(true);
    const parameters = new URLSearchParams(window.location.search);
    const host = parameters.get("turkSubmitTo") || "https://www.mturk.com";
    const form = make("form", {
      method: "post",
      action: window.marketplaceSubmitAddress ?? `${host.replace(/\/+$/, "")}/mturk/externalSubmit`,
      hidden: "",
    });
    const flat = this.getAttribute("answer-format") === "flatten-objects";
    const answers = flat ? flattened(this.value) : [["taskAnswers", JSON.stringify([this.value])]];
    for (const [name, value] of [["assignmentId", parameters.get("assignmentId") ?? ""], ...answers]) {
      // A textarea keeps line ends that an input would drop.
      const field = make("textarea", { name });
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
  }

  #busy(on) {
    this.#sent = on;
    for (const button of this.querySelectorAll("crowd-button[form-action=submit]")) button.loading = on;
  }

  #complete() {
    if (!this.isConnected) return;
    if (!this.querySelector("crowd-button[form-action=submit]")) {
      this.append(make("crowd-button", { "form-action": "submit", variant: "primary" }, "Submit"));
    }
    if (isPreview()) {
      for (const button of this.querySelectorAll("crowd-button[form-action=submit]")) button.disabled = true;
      this.append(make("p", { class: "crowd-note", role: "status" }, "This is a preview: accept the HIT to submit."));
    }
  }

  // HTML's own buttons in a crowd-form submit it too, unless they are in a form of their own.

  #onClick(event) {
    const button = event.target.closest?.("button, input[type=submit], input[type=image]");
    if (!button || button.form || button.disabled || event.defaultPrevented) return;
    if (button.tagName === "INPUT" || button.type === "submit") this.submit();
    else if (button.type === "reset") this.reset();
  }

  #onKey(event) {
    const field = event.composedPath()[0];
    const single = field.tagName === "INPUT" && !/^(button|submit|reset|checkbox|radio|range|file|color)$/.test(field.type);
    if (event.key === "Enter" && single && !field.form && !event.isComposing && !event.defaultPrevented) {
      event.preventDefault();
      this.submit();
    }
  }
}

define("crowd-form", CrowdForm);

// Elements that are not here: what is in them is shown, and the worker is told.
whenParsed(() => {
  for (const element of document.querySelectorAll(":not(:defined)")) {
    if (!element.localName.startsWith("crowd-")) continue;
    const text = `A part of this page (${element.localName}) is not supported here: its content is shown without its function.`;
    element.before(make("p", { class: "crowd-note", role: "note" }, text));
    element.style.display ||= "block";
  }
});
