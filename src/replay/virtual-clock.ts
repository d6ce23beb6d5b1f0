import type { Clock } from '../dialer/ports.ts';

interface Wake {
  at: number;
  order: number;
  fire: () => void;
  isCancelled: boolean;
}

/** Time that moves only when it is told to. Wakes fire in due order; between two of them everything pending settles. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #wakes: Wake[] = [];

  constructor(startAt: number) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  notBefore(at: number): void {
    this.#now = Math.max(this.#now, at);
  }

  wakeAt(at: number, fire: () => void): () => void {
    const wake: Wake = { at, order: this.#order++, fire, isCancelled: false };
    this.#insert(wake);
    return () => {
      wake.isCancelled = true;
    };
  }

  /** Moves on to `until`, firing what is due; `fired` is called after each wake has settled. */
  async advanceTo(until: number, fired: () => void): Promise<void> {
    for (let next = this.#wakes.at(-1); next && next.at <= until; next = this.#wakes.at(-1)) {
      this.#wakes.pop();
      if (next.isCancelled) continue;
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await settled();
      fired();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Latest first, so that the next one is popped off the end. */
  #insert(wake: Wake): void {
    const wakes = this.#wakes;
    let low = 0;
    let high = wakes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(wake, wakes[middle])) low = middle + 1;
      else high = middle;
    }
    wakes.splice(low, 0, wake);
  }
}

const isBefore = (a: Wake, b: Wake | undefined): boolean =>
  b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));

/** Resolves when every promise that can settle without time passing has settled. */
export function settled(): Promise<void> {
  // A tick that is asked for in a microtask comes when the microtasks have run dry.
  return Promise.resolve().then(() => new Promise((resolve) => process.nextTick(resolve)));
}
