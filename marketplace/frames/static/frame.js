// Put into every HTMLQuestion before its own scripts run. The page belongs to nobody's origin, so it
// has no storage and may not be framed by name; and whatever address of MTurk it submits to, also one
// that it computes while it runs, has to arrive here.
(() => {
  "use strict";
  const given = document.currentScript.dataset;
  const submitAddress = given.submit;
  const base = new URL(submitAddress);

  // Storage and cookies in memory, for templates that only want to remember something for a while.

  class Memory {
    #items = new Map();
    get length() { return this.#items.size; }
    key(index) { return [...this.#items.keys()][index] ?? null; }
    getItem(name) { return this.#items.get(String(name)) ?? null; }
    setItem(name, value) { this.#items.set(String(name), String(value)); }
    removeItem(name) { this.#items.delete(String(name)); }
    clear() { this.#items.clear(); }
    names() { return [...this.#items.keys()]; }
  }

  const storage = () => new Proxy(new Memory(), {
    get: (memory, name) => {
      if (typeof name !== "string") return undefined;
      if (name in Memory.prototype) {
        const member = memory[name];
        return typeof member === "function" ? member.bind(memory) : member;
      }
      return memory.getItem(name) ?? undefined;
    },
    set: (memory, name, value) => (memory.setItem(name, value), true),
    has: (memory, name) => name in Memory.prototype || memory.getItem(name) !== null,
    deleteProperty: (memory, name) => (memory.removeItem(name), true),
    ownKeys: (memory) => memory.names(),
    getOwnPropertyDescriptor: (memory, name) => {
      const value = memory.getItem(name);
      return value === null ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
  });

  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { value: storage(), configurable: true });
  }

  const cookies = new Map();
  Object.defineProperty(document, "cookie", {
    configurable: true,
    get: () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    set: (text) => {
      const [pair, ...attributes] = String(text).split(";");
      const at = pair.indexOf("=");
      const name = pair.slice(0, Math.max(at, 0)).trim();
      const ended = attributes.some((attribute) => {
        const [key, ...value] = attribute.trim().split("=");
        const written = value.join("=");
        return (/^max-age$/i.test(key) && Number(written) <= 0)
          || (/^expires$/i.test(key) && Date.parse(written) <= Date.now());
      });
      if (ended) cookies.delete(name);
      else cookies.set(name, pair.slice(at + 1).trim());
    },
  });

  // Where things are submitted.

  /** Our submit address with the query of `address`, if that is one of MTurk's or ours; else null. */
  const ours = (address) => {
    let url;
    try {
      url = new URL(address, document.baseURI);
    } catch {
      return null;
    }
    const known = url.host === base.host || /(^|\.)mturk\.com$/i.test(url.hostname);
    if (!known || !/\/mturk\/externalSubmit\/?$/i.test(url.pathname)) return null;
    return submitAddress + url.search;
  };

  // A field named "action" or "submit" hides the form's own member, so only attributes are safe.
  const direct = (element, attribute) => {
    const address = element.getAttribute(attribute) ?? null;
    const target = address === null ? null : ours(address);
    if (target === null) return;
    if (element.getAttribute(attribute) !== target) element.setAttribute(attribute, target);
    const frame = attribute === "action" ? "target" : "formtarget";
    if (/^_(top|parent)$/i.test(element.getAttribute(frame) ?? "")) element.removeAttribute(frame);
  };

  const onSubmit = (event) => {
    if (!(event.target instanceof HTMLFormElement)) return;
    direct(event.target, "action");
    if (event.submitter) direct(event.submitter, "formaction");
  };
  // Before the template's handlers and after them, since they may set the action themselves.
  window.addEventListener("submit", onSubmit, true);
  window.addEventListener("submit", onSubmit);

  for (const name of ["submit", "requestSubmit"]) {
    const original = HTMLFormElement.prototype[name];
    HTMLFormElement.prototype[name] = function (...parameters) {
      direct(this, "action");
      return original.apply(this, parameters);
    };
  }

  const tell = (message) => window.parent.postMessage(message, "*");
  const submitted = () => tell({
    marketplace: "submitted",
    assignmentId: new URLSearchParams(window.location.search).get("assignmentId"),
  });

  const originalFetch = window.fetch;
  window.fetch = async function (resource, options) {
    const isRequest = resource instanceof Request;
    const target = ours(isRequest ? resource.url : resource);
    if (target === null) return originalFetch.call(this, resource, options);
    // Nobody's origin sends no cookies anyway, and asking to would make the browser hide the answer.
    const request = isRequest ? new Request(target, resource) : target;
    const response = await originalFetch.call(this, request, { ...options, credentials: "omit" });
    if (response.ok || response.type === "opaque") submitted();
    return response;
  };

  const originalOpen = XMLHttpRequest.prototype.open;
  const originalSend = XMLHttpRequest.prototype.send;
  const redirected = new WeakSet();
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    const target = ours(address);
    if (target === null) return originalOpen.call(this, method, address, ...rest);
    redirected.add(this);
    this.addEventListener("load", () => { if (this.status < 400) submitted(); });
    return originalOpen.call(this, method, target, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (redirected.has(this)) this.withCredentials = false;
    return originalSend.call(this, body);
  };

  const originalBeacon = Navigator.prototype.sendBeacon;
  Navigator.prototype.sendBeacon = function (address, data) {
    return originalBeacon.call(this, ours(address) ?? address, data);
  };

  Object.defineProperty(window, "marketplaceSubmitAddress", { value: submitAddress });

  // How tall the page is, where its frame is to fit.

  if (given.fit === "true") {
    let last = 0;
    const measure = () => {
      if (!document.body) return;
      // Not the body's own box: without a doctype it is always as tall as the frame.
      const content = document.createRange();
      content.selectNodeContents(document.body);
      const style = getComputedStyle(document.body);
      const below = parseFloat(style.marginBottom) + parseFloat(style.paddingBottom);
      const bottom = content.getBoundingClientRect().bottom + window.scrollY + below;
      // What stands out of the flow shows only by what there is to scroll.
      const scrolled = document.scrollingElement.scrollHeight;
      const height = Math.ceil(scrolled > window.innerHeight ? Math.max(bottom, scrolled) : bottom);
      if (Math.abs(height - last) < 2) return;
      last = height;
      tell({ marketplace: "height", height });
    };
    window.addEventListener("DOMContentLoaded", () => {
      const observer = new ResizeObserver(measure);
      observer.observe(document.documentElement);
      observer.observe(document.body);
      measure();
    });
    window.addEventListener("load", measure);
  }
})();
