import type { Clock } from './clock.ts';
import { Handset } from './handset.ts';
import type { Leg } from './leg.ts';
import type { Party } from './party.ts';
import { checkKeys } from './known-keys.ts';
import { Person, SCRIPT_KEYS, type PersonScript } from './person.ts';
import type { Random, Range } from './random.ts';

/** How people who have no script behave: weights of what happens, and how long things take them. */
export interface PeopleMix {
  weights: Record<'person' | 'machine' | 'busy' | 'noAnswer' | 'unreachable' | 'rejects', number>;
  answerAfterMs: Range;
  talkMs: Range;
  /** How long they wait, hearing music or nothing, before they hang up. */
  patienceMs: Range;
}

const PEOPLE_MIX: PeopleMix = {
  weights: { person: 70, machine: 12, noAnswer: 10, busy: 5, unreachable: 2, rejects: 1 },
  answerAfterMs: [2000, 6000],
  talkMs: [20_000, 90_000],
  patienceMs: [15_000, 40_000],
};

/** Who is at which number. A script wins over a handset, a handset over a random person. */
export class People {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #scripts = new Map<string, PersonScript[]>();
  readonly #handsets = new Map<string, Handset>();
  readonly #callsTo = new Map<string, number>();
  readonly #placeCall: (handset: Handset, to: string, options: DialOptions) => Leg;
  mix: PeopleMix;

  constructor(
    clock: Clock,
    random: Random,
    mix: Partial<PeopleMix>,
    placeCall: (handset: Handset, to: string, options: DialOptions) => Leg,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#placeCall = placeCall;
    this.mix = { ...PEOPLE_MIX, ...mix };
  }

  /** Sets what happens when the number is called: for every call, or one script a call and the last from then on. */
  script(number: string, script: PersonScript | PersonScript[]): void {
    const scripts = Array.isArray(script) ? [...script] : [script];
    for (const one of scripts) checkKeys(`the script of ${number}`, one, SCRIPT_KEYS);
    this.#scripts.set(number, scripts);
  }

  unscript(number: string): void {
    this.#scripts.delete(number);
  }

  scriptOf(number: string): PersonScript | null {
    return this.#scripts.get(number)?.[0] ?? null;
  }

  /** The telephone at a number, played by hand. It rings from now on when the number is called. */
  handset(number: string): Handset {
    let handset = this.#handsets.get(number);
    if (!handset) {
      handset = new Handset(number, this.#clock, (self, to, options) =>
        this.#placeCall(self, to, options),
      );
      this.#handsets.set(number, handset);
    }
    return handset;
  }

  handsets(): Handset[] {
    return [...this.#handsets.values()];
  }

  partyAt(address: string): Party {
    const scripts = this.#scripts.get(address);
    const calls = (this.#callsTo.get(address) ?? 0) + 1;
    this.#callsTo.set(address, calls);
    const random = this.#random.fork(`person/${address}/${calls}`);
    if (scripts) {
      const script = scripts.length > 1 ? scripts.shift()! : scripts[0]!;
      return new Person(address, this.#clock, random, this.mix, script);
    }
    return this.#handsets.get(address) ?? new Person(address, this.#clock, random, this.mix, {});
  }
}

export interface DialOptions {
  /** Custom parameters of a browser or mobile client's call. */
  readonly params?: Readonly<Record<string, string>>;
  /** The TwiML App a client calls; default: the only one. */
  readonly applicationSid?: string;
  readonly callerName?: string;
  /** Fields only some inbound calls have: ForwardedFrom, StirVerstat, CallToken. */
  readonly extraFields?: Readonly<Record<string, string>>;
}
