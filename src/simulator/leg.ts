import { CallProgress, type Subscription } from './call-progress.ts';
import { CookieJar } from './cookie-jar.ts';
import type { Exchange } from './exchange.ts';
import type { Party } from './party.ts';
import { Scope, Signal } from './scope.ts';
import { geographyOf } from './webhook-fields.ts';
import type { Fields, HttpMethod } from './webhooks.ts';

export type CallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'failed'
  | 'no-answer'
  | 'canceled';

export type TerminalStatus = 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled';
export type Direction = 'inbound' | 'outbound-api' | 'outbound-dial';
export type AnsweredBy =
  | 'human'
  /** By the detection of before 2018 (`IfMachine`). */
  | 'machine'
  | 'machine_start'
  | 'machine_end_beep'
  | 'machine_end_silence'
  | 'machine_end_other'
  | 'fax'
  | 'unknown';

const TERMINAL: ReadonlySet<CallStatus> = new Set([
  'completed',
  'busy',
  'failed',
  'no-answer',
  'canceled',
]);

/** Why whatever a leg was doing stopped. */
export type Interruption =
  | { readonly kind: 'ended'; readonly by: EndedBy }
  /** Another document took over: REST, or a queue's member or conference participant moved elsewhere. */
  | { readonly kind: 'redirected' }
  /** The verb that started it has what it wanted. */
  | { readonly kind: 'stopped' };

export type EndedBy = 'party' | 'document' | 'api' | 'network' | 'bridge' | 'timeLimit';

export type HeardKind =
  | 'say'
  | 'play'
  | 'ringback'
  | 'music'
  | 'tone'
  | 'silence'
  | 'person'
  | 'note';

/** Something the person on a leg heard, or could see on a display (`note`). */
export interface Heard {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: HeardKind;
  readonly text: string;
}

/** Where a leg is in its life, as its person notices. */
export type Moment =
  | 'ringing'
  | 'answered'
  | 'prompted'
  | 'recording'
  | 'queued'
  | 'waiting'
  | 'whisper'
  | 'bridged'
  | 'unbridged'
  | 'conference'
  | 'ended';

/** A document to fetch, or one brought along. */
export interface Instructions {
  readonly url: string | null;
  readonly method: HttpMethod;
  readonly twiml: string | null;
  readonly fallbackUrl: string | null;
  readonly fallbackMethod: HttpMethod;
}

export interface LegOptions {
  readonly direction: Direction;
  readonly from: string;
  readonly to: string;
  readonly party: Party;
  readonly parent?: Leg;
  readonly instructions?: Instructions;
  readonly subscription?: Subscription | null;
  /** Fields of the standard set that only some calls have: CallerName, ApplicationSid, CallToken, Stir…, ForwardedFrom, CalledVia, custom ones. */
  readonly extraFields?: Readonly<Record<string, string>>;
  readonly callerName?: string | null;
  readonly phoneNumberSid?: string | null;
  readonly ringTimeoutMs?: number;
  readonly timeLimitMs?: number | null;
}

/** One side of a conversation: a call in Twilio's sense, with its SID, its status and what is going on on it. */
export class Leg {
  readonly exchange: Exchange;
  readonly sid: string;
  readonly direction: Direction;
  readonly from: string;
  readonly to: string;
  readonly party: Party;
  readonly parent: Leg | null;
  readonly extraFields: Readonly<Record<string, string>>;
  readonly callerName: string | null;
  readonly phoneNumberSid: string | null;
  readonly progress: CallProgress;
  readonly cookies = new CookieJar();
  readonly createdAt: number;
  readonly ringTimeoutMs: number;
  readonly heard: Heard[] = [];
  readonly life: Scope<Interruption>;
  readonly digits = new Signal<string>();
  readonly beforeEnd = new Signal();
  readonly ended = new Signal();
  readonly answered = new Signal();
  readonly redirected = new Signal();
  readonly spoke = new Signal<string>();

  /** The document it was placed or dialed in with; `instructions` follow it wherever REST moves it. */
  readonly placedUrl: string | null;
  instructions: Instructions;
  status: CallStatus = 'queued';
  previousStatus: CallStatus = 'queued';
  timeLimitMs: number | null;
  startedAt: number | null = null;
  answeredAt: number | null = null;
  endedAt: number | null = null;
  updatedAt: number;
  queueTimeMs = 0;
  answeredBy: AnsweredBy | null = null;
  sipResponseCode: string | null = null;
  endedBy: EndedBy | null = null;
  peer: Leg | null = null;
  /** The conference it is in. */
  room: { hearersOf(leg: Leg): Iterable<Leg> } | null = null;
  /** The running document; replaced, never reused. */
  document: Scope<Interruption> | null = null;
  recordingFields: Readonly<Record<string, string>> = {};
  moment: Moment | null = null;
  #limitTimer: unknown = null;
  #geography: Fields | null = null;

  constructor(exchange: Exchange, options: LegOptions) {
    this.exchange = exchange;
    this.sid = exchange.sid('CA');
    this.direction = options.direction;
    this.from = options.from;
    this.to = options.to;
    this.party = options.party;
    this.parent = options.parent ?? null;
    this.extraFields = options.extraFields ?? {};
    this.callerName = options.callerName ?? null;
    this.phoneNumberSid = options.phoneNumberSid ?? null;
    this.instructions = options.instructions ?? NO_INSTRUCTIONS;
    this.placedUrl = this.instructions.url;
    this.ringTimeoutMs = options.ringTimeoutMs ?? 60_000;
    this.timeLimitMs = options.timeLimitMs ?? null;
    this.progress = new CallProgress(this, options.subscription ?? null);
    this.life = new Scope(exchange.clock);
    this.createdAt = exchange.clock.now();
    this.updatedAt = this.createdAt;
    exchange.register(this);
  }

  /** Where both ends are registered; it does not change in mid-call. */
  get geography(): Fields {
    this.#geography ??= geographyOf(this);
    return this.#geography;
  }

  get isOver(): boolean {
    return TERMINAL.has(this.status);
  }

  get isAnswered(): boolean {
    return this.answeredAt !== null;
  }

  /** REST's `start_time`: the answer, and until then when dialing began. */
  get startTime(): number | null {
    return this.answeredAt ?? this.startedAt;
  }

  get durationSeconds(): number {
    if (this.answeredAt === null) return 0;
    return Math.round(((this.endedAt ?? this.exchange.clock.now()) - this.answeredAt) / 1000);
  }

  enter(status: CallStatus): void {
    this.previousStatus = this.status;
    this.status = status;
    this.updatedAt = this.exchange.clock.now();
  }

  /** The person, or the first verb of an inbound call, picks up. */
  answer(): void {
    if (this.isOver || this.isAnswered) return;
    this.answeredAt = this.exchange.clock.now();
    this.startedAt ??= this.answeredAt;
    this.enter('in-progress');
    this.#limitTime();
    // Twilio tells of the answer, and asks for the document, even if the person is gone at once.
    this.progress.report('answered');
    this.answered.emit();
    this.notice('answered');
  }

  /** Ends an unanswered call. */
  decline(
    status: Exclude<TerminalStatus, 'completed'>,
    sipResponseCode: string,
    by: EndedBy = 'network',
  ): void {
    this.#end(status, by, sipResponseCode);
  }

  /** Ends the call, answered or not. */
  hangUp(by: EndedBy): void {
    if (this.isOver) return;
    if (this.isAnswered) this.#end('completed', by, '200');
    else if (this.direction === 'inbound')
      this.#end(by === 'party' ? 'no-answer' : 'completed', by, '487');
    else this.#end(by === 'party' ? 'no-answer' : 'canceled', by, '487');
  }

  hear(kind: HeardKind, text: string): void {
    if (this.isOver && kind !== 'note') return;
    const item: Heard = {
      id: this.exchange.nextHeardId(),
      at: this.exchange.clock.now(),
      kind,
      text,
    };
    this.heard.push(item);
    this.party.hears?.(this, item);
  }

  /** What the person says goes to the other side of the bridge, or to the whole conference. */
  say(text: string): void {
    if (this.isOver) return;
    this.spoke.emit(text);
    this.peer?.hear('person', text);
    for (const other of this.room?.hearersOf(this) ?? []) other.hear('person', text);
  }

  press(digits: string): void {
    for (const digit of digits) {
      if (this.isOver || !/[0-9*#A-D]/.test(digit)) continue;
      this.peer?.hear('tone', digit);
      this.digits.emit(digit);
    }
  }

  notice(moment: Moment): void {
    this.moment = moment;
    this.party.notices?.(this, moment);
    this.exchange.onMoment(this, moment);
  }

  #end(status: TerminalStatus, by: EndedBy, sipResponseCode: string): void {
    if (this.isOver) return;
    this.endedAt = this.exchange.clock.now();
    this.endedBy = by;
    this.sipResponseCode = this.direction === 'inbound' ? null : sipResponseCode;
    const wasQueued = this.status === 'queued';
    this.enter(status);
    this.beforeEnd.emit();
    this.life.interrupt({ kind: 'ended', by });
    this.ended.emit();
    this.notice('ended');
    this.exchange.ledger.ended(this);
    // A call canceled while still queued ends without a word.
    if (!(wasQueued && status === 'canceled')) this.progress.report('completed');
  }

  /** Ends the call so long after its answer; a later limit replaces an earlier one. */
  limit(ms: number): void {
    this.timeLimitMs = ms;
    if (this.isAnswered) this.#limitTime();
  }

  #limitTime(): void {
    if (this.timeLimitMs === null || this.answeredAt === null) return;
    const { clock } = this.exchange;
    clock.clearTimeout(this.#limitTimer);
    this.#limitTimer = clock.setTimeout(
      () => this.hangUp('timeLimit'),
      this.answeredAt + this.timeLimitMs - clock.now(),
    );
    this.life.onInterrupt(() => clock.clearTimeout(this.#limitTimer));
  }
}

const NO_INSTRUCTIONS: Instructions = {
  url: null,
  method: 'POST',
  twiml: null,
  fallbackUrl: null,
  fallbackMethod: 'POST',
};
