import type { AgentCommand, SessionEvent } from '../domain/events.ts';
import type { AgentId, LeadId, SessionId } from '../domain/ids.ts';
import type { JournalError } from '../domain/errors.ts';
import type { Quiet, SessionView } from '../domain/session-view.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import { Answering } from './answering.ts';
import { composeSession, type OrderSink } from './compose.ts';
import { DialIn } from './dial-in.ts';
import { Durability } from './durability.ts';
import { Effects } from './effects.ts';
import { LiveSessions } from './live-sessions.ts';
import type { DialerPorts, DialerSettings, ReplyKey, SessionOpening } from './ports.ts';
import { Reconciliation } from './reconciliation.ts';
import { CHART_VERSION, leadsOf, recoverSessions, type RecoveredSession } from './recovery.ts';
import { Supervision } from './supervision.ts';
import { type EventSource, SessionHost, type Stage } from './session-host.ts';
import { TurnPump, type Turn } from './turn-pump.ts';
import { viewOf, withoutJournal } from './view.ts';

/** A replayed entry costs about 20 µs; with 100 agents this is 0.4 s of a start. */
const ENTRIES_PER_CHECKPOINT = 200;
/** Longest wait, at the end, for replies of Twilio's that are on their way; the REST timeout is 8 s. */
const SETTLE_WITHIN_MS = 9000;

/** What became of a command: done and durable, or why it does not fit. */
export type CommandResult =
  | { kind: 'done' }
  | { kind: 'refused'; reason: Quiet | 'busy' }
  | { kind: 'noSession' }
  /** The journal cannot be written. `isKept`: it found that out, and is carried out as soon as it can be; else nothing happened. */
  | { kind: 'unwritable'; isKept: boolean };

/**
 * The dialer: every agent session that is alive, and the ways in.
 *   D1. Every request enters a session through `SessionHost.deliver`, and its reply is chosen from the state it leaves.
 *   D2. Nothing leaves the process (reply, notice, effect) before the entry it follows from is durable.
 *   D3. An agent has at most one live session; a second sign-in finds the first.
 *   D4. A call id or code of no live session is an anomaly with a safe answer, never an exception.
 */
export class Dialer {
  readonly #ports: DialerPorts;
  readonly #settings: DialerSettings;
  readonly #stage: Stage;
  readonly #effects: Effects;
  readonly #dialIn: DialIn;
  readonly #answering: Answering;
  readonly #durability: Durability;
  /** Whether a page was open last, where that could not be written down. */
  readonly #attached = new Map<SessionId, boolean>();
  readonly #hosts = new LiveSessions();
  readonly #pump: TurnPump;
  readonly #reconciliation: Reconciliation;
  readonly #supervision: Supervision;
  #closed = false;

  constructor(ports: DialerPorts, settings: DialerSettings, compose = composeSession) {
    this.#ports = ports;
    this.#settings = settings;
    const sink: OrderSink = { take: () => {} };
    this.#stage = {
      machine: compose(sink),
      sink,
      journal: ports.journal,
      onFailure: (sessionId, error) => this.#supervision.failed(sessionId, error),
    };
    this.#durability = new Durability(ports, (isWritable) =>
      isWritable ? this.#goOn() : this.#tellOfTrouble(),
    );
    this.#effects = new Effects(ports, settings, this.#durability, (host, event, rest) =>
      this.#deliver(host, event, rest ? { rest } : {}),
    );
    this.#pump = new TurnPump(ports, this.#hosts, this.#durability, {
      endTurn: (host) => this.#endTurn(host),
      carryOut: (host, order) => this.#effects.carryOut(host, order),
      closed: (host) => this.#forget(host),
    });
    this.#reconciliation = new Reconciliation(ports, this.#hosts, this.#durability, (host, order) =>
      this.#effects.carryOut(host, order),
    );
    this.#supervision = new Supervision(ports, this.#hosts, this.#durability, this.#stage, {
      replace: (failed, recovered) => this.#replace(failed, recovered),
      giveUp: (failed) => this.#giveUp(failed),
    });
    const deliver = (host: SessionHost, event: SessionEvent, reply?: ReplyKey): void =>
      this.#deliver(host, event, reply ? { reply } : {});
    const touch = (host?: SessionHost): void => this.#pump.touch(host);
    this.#dialIn = new DialIn(ports, settings, this.#hosts, { deliver, touch });
    this.#answering = new Answering(ports, this.#hosts, this.#dialIn, {
      deliver,
      touch,
      carryOut: (host, order) => this.#effects.carryOut(host, order),
    });
  }

  get sessions(): Iterable<SessionHost> {
    return this.#hosts.all();
  }

  /** Why nothing can be begun right now; null while everything can. */
  get trouble(): JournalError | null {
    return this.#durability.failure;
  }

  /** Opens a session for the agent, or finds the one she has. Durable when it resolves; rejects with a `JournalError`. */
  async signIn(agentId: AgentId, agentName: string): Promise<SessionId> {
    const existing = this.#hosts.ofAgent(agentId);
    const trouble = this.#durability.failure;
    if (existing && this.isLive(existing.sessionId)) {
      if (trouble && !this.#pump.told(existing)) throw trouble; // Not durable yet itself.
      return existing.sessionId;
    }
    if (trouble) throw trouble;
    const sessionId = this.#ports.random.id() as SessionId;
    const at = this.#ports.clock.now();
    const opening = this.#opening(sessionId, agentId, agentName);
    this.#ports.journal.append({ kind: 'opened', sessionId, at, version: CHART_VERSION, opening });
    const host = new SessionHost(this.#stage, opening, at);
    this.#enlist(host);
    this.#ports.report('session.opened', { sessionId, agentId });
    this.#pump.touch(host);
    await this.#durability.flush();
    return sessionId;
  }

  /**
   * After a start: every session stands where the journal left it, its interrupted orders go on, and what happened
   * meanwhile is asked of Twilio. Resolves when webhooks may be answered; reconciliation goes on by itself.
   */
  async recover(): Promise<void> {
    const startedAt = this.#ports.clock.now();
    const { sessions, outdated, entries, newestAt } = await recoverSessions(this.#stage);
    const behindMs = Math.max(0, newestAt - this.#ports.clock.now());
    if (behindMs > 0) this.#ports.report('clock.behind', { byMs: behindMs });
    this.#ports.clock.notBefore(newestAt); // Or timers would be late by as much.
    for (const sessionId of outdated) {
      // Its agent signs in anew; its legs are nobody's and are ended below.
      this.#ports.journal.append({ kind: 'closed', sessionId, at: startedAt });
      this.#ports.report('session.outdated', { sessionId });
    }
    const leads = sessions.map((session) => leadsOf(session));
    await this.#releaseUnheld(new Set(leads.flatMap(({ held }) => held)));
    const shown = await this.#ports.leads.find([...new Set(leads.flatMap((of) => of.shown))]);
    const byId = new Map(shown.map((lead) => [lead.leadId, lead]));
    for (const [index, { host, unfinished }] of sessions.entries()) {
      for (const leadId of leads[index]?.shown ?? []) {
        const lead = byId.get(leadId);
        if (lead) host.leads.set(leadId, lead);
      }
      this.#enlist(host);
      // Whatever page was open lost its socket with the process; it says so itself when it is back.
      if (host.snapshot.context.attached) this.#deliver(host, { type: 'agent.detached' });
      for (const order of unfinished) this.#effects.resume(host, order);
      this.#pump.touch(host);
    }
    const calls = sessions.reduce((sum, { host }) => sum + host.snapshot.context.open.length, 0);
    const tookMs = this.#ports.clock.now() - startedAt - behindMs;
    this.#ports.report('dialer.recovered', { sessions: sessions.length, entries, calls, tookMs });
    for (const { host } of sessions) this.#reconciliation.askAll(host);
    void this.#reconciliation.endOrphans(true);
  }

  /** Whether the session is alive: not unknown and not on its way out. */
  isLive(sessionId: SessionId): boolean {
    return this.#hosts.isLive(sessionId);
  }

  /** A page of the session has opened, or the last one has gone. */
  setAttached(sessionId: SessionId, attached: boolean): void {
    const host = this.#hosts.get(sessionId);
    if (!host || host.isClosed) return;
    if (this.#durability.failure === null) {
      return this.#deliver(host, { type: attached ? 'agent.attached' : 'agent.detached' });
    }
    this.#attached.set(sessionId, attached);
    if (attached) this.#publishTold(host);
  }

  /** Carries out what an agent orders; durable when it resolves to `done`. */
  async command(sessionId: SessionId, command: AgentCommand): Promise<CommandResult> {
    const host = this.#hosts.get(sessionId);
    if (!host || !this.isLive(sessionId)) return { kind: 'noSession' };
    if (this.#durability.failure !== null) return { kind: 'unwritable', isKept: false };
    host.runTimers(this.#ports.clock.now());
    if (!host.snapshot.can(command)) {
      this.#pump.touch(host); // What the timers ordered is due all the same.
      return { kind: 'refused', reason: this.#view(host).quiet ?? 'busy' };
    }
    this.#deliver(host, command);
    return this.#durability.flush().then(
      () => ({ kind: 'done' }),
      () => ({ kind: 'unwritable', isKept: true }),
    );
  }

  view(sessionId: SessionId): SessionView | null {
    const host = this.#hosts.get(sessionId);
    if (!host) return null;
    return this.#durability.failure === null ? this.#view(host) : this.#toldView(host);
  }

  /** Answers one request of Twilio's; durable when it resolves. Rejects with a `JournalError` if it cannot be. */
  async webhook(request: WebhookRequest): Promise<TwimlPlan> {
    if (request.kind === 'fallback') return this.answer(request); // Its words need no entry.
    if (this.#durability.failure !== null) throw this.#durability.failure;
    const plan = this.answer(request);
    await this.#durability.flush();
    return plan;
  }

  /** The same, before it is durable: for replay and exploration, where no journal can be lost. */
  answer(request: WebhookRequest): TwimlPlan {
    return this.#answering.answer(request);
  }

  /** The list has leads to call again: whoever was told that it is finished is told so. */
  leadsAdded(): void {
    for (const host of this.#hosts.all()) {
      if (host.listFinished) this.#deliver(host, { type: 'leads.added' });
    }
  }

  /** Asks Twilio about every leg that talks or waits, now instead of in a while. */
  reconcile(): void {
    this.#reconciliation.askNow();
  }

  /** Dials nobody any more and waits, for a while, for what Twilio was just asked. */
  async drain(): Promise<void> {
    this.#effects.stop();
    await Promise.race([this.#settled(), this.#wait(SETTLE_WITHIN_MS)]);
  }

  /** Stops, and writes out the journal. Talks go on at Twilio and are found again by the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#effects.stop();
    this.#reconciliation.stop();
    this.#supervision.stop();
    const pumped = this.#pump.stop();
    for (const host of this.#hosts.all()) {
      this.#dialIn.revoke(host);
      host.stop();
    }
    await pumped;
    this.#durability.stop();
    await this.#durability.flush();
  }

  async #settled(): Promise<void> {
    for (const host of this.#hosts.all()) await this.#effects.settled(host);
  }

  #wait(delayMs: number): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => void clock.wakeAt(clock.now() + delayMs, resolve));
  }

  /** Leads that were reserved when the process died, and came to no attempt. */
  async #releaseUnheld(held: ReadonlySet<LeadId>): Promise<void> {
    const reserved = await this.#ports.leads.reserved();
    const unheld = reserved.map(({ leadId }) => leadId).filter((leadId) => !held.has(leadId));
    await this.#ports.leads.release(unheld);
  }

  #opening(sessionId: SessionId, agentId: AgentId, agentName: string): SessionOpening {
    const { lines, detachedWithinMs, closeWithinMs } = this.#settings;
    const { createWithinMs, ringAtLeastMs, ringAtMostMs } = this.#settings;
    const { bridgeWithinMs, askAgainAfterMs, lookUpWithinMs } = this.#settings;
    const callLimits = {
      createWithinMs,
      ringAtLeastMs,
      ringAtMostMs,
      bridgeWithinMs,
      askAgainAfterMs,
      lookUpWithinMs,
    };
    return { sessionId, agentId, agentName, lines, detachedWithinMs, closeWithinMs, callLimits };
  }

  #enlist(host: SessionHost): void {
    this.#hosts.add(host);
    this.#reconciliation.goOn();
  }

  #view(host: SessionHost): SessionView {
    return viewOf(host, this.#dialIn.view(host));
  }

  /** What a page may know while the journal cannot be written: what a crash could not undo. */
  #toldView(host: SessionHost): SessionView {
    return withoutJournal(this.#pump.told(host) ?? this.#view(host));
  }

  #publishTold(host: SessionHost): void {
    this.#ports.notices.publish(host.sessionId, { type: 'view', view: this.#toldView(host) });
  }

  #tellOfTrouble(): void {
    for (const host of this.#hosts.all()) this.#publishTold(host);
  }

  /** As after a start: what was held back goes on, and what nobody was heard to say meanwhile is asked. */
  #goOn(): void {
    if (this.#closed) return;
    for (const [sessionId, attached] of this.#attached) this.setAttached(sessionId, attached);
    this.#attached.clear();
    this.#supervision.goOn();
    this.#pump.goOn();
    for (const host of this.#hosts.all()) this.#reconciliation.askAll(host);
  }

  #deliver(asked: SessionHost, event: SessionEvent, from: EventSource = {}): void {
    if (this.#closed) return;
    // An effect may have begun for a host that has been rebuilt since, or for a session that is over.
    const host = this.#hosts.get(asked.sessionId);
    if (!host) return this.#putAway(event);
    if (event.type === 'leads.reserved') {
      this.#hosts.addCalls(
        host.sessionId,
        event.calls.map(({ callId }) => callId),
      );
    }
    if (event.type === 'consumer.connected') this.#hosts.addPhone(host.sessionId, event.sid);
    host.deliver(this.#ports.clock.now(), event, from);
    this.#pump.touch(host);
  }

  /** What an effect brings when its session is over: nobody is left to talk to it. */
  #putAway(event: SessionEvent): void {
    const { leads, telephony, report } = this.#ports;
    if (event.type === 'leads.reserved') {
      const leadIds = event.calls.map(({ leadId }) => leadId);
      void leads.release(leadIds).catch((error: unknown) => report('journal.failed', { error }));
    }
    if (event.type === 'call.deliver' && event.event.type === 'twilio.created') {
      void telephony.endCall(event.event.sid, 'complete');
    }
  }

  #replace(failed: SessionHost, { host, unfinished }: RecoveredSession): void {
    failed.succeededBy(host);
    this.#pump.drop(failed);
    this.#enlist(host);
    if (host.failed) return; // It threw again at the same place.
    this.#ports.report('session.rebuilt', { sessionId: host.sessionId });
    for (const order of unfinished) {
      if (!this.#effects.isUnderWay(host, order)) this.#effects.resume(host, order);
    }
    this.#reconciliation.askAll(host);
    this.#pump.touch(host);
  }

  /** It throws again and again: its legs are ended, its page is told, and the agent signs in anew. */
  async #giveUp(host: SessionHost): Promise<void> {
    const { clock, leads, telephony, notices, report } = this.#ports;
    const at = clock.now();
    report('session.givenUp', { sessionId: host.sessionId });
    const { open, consumerSid } = host.snapshot.context;
    const view = this.#view(host);
    const calls = open.flatMap((callId) => host.call(callId)?.context ?? []);
    this.#forget(host);
    notices.publish(host.sessionId, {
      type: 'view',
      view: { ...view, state: 'completed', mode: null, calls: [], talk: null, quiet: 'signedOut' },
    });
    for (const { callId, leadId, sid, outcome } of calls) {
      if (sid) await telephony.endCall(sid, 'complete');
      // Whoever was rung is not rung again because of a bug of ours.
      await leads.recordOutcome({ leadId, callId, outcome: outcome ?? 'failed', at });
    }
    if (consumerSid !== null) await telephony.dismissConsumer(consumerSid);
    await telephony.deleteQueue(host.sessionId);
  }

  #endTurn(host: SessionHost): Turn {
    if (!this.#closed) this.#dialIn.keepCode(host);
    const orders = host.takeOrders();
    if (orders.length === 0) this.#checkpoint(host);
    return { host, orders, view: this.#view(host) };
  }

  /** Now and then, when nothing is open, armed or under way: a start then replays minutes instead of a shift. */
  #checkpoint(host: SessionHost): void {
    const isDue = host.entriesSinceCheckpoint >= ENTRIES_PER_CHECKPOINT;
    if (!isDue || !host.isAtRest || host.isClosed || this.#effects.isBusy(host)) return;
    const { sessionId, now: at } = host;
    this.#ports.journal.append({ kind: 'checkpoint', sessionId, at, state: host.checkpoint() });
  }

  #forget(host: SessionHost): void {
    const { sessionId } = host;
    if (!this.#hosts.remove(host)) return;
    this.#supervision.forget(sessionId);
    this.#pump.forget(host);
    this.#dialIn.revoke(host);
    host.stop();
    this.#ports.report('session.closed', { sessionId });
    // Closed only when its last outcomes are kept: a crash in between recovers it and keeps them then.
    void this.#effects.settled(host).then(() => {
      this.#ports.journal.append({ kind: 'closed', sessionId, at: this.#ports.clock.now() });
      return this.#durability.flush().catch(() => {}); // The next flush that can write takes it along.
    });
  }
}
