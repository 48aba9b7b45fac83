// crowd-instructions: a button or link that opens the instructions in a window with three tabs.

const TABS_SHEET = new CSSStyleSheet();
TABS_SHEET.replaceSync(`
  [role=tablist] { display: flex; flex-wrap: wrap; gap: 0.25rem; margin-bottom: 1rem; border-bottom: 1px solid #c8ccd0; }
  [role=tab] { border: 0; border-bottom: 3px solid transparent; border-radius: 0; color: #41484f; }
  [role=tab][aria-selected=true] { border-bottom-color: #14617a; color: #14617a; }
  h3 { margin: 0.5rem 0; font-size: 1rem; }
  .good h3 { color: #1c6b3a; }
  .bad h3 { color: #a12c22; }
`);

const TABS = [
  ["Summary", [["short-summary"]]],
  ["Detailed Instructions", [["detailed-instructions"]]],
  ["Examples", [["positive-example", "Good examples", "good"], ["negative-example", "Bad examples", "bad"]]],
];

class CrowdInstructions extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [SHEET, TABS_SHEET];
  }

  connectedCallback() {
    if (!this.shadowRoot.firstChild) whenParsed(() => this.#build());
  }

  #build() {
    if (this.shadowRoot.firstChild) return;
    const kind = this.getAttribute("link-type") === "button" ? "normal" : "link";
    const opener = make("button", { type: "button", class: kind, "aria-haspopup": "dialog" });
    opener.textContent = this.getAttribute("link-text") ?? "Click for instructions";
    const there = TABS.filter(([, parts]) => parts.some(([part]) => this.querySelector(part)));
    const panels = there.map(([title, parts], index) => this.#panel(title, parts, index));
    const tabs = there.map(([title], index) => make("button", {
      type: "button", role: "tab", id: `tab-${index}`, "aria-controls": `panel-${index}`,
    }, title));
    const show = (chosen) => tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      panels[index].hidden = index !== chosen;
    });
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => show(index));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = (index + step + tabs.length) % tabs.length;
        show(next);
        tabs[next].focus();
      });
    });
    show(0);
    const dialog = dialogOf("Instructions", make("div", { role: "tablist" }, ...tabs), ...panels);
    opener.addEventListener("click", () => dialog.openNear(opener));
    this.shadowRoot.append(opener, dialog);
  }

  #panel(title, parts, index) {
    const panel = make("div", { role: "tabpanel", id: `panel-${index}`, "aria-labelledby": `tab-${index}`, tabindex: "0" });
    for (const [part, heading, tone] of parts) {
      const found = [...this.querySelectorAll(part)];
      if (!found.length) continue;
      for (const element of found) element.slot = part;
      panel.append(make("div", { class: tone }, heading ? make("h3", {}, heading) : null, make("slot", { name: part })));
    }
    return panel;
  }
}

define("crowd-instructions", CrowdInstructions);
