/** A telephone number anywhere in a text: E.164, also as forms (`%2B`) and URLs write it. */
const NUMBER = /(?:\+|%2B)([1-9]\d{7,14})(?!\d)/gi;
/** As people write them in prose: (212) 555-0100, 212-555-0100, 1-212-555-0100. */
const WRITTEN =
  /(?<![\w.+-])(1[-. ])?(\(?)([2-9]\d{2})(\) ?|[-.])([2-9]\d{2})([-.])(\d{4})(?![\w-]|\.\d)/g;
/** 555-01xx is set aside for fiction in every area code (ATIS-0300115). */
const FICTIONAL = /^1[2-9]\d{2}55501\d{2}$/;
/** Twilio's magic numbers for tests. */
const MAGIC = /^1500555\d{4}$/;
/** What a withheld caller id looks like: ANONYMOUS on the keypad. */
const ANONYMOUS = '266696687';

/** Whether a number, without its plus, belongs to nobody. */
export const isNobodys = (digits: string): boolean =>
  FICTIONAL.test(digits) || MAGIC.test(digits) || digits === ANONYMOUS;

export interface FoundNumber {
  /** Without the plus. */
  digits: string;
  /** From 1. */
  line: number;
}

export function numbersIn(text: string): FoundNumber[] {
  const places = [
    ...[...text.matchAll(NUMBER)].map(({ index, 1: digits = '' }) => ({ index, digits })),
    ...[...text.matchAll(WRITTEN)].map(({ index, 3: area, 5: exchange, 7: line }) => ({
      index,
      digits: `1${area}${exchange}${line}`,
    })),
  ].toSorted((a, b) => a.index - b.index);
  let line = 1;
  let counted = 0;
  return places.map(({ index, digits }) => {
    for (; counted < index; counted += 1) if (text[counted] === '\n') line += 1;
    return { digits, line };
  });
}

/**
 * Gives each number one of nobody's, the same for the same number. Numbers that are nobody's already keep theirs, and it
 * is not given to another. Area codes change after every hundred.
 */
export class NumberMap {
  readonly #given = new Map<string, string>();
  readonly #taken: Set<string>;
  #next = 0;

  constructor(kept: Iterable<string>) {
    this.#taken = new Set(kept);
  }

  of(digits: string): string {
    if (isNobodys(digits)) return digits;
    const known = this.#given.get(digits);
    if (known !== undefined) return known;
    const fresh = this.#fresh();
    this.#given.set(digits, fresh);
    return fresh;
  }

  replaceIn(text: string): string {
    const plain = text.replaceAll(
      NUMBER,
      (found, digits: string) => found.slice(0, -digits.length) + this.of(digits),
    );
    return plain.replaceAll(WRITTEN, (...parts: (string | undefined)[]) => {
      const [, country = '', open = '', area, between = '', exchange, dash = '', line] = parts;
      const digits = this.of(`1${area}${exchange}${line}`);
      return (
        country + open + digits.slice(1, 4) + between + digits.slice(4, 7) + dash + digits.slice(7)
      );
    });
  }

  #fresh(): string {
    for (;;) {
      const areaCode = 212 + (this.#next % AREA_CODES);
      const line = Math.floor(this.#next / AREA_CODES);
      this.#next += 1;
      if (line > 99) throw new Error(`more than ${AREA_CODES * 100} telephone numbers in one file`);
      const digits = `1${areaCode}55501${String(line).padStart(2, '0')}`;
      if (this.#taken.has(digits)) continue;
      this.#taken.add(digits);
      return digits;
    }
  }
}

/** 212 to 999. */
const AREA_CODES = 788;
