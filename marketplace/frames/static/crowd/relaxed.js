// The lists and objects in attributes: JSON, or what templates write for it. Liquid templates and
// Amazon's own examples have single quotes, bare keys, and a comma too many.

const relaxed = (text, otherwise) => {
  if (text === null || text === undefined || text.trim() === "") return otherwise;
  try {
    return JSON.parse(text);
  } catch {
    try {
      return new RelaxedReader(text).whole();
    } catch {
      return otherwise;
    }
  }
};

class RelaxedReader {
  #text;
  #at = 0;

  constructor(text) { this.#text = text; }

  whole() {
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) throw new SyntaxError("more than one value");
    return value;
  }

  #skip() {
    while (/[\s\u00a0]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #take(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found?.[0] ?? null;
  }

  #value() {
    this.#skip();
    const next = this.#text[this.#at];
    if (next === "[") return this.#list();
    if (next === "{") return this.#object();
    if (next === "'" || next === '"') return this.#string(next);
    const number = this.#take(/[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?/y);
    if (number !== null) return Number(number);
    const word = this.#take(/[A-Za-z_$][\w$-]*/y);
    if (word === null) throw new SyntaxError(`unexpected ${next}`);
    return { true: true, false: false, null: null }[word] ?? (word === "null" ? null : word);
  }

  #list() {
    const items = [];
    this.#inside("]", () => items.push(this.#value()));
    return items;
  }

  #object() {
    const pairs = {};
    this.#inside("}", () => {
      const key = String(this.#value());
      this.#skip();
      if (this.#text[this.#at] !== ":") throw new SyntaxError("a key without a value");
      this.#at += 1;
      Object.defineProperty(pairs, key, { value: this.#value(), enumerable: true, writable: true, configurable: true });
    });
    return pairs;
  }

  #inside(end, one) {
    this.#at += 1;
    for (;;) {
      this.#skip();
      if (this.#at >= this.#text.length) throw new SyntaxError("no end");
      if (this.#text[this.#at] === end) break;
      if (this.#text[this.#at] === ",") this.#at += 1;
      else one();
    }
    this.#at += 1;
  }

  #string(quote) {
    let text = "";
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === quote) {
        this.#at += 1;
        return text;
      }
      if (character === "\\") this.#at += 1;
      text += character === "\\" ? ({ n: "\n", t: "\t" }[this.#text[this.#at]] ?? this.#text[this.#at] ?? "") : character;
    }
    throw new SyntaxError("no closing quote");
  }
}
