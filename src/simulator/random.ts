import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Inclusive bounds, in the unit of the name that carries it. */
export type Range = readonly [min: number, max: number];

/**
 * The network's only source of chance. A fork is a generator of its own, made from the seed and a label alone:
 * what a person does therefore never depends on how many draws others made before, nor on the time of day.
 */
export class Random {
  readonly #seed: number;
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#seed = seed | 0;
    this.#generator = xoroshiro128plus(this.#seed);
  }

  fork(label: string): Random {
    return new Random(hash(`${this.#seed}/${label}`));
  }

  int(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  within(range: Range): number {
    return range[0] === range[1] ? range[0] : this.int(range[0], range[1]);
  }

  /** True with the given probability; certain and impossible events use no draw. */
  chance(probability: number): boolean {
    if (probability <= 0) return false;
    if (probability >= 1) return true;
    return this.int(0, 999_999) < probability * 1_000_000;
  }

  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[items.length === 1 ? 0 : this.int(0, items.length - 1)];
    if (item === undefined) throw new Error('cannot pick from nothing');
    return item;
  }

  /** Picks a key with a probability in proportion to its weight. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
    const entries = Object.entries(weights) as [Key, number][];
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    let left = (this.int(0, 999_999) / 1_000_000) * total;
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return entries[0]![0];
  }

  /** 32 hexadecimal digits. */
  hex(): string {
    for (let at = 0; at < BYTES.length; at += 4) BYTES.writeInt32BE(this.#generator.next() | 0, at);
    return BYTES.toString('hex');
  }

  uuid(): string {
    const h = this.hex();
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
  }

  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = (this.#generator.next() >>> 0) % (last + 1);
      const moved = items[last]!;
      items[last] = items[other]!;
      items[other] = moved;
    }
    return items;
  }
}

/** Where 32 digits are put together. */
const BYTES = Buffer.alloc(16);

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value ^= text.charCodeAt(index);
    value = Math.imul(value, 0x01000193);
  }
  return value | 0;
}
