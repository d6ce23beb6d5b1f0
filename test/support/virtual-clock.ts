import type { Clock } from '../../src/dialer/ports.ts';

interface Alarm {
  at: number;
  fire: () => void;
}

/** Noon in UTC on a winter's day; no test depends on it. */
const START = Date.UTC(2026, 0, 15, 12);

/** Time that passes when a test says so, one alarm after the other. */
export class VirtualClock implements Clock {
  #now = START;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#now;
  }

  notBefore(at: number): void {
    this.#now = Math.max(this.#now, at);
  }

  wakeAt(at: number, fire: () => void): () => void {
    const alarm = { at, fire };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  }

  /** Lets time pass; after each alarm everything that it set in motion comes to rest. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs;
    await settle();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await settle();
    }
    this.#now = until;
  }

  #next(until: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.at <= until && (!first || alarm.at < first.at)) first = alarm;
    }
    return first;
  }
}

/** More turns than the longest chain of promises between a request and what it sets in motion. */
const TURNS = 60;

/** Everything that was set in motion has come to rest: nothing in a test of the dialer waits for a real clock or a disk. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}
