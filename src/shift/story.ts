import type { SessionId } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import type { Leg, Moment } from '../simulator/leg.ts';
import type { TraceStep } from '../watch/trace.ts';
import type { Judge } from './judge.ts';

/** The last of it: what broke is at the end. */
const LINES_KEPT = 120;

/** What happened to one session, or to all where none is named: journal, requests and ledger, in order. */
export class Story {
  readonly #lines: string[] = [];
  readonly #sessionId: SessionId | null;
  readonly #judge: Judge;
  readonly #now: () => number;
  readonly #phones = new Set<string>();

  constructor(sessionId: SessionId | null, judge: Judge, now: () => number) {
    this.#sessionId = sessionId;
    this.#judge = judge;
    this.#now = now;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  step(sessionId: SessionId, { event, detail, callId, session, calls, orders }: TraceStep): void {
    if (!this.#isOurs(sessionId)) return;
    const about = [event, detail, callId].filter((word) => word !== null).join(' ');
    const states = calls.map((call) => `${call.callId} ${call.state}`);
    const ordered = orders.length > 0 ? `; orders ${orders.join(', ')}` : '';
    this.#write(`journal  ${about} → ${[session, ...states].join(', ')}${ordered}`);
  }

  answered(request: WebhookRequest, plan: TwimlPlan): void {
    const sessionId = this.#judge.sessionOf(request);
    if (!this.#isOurs(sessionId)) return;
    if (request.kind === 'stopConsuming' && request.sid) this.#phones.add(request.sid);
    const { kind, sid, ...rest } = request;
    this.#write(`request  ${kind} ${sid} ${JSON.stringify(rest)} → ${plan.plan}`);
  }

  moment(leg: Leg, moment: Moment): void {
    const record = this.#judge.live.get(leg.sid);
    const isHers = leg.direction === 'inbound' && (this.#phones.has(leg.sid) || !this.#sessionId);
    if (!isHers && !this.#isOurs(record?.sessionId ?? null)) return;
    const who = record ? `lead of ${record.callId}` : 'her phone';
    const by = moment === 'ended' ? ` by ${leg.endedBy}, ${leg.status}` : '';
    this.#write(`network  ${who} ${leg.sid}: ${moment}${by}`);
  }

  said(words: string): void {
    this.#write(words);
  }

  #isOurs(sessionId: SessionId | null): boolean {
    return this.#sessionId === null || sessionId === this.#sessionId;
  }

  #write(words: string): void {
    this.#lines.push(`${new Date(this.#now()).toISOString().slice(11, 23)}  ${words}`);
    if (this.#lines.length > LINES_KEPT) this.#lines.shift();
  }
}
