/**
 * The network's only notion of time. Everything that waits, waits on one of these, so that the same
 * code runs in real time over HTTP and in virtual time inside a test.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** A clock that can stand still does so until the promise has settled; a real clock has no such member. */
  hold?(work: Promise<unknown>): void;
}

/** Longest delay of Node's timers; past it they would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, Math.min(ms, DELAY_MS_MAX)),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
