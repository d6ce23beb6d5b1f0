import type { Clock } from './clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  /** Null once it is cancelled: what it would have done, and all that hangs on it, may go. */
  fn: (() => void) | null;
}

export interface VirtualClockOptions {
  /** Where time begins, in milliseconds since the epoch. Default: Monday 7 January 2030, 15:00 UTC. */
  startAt?: number;
  /**
   * Called between two timers, after all microtasks have run. For peers whose work crosses real I/O
   * (a worker thread, a file): resolve when they are idle. Work given to `hold` needs no such help.
   */
  settle?: () => Promise<void>;
}

/** Lets sockets, signals and the test runner's own timers have a turn now and then. */
const TURNS_WITHOUT_IO = 500;

const DEFAULT_START_MS = Date.UTC(2030, 0, 7, 15, 0, 0);

/**
 * A clock that jumps from timer to timer, in due order, timers of one instant in the order they were set.
 * Between two timers every pending microtask runs, and every promise given to `hold` settles, so a run
 * does not depend on how long real work takes: same seed, same bytes.
 */
export class VirtualClock implements Clock {
  readonly #settle: (() => Promise<void>) | undefined;
  readonly #timers: Timer[] = [];
  readonly #held = new Set<Promise<unknown>>();
  #nowMs: number;
  #order = 0;
  #turns = 0;

  constructor(options: VirtualClockOptions = {}) {
    this.#nowMs = options.startAt ?? DEFAULT_START_MS;
    this.#settle = options.settle;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const timer = { dueAt: this.#nowMs + Math.max(0, ms), order: this.#order++, fn };
    this.#push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (timer) (timer as Timer).fn = null;
  }

  hold(work: Promise<unknown>): void {
    this.#held.add(work);
    const release = (): void => void this.#held.delete(work);
    work.then(release, release);
  }

  /** Lets the given time pass. */
  async advance(ms: number): Promise<void> {
    const until = this.#nowMs + ms;
    await this.quiesce();
    for (let timer = this.#next(until); timer; timer = this.#next(until)) await this.#fire(timer);
    this.#nowMs = until;
  }

  /** Lets time pass until the condition holds; throws when it does not within `limitMs`. */
  async advanceUntil(condition: () => boolean, limitMs = 3_600_000): Promise<void> {
    const until = this.#nowMs + limitMs;
    await this.quiesce();
    while (!condition()) {
      const timer = this.#next(until);
      if (!timer)
        throw new Error(
          `the awaited condition did not come true within ${limitMs} ms of virtual time`,
        );
      await this.#fire(timer);
    }
  }

  /** Runs until no timer is left, or the limit is reached; returns whether all was done. */
  async runAll(limitMs = 24 * 3_600_000): Promise<boolean> {
    const until = this.#nowMs + limitMs;
    await this.quiesce();
    for (let timer = this.#next(until); timer; timer = this.#next(until)) await this.#fire(timer);
    return this.#peek() === undefined;
  }

  /** Waits for everything that needs no time: microtasks, held work, and the `settle` option. */
  async quiesce(): Promise<void> {
    await Promise.resolve(); // From here on it runs as a microtask, as `microtasksDone` wants.
    await this.#atRest();
  }

  async #atRest(): Promise<void> {
    do {
      await microtasksDone();
      while (this.#held.size > 0) {
        await this.#heldWork();
        await microtasksDone();
      }
      if (this.#settle) await this.#settle();
    } while (this.#held.size > 0);
    this.#turns += 1;
    if (this.#turns % TURNS_WITHOUT_IO === 0) await new Promise(setImmediate);
  }

  /** Waits for the held work; work that waits for the clock, which waits for it, would never end. */
  async #heldWork(): Promise<void> {
    let watchdog: NodeJS.Timeout | undefined;
    const stalled = new Promise<never>((_, reject) => {
      watchdog = setTimeout(() => reject(new Error(STALLED)), STALLED_AFTER_MS);
    });
    try {
      await Promise.race([Promise.allSettled(this.#held), stalled]);
    } finally {
      clearTimeout(watchdog);
    }
  }

  #fire(timer: Timer): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, timer.dueAt);
    timer.fn?.();
    return this.#atRest();
  }

  #peek(): Timer | undefined {
    while (this.#timers[0]?.fn === null) this.#pop();
    return this.#timers[0];
  }

  #next(until: number): Timer | undefined {
    const timer = this.#peek();
    if (!timer || timer.dueAt > until) return undefined;
    return this.#pop();
  }

  // A binary heap: thousands of calls wait at once, most of them on timers that will be cancelled.
  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#timers;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const STALLED_AFTER_MS = 10_000;
const STALLED =
  'work that the virtual clock stands still for has not ended in 10 s of real time: if it waits for the virtual clock, ' +
  'do not hold the clock for it (option holdClock: false of the network)';

/** A tick asked for inside a microtask comes when the microtask queue has run dry, far cheaper than a turn of the event loop. */
function microtasksDone(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}
