import { createActor, type Actor, type SnapshotFrom } from 'xstate';
import type { outboundCallMachine } from '../../machines/outbound-call.ts';
import type { EffectOrder, SessionEvent } from '../domain/events.ts';
import type { CallId, CallSid, LeadId, SessionId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import type { Disposition, EndedBy, Outcome } from '../domain/outcome.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { OrderSink, SessionMachine } from './compose.ts';
import { JournalClock } from './journal-clock.ts';
import type { HostCheckpoint, Journal, ReplyKey, RestQuestion, SessionOpening } from './ports.ts';
import { planFor } from './replies.ts';

export type SessionSnapshot = SnapshotFrom<SessionMachine>;
export type CallSnapshot = SnapshotFrom<typeof outboundCallMachine>;

export interface KeyedOrder {
  /** `<entry>.<n>`, or `open.<n>`: the n-th order of a journal entry; the same again in a replay. */
  key: string;
  order: EffectOrder;
}

export interface EndedCall {
  callId: CallId;
  leadId: LeadId;
  outcome: Outcome;
  disposition: Disposition | null;
  endedAt: number;
  /** Null where nobody talked. */
  talkMs: number | null;
  /** From the answer to the bridge; null where nobody was bridged. */
  waitedMs: number | null;
  /** Null where nobody talked, or nobody has told yet. */
  endedBy: EndedBy | null;
}

export type HostEntry =
  | { seq: number; at: number; event: SessionEvent; reply?: ReplyKey; rest?: RestQuestion }
  | { seq: number; at: number; timer: number };

/** Where an event comes from: a request whose reply is kept, or an answer of REST; neither for all else. */
export interface EventSource {
  reply?: ReplyKey;
  rest?: RestQuestion;
}

/** Both sides of a talk tell of its end within seconds; what comes later is about something else. */
const TOLD_WITHIN_MS = 15_000;
/** Ended calls that the page still shows. */
const RECENT_CALLS = 20;
/** Replies kept for repeats; Twilio repeats a request within 15 s (connection overrides: total time `tt`). */
const KEPT_REPLIES = 256;

/** What one dialer's hosts share: the composed chart and the sink that its orders run into. */
export interface Stage {
  machine: SessionMachine;
  sink: OrderSink;
  journal: Journal;
  onFailure: (sessionId: SessionId, error: unknown) => void;
}

/**
 * One agent session: its actors, their clock, and the one door.
 *   H1. Everything that changes the actors is a journal entry first: an event, or a timer that fires.
 *   H2. The actors see the entry's time and no other.
 *   H3. Orders are collected, never carried out here; a replay collects the same orders under the same keys.
 *   H4. A reply is a function of the state after its entry, so a replay gives the same bytes.
 */
export class SessionHost {
  readonly opening: SessionOpening;
  leads = new Map<LeadId, Lead>();
  readonly recent: EndedCall[] = [];
  /** Whether the last attempt to dial found nobody left to call. */
  listFinished = false;
  failed = false;
  /** When the network last asked something that did not fit; for the page only, so no replay brings it back. */
  anomalyAt: number | null = null;
  /** The number of the `<Dial><Queue>` that the consumer leg was sent to last. */
  dialStep = 0;

  readonly #stage: Stage;
  readonly #clock = new JournalClock();
  readonly #actor: Actor<SessionMachine>;
  readonly #replies = new Map<string, TwimlPlan>();
  readonly #since = new Map<string, { state: string; at: number }>();
  /** Open calls as they stood last: a failed session has lost the actor that threw, not the leg. */
  readonly #lastKnown = new Map<CallId, CallSnapshot>();
  readonly #bridges = new Map<CallId, { at: number; waitedMs: number | null }>();
  readonly #endedBy = new Map<CallId, EndedBy>();
  #orders: KeyedOrder[] = [];
  #seq = 0;
  #successor: SessionHost | null = null;
  #checkpointSeq = 0;

  /** A new session; with `from`, the one that was at rest when the checkpoint was taken. */
  constructor(stage: Stage, opening: SessionOpening, at: number, from?: HostCheckpoint) {
    this.#stage = stage;
    this.opening = opening;
    this.#clock.restore(at, from?.nextTimer ?? 0);
    const { agentName: _agentName, ...input } = opening; // The charts hold no names.
    this.#actor = createActor(stage.machine, {
      clock: this.#clock,
      input,
      // Our own checkpoint, of the same chart version.
      ...(from ? { snapshot: from.snapshot as SessionSnapshot } : {}),
    });
    this.#actor.subscribe({ error: (error) => this.#fail(error) });
    if (from) this.#restore(from);
    this.#step('open', () => void this.#actor.start());
  }

  /** Whether a checkpoint would be complete: no attempt is open and no timer is armed. */
  get isAtRest(): boolean {
    return !this.failed && this.snapshot.context.open.length === 0 && this.nextDue() === null;
  }

  /** Entries since the opening, or the last checkpoint. */
  get entriesSinceCheckpoint(): number {
    return this.#seq - this.#checkpointSeq;
  }

  /** Everything at rest; only complete while `isAtRest`. */
  checkpoint(): HostCheckpoint {
    this.#checkpointSeq = this.#seq;
    return {
      snapshot: JSON.parse(JSON.stringify(this.#actor.getPersistedSnapshot())) as unknown,
      seq: this.#seq,
      nextTimer: this.#clock.next,
      dialStep: this.dialStep,
      listFinished: this.listFinished,
      since: this.since('session'),
      recent: this.recent.map((ended) => ({ ...ended })),
      replies: [...this.#replies],
    };
  }

  get sessionId(): SessionId {
    return this.opening.sessionId;
  }

  get snapshot(): SessionSnapshot {
    return this.#successor ? this.#successor.snapshot : this.#actor.getSnapshot();
  }

  get isClosed(): boolean {
    return this.snapshot.hasTag('closed');
  }

  /** Time of the last entry, in milliseconds since 1970. */
  get now(): number {
    return this.#clock.now;
  }

  call(callId: CallId): CallSnapshot | null {
    const lastKnown = this.failed && !this.#successor ? this.#lastKnown.get(callId) : null;
    return this.snapshot.children[callId]?.getSnapshot() ?? lastKnown ?? null;
  }

  /** The open attempt whose leg this is. */
  callOfLeg(sid: CallSid): CallId | null {
    return this.snapshot.context.open.find((id) => this.call(id)?.context.sid === sid) ?? null;
  }

  /** One of the latest attempts that are over. */
  ended(callId: CallId): EndedCall | null {
    return this.recent.find((call) => call.callId === callId) ?? null;
  }

  /** Number of the next entry: two hosts of one session that agree on it have seen the same. */
  get nextSeq(): number {
    return this.#seq;
  }

  /** When the session, or one of its calls, came into the state it is in. */
  since(id: CallId | 'session'): number {
    return this.#since.get(id)?.at ?? this.#clock.now;
  }

  /** The one door. Runs the timers that are due, journals the event, steps the actors; synchronously. */
  deliver(at: number, event: SessionEvent, from: EventSource = {}): void {
    const now = Math.max(at, this.#clock.now); // A clock that jumped back must not reorder the journal.
    this.runTimers(now);
    this.#record({ seq: this.#seq, at: now, event, ...from });
  }

  runTimers(at: number): void {
    for (let next = this.#clock.earliest(); next && next.due <= at; next = this.#clock.earliest()) {
      this.#record({ seq: this.#seq, at: Math.max(next.due, this.#clock.now), timer: next.id });
    }
  }

  nextDue(): number | null {
    return this.#clock.earliest()?.due ?? null;
  }

  /** What is still to fire, in the order in which it was set. */
  get timers(): readonly { id: number; due: number }[] {
    return this.#clock.armed;
  }

  /** Applies what the journal holds; nothing is written and the collected orders are the caller's to judge. */
  replay(entry: HostEntry): void {
    this.#apply(entry);
  }

  /** The reply that a request got, if it was here before. */
  replyTo(key: ReplyKey): TwimlPlan | null {
    return this.#replies.get(replyId(key)) ?? null;
  }

  /**
   * Everything that a replay of this session's journal must bring back, as plain JSON: two hosts are in the
   * same state if these are equal (invariant S12 of docs/testing.md).
   */
  get state(): unknown {
    const { snapshot } = this;
    return {
      session: { value: snapshot.value, context: snapshot.context, status: snapshot.status },
      calls: Object.keys(snapshot.children).map((id) => {
        const call = this.call(id as CallId);
        return { id, value: call?.value, context: call?.context, status: call?.status };
      }),
      timers: this.#clock.armed,
      replies: [...this.#replies],
      recent: this.recent,
      listFinished: this.listFinished,
      dialStep: this.dialStep,
      seq: this.#seq,
    };
  }

  takeOrders(): KeyedOrder[] {
    const orders = this.#orders;
    this.#orders = [];
    return orders;
  }

  /** Orders that could not be made durable; they keep their place before newer ones. */
  putBack(orders: readonly KeyedOrder[]): void {
    this.#orders = [...orders, ...this.#orders];
  }

  stop(): void {
    this.#actor.stop();
  }

  /** Rebuilt as another: effects that began for this one see the state of that one from now on. */
  succeededBy(host: SessionHost): void {
    host.leads = this.leads;
    this.#successor = host;
    this.stop();
  }

  #restore(from: HostCheckpoint): void {
    this.#seq = from.seq;
    this.#checkpointSeq = from.seq;
    this.dialStep = from.dialStep;
    this.listFinished = from.listFinished;
    this.recent.push(...(from.recent as EndedCall[])); // Written by `checkpoint`.
    for (const [id, plan] of from.replies) this.#replies.set(id, plan);
    this.#note('session', this.snapshot.value);
    const state = this.#since.get('session')?.state ?? '';
    this.#since.set('session', { state, at: from.since });
  }

  #record(entry: HostEntry): void {
    const { sessionId } = this;
    this.#stage.journal.append(
      'timer' in entry
        ? { kind: 'timer', sessionId, ...entry }
        : { kind: 'event', sessionId, ...entry },
    );
    this.#apply(entry);
  }

  #apply(entry: HostEntry): void {
    this.#seq = entry.seq;
    this.#clock.now = entry.at;
    if ('event' in entry) this.#heed(entry.event);
    this.#step(`${entry.seq}`, () => {
      if ('timer' in entry) this.#clock.fire(entry.timer);
      else this.#actor.send(entry.event);
    });
    this.#seq = entry.seq + 1;
    if ('event' in entry && entry.reply) {
      this.#keepReply(entry.reply, planFor(this, entry.reply, entry.event));
    }
  }

  #step(place: string, run: () => void): void {
    let ordinal = 0;
    this.#stage.sink.take = (order) => {
      this.#orders.push({ key: `${place}.${ordinal++}`, order });
      this.#remember(order);
    };
    run();
    this.#noteStates();
  }

  #remember(order: EffectOrder): void {
    if (order.kind === 'listFinished') this.listFinished = true;
    if (order.kind === 'reserveLeads') this.listFinished = false;
    if (order.kind === 'callEnded') {
      this.recent.unshift(this.#endedCall(order));
      this.recent.length = Math.min(this.recent.length, RECENT_CALLS);
    }
    if (order.kind === 'callAnswered') {
      const answered = this.#since.get(order.callId);
      const { now } = this.#clock;
      const waitedMs = answered?.state === 'queued' ? now - answered.at : null;
      this.#bridges.set(order.callId, { at: now, waitedMs });
    }
    if (order.kind === 'recordDisposition') {
      const ended = this.recent.find((call) => call.callId === order.callId);
      if (ended) ended.disposition = order.disposition;
    }
  }

  #endedCall({ callId, leadId, outcome }: Extract<EffectOrder, { kind: 'callEnded' }>): EndedCall {
    const endedAt = this.#clock.now;
    const bridge = this.#bridges.get(callId);
    const endedBy = this.#endedBy.get(callId) ?? null;
    this.#bridges.delete(callId);
    this.#endedBy.delete(callId);
    return {
      callId,
      leadId,
      outcome,
      disposition: null,
      endedAt,
      talkMs: bridge ? endedAt - bridge.at : null,
      waitedMs: bridge?.waitedMs ?? null,
      endedBy: outcome === 'talked' ? endedBy : null,
    };
  }

  /** What an event tells besides what the charts make of it. */
  #heed(event: SessionEvent): void {
    if (event.type === 'leads.added') this.listFinished = false;
    const by = endOfTalk(event);
    if (by === null) return;
    const winner = this.snapshot.context.winner?.callId;
    if (winner) {
      if (!this.#endedBy.has(winner)) this.#endedBy.set(winner, by);
      return;
    }
    const last = this.recent.find(({ outcome }) => outcome === 'talked');
    if (last?.endedBy === null && this.#clock.now - last.endedAt < TOLD_WITHIN_MS)
      last.endedBy = by;
  }

  #noteStates(): void {
    this.#note('session', this.snapshot.value);
    const { open } = this.snapshot.context;
    for (const callId of open) {
      const call = this.call(callId);
      this.#note(callId, call?.value);
      if (call) this.#lastKnown.set(callId, call);
    }
    if (this.#since.size > open.length + 1) {
      for (const id of this.#since.keys()) {
        if (id === 'session' || open.some((callId) => callId === id)) continue;
        this.#since.delete(id);
        this.#lastKnown.delete(id as CallId);
      }
    }
  }

  #note(id: string, value: unknown): void {
    const state =
      typeof value === 'object' && value ? (Object.keys(value)[0] ?? '') : String(value);
    if (this.#since.get(id)?.state !== state) this.#since.set(id, { state, at: this.#clock.now });
  }

  #keepReply(key: ReplyKey, plan: TwimlPlan): void {
    this.#replies.set(replyId(key), plan);
    if (this.#replies.size <= KEPT_REPLIES) return;
    const oldest = this.#replies.keys().next();
    if (!oldest.done) this.#replies.delete(oldest.value);
  }

  #fail(error: unknown): void {
    this.failed = true;
    this.#stage.onFailure(this.sessionId, error);
  }
}

/** Who has ended the talk, if this event tells that one is over. */
function endOfTalk(event: SessionEvent): EndedBy | null {
  const { type } = event;
  if (type === 'agent.hangUp' || type === 'agent.signOut') return 'agent';
  if (type === 'consumer.disconnected') return 'phone';
  return type === 'consumer.returned' && event.result === 'bridged' ? 'lead' : null;
}

const replyId = ({ kind, id, sid, step }: ReplyKey): string => `${kind}/${id}/${sid ?? ''}/${step}`;
