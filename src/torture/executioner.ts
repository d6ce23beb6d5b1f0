import type { Random } from '../simulator/random.ts';
import type { Moment } from './hooked-network.ts';

/** Where the server may be killed. `anyTime` and `starting` are moments of nothing in particular. */
export const KILL_POINTS = [
  'anyTime',
  'starting',
  'acknowledged',
  'create.lost',
  'create.arrives',
  'create.placed',
  'create.answered',
  'rest.arrives',
  'rest.answered',
  'consume',
  'enqueue',
  'waiting',
  'bridging',
  'on-dequeue',
  'stop-consuming',
  'call-status-event',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** A point that is not reached by then is given up for any time. */
const REACHED_WITHIN_MS = 2000;

/** Waits for the moment that was chosen and kills in it, or a few milliseconds later. */
export class Executioner {
  readonly #random: Random;
  readonly #kill: () => void;
  #armed: { point: KillPoint; phase: Moment; fire: () => void } | null = null;

  constructor(random: Random, kill: () => void) {
    this.#random = random;
    this.#kill = kill;
  }

  /** Resolves with the point at which it has killed. */
  strikeAt(point: KillPoint): Promise<KillPoint> {
    const random = this.#random;
    return new Promise((resolve) => {
      const strike = (at: KillPoint): void => {
        clearTimeout(impatience);
        this.#armed = null;
        this.#kill();
        resolve(at);
      };
      const waitMs = point === 'anyTime' || point === 'starting' ? random.int(0, 500) : 0;
      const impatience = setTimeout(() => strike('anyTime'), waitMs || REACHED_WITHIN_MS);
      if (waitMs > 0) return;
      // In the tick of the moment, or while its consequences are under way.
      const lateMs = random.chance(0.5) ? 0 : random.int(1, 6);
      this.#armed = {
        point,
        phase: random.chance(0.6) ? 'webhook.leaves' : 'webhook.answered',
        fire: () => {
          this.#armed = null;
          if (lateMs === 0 || point === 'create.lost') strike(point);
          else setTimeout(() => strike(point), lateMs);
        },
      };
    });
  }

  reached(moment: Moment | 'acknowledged', detail: string): void {
    const armed = this.#armed;
    if (!armed) return;
    const isWebhook = moment === 'webhook.leaves' || moment === 'webhook.answered';
    const isHere = isWebhook
      ? moment === armed.phase && detail.startsWith(`/twilio-webhook/${armed.point}`)
      : moment === armed.point;
    if (isHere) armed.fire();
  }

  /** A create that arrives now is lost, and the server with it. */
  losesCreate(): boolean {
    if (this.#armed?.point !== 'create.lost') return false;
    this.#armed.fire();
    return true;
  }
}
