import type { Random } from '../../src/dialer/ports.ts';

/** Ids and codes that count: the same in every run, and readable. */
export class CountingRandom implements Random {
  #ids = 0;
  /** Codes to give first, before the counted ones. */
  readonly codes: number[] = [];
  #codes = 0;

  id(): string {
    this.#ids += 1;
    return String(this.#ids).padStart(22, '0');
  }

  accessCode(): number {
    this.#codes += 1;
    return this.codes.shift() ?? this.#codes;
  }
}
