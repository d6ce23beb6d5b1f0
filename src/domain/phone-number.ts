/**
 * A telephone number in E.164. The digits are private so that no log line, error or JSON shows them by
 * accident: `toString` and `toJSON` give `+1315…00`, and `.e164` is the one way out.
 */
export class PhoneNumber {
  readonly #e164: string;

  private constructor(e164: string) {
    this.#e164 = e164;
  }

  /** Accepts E.164 only (ITU-T E.164: `+`, at most 15 digits); anything looser is normalised where it enters. */
  static parse(text: unknown): PhoneNumber | null {
    return typeof text === 'string' && /^\+[1-9]\d{6,14}$/.test(text)
      ? new PhoneNumber(text)
      : null;
  }

  get e164(): string {
    return this.#e164;
  }

  toString(): string {
    return `${this.#e164.slice(0, 3)}…${this.#e164.slice(-2)}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
