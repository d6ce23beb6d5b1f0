import type { AgentCommand, SessionEvent } from '../domain/events.ts';
import type { AgentId, CallId, CallSid, LeadId, SessionId } from '../domain/ids.ts';
import type { GateStage, Quiet, SessionView } from '../domain/session-view.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import { AccessCodes } from './access-codes.ts';
import { CodeGates } from './code-gates.ts';
import { composeSession, type OrderSink } from './compose.ts';
import { DueHeap } from './due-heap.ts';
import { Effects } from './effects.ts';
import type { Anomaly, DialerPorts, DialerSettings, ReplyKey, SessionOpening } from './ports.ts';
import { readRequest, unknownLeadPlan, type LeadRequest, type SessionRequest } from './requests.ts';
import { CHART_VERSION, leadsOf, recoverSessions, type RecoveredSession } from './recovery.ts';
import { Supervision } from './supervision.ts';
import { type EventSource, type KeyedOrder, SessionHost, type Stage } from './session-host.ts';
import { viewOf } from './view.ts';

/** How often the legs of talks and of waiting agents are asked about; a lost callback costs at most twice that. */
const RECONCILE_EVERY_MS = 30_000;
/** A replayed entry costs about 20 µs; with 100 agents this is 0.4 s of a start. */
const ENTRIES_PER_CHECKPOINT = 200;
/** Longest wait, at the end, for replies of Twilio's that are on their way; the REST timeout is 8 s. */
const SETTLE_WITHIN_MS = 9000;
/** How often a journal that cannot be written is tried again. */
const JOURNAL_RETRY_MS = 1000;

/** What became of a command: done and durable, or why it does not fit. */
export type CommandResult =
  | { kind: 'done' }
  | { kind: 'refused'; reason: Quiet | 'busy' }
  | { kind: 'noSession' };

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
  readonly #codes: AccessCodes;
  readonly #gates: CodeGates;
  readonly #hosts = new Map<SessionId, SessionHost>();
  readonly #sessionOfCall = new Map<CallId, SessionId>();
  readonly #sessionOfAgent = new Map<AgentId, SessionId>();
  readonly #dirty = new Set<SessionHost>();
  readonly #due = new DueHeap<SessionId>();
  readonly #supervision = new Supervision();
  readonly #rebuilding = new Set<SessionId>();
  #gate: { stage: GateStage; at: number } | null = null;
  #pumping: Promise<void> | null = null;
  #wake: { at: number; cancel: () => void } | null = null;
  #cancelReconcile: (() => void) | null = null;
  #closed = false;

  constructor(ports: DialerPorts, settings: DialerSettings, compose = composeSession) {
    this.#ports = ports;
    this.#settings = settings;
    const sink: OrderSink = { take: () => {} };
    this.#stage = {
      machine: compose(sink),
      sink,
      journal: ports.journal,
      onFailure: (sessionId, error) => this.#failed(sessionId, error),
    };
    this.#effects = new Effects(ports, settings, (host, event, rest) =>
      this.#deliver(host, event, rest ? { rest } : {}),
    );
    this.#codes = new AccessCodes(
      ports.random,
      ports.clock,
      settings.accessCodeLifeMs,
      (sessionId) => this.#touch(this.#hosts.get(sessionId)),
    );
    this.#gates = new CodeGates((sid, digits, step) => this.#connectConsumer(sid, digits, step));
  }

  get sessions(): Iterable<SessionHost> {
    return this.#hosts.values();
  }

  /** Opens a session for the agent, or finds the one she has. Durable when it resolves. */
  async signIn(agentId: AgentId, agentName: string): Promise<SessionId> {
    const existing = this.#sessionOfAgent.get(agentId);
    if (existing && this.#hosts.get(existing)?.snapshot.matches('completed') === false)
      return existing;
    const sessionId = this.#ports.random.id() as SessionId;
    const at = this.#ports.clock.now();
    const opening = this.#opening(sessionId, agentId, agentName);
    this.#ports.journal.append({ kind: 'opened', sessionId, at, version: CHART_VERSION, opening });
    const host = new SessionHost(this.#stage, opening, at);
    this.#enlist(host);
    this.#ports.report('session.opened', { sessionId, agentId });
    this.#touch(host);
    await this.#ports.journal.flush();
    return sessionId;
  }

  /**
   * After a start: every session stands where the journal left it, its interrupted orders go on, and what happened
   * meanwhile is asked of Twilio. Resolves when webhooks may be answered; reconciliation goes on by itself.
   */
  async recover(): Promise<void> {
    const startedAt = this.#ports.clock.now();
    const { sessions, outdated, entries } = await recoverSessions(this.#stage);
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
      this.#touch(host);
    }
    const calls = sessions.reduce((sum, { host }) => sum + host.snapshot.context.open.length, 0);
    const tookMs = this.#ports.clock.now() - startedAt;
    this.#ports.report('dialer.recovered', { sessions: sessions.length, entries, calls, tookMs });
    for (const { host } of sessions) this.#reconcile(host, true);
    void this.#endOrphans();
  }

  /** Whether the session is alive: not unknown and not on its way out. */
  isLive(sessionId: SessionId): boolean {
    return this.#hosts.get(sessionId)?.snapshot.matches('completed') === false;
  }

  /** A page of the session has opened, or the last one has gone. */
  setAttached(sessionId: SessionId, attached: boolean): void {
    const host = this.#hosts.get(sessionId);
    if (host && !host.isClosed) {
      this.#deliver(host, { type: attached ? 'agent.attached' : 'agent.detached' });
    }
  }

  /** Carries out what an agent orders; durable when it resolves to `done`. */
  async command(sessionId: SessionId, command: AgentCommand): Promise<CommandResult> {
    const host = this.#hosts.get(sessionId);
    if (!host || !this.isLive(sessionId)) return { kind: 'noSession' };
    host.runTimers(this.#ports.clock.now());
    if (!host.snapshot.can(command)) {
      this.#touch(host); // What the timers ordered is due all the same.
      return { kind: 'refused', reason: this.#view(host).quiet ?? 'busy' };
    }
    this.#deliver(host, command);
    await this.#ports.journal.flush();
    return { kind: 'done' };
  }

  view(sessionId: SessionId): SessionView | null {
    const host = this.#hosts.get(sessionId);
    return host ? this.#view(host) : null;
  }

  /** Answers one request of Twilio's; durable when it resolves. */
  async webhook(request: WebhookRequest): Promise<TwimlPlan> {
    const plan = this.answer(request);
    await this.#ports.journal.flush();
    return plan;
  }

  /** The same, before it is durable: for replay and exploration, where no journal can be lost. */
  answer(request: WebhookRequest): TwimlPlan {
    const at = this.#ports.clock.now();
    switch (request.kind) {
      case 'consume':
        return this.#showGate(this.#gates.greet(request.sid, at), at);
      case 'codeKeyed':
        return (
          this.#replyToConnected(request) ??
          this.#showGate(this.#gates.keyed(request.sid, request.step, request.digits, at), at)
        );
      case 'stopConsuming':
      case 'bridging':
        return this.#agentRequest(request);
      case 'enqueue':
      case 'waiting':
      case 'onDequeue':
      case 'callStatus':
        return this.#leadRequest(request);
      case 'fallback':
        this.#anomaly('fallback', request);
        return { plan: 'unavailable' };
    }
  }

  /** The list has leads to call again: whoever was told that it is finished is told so. */
  leadsAdded(): void {
    for (const host of this.#hosts.values()) {
      if (host.listFinished) this.#deliver(host, { type: 'leads.added' });
    }
  }

  /** Asks Twilio about every leg that talks or waits, now instead of in a while. */
  reconcile(): void {
    for (const host of this.#hosts.values()) this.#reconcile(host, false);
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
    this.#wake?.cancel();
    this.#cancelReconcile?.();
    for (const host of this.#hosts.values()) {
      this.#codes.revoke(host.sessionId);
      host.stop();
    }
    await this.#pumping;
    await this.#ports.journal.flush();
  }

  async #settled(): Promise<void> {
    for (const host of this.#hosts.values()) await this.#effects.settled(host);
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
    this.#hosts.set(host.sessionId, host);
    this.#sessionOfAgent.set(host.opening.agentId, host.sessionId);
    for (const callId of host.snapshot.context.open) {
      this.#sessionOfCall.set(callId, host.sessionId);
    }
    this.#reconcileLater();
  }

  /** Asks Twilio what became of the legs of this session that it believes to be alive. */
  #reconcile(host: SessionHost, isStart: boolean): void {
    const { open, consumerSid } = host.snapshot.context;
    if (isStart) this.#effects.carryOut(host, { key: 'start', order: { kind: 'ensureQueue' } });
    if (consumerSid !== null) {
      this.#effects.carryOut(host, {
        key: 'reconcile',
        order: { kind: 'inspectConsumer', sid: consumerSid },
      });
    }
    for (const callId of open) {
      const call = host.call(callId);
      const sid = call?.context.sid ?? null;
      if (sid === null || !(isStart || call?.matches('bridged'))) continue;
      this.#effects.carryOut(host, {
        key: 'reconcile',
        order: { kind: 'inspectCall', callId, sid },
      });
    }
  }

  /** A callback that never came must not hold an agent for long: her phone and her talk are asked about in turn. */
  #reconcileLater(): void {
    if (this.#cancelReconcile || this.#closed) return;
    const { clock } = this.#ports;
    this.#cancelReconcile = clock.wakeAt(clock.now() + RECONCILE_EVERY_MS, () => {
      this.#cancelReconcile = null;
      this.reconcile();
      if (this.#hosts.size > 0) this.#reconcileLater();
    });
  }

  /** Calls that we placed and that no session owns: there is nobody to talk to them. */
  async #endOrphans(): Promise<void> {
    const live = await this.#ports.telephony.liveCalls();
    const owned = new Set<CallSid>();
    for (const host of this.#hosts.values()) {
      for (const callId of host.snapshot.context.open) {
        const call = host.call(callId);
        if (call?.context.sid) owned.add(call.context.sid);
        else if (call) return; // A call without a SID may be one of these: its look-up comes first.
      }
    }
    for (const callSid of live ?? []) {
      if (owned.has(callSid)) continue;
      this.#ports.report('leg.orphaned', { callSid });
      await this.#ports.telephony.endCall(callSid, 'complete');
    }
  }

  #view(host: SessionHost): SessionView {
    const { sessionId } = host;
    const { e164 } = this.#settings.dialInNumber;
    return viewOf(host, e164, this.#codes.of(sessionId), this.#gate);
  }

  /** Every page that waits for a phone sees that one is at the code prompt: whose it is, nobody knows yet. */
  #showGate(plan: TwimlPlan, at: number): TwimlPlan {
    this.#gate = gateOf(plan, at);
    for (const host of this.#hosts.values()) {
      if (host.snapshot.context.consumerSid === null) this.#touch(host);
    }
    return plan;
  }

  /** A repeat of the request that connected her leg: the gate may be gone, her session knows the answer. */
  #replyToConnected({ sid, step }: Extract<WebhookRequest, { kind: 'codeKeyed' }>) {
    for (const host of this.#hosts.values()) {
      const reply = host.replyTo({ kind: 'codeKeyed', id: sid, step });
      if (reply) return reply;
    }
    return null;
  }

  #connectConsumer(sid: CallSid, digits: string, step: number): TwimlPlan | null {
    const sessionId = this.#codes.redeem(digits);
    const host = sessionId ? this.#hosts.get(sessionId) : undefined;
    if (!host || !this.isLive(host.sessionId)) {
      this.#ports.report('code.refused', { callSid: sid });
      return null;
    }
    const key: ReplyKey = { kind: 'codeKeyed', id: sid, step };
    this.#deliver(host, { type: 'consumer.connected', sid }, { reply: key });
    this.#ports.report('consumer.connected', { sessionId: host.sessionId, callSid: sid });
    return host.replyTo(key);
  }

  #agentRequest(request: Extract<SessionRequest, { sessionId: SessionId }>): TwimlPlan {
    const host = this.#hosts.get(request.sessionId);
    if (host) return this.#react(host, request);
    const plan = request.kind === 'bridging' ? 'proceed' : 'goodbye';
    return this.#anomaly('unknownSession', request, { plan });
  }

  #leadRequest(request: LeadRequest): TwimlPlan {
    const sessionId = this.#sessionOfCall.get(request.callId);
    const host = sessionId ? this.#hosts.get(sessionId) : undefined;
    return host
      ? this.#react(host, request)
      : this.#anomaly('unknownCall', request, unknownLeadPlan(request));
  }

  #react(host: SessionHost, request: SessionRequest): TwimlPlan {
    const reading = readRequest(host, request);
    switch (reading.kind) {
      case 'repeat':
        return reading.plan;
      case 'anomaly':
        if (reading.endsLeg && 'callId' in request) this.#endStranger(host, request);
        host.anomalyAt = this.#ports.clock.now();
        this.#touch(host);
        return this.#anomaly(reading.anomaly, request, reading.plan);
      case 'told':
        this.#deliver(host, reading.event);
        return { plan: 'noContent' };
      case 'asked': {
        const plan = this.#ask(host, reading.event, reading.key);
        if (reading.event.type === 'consumer.disconnected') this.#gates.forget(request.sid);
        return plan;
      }
    }
  }

  #endStranger(host: SessionHost, { callId, sid }: LeadRequest): void {
    this.#effects.carryOut(host, {
      key: `stranger:${sid}`,
      order: { kind: 'endCall', callId, sid, how: 'complete' },
    });
  }

  #anomaly(
    anomaly: Anomaly,
    request: WebhookRequest,
    plan: TwimlPlan = { plan: 'unavailable' },
  ): TwimlPlan {
    this.#ports.report('anomaly', { anomaly, webhook: request.kind, callSid: request.sid });
    return plan;
  }

  #ask(host: SessionHost, event: SessionEvent, key: ReplyKey): TwimlPlan {
    this.#deliver(host, event, { reply: key });
    return host.replyTo(key) ?? { plan: 'unavailable' };
  }

  #deliver(asked: SessionHost, event: SessionEvent, from: EventSource = {}): void {
    if (this.#closed) return;
    // An effect may have begun for a host that has been rebuilt since.
    const host = this.#hosts.get(asked.sessionId) ?? asked;
    if (event.type === 'leads.reserved') {
      for (const { callId } of event.calls) this.#sessionOfCall.set(callId, host.sessionId);
    }
    host.deliver(this.#ports.clock.now(), event, from);
    this.#touch(host);
  }

  /** An actor threw: it is dead, and ignores everything. Its session is rebuilt, once this turn is over. */
  #failed(sessionId: SessionId, error: unknown): void {
    this.#ports.report('session.failed', { sessionId, error });
    if (this.#closed || this.#rebuilding.has(sessionId)) return;
    this.#rebuilding.add(sessionId);
    void this.#rebuild(sessionId)
      .catch((failure: unknown) => this.#ports.report('journal.failed', { error: failure }))
      .finally(() => this.#rebuilding.delete(sessionId));
  }

  async #rebuild(sessionId: SessionId): Promise<void> {
    await Promise.resolve(); // The host that failed while it was made is not among ours before.
    let failed = this.#hosts.get(sessionId);
    while (failed?.failed && !this.#closed) {
      if (!this.#supervision.mayRebuild(sessionId, this.#ports.clock.now())) {
        return this.#giveUp(failed);
      }
      const recovered = await this.#recoverAnew(failed);
      if (recovered) this.#replace(failed, recovered);
      failed = recovered ? this.#hosts.get(sessionId) : undefined;
    }
  }

  /** What comes in while the journal is read is journaled for a dead actor, and read as well. */
  async #recoverAnew(failed: SessionHost): Promise<RecoveredSession | null> {
    for (;;) {
      await this.#ports.journal.flush();
      const { sessions } = await recoverSessions(this.#stage, failed.sessionId);
      const recovered = sessions[0] ?? null;
      if (!recovered || this.#closed) return null;
      if (recovered.host.nextSeq === failed.nextSeq) return recovered;
      recovered.host.stop();
    }
  }

  #replace(failed: SessionHost, { host, unfinished }: RecoveredSession): void {
    failed.succeededBy(host);
    this.#dirty.delete(failed);
    this.#enlist(host);
    if (host.failed) return; // It threw again at the same place.
    this.#ports.report('session.rebuilt', { sessionId: host.sessionId });
    for (const order of unfinished) {
      if (!this.#effects.isUnderWay(host, order)) this.#effects.resume(host, order);
    }
    this.#reconcile(host, true);
    this.#touch(host);
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

  /** After a turn of this session: its orders, its page and its timers are due. */
  #touch(host: SessionHost | undefined): void {
    if (!host || this.#closed) return;
    this.#dirty.add(host);
    const due = host.nextDue();
    if (due !== null) {
      this.#due.push(due, host.sessionId);
      this.#setWake();
    }
    this.#pumping ??= this.#pump();
  }

  /** Until nothing was touched meanwhile: flush, then the orders and views of what was (D2). */
  async #pump(): Promise<void> {
    await Promise.resolve(); // One turn is everything that happens in this tick.
    try {
      while (this.#dirty.size > 0) await this.#runTurn();
    } catch (error) {
      this.#ports.report('journal.failed', { error });
      this.#pumpLater();
    } finally {
      this.#pumping = null; // In the same tick as the last look at what is dirty: nothing slips between.
    }
  }

  #pumpLater(): void {
    const { clock } = this.#ports;
    clock.wakeAt(clock.now() + JOURNAL_RETRY_MS, () => {
      if (!this.#closed) this.#pumping ??= this.#pump();
    });
  }

  async #runTurn(): Promise<void> {
    const turns = [...this.#dirty].map((host) => this.#endTurn(host));
    this.#dirty.clear();
    try {
      await this.#ports.journal.flush();
    } catch (error) {
      // What the journal does not hold must not happen: the orders wait until it can be written again.
      for (const { host, orders } of turns) {
        host.putBack(orders);
        this.#dirty.add(host);
      }
      throw error;
    }
    for (const { host, orders, view } of turns) {
      for (const order of orders) this.#effects.carryOut(host, order);
      this.#ports.notices.publish(host.sessionId, { type: 'view', view });
      // What came in during the flush has orders of its own: they are carried out before the session is closed.
      if (host.isClosed && !this.#dirty.has(host)) this.#forget(host);
    }
  }

  #endTurn(host: SessionHost): { host: SessionHost; orders: KeyedOrder[]; view: SessionView } {
    this.#keepCode(host);
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

  /** A session has a code exactly while it is alive and no phone is connected. */
  #keepCode(host: SessionHost): void {
    const wantsCode =
      this.isLive(host.sessionId) && host.snapshot.context.consumerSid === null && !this.#closed;
    if (!wantsCode) this.#codes.revoke(host.sessionId);
    else if (this.#codes.of(host.sessionId) === null) this.#codes.issue(host.sessionId);
  }

  #forget(host: SessionHost): void {
    const { sessionId, opening } = host;
    if (this.#hosts.get(sessionId) !== host) return;
    this.#hosts.delete(sessionId);
    this.#supervision.forget(sessionId);
    if (this.#sessionOfAgent.get(opening.agentId) === sessionId) {
      this.#sessionOfAgent.delete(opening.agentId);
    }
    for (const [callId, owner] of this.#sessionOfCall) {
      if (owner === sessionId) this.#sessionOfCall.delete(callId);
    }
    this.#codes.revoke(sessionId);
    host.stop();
    this.#ports.report('session.closed', { sessionId });
    // Closed only when its last outcomes are kept: a crash in between recovers it and keeps them then.
    void this.#effects.settled(host).then(() => {
      this.#ports.journal.append({ kind: 'closed', sessionId, at: this.#ports.clock.now() });
      return this.#ports.journal.flush().catch(() => {}); // The next flush that can write takes it along.
    });
  }

  #setWake(): void {
    const at = this.#due.first?.due;
    if (at === undefined || (this.#wake && this.#wake.at <= at)) return;
    this.#wake?.cancel();
    this.#wake = { at, cancel: this.#ports.clock.wakeAt(at, () => this.#runDue()) };
  }

  #runDue(): void {
    this.#wake = null;
    const now = this.#ports.clock.now();
    for (let row = this.#due.first; row && row.due <= now; row = this.#due.first) {
      this.#due.pop();
      const host = this.#hosts.get(row.id);
      const due = host?.nextDue() ?? null;
      if (!host || due === null) continue;
      if (due <= now) host.runTimers(now);
      this.#touch(host);
    }
    this.#setWake();
  }
}

function gateOf(plan: TwimlPlan, at: number): { stage: GateStage; at: number } | null {
  if (plan.plan === 'promptCode') {
    return { stage: plan.after === 'wrong' ? 'wrongCode' : 'prompting', at };
  }
  return plan.plan === 'dismiss' ? { stage: 'dismissed', at } : null;
}
