/** A JavaScript or JSON literal could not be read: it is cut off, or no literal at all. */
export type LiteralResult =
  | { kind: 'value'; value: unknown; end: number }
  | { kind: 'incomplete' }
  | { kind: 'malformed' };

class Incomplete extends Error {}
class Malformed extends Error {}

/**
 * Reads what `util.inspect` and `JSON.stringify` print: objects, arrays, strings in any quotes (also joined by `+` over
 * lines, as old Node versions broke them), numbers, and words. Words and numbers come back as strings.
 */
export function readLiteral(text: string, from = 0): LiteralResult {
  const reader = new Reader(text, from);
  try {
    const value = reader.value();
    return { kind: 'value', value, end: reader.at };
  } catch (error) {
    if (error instanceof Incomplete) return { kind: 'incomplete' };
    if (error instanceof Malformed) return { kind: 'malformed' };
    throw error;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  0: '\0',
};
const BARE = /[^\s,:{}[\]'"`]+/y;
const PROTOTYPE = /\[[A-Za-z: ]+\]\s*(?=\{)/y;
/** Deeper than any form or HAR entry; a bound for hostile input. */
const DEPTH_MAX = 50;

class Reader {
  at: number;
  readonly #text: string;
  #depth = 0;

  constructor(text: string, from: number) {
    this.#text = text;
    this.at = from;
  }

  value(): unknown {
    this.#space();
    const char = this.#peek();
    if (char === '[' && this.#take(PROTOTYPE) !== null) return this.#nested(() => this.#object());
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === "'" || char === '"' || char === '`') return this.#joined();
    const word = this.#take(BARE);
    if (word === null) throw new Malformed();
    return word === 'null' || word === 'undefined' ? null : word;
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) throw new Malformed();
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    this.at += 1;
    for (;;) {
      this.#space();
      if (this.#skip('}')) return Object.fromEntries(entries);
      const char = this.#peek();
      const name = char === "'" || char === '"' ? this.#string() : this.#take(BARE);
      if (name === null) throw new Malformed();
      this.#space();
      this.#expect(':');
      entries.push([name, this.value()]);
      this.#separator('}');
    }
  }

  #array(): unknown[] {
    const values: unknown[] = [];
    this.at += 1;
    for (;;) {
      this.#space();
      if (this.#skip(']')) return values;
      values.push(this.value());
      this.#separator(']');
    }
  }

  #separator(close: string): void {
    this.#space();
    if (this.#peek() !== close) this.#expect(',');
  }

  #joined(): string {
    let text = this.#string();
    for (;;) {
      const mark = this.at;
      this.#spaceIfAny();
      if (this.#text[this.at] !== '+') {
        this.at = mark;
        return text;
      }
      this.at += 1;
      this.#space();
      text += this.#string();
    }
  }

  #string(): string {
    const quote = this.#peek();
    if (quote !== "'" && quote !== '"' && quote !== '`') throw new Malformed();
    let text = '';
    for (this.at += 1; ; this.at += 1) {
      const char = this.#peek();
      if (char === quote) break;
      text += char === '\\' ? this.#escape() : char;
    }
    this.at += 1;
    return text;
  }

  #escape(): string {
    this.at += 1;
    const char = this.#peek();
    const digits = char === 'u' ? 4 : char === 'x' ? 2 : 0;
    if (digits === 0) return ESCAPES[char] ?? char;
    const hex = this.#text.slice(this.at + 1, this.at + 1 + digits);
    if (!/^[0-9a-fA-F]+$/.test(hex)) throw hex.length < digits ? new Incomplete() : new Malformed();
    this.at += digits;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #peek(): string {
    const char = this.#text[this.at];
    if (char === undefined) throw new Incomplete();
    return char;
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    if (match) this.at = pattern.lastIndex;
    return match?.[0] ?? null;
  }

  #skip(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.at += 1;
    return true;
  }

  #expect(char: string): void {
    if (!this.#skip(char)) throw new Malformed();
  }

  #space(): void {
    this.#spaceIfAny();
    this.#peek();
  }

  #spaceIfAny(): void {
    while (/\s/.test(this.#text[this.at] ?? '')) this.at += 1;
  }
}
