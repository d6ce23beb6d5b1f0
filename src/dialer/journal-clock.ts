interface Timer {
  due: number;
  fire: () => void;
}

/**
 * The clock of one session's actors. A timer that fires is a journal entry, and timers are numbered in the
 * order in which the actors set them, so a replay sets the same timers under the same numbers and due times.
 */
export class JournalClock {
  /** Time of the entry that is being applied, in milliseconds since 1970. */
  now = 0;
  #next = 0;
  readonly #armed = new Map<number, Timer>();

  // Own properties, because XState calls them detached.
  readonly setTimeout = (fire: () => void, delayMs: number): number => {
    const id = this.#next++;
    this.#armed.set(id, { due: this.now + delayMs, fire });
    return id;
  };

  readonly clearTimeout = (id: number): void => {
    this.#armed.delete(id);
  };

  /** The number that the next timer gets; a checkpoint keeps it, so that a replay goes on counting. */
  get next(): number {
    return this.#next;
  }

  /** Stands where a checkpoint was taken: no timer is armed. */
  restore(now: number, next: number): void {
    this.now = now;
    this.#next = next;
  }

  /** The timer that is due first; of two due at once, the one that was set first. */
  earliest(): { id: number; due: number } | null {
    let first: { id: number; due: number } | null = null;
    for (const [id, { due }] of this.#armed) {
      if (first === null || due < first.due) first = { id, due };
    }
    return first;
  }

  /** Fires an armed timer; one that is not armed (any more) changes nothing. */
  fire(id: number): void {
    const timer = this.#armed.get(id);
    this.#armed.delete(id);
    timer?.fire();
  }

  /** What is still to fire, in the order in which it was set. */
  get armed(): { id: number; due: number }[] {
    return [...this.#armed].map(([id, { due }]) => ({ id, due }));
  }
}
