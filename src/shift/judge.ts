import type { Anomaly, JournalEntry, Notice, Reports } from '../dialer/ports.ts';
import type { SessionHost } from '../dialer/session-host.ts';
import type { CallId, SessionId } from '../domain/ids.ts';
import type { SessionView } from '../domain/session-view.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import { isTrueOutcome } from '../explorer/invariants.ts';
import { faultOf } from '../replay/our-invariants.ts';
import type { Leg, Moment } from '../simulator/leg.ts';
import type { Ledger, LedgerBridge } from '../simulator/ledger.ts';
import { newCallRecord, type CallRecord } from './call-record.ts';
import { requestedIn } from './durable-first.ts';
import { FreeAgain } from './free-again.ts';
import { Repeats } from './repeats.ts';

/** An invariant of docs/testing.md that did not hold. */
export interface Violation {
  invariant: string;
  /** Milliseconds since 1970, virtual. */
  at: number;
  detail: string;
  /** The session concerned, where one is. */
  sessionId: SessionId | null;
}

/** Says what did not hold; the first word counts. */
export type Broken = (invariant: string, detail: string, sessionId: SessionId | null) => void;

const RANKS = ['idle', 'dialing', 'queued', 'bridged', 'ending', 'completed'];
/** From the answer to an agent or the notice (16 CFR 310.4(b)(1)(iv)). */
const SERVED_WITHIN_MS = 2000;

/** Looks at everything that happens on a shift and says what must not have happened. */
export class Judge {
  readonly calls = new Map<string, CallRecord>();
  /** Legs of leads that are alive, by SID. */
  readonly live = new Map<string, CallRecord>();
  first: Violation | null = null;
  /**
   * Where Twilio may refuse to create it. Each turn takes her a second or more; the queue is asserted again after half a
   * second, 1, 2, 5, 10, 30 s.
   */
  queueMissingAtMost = 60;
  losersRingOut = false;
  /** Which life of the server this is, from 1. */
  life = 1;
  readonly freeAgain: FreeAgain;
  readonly #now: () => number;
  readonly #ledger: Ledger;
  readonly #sessions: () => Iterable<SessionHost>;
  readonly #numbers = new Map<string, CallRecord>();
  readonly #recordOfSid = new Map<string, CallRecord>();
  readonly #bridgeOf = new Map<string, LedgerBridge>();
  readonly #repeats = new Repeats((detail) => this.broken('S8', detail));
  readonly #documents = new Set<string>();
  /** What was asked of Twilio for the sessions that are not closed. */
  readonly #attempts = new Map<SessionId, CallRecord[]>();
  /** How often in a row a session was told that its queue is missing. */
  readonly #queueMissing = new Map<SessionId, number>();

  constructor(ledger: Ledger, now: () => number, sessions: () => Iterable<SessionHost>) {
    this.#ledger = ledger;
    this.#sessions = sessions;
    this.#now = now;
    this.freeAgain = new FreeAgain((...said) => this.broken(...said), now);
  }

  killed(): void {
    this.life += 1;
    this.freeAgain.forgetOwed();
  }

  broken(invariant: string, detail: string, sessionId: SessionId | null = null): void {
    this.first ??= { invariant, at: this.#now(), detail, sessionId };
  }

  /** S3 An attempt is placed once. S2 A number is rung once at a time. */
  placed(callId: CallId, to: string, leg: Leg): void {
    const record = this.#record(callId);
    record.placed += 1;
    record.to = to;
    record.sid = leg.sid;
    record.leg = leg;
    if (record.placed > 1) this.broken('S3', `${callId} was placed twice`, record.sessionId);
    const other = this.#numbers.get(to);
    if (other) {
      this.broken('S2', `${callId} rings ${to} while ${other.callId} does`, record.sessionId);
    }
    this.#numbers.set(to, record);
    this.#recordOfSid.set(leg.sid, record);
    this.live.set(leg.sid, record);
  }

  moment(leg: Leg, moment: Moment): void {
    const record = this.#recordOfSid.get(leg.sid);
    if (moment === 'bridged') this.#bridged(leg, record);
    if (!record) return;
    record.answered = leg.isAnswered; // Who hangs up at the answer is heard of in the other order.
    if (moment === 'whisper') record.handedOver = true;
    if (moment === 'bridged' || moment === 'ended') this.#served(record);
    if (moment !== 'ended') return;
    record.endedAt = this.#now();
    record.leg = null;
    this.live.delete(leg.sid);
    this.#recordOfSid.delete(leg.sid);
    if (this.#numbers.get(record.to) === record) this.#numbers.delete(record.to);
    this.#outcomeIsTrue(record);
  }

  /** S1 Nobody is bridged with two at once. */
  #bridged(leg: Leg, record: CallRecord | undefined): void {
    const bridge = this.#ledger.bridges.at(-1);
    const before = this.#bridgeOf.get(leg.sid);
    if (before && before !== bridge && before.endedAt === null) {
      this.broken('S1', `${leg.sid} is bridged twice`, record?.sessionId ?? null);
    }
    if (!bridge) return;
    this.#bridgeOf.set(leg.sid, bridge);
    if (!record) return;
    record.bridged = true;
    record.bridge = bridge;
  }

  /** L2 An agent, the notice, or nobody there any more. */
  #served(record: CallRecord): void {
    if (record.enqueuedAt !== null) record.servedAt ??= this.#now();
  }

  /** S6 One "answered", one "ended", in that order. S5 An outcome stays, and no rank falls. */
  noticed(sessionId: SessionId, notice: Notice, isServing: boolean): void {
    if (notice.type === 'view') return this.#viewed(sessionId, notice.view);
    if (notice.type === 'listFinished') return;
    const record = this.#record(notice.callId);
    record.sessionId = sessionId;
    if (notice.type === 'answered') {
      if (record.toldAnswered !== null) {
        this.broken('S6', `${notice.callId}: "answered" twice`, sessionId);
      }
      if (record.toldEnded !== null) {
        this.broken('S6', `${notice.callId}: "answered" after "ended"`, sessionId);
      }
      record.toldAnswered = this.life;
      return;
    }
    // An order that a kill interrupted is carried out again, so its notice may come again.
    if (record.toldEnded === this.life) {
      this.broken('S6', `${notice.callId}: "ended" twice`, sessionId);
    }
    if (record.outcome !== null && record.outcome !== notice.outcome) {
      const { callId, outcome } = notice;
      this.broken('S5', `${callId} ended as ${record.outcome}, then as ${outcome}`, sessionId);
    }
    // What a server that starts tells again, no page hears.
    if (notice.outcome === 'talked' && isServing)
      this.freeAgain.talkEnded(sessionId, notice.callId);
    record.toldEnded = this.life;
    record.outcome = notice.outcome;
    this.#outcomeIsTrue(record);
  }

  /** S6 As soon as the leg is gone and its outcome told. Nobody can tell of a bridge that the server was never told of. */
  #outcomeIsTrue(record: CallRecord): void {
    if (record.outcome === null || record.endedAt === null) return;
    const { callId, sessionId, outcome, answered, bridged, handedOver, heardOfBridge } = record;
    const isKnown = bridged && (heardOfBridge || outcome === 'talked');
    if (isTrueOutcome({ ...record, bridged: isKnown })) return;
    const detail = `${callId} ended as ${outcome}; ${JSON.stringify({ answered, bridged, handedOver })}`;
    this.broken('S6', detail, sessionId);
  }

  /** S4 Nobody is rung for an agent who is taken, but to ring out. K1 A code has six digits. */
  #viewed(sessionId: SessionId, view: SessionView): void {
    const { accessCode } = view.dialIn;
    if (accessCode !== null && !/^\d{6}$/.test(accessCode)) {
      this.broken('K1', `she is to key ${accessCode}`, sessionId);
    }
    this.freeAgain.viewed(sessionId, view);
    const isTaken = view.state === 'queued' || view.state === 'bridged';
    for (const { callId, state } of view.calls) {
      if (
        isTaken &&
        (state === 'idle' || state === 'dialing') &&
        !this.#ringsOut(sessionId, callId)
      ) {
        this.broken('S4', `${callId} is ${state}, and she is ${view.state}`, sessionId);
      }
      const record = this.#record(callId);
      record.sessionId = sessionId;
      const rank = RANKS.indexOf(state);
      if (rank < record.rank) {
        this.broken('S5', `${callId} fell back to ${state} from ${RANKS[record.rank]}`, sessionId);
      }
      record.rank = rank;
    }
  }

  #ringsOut(sessionId: SessionId, callId: CallId): boolean {
    if (!this.losersRingOut) return false;
    const call = this.#host(sessionId)?.call(callId);
    if (!call?.matches('dialing')) return call?.matches('idle') !== true; // It has gone on since.
    return call.matches({ dialing: { placed: { ringing: 'ringingOut' } } });
  }

  /** Her word on a talk was acknowledged. */
  disposed(sessionId: SessionId, callId: CallId): void {
    const host = this.#host(sessionId);
    if (host) this.freeAgain.L4_aDispositionFreesHer(host, callId);
  }

  /** The list keeps an outcome. */
  recorded(callId: CallId, talkMs: number | null): void {
    const record = this.#record(callId);
    record.talkMs ??= talkMs;
    record.isKept = true;
  }

  /** D1 A session is forgotten when the list has the outcomes of its attempts, not before. */
  journaled(entry: JournalEntry): void {
    const { sessionId } = entry;
    if (entry.kind === 'event') {
      const callId = requestedIn(entry);
      if (callId === null) return;
      const attempts = this.#attempts.get(sessionId) ?? [];
      this.#attempts.set(sessionId, attempts);
      const record = this.#record(callId);
      record.sessionId = sessionId;
      attempts.push(record);
    }
    if (entry.kind !== 'closed') return;
    for (const { callId, isKept } of this.#attempts.get(sessionId) ?? []) {
      if (isKept) continue;
      const detail = `the session is closed, and the list knows nothing of the end of ${callId}`;
      this.broken('D1', detail, sessionId);
    }
    this.#attempts.delete(sessionId);
  }

  /** D1 Nothing leaves before the entry that it follows from is durable. */
  leaves(what: string, isPending: boolean, sessionId: SessionId | null): void {
    if (isPending) this.broken('D1', `${what} leaves before its entry is durable`, sessionId);
  }

  answered(request: WebhookRequest, plan: TwimlPlan): void {
    if (request.kind === 'enqueue' && plan.plan === 'enqueue') {
      this.#record(request.callId).enqueuedAt ??= this.#now();
    }
    if (request.kind === 'onDequeue' && (plan.plan === 'notice' || plan.plan === 'lostLine')) {
      this.#served(this.#record(request.callId));
    }
    this.#repeats.answered(request, plan);
    this.#heard(request);
    if (request.kind === 'stopConsuming') this.#queueIsThere(request);
    if (request.kind !== 'stopConsuming' || plan.plan !== 'goodbye') return;
    const host = this.#host(request.sessionId);
    const { consumerSid } = host?.snapshot.context ?? {};
    if (host?.snapshot.matches('completed') === false && consumerSid === request.sid) {
      this.broken('S11', 'she is hung up while her session lives', request.sessionId);
    }
  }

  /** L11 Her leg is not sent to a queue that is missing for longer than it takes to create it. */
  #queueIsThere({ sessionId, result }: Extract<WebhookRequest, { kind: 'stopConsuming' }>): void {
    if (result !== 'queue-not-found') {
      this.#queueMissing.delete(sessionId);
      return;
    }
    const turns = (this.#queueMissing.get(sessionId) ?? 0) + 1;
    this.#queueMissing.set(sessionId, turns);
    if (turns <= this.queueMissingAtMost) return;
    this.broken('L11', `her queue was missing ${turns} times in a row`, sessionId);
  }

  #heard(request: WebhookRequest): void {
    const isWord = 'result' in request && request.result === 'bridged';
    if (request.kind !== 'bridging' && !isWord) return;
    const record =
      request.kind === 'onDequeue'
        ? this.#record(request.callId)
        : this.#recordOfSid.get((request.kind === 'bridging' ? request.sid : null) ?? '');
    if (record?.outcome === null) record.heardOfBridge = true;
  }

  /** S7 The only leg of an open attempt is no stranger, whoever tells of it first. */
  anomaly({ anomaly, webhook, callSid }: Reports['anomaly']): void {
    if (!STRANGE.has(anomaly)) return;
    const record = this.#recordOfSid.get(callSid ?? '');
    const host = this.#host(record?.sessionId ?? null);
    if (record?.placed !== 1 || !host?.snapshot.context.open.includes(record.callId)) return;
    const detail = `the ${webhook} of ${record.callId}, which is open, was taken for ${anomaly}`;
    this.broken('S7', detail, host.sessionId);
  }

  #host(sessionId: SessionId | null): SessionHost | null {
    for (const host of this.#sessions()) if (host.sessionId === sessionId) return host;
    return null;
  }

  /** S8, and S9 Every document is sound. */
  replied(target: string, callSid: string, document: string): void {
    this.#sound(document);
    this.#repeats.replied(target, callSid, document, this.life);
  }

  /** S8, around the step that a request makes its session take. */
  asking(request: WebhookRequest): () => void {
    return this.#repeats.asking(request, () => this.#host(this.sessionOf(request)));
  }

  /** Whose request it is, as far as anybody knows. */
  sessionOf(request: WebhookRequest): SessionId | null {
    if ('sessionId' in request) return request.sessionId;
    return 'callId' in request ? (this.calls.get(request.callId)?.sessionId ?? null) : null;
  }

  #sound(document: string): void {
    const kind = document.replaceAll(IDS, '/');
    if (this.#documents.has(kind)) return;
    this.#documents.add(kind);
    const fault = faultOf(document);
    if (fault) this.broken('S9', `${fault}: ${document}`);
  }

  /** S11 The state says where her phone is; E1 no actor is dead; S1 one attempt has her. */
  session(host: SessionHost): void {
    const { snapshot, sessionId } = host;
    if (host.failed || snapshot.status === 'error') {
      this.broken('E1', `the actors of ${sessionId} are dead`, sessionId);
    }
    const { context } = snapshot;
    const isOff = context.consumerSid === null;
    if (!snapshot.matches('completed') && isOff !== snapshot.matches('idle')) {
      this.broken('S11', 'the state is wrong about her phone', sessionId);
    }
    const held = context.open.filter((callId) => {
      const call = host.call(callId);
      return call?.matches('queued') === true || call?.matches('bridged') === true;
    });
    if (held.length > 1) this.broken('S1', `she is promised to ${held.join(' and ')}`, sessionId);
  }

  /** S13 and L3 of every attempt, when nothing goes on any more. */
  finish(isUndisturbed: boolean): void {
    for (const record of this.calls.values()) {
      const { callId, sessionId, outcome } = record;
      if (record.placed > 0 && outcome === null) {
        this.broken('L3', `${callId} was placed and has no outcome`, sessionId);
      }
      if (isUndisturbed) this.#undisturbed(record);
    }
  }

  /** What holds to the second where nothing was lost or late. */
  #undisturbed(record: CallRecord): void {
    const { callId, sessionId, bridge, talkMs, enqueuedAt, servedAt } = record;
    if (bridge?.endedAt) this.freeAgain.L4_theEndOfABridgeIsSeen(callId, bridge.endedAt, sessionId);
    if (bridge && talkMs !== null && bridge.endedAt !== null) {
      const trueMs = bridge.endedAt - bridge.startedAt;
      if (Math.abs(trueMs - talkMs) > 1000) {
        this.broken('S13', `${callId} talked ${trueMs} ms, recorded are ${talkMs}`, sessionId);
      }
    }
    if (enqueuedAt !== null && servedAt !== null && servedAt - enqueuedAt > SERVED_WITHIN_MS) {
      this.broken('L2', `${callId} waited ${servedAt - enqueuedAt} ms`, sessionId);
    }
  }

  #record(callId: CallId): CallRecord {
    let record = this.calls.get(callId);
    if (!record) {
      record = newCallRecord(callId);
      this.calls.set(callId, record);
    }
    return record;
  }
}

/** Ids of ours and of Twilio's, and numbers of steps. */
const IDS = /[A-Za-z0-9_-]{22,34}|\/\d+/g;
const STRANGE: ReadonlySet<Anomaly> = new Set(['unknownCall', 'finishedCall', 'strangerSid']);
