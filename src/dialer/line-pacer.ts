import type { Clock, Lines } from './ports.ts';

/**
 * Starts at most `perSecond` calls a second, first come, first served, so that the page can say "waiting for a
 * line" where Twilio would silently queue (twilio-docs "calls per second": 1 by default, over it calls wait).
 */
export class LinePacer implements Lines {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #waiting: { start: () => boolean; withdraw: () => void }[] = [];
  #freeAt = 0;
  #cancelWake: (() => void) | null = null;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#gapMs = 1000 / perSecond;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  request(start: () => boolean, withdraw: () => void): void {
    this.#waiting.push({ start, withdraw });
    this.#run();
  }

  stop(): void {
    this.#cancelWake?.();
    this.#cancelWake = null;
    for (const { withdraw } of this.#waiting.splice(0)) withdraw();
  }

  #run(): void {
    if (this.#cancelWake) return;
    while (this.#waiting.length > 0) {
      const now = this.#clock.now();
      if (now < this.#freeAt) {
        this.#cancelWake = this.#clock.wakeAt(this.#freeAt, () => {
          this.#cancelWake = null;
          this.#run();
        });
        return;
      }
      const next = this.#waiting.shift();
      if (next?.start()) this.#freeAt = Math.max(now, this.#freeAt) + this.#gapMs;
    }
  }
}
