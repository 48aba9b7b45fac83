// The classifiers: one of the categories, or several, for a text, a sound, a picture.

const WIDGET_SHEET = new CSSStyleSheet();
WIDGET_SHEET.replaceSync(`
  .widget { display: flex; flex-wrap: wrap; gap: 1.25rem; margin: 0.75rem 0; }
  .help { flex: 1 1 12rem; max-width: 20rem; padding: 0 1.25rem 0 0; border-right: 1px solid #dfe1e3; }
  .help h3 { margin: 0 0 0.5rem; font-size: 1rem; }
  .work { flex: 4 1 22rem; min-width: 0; }
  .work h2 { margin: 0 0 0.75rem; font-size: 1.15rem; }
  .target { margin: 0 0 1rem; }
  .picture { position: relative; display: inline-block; margin: 0 0 1rem; line-height: 0; max-width: 100%; }
  .picture img { max-width: 100%; max-height: 70vh; }
  .overlay { position: absolute; border: 2px solid #e0451f; line-height: 1; }
  .overlay span { position: absolute; left: 0; top: 0; padding: 0.1rem 0.3rem; font-size: 0.8rem; color: #fff; background: #b3330f; }
  textarea { width: 100%; max-width: 40rem; padding: 0.5rem; font: inherit; }
  @media (max-width: 40rem) { .help { max-width: none; border-right: 0; padding: 0; } }
`);

/** The part of a widget beside the work: short instructions, and a window with the full ones. */
const helpOf = (element) => {
  const help = make("div", { class: "help" });
  const short = element.querySelector(":scope > short-instructions");
  const full = element.querySelector(":scope > full-instructions");
  if (!short && !full) return null;
  help.append(make("h3", {}, "Instructions"));
  if (short) {
    short.slot = "short";
    help.append(make("slot", { name: "short" }));
  }
  if (full) {
    full.slot = "full";
    const opener = make("button", { type: "button", "aria-haspopup": "dialog" }, "View full instructions");
    const dialog = dialogOf(full.getAttribute("header") ?? "Instructions", make("slot", { name: "full" }));
    opener.addEventListener("click", () => dialog.openNear(opener));
    help.append(make("p", {}, opener), dialog);
  }
  return help;
};

class CrowdClassifier extends CrowdField {
  #inputs = [];
  #comment = null;

  static several = false;
  static pictured = false;

  connectedCallback() {
    if (!this.shadowRoot.firstChild) whenParsed(() => this.#build());
  }

  get categories() { return relaxed(this.getAttribute("categories"), []).map(String); }

  get #excluding() {
    const given = relaxed(this.getAttribute("exclusion-category"), null);
    return this.constructor.several && given ? String(given.text ?? given) : null;
  }

  get #chosen() { return this.#inputs.filter((input) => input.checked).map((input) => input.value); }

  get value() {
    const value = this.constructor.several ? { labels: this.#chosen } : { label: this.#chosen[0] ?? null };
    const comment = this.#comment?.value.trim();
    return comment ? { ...value, workerComment: comment } : value;
  }

  fault() {
    if (this.#chosen.length) return "";
    return this.constructor.several ? "Please choose one category or more." : "Please choose a category.";
  }

  reset() { for (const input of this.#inputs) input.checked = false; }

  focus() { (this.#inputs.find((input) => input.checked) ?? this.#inputs[0])?.focus(); }

  #build() {
    if (this.shadowRoot.firstChild) return;
    this.shadowRoot.adoptedStyleSheets = [SHEET, WIDGET_SHEET];
    const heading = make("h2", { id: "heading" }, this.getAttribute("header") ?? "");
    const work = make("div", { class: "work" }, heading, this.#target(), this.#choices());
    work.append(make("p", { class: "fault", id: "fault", role: "alert" }), ...this.#commentField());
    this.shadowRoot.append(make("div", { class: "widget" }, helpOf(this), work));
  }

  #target() {
    if (this.constructor.pictured) return this.#picture();
    for (const target of this.querySelectorAll(":scope > classification-target")) target.slot = "target";
    return make("div", { class: "target" }, make("slot", { name: "target" }));
  }

  #picture() {
    const alt = this.getAttribute("alt") ?? "The picture to classify";
    const image = make("img", { src: this.getAttribute("src") ?? "", alt });
    const frame = make("div", { class: "picture" }, image);
    const boxes = relaxed(this.getAttribute("overlay"), {})?.boundingBox?.value ?? [];
    image.addEventListener("load", () => {
      const percent = (part, whole) => `${(100 * Number(part)) / whole}%`;
      for (const box of boxes) {
        const mark = make("div", { class: "overlay" }, make("span", {}, String(box.label ?? "")));
        mark.style.left = percent(box.left, image.naturalWidth);
        mark.style.top = percent(box.top, image.naturalHeight);
        mark.style.width = percent(box.width, image.naturalWidth);
        mark.style.height = percent(box.height, image.naturalHeight);
        frame.append(mark);
      }
    }, { once: true });
    return frame;
  }

  #choices() {
    const { several } = this.constructor;
    const excluding = this.#excluding;
    const names = excluding === null ? this.categories : [...this.categories, excluding];
    const choices = names.map((name) => {
      const input = make("input", { type: several ? "checkbox" : "radio", name: "category", value: name });
      input.addEventListener("change", () => {
        if (several && input.checked) this.#keepApart(name === excluding);
        if (this.shadowRoot.querySelector(".fault").textContent) this.reportValidity();
        this.changed();
      });
      this.#inputs.push(input);
      return make("label", { class: "choice" }, input, make("span", {}, name));
    });
    const role = several ? "group" : "radiogroup";
    return make("div", { role, "aria-labelledby": "heading", "aria-describedby": "fault" }, ...choices);
  }

  #keepApart(excluded) {
    for (const input of this.#inputs) {
      if ((input.value === this.#excluding) !== excluded) input.checked = false;
    }
  }

  #commentField() {
    const asked = this.querySelector(":scope > worker-comment");
    if (!asked) return [];
    asked.slot = "comment";
    this.#comment = make("textarea", { rows: "3", id: "comment", placeholder: asked.getAttribute("placeholder") });
    const title = asked.getAttribute("header") ?? asked.getAttribute("link-text") ?? "Add a comment";
    return [make("label", { for: "comment" }, title), make("div", {}, make("slot", { name: "comment" })), this.#comment];
  }
}

class CrowdClassifierMultiSelect extends CrowdClassifier {
  static several = true;
}

class CrowdImageClassifier extends CrowdClassifier {
  static pictured = true;
}

class CrowdImageClassifierMultiSelect extends CrowdClassifier {
  static several = true;
  static pictured = true;
}

define("crowd-classifier", CrowdClassifier);
define("crowd-classifier-multi-select", CrowdClassifierMultiSelect);
define("crowd-image-classifier", CrowdImageClassifier);
define("crowd-image-classifier-multi-select", CrowdImageClassifierMultiSelect);
