import type { Faults } from '../simulator/faults.ts';
import type { Random } from '../simulator/random.ts';
import type { VirtualClock } from '../simulator/virtual-clock.ts';
import { withPeople, type FaultPlan } from './faults.ts';

/** Where a process may die, besides any time: before the next commit, create or webhook, or after a write to the list. */
export type DeathTrap = 'commit' | 'create' | 'webhook' | 'write';

export interface Victims {
  kill(): void;
  cutPages(share: number): void;
}

const HOUR_MS = 3_600_000;
const TRAPS: readonly (DeathTrap | 'anyTime')[] = [
  'anyTime',
  'commit',
  'create',
  'webhook',
  'write',
];
const SLOW_COMMIT_MIN_MS = 5;

/** Makes things go wrong as the plan of this seed has it, and counts; until it is told to stop. */
export class Trouble {
  readonly counts: Record<string, number> = {};
  /** No request passes between server and Twilio. */
  isCut = false;
  /** When the server, the line or Twilio was last not itself; nothing can be promised about just then. */
  lastAt = -Infinity;
  #isOver = false;
  #trap: DeathTrap | null = null;
  readonly #plan: FaultPlan;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #victims: Victims;

  constructor(
    plan: FaultPlan,
    clock: VirtualClock,
    random: Random,
    faults: Faults,
    victims: Victims,
  ) {
    this.#plan = plan;
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
    this.#victims = victims;
  }

  begin(agents: number): void {
    this.#faults.replace(withPeople(this.#plan.network));
    const { own } = this.#plan;
    this.#nowAndThen(own['server.kill'], () => this.#setTrap());
    this.#nowAndThen(own['line.cut'], () => this.#cutLine());
    this.#nowAndThen(own['twilio.outage'], () => this.#outage());
    this.#nowAndThen((own['page.cut'] ?? 0) * agents, () => {
      this.#count('page.cut');
      this.#victims.cutPages(1 / agents);
    });
  }

  end(): void {
    this.#isOver = true;
    this.#trap = null;
    this.isCut = false;
    this.#tally();
    this.#faults.replace(withPeople({}));
    this.lastAt = this.#clock.now();
  }

  /** Something happens at which the process may be meant to die. */
  reached(trap: DeathTrap): void {
    if (this.#trap !== trap) return;
    this.#trap = null;
    this.#kill();
  }

  /** How long the next commit takes. */
  commitMs(): number {
    const { own, slowCommitMs } = this.#plan;
    if (this.#isOver || !this.#random.chance(own['disk.slow'] ?? 0)) return 0;
    this.#count('disk.slow');
    this.lastAt = this.#clock.now();
    return this.#random.int(SLOW_COMMIT_MIN_MS, slowCommitMs);
  }

  /** In how many milliseconds an answered request is made again; null: not at all. */
  againInMs(): number | null {
    const share = this.#plan.own['request.again'] ?? 0;
    if (this.#isOver || !this.#random.chance(share)) return null;
    this.#count('request.again');
    return this.#random.chance(0.5) ? 0 : this.#random.int(1, 14_000);
  }

  /** Every kind that has struck, and how often. */
  report(): Record<string, number> {
    if (!this.#isOver) this.#tally();
    return this.counts;
  }

  #nowAndThen(anHour: number | undefined, strike: () => void): void {
    if (!anHour) return;
    const gapMs = (HOUR_MS / anHour) * -Math.log(1 - this.#random.int(0, 999_999) / 1_000_000);
    this.#clock.setTimeout(() => {
      if (this.#isOver) return;
      strike();
      this.#nowAndThen(anHour, strike);
    }, gapMs);
  }

  #setTrap(): void {
    const trap = this.#random.pick(TRAPS);
    if (trap === 'anyTime') this.#kill();
    else this.#trap = trap;
  }

  #kill(): void {
    this.#count('server.kill');
    this.lastAt = this.#clock.now();
    this.#victims.kill();
  }

  #cutLine(): void {
    if (this.isCut) return;
    this.#count('line.cut');
    this.isCut = true;
    if (this.#random.chance(0.5)) this.#victims.cutPages(1);
    this.#forAWhile(() => (this.isCut = false));
  }

  #outage(): void {
    this.#faults.set('twilio.outage', {});
    this.#count('twilio.outage');
    this.#forAWhile(() => this.#faults.set('twilio.outage', null));
  }

  #forAWhile(end: () => void): void {
    this.lastAt = this.#clock.now();
    this.#clock.setTimeout(
      () => {
        if (this.#isOver) return;
        this.lastAt = this.#clock.now();
        end();
      },
      this.#random.int(2000, 90_000),
    );
  }

  #count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  #tally(): void {
    for (const [kind, { struck }] of Object.entries(this.#faults.report())) {
      if (struck > 0 && kind in this.#plan.network) this.counts[kind] = struck;
    }
  }
}
