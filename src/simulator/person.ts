import type { Clock } from './clock.ts';
import type { Heard, Leg, Moment } from './leg.ts';
import type { Party } from './party.ts';
import type { PeopleMix } from './people.ts';
import type { Random } from './random.ts';

/** What a person does when called. What is left out is drawn from the seed. */
export interface PersonScript {
  answers?:
    | 'person'
    | 'machine'
    | 'busy'
    | 'noAnswer'
    | 'rejects'
    | 'unreachable'
    | 'fax'
    | 'silence';
  answerAfterMs?: number;
  /** How long the person talks once bridged, then hangs up. */
  talkMs?: number;
  /** Hangs up so long after answering, whatever is going on. */
  hangsUpAfterMs?: number;
  /** Hangs up at this moment. */
  hangsUpAt?: 'ringing' | 'answer' | 'queued' | 'whisper' | 'bridged';
  /** How long to wait in a queue or on hold before giving up; Infinity never. */
  patienceMs?: number;
  /** Keys pressed when asked: one entry a prompt; `w` waits half a second. */
  keys?: string | string[];
  /** Lines said once bridged, in turn. */
  says?: string[];
  /** A machine's greeting, and how long it lasts before the beep. */
  greeting?: string;
  greetingMs?: number;
  greetingEnd?: 'beep' | 'silence' | 'other';
  name?: string;
}

export const SCRIPT_KEYS: readonly (keyof PersonScript)[] = [
  'answers',
  'answerAfterMs',
  'talkMs',
  'hangsUpAfterMs',
  'hangsUpAt',
  'patienceMs',
  'keys',
  'says',
  'greeting',
  'greetingMs',
  'greetingEnd',
  'name',
];

const KEY_DELAY_MS = 1000;
const SPEECH_PAUSE_MS: readonly [number, number] = [2500, 6000];
const RECORDING_MACHINE_MS = 20_000;

const GREETINGS = ['Hello?', 'Hi, who is this?', 'Good afternoon.', 'Yes, speaking.'];
const SMALL_TALK = [
  'Yes, I remember, we talked last month.',
  'Could you tell me what it costs?',
  'That sounds interesting. Go on.',
  'I would have to ask my wife first.',
  'Who did you say you are calling for?',
  'We already have something like that.',
  'Can you send me that in writing?',
  'Sorry, could you say that again?',
  'Next week would be better for me.',
  'And is there a contract?',
];
const FAREWELLS = [
  'All right, thank you. Goodbye.',
  'I have to go now, bye.',
  'Not interested, thanks. Bye.',
];
const VOICEMAIL = 'You have reached my voicemail. Please leave a message after the tone.';

/** A simulated person, or the machine that answers for one. */
export class Person implements Party {
  readonly name: string;
  readonly greetingMs: number;
  readonly greetingEnd: 'beep' | 'silence' | 'other';
  readonly #address: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #script: PersonScript;
  readonly #answers: NonNullable<PersonScript['answers']>;
  readonly #answerAfterMs: number;
  readonly #talkMs: number;
  readonly #patienceMs: number;
  readonly #keys: string[];
  #nature: NonNullable<Party['nature']>;
  #patience: unknown = null;
  #isTalking = false;
  readonly #timers = new Set<unknown>();

  constructor(address: string, clock: Clock, random: Random, mix: PeopleMix, script: PersonScript) {
    this.#address = address;
    this.#clock = clock;
    this.#random = random;
    this.#script = script;
    // All draws are made here, in one order, so that what is scripted does not shift what is not.
    const answers = random.weighted(mix.weights);
    const answerAfterMs = random.within(mix.answerAfterMs);
    const talkMs = random.within(mix.talkMs);
    const patienceMs = random.within(mix.patienceMs);
    this.#answers = script.answers ?? (hasScript(script) ? 'person' : answers);
    this.#answerAfterMs = script.answerAfterMs ?? answerAfterMs;
    this.#talkMs = script.talkMs ?? talkMs;
    this.#patienceMs = script.patienceMs ?? patienceMs;
    this.#keys = typeof script.keys === 'string' ? [script.keys] : [...(script.keys ?? [])];
    this.greetingMs = script.greetingMs ?? 6000;
    this.greetingEnd = script.greetingEnd ?? 'beep';
    this.name = script.name ?? '';
    this.#nature = natureOf(this.#answers);
  }

  get nature(): NonNullable<Party['nature']> {
    return this.#nature;
  }

  isReachable(): boolean {
    return this.#answers !== 'unreachable';
  }

  rings(leg: Leg): void {
    const fault = leg.exchange.faults.strikes('lead.machine', { numbers: [leg.from, leg.to] });
    if (fault) this.#nature = 'machine';
    const answers = fault ? 'machine' : this.#answers;
    if (this.#script.hangsUpAt === 'ringing' || answers === 'rejects') {
      this.#after(leg, this.#answerAfterMs, () => this.#reject(leg));
    } else if (answers === 'busy') {
      this.#after(leg, Math.min(500, this.#answerAfterMs), () => leg.decline('busy', '486'));
    } else if (answers !== 'noAnswer') {
      this.#after(leg, this.#answerAfterMs, () => leg.answer());
    }
  }

  notices(leg: Leg, moment: Moment): void {
    if (moment === 'answered') this.#onAnswer(leg);
    if (moment === 'ended') this.#stop();
    if (leg.isOver || this.nature !== 'person') return;
    if (moment === this.#hangsUpMoment()) {
      leg.hangUp('party');
      return;
    }
    if (moment === 'queued' || moment === 'conference') this.#startWaiting(leg);
    if (moment === 'bridged') this.#talk(leg);
    if (moment === 'prompted') this.#pressKeys(leg);
    if (moment === 'recording') this.#leaveMessage(leg);
  }

  hears(_leg: Leg, heard: Heard): void {
    // A conversation is what others say; music and prompts are still waiting.
    if (heard.kind === 'person') this.#stopWaiting();
  }

  #hangsUpMoment(): Moment | null {
    const { hangsUpAt } = this.#script;
    if (hangsUpAt === undefined || hangsUpAt === 'ringing') return null;
    return hangsUpAt === 'answer' ? 'answered' : hangsUpAt;
  }

  #reject(leg: Leg): void {
    // A phone that declines sounds like no answer; a client that declines is busy.
    if (this.#address.startsWith('client:')) leg.decline('busy', '486', 'party');
    else leg.decline('no-answer', '487', 'party');
  }

  #onAnswer(leg: Leg): void {
    if (this.#script.hangsUpAfterMs !== undefined) {
      this.#after(leg, this.#script.hangsUpAfterMs, () => leg.hangUp('party'));
    }
    if (this.nature === 'machine') this.#playGreeting(leg);
  }

  #playGreeting(leg: Leg): void {
    leg.say(this.#script.greeting ?? VOICEMAIL);
    this.#after(leg, this.greetingMs, () => leg.say('(beep)'));
    if (this.#script.hangsUpAfterMs === undefined) {
      this.#after(leg, this.greetingMs + RECORDING_MACHINE_MS, () => leg.hangUp('party'));
    }
  }

  #startWaiting(leg: Leg): void {
    if (!Number.isFinite(this.#patienceMs)) return;
    this.#stopWaiting();
    this.#patience = this.#after(leg, this.#patienceMs, () => leg.hangUp('party'));
  }

  #stopWaiting(): void {
    if (this.#patience !== null) this.#clock.clearTimeout(this.#patience);
    this.#patience = null;
  }

  #talk(leg: Leg): void {
    this.#stopWaiting();
    if (this.#isTalking) return;
    this.#isTalking = true;
    this.#speak(leg, this.#speech());
    if (this.#talkMs > 3000 && this.#script.says === undefined) {
      const farewell = this.#random.pick(FAREWELLS);
      this.#after(leg, this.#talkMs - 1000, () => leg.say(farewell));
    }
    this.#after(leg, this.#talkMs, () => leg.hangUp('party'));
  }

  /** What there is time to say, and how long after the line before. */
  #speech(): { line: string; afterMs: number }[] {
    const farewellMs = this.#script.says === undefined ? 1000 : 0;
    const speech = [];
    let [atMs, afterMs] = [300, 300];
    for (const line of this.#lines()) {
      if (atMs >= this.#talkMs - farewellMs) break;
      speech.push({ line, afterMs });
      afterMs = this.#random.within(SPEECH_PAUSE_MS);
      atMs += afterMs;
    }
    return speech;
  }

  /** One line at a time: of a talk that is cut short the rest need not be waited for. */
  #speak(leg: Leg, [next, ...rest]: readonly { line: string; afterMs: number }[]): void {
    if (!next) return;
    this.#after(leg, next.afterMs, () => {
      leg.say(next.line);
      this.#speak(leg, rest);
    });
  }

  #lines(): readonly string[] {
    if (this.#script.says) return this.#script.says;
    return [this.#random.pick(GREETINGS), ...this.#random.shuffle([...SMALL_TALK])];
  }

  #leaveMessage(leg: Leg): void {
    const [message = 'Please call me back.'] = this.#script.says ?? [];
    this.#after(leg, 500, () => leg.say(message));
  }

  #pressKeys(leg: Leg): void {
    const keys = this.#keys.shift();
    if (keys === undefined) return;
    let atMs = KEY_DELAY_MS;
    for (const key of keys) {
      if (key === 'w') atMs += 500;
      else {
        this.#after(leg, atMs, () => leg.press(key));
        atMs += 200;
      }
    }
  }

  #after(leg: Leg, ms: number, act: () => void): unknown {
    if (!Number.isFinite(ms)) return null;
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      if (!leg.isOver) act();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #stop(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }
}

/** A script without `answers` is about somebody who picks up; no script at all is anybody. */
function hasScript(script: PersonScript): boolean {
  return Object.keys(script).length > 0;
}

function natureOf(answers: NonNullable<PersonScript['answers']>): NonNullable<Party['nature']> {
  if (answers === 'machine' || answers === 'fax') return answers;
  return answers === 'silence' ? 'silent' : 'person';
}
