import type { Clock } from './clock.ts';
import type { Heard, Leg, Moment } from './leg.ts';
import type { Party } from './party.ts';
import type { DialOptions } from './people.ts';
import { Signal } from './scope.ts';

/** What a handset's display shows; the shape of `GET /control/handsets/{e164}`. */
export interface HandsetView {
  number: string;
  phase: 'idle' | 'dialing' | 'ringing' | 'connected';
  callSid: string | null;
  otherParty: string | null;
  /** The last 100 things heard, of the current call or the last one. */
  heard: Heard[];
}

const HEARD_SHOWN = 100;

/** A telephone played by hand, from a page or a test: it dials, rings, presses keys and hears. */
export class Handset implements Party {
  readonly number: string;
  readonly changed = new Signal();
  readonly #clock: Clock;
  readonly #place: (handset: Handset, to: string, options: DialOptions) => Leg;
  #leg: Leg | null = null;
  #heard: Heard[] = [];

  constructor(
    number: string,
    clock: Clock,
    place: (handset: Handset, to: string, options: DialOptions) => Leg,
  ) {
    this.number = number;
    this.#clock = clock;
    this.#place = place;
  }

  /** Calls one of the account's numbers (a phone), or a TwiML App (a client). */
  dial(to: string, options: DialOptions = {}): Leg {
    if (this.#leg) throw new HandsetBusyError(`${this.number} is already in a call`);
    this.#heard = [];
    const leg = this.#place(this, to, options);
    if (!leg.isOver) this.#leg = leg;
    this.changed.emit();
    return leg;
  }

  answer(): void {
    if (!this.#leg || this.view().phase !== 'ringing')
      throw new HandsetBusyError(`${this.number} is not ringing`);
    this.#leg.answer();
    this.changed.emit();
  }

  press(digits: string): void {
    if (!this.#leg) throw new HandsetBusyError(`${this.number} is not in a call`);
    this.#leg.press(digits);
    this.changed.emit();
  }

  /** Speaks to whoever is on the other side of the bridge. */
  say(text: string): void {
    this.#leg?.say(text);
  }

  hangUp(): void {
    this.#leg?.hangUp('party');
  }

  get leg(): Leg | null {
    return this.#leg;
  }

  get heard(): readonly Heard[] {
    return this.#heard;
  }

  view(): HandsetView {
    const leg = this.#leg;
    return {
      number: this.number,
      phase:
        leg === null
          ? 'idle'
          : leg.isAnswered
            ? 'connected'
            : leg.direction === 'inbound'
              ? 'dialing'
              : 'ringing',
      callSid: leg?.sid ?? null,
      otherParty: leg === null ? null : leg.direction === 'inbound' ? leg.to : leg.from,
      heard: this.#heard.slice(-HEARD_SHOWN),
    };
  }

  isReachable(): boolean {
    return true;
  }

  rings(leg: Leg): void {
    if (this.#leg) {
      leg.decline('busy', '486');
      return;
    }
    this.#leg = leg;
    this.#heard = [];
    this.changed.emit();
  }

  notices(leg: Leg, moment: Moment): void {
    if (leg !== this.#leg) return;
    if (moment === 'ended') {
      this.#heard.push({
        id: leg.exchange.nextHeardId(),
        at: this.#clock.now(),
        kind: 'note',
        text: 'The call has ended.',
      });
      this.#leg = null;
    }
    this.changed.emit();
  }

  hears(leg: Leg, heard: Heard): void {
    if (this.#leg !== null && leg !== this.#leg) return;
    this.#heard.push(heard);
    this.changed.emit();
  }
}

/** Asked for something a telephone in this state cannot do. */
export class HandsetBusyError extends Error {
  override readonly name = 'HandsetBusyError';
}
