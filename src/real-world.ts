import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, Random } from './dialer/ports.ts';

/** Longest delay of Node's timers; past it they fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

let aheadMs = 0;
/** The time of day at the start, and from there on the steady clock: who sets the clock of a running machine moves nothing here. */
const now = (): number => Math.floor(performance.timeOrigin + performance.now()) + aheadMs;

export const realClock: Clock = {
  now,
  notBefore(at) {
    aheadMs += Math.max(0, at - now());
  },
  wakeAt(at, fire) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const delayMs = at - now();
      // Unreferenced: pending deadlines alone must not keep a closing process alive.
      timer = setTimeout(
        delayMs > MAX_DELAY_MS ? arm : fire,
        Math.min(Math.max(delayMs, 0), MAX_DELAY_MS),
      ).unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};

export const secureRandom: Random = {
  id: () => randomBytes(16).toString('base64url'),
  accessCode: () => randomInt(1_000_000),
};
