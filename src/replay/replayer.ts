import type { JournalEntry, Notice, Reports } from '../dialer/ports.ts';
import type { SessionHost } from '../dialer/session-host.ts';
import {
  parseCallId,
  parseSessionId,
  type AgentId,
  type CallId,
  type SessionId,
} from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { readWebhook } from '../twilio/webhook-forms.ts';
import { DialerProcess, type Outside } from './dialer-process.ts';
import { Awaited, RecordedLeads, RecordedRandom, type Order } from './replay-ports.ts';
import type { FactStep, Script, Step, WebhookStep } from './script.ts';
import {
  emptyRow,
  firstCall,
  isTelling,
  nameOf,
  stateName,
  type Change,
  type PageNotice,
  type Row,
} from './timeline.ts';
import { settled } from './virtual-clock.ts';

/** Where the calls of a replay stand when it is over. */
export interface ReplayedCall {
  callId: CallId;
  callSid: string | null;
  state: string;
  outcome: string | null;
  answeredNotices: number;
  endedNotices: number;
}

export interface ReplayedSession {
  sessionId: SessionId;
  /** The chart's word: idle, consumerConnected, dialing, queued, bridged, completed. */
  state: string;
}

export interface Replayed {
  rows: Row[];
  calls: ReplayedCall[];
  sessions: ReplayedSession[];
}

/** Watches every step of a replay while the actors are still there to be asked. */
export interface Watcher {
  row(row: Row, host: SessionHost | null): void;
}

/** What is under way when a recording ends may still come to rest: L3 gives an ended call two seconds to be completed. */
const SETTLE_MS = 2000;
/** The lines of a session may be 1 to 10 (agent.setLines). */
const LINES_MAX = 10;

/** Runs a script through the real dialer, with time, telephone and dice out of the recording. */
export async function replay(script: Script, watcher: Watcher | null = null): Promise<Replayed> {
  const replayer = new Replayer(script, watcher);
  return replayer.run();
}

class Replayer {
  readonly #script: Script;
  readonly #watcher: Watcher | null;
  readonly #random: RecordedRandom;
  readonly #leads: RecordedLeads;
  readonly #outside: Outside;
  readonly #awaited: Awaited;
  #process: DialerProcess;
  readonly #hosts = new Map<string, SessionHost>();
  /** In the order of their sign-in. */
  readonly #sessions = new Set<SessionId>();
  readonly #owner = new Map<string, string>();
  readonly #calls = new Map<string, ReplayedCall>();
  readonly #lastState = new Map<string, string>();
  readonly #rows: Row[] = [];
  #notices: PageNotice[] = [];
  #orders: string[] = [];
  #anomalies: string[] = [];

  constructor(script: Script, watcher: Watcher | null) {
    this.#script = script;
    this.#watcher = watcher;
    this.#random = new RecordedRandom(script.keyed);
    this.#leads = new RecordedLeads(this.#random, () => this.#process.clock.now());
    for (const [sessionId, leads] of script.leads) this.#leads.plan(sessionId, leads);
    for (const step of script.steps) {
      if (step.step === 'reserved') this.#leads.expectAnswers(step.sessionId);
    }
    this.#awaited = new Awaited(script.steps);
    this.#outside = {
      notice: (notice) => this.#notice(notice),
      order: (order) => this.#orders.push(orderName(order)),
      report: (name, details) => this.#report(name, details),
    };
    this.#process = this.#start(script.steps[0]?.at ?? 0, []);
  }

  #start(startAt: number, journal: readonly JournalEntry[]): DialerProcess {
    return new DialerProcess({
      script: this.#script,
      random: this.#random,
      leads: this.#leads,
      outside: this.#outside,
      awaited: this.#awaited,
      startAt,
      journal,
    });
  }

  async run(): Promise<Replayed> {
    for (const step of this.#script.steps) {
      if (step.at > this.#process.clock.now()) {
        await this.#process.clock.advanceTo(step.at, () => this.#timerRow());
      }
      await this.#take(step);
    }
    await this.#process.clock.advanceTo(this.#process.clock.now() + SETTLE_MS, () =>
      this.#timerRow(),
    );
    const sessions = [...this.#sessions].map((sessionId) => ({
      sessionId,
      state: this.#stateOf(sessionId).split('.')[0] ?? '',
    }));
    for (const call of this.#calls.values())
      call.state = this.#stateOf(call.callId).split('.')[0] ?? '';
    await this.#process.close();
    return { rows: this.#rows, calls: [...this.#calls.values()], sessions };
  }

  async #take(step: Step): Promise<void> {
    const about = this.#about(step);
    const row = emptyRow(step, this.#process.clock.now());
    const before = this.#states(about);
    await this.#carryOut(step, row);
    await settled();
    this.#finish(row, about, before);
  }

  async #carryOut(step: Step, row: Row): Promise<void> {
    switch (step.step) {
      case 'webhook':
        row.plan = this.#webhook(step, row);
        return;
      case 'signIn':
        return this.#signIn(step);
      case 'dial':
        return this.#dial(step, row);
      case 'command': {
        const result = await this.#process.dialer.command(step.sessionId, step.command);
        if (result.kind === 'refused') row.anomalies.push(`refused: ${result.reason}`);
        return;
      }
      case 'page':
        return this.#process.dialer.setAttached(step.sessionId, step.attached);
      case 'created':
        this.#learnSid(step);
        return this.#process.telephony.created(step.callId, step.outcome);
      case 'fact':
        return this.#replied(step);
      case 'reserved':
        return this.#leads.answered(step.sessionId, step.leads);
      case 'line':
        return this.#process.lines?.free();
      case 'leadsAdded':
        return this.#process.dialer.leadsAdded();
      case 'restart':
        return this.#restart();
    }
  }

  /** The dialer looks at its legs every now and then, in a replay at other times: what it learnt so is looked for now. */
  #replied(step: FactStep): void {
    const wasAsked = this.#process.telephony.replied(step);
    if (!wasAsked && step.asked === 'inspect') this.#process.dialer.reconcile();
  }

  /** Killed between two requests and started again on its journal; what Twilio had promised to answer is lost. */
  async #restart(): Promise<void> {
    const now = this.#process.clock.now();
    this.#leads.forgetWaiting();
    this.#process = this.#start(now, this.#process.kill());
    await this.#process.dialer.recover();
    this.#hosts.clear();
    for (const host of this.#process.dialer.sessions) this.#hosts.set(host.sessionId, host);
  }

  async #signIn(step: Extract<Step, { step: 'signIn' }>): Promise<void> {
    this.#random.expect(step.sessionId);
    await this.#process.dialer.signIn(step.agent as AgentId, step.agent);
    this.#random.forget(step.sessionId); // An agent who is signed in already finds the session that she has.
    this.#meetHost(step.sessionId);
    const { sessionId, lines } = step;
    if (lines !== this.#script.lines) {
      await this.#process.dialer.command(sessionId, { type: 'agent.setLines', lines });
    }
  }

  #meetHost(sessionId: SessionId): void {
    for (const host of this.#process.dialer.sessions) {
      if (host.sessionId === sessionId) this.#hosts.set(sessionId, host);
    }
    this.#sessions.add(sessionId);
  }

  /** A click on "Call leads", and what must have come before it. */
  async #dial(step: Extract<Step, { step: 'dial' }>, row: Row): Promise<void> {
    const { sessionId, leads } = step;
    this.#leads.plan(sessionId, leads);
    const view = this.#process.dialer.view(sessionId);
    if (view?.wrapUp) {
      const { callId } = view.wrapUp;
      await this.#process.dialer.command(sessionId, {
        type: 'agent.dispose',
        callId,
        disposition: 'interested',
        notes: '',
      });
    }
    const dialing = view?.state === 'dialing';
    const hoping = dialing ? view.calls.filter((call) => call.state !== 'ending').length : 0;
    const lines = Math.min(LINES_MAX, hoping + leads.length);
    await this.#process.dialer.command(sessionId, { type: 'agent.setLines', lines });
    if (dialing) return;
    const result = await this.#process.dialer.command(sessionId, { type: 'agent.callLeads' });
    if (result.kind === 'refused') row.anomalies.push(`could not dial: ${result.reason}`);
  }

  #webhook(step: WebhookStep, row: Row): TwimlPlan | null {
    if (step.kind === 'agentStatus') return null;
    const { params } = step;
    const session = params['session'];
    const path =
      session !== undefined && params['step'] === undefined
        ? { ...params, step: String(this.#hosts.get(session)?.dialStep ?? 1) }
        : params;
    const form = step.kind === 'codeKeyed' ? this.#withCode(step) : step.form;
    const request = readWebhook(step.kind, path, form, this.#script.accountSid);
    if (!request) {
      row.anomalies.push('badForm');
      return null;
    }
    if (step.kind !== 'consume' && step.kind !== 'codeKeyed') this.#learnLeg(step);
    return this.#process.dialer.answer(request);
  }

  /** A code that was right then must be right now: the session's own stands in for it. */
  #withCode({ form, opens }: WebhookStep): Readonly<Record<string, string>> {
    const code = opens && this.#process.dialer.view(opens)?.dialIn.accessCode;
    return code ? { ...form, Digits: code } : form;
  }

  #learnSid({ callId, outcome }: Extract<Step, { step: 'created' }>): void {
    const call = this.#calls.get(callId);
    if (call && outcome.kind === 'placed') call.callSid ??= outcome.sid;
  }

  #learnLeg({ params, callSid }: WebhookStep): void {
    const call = this.#calls.get(params['call'] ?? '');
    if (call) call.callSid ??= callSid;
  }

  #timerRow(): void {
    const about = { sessionId: null, callId: null };
    this.#finish(emptyRow(null, this.#process.clock.now()), about, null);
  }

  #finish(row: Row, about: About, before: { session: string; call: string } | null): void {
    const entries = this.#process.journal.take();
    if (row.step === null && entries.length === 0) return;
    this.#describe(row, entries);
    const sessionId = about.sessionId ?? entries[0]?.sessionId ?? null;
    const named = about.callId ?? firstCall(entries);
    const callId = named !== null && this.#owner.has(named) ? named : null;
    row.session = sessionId ? this.#change(sessionId, before?.session ?? null) : null;
    row.call = callId ? this.#change(callId, about.callId ? (before?.call ?? null) : null) : null;
    row.leg = this.#legOf(row, about);
    row.notices = this.#notices;
    row.orders = this.#orders;
    row.anomalies.push(...this.#anomalies);
    this.#notices = [];
    this.#orders = [];
    this.#anomalies = [];
    const host = sessionId === null ? null : (this.#hosts.get(sessionId) ?? null);
    this.#watcher?.row(row, host);
    if (row.step !== null || isTelling(row)) this.#rows.push(row);
    if (host?.isClosed) this.#forget(host);
  }

  /** A session that is over says nothing new; its actors may go. */
  #forget({ sessionId, snapshot }: SessionHost): void {
    this.#lastState.set(sessionId, stateName(snapshot.value));
    this.#hosts.delete(sessionId);
  }

  #describe(row: Row, entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'event' && entry.event.type === 'leads.reserved') this.#meet(entry);
      const name = nameOf(entry);
      if (name === null) continue;
      if (row.event === null) row.event = name;
      else row.followedBy.push(name);
    }
  }

  #meet(entry: Extract<JournalEntry, { kind: 'event' }>): void {
    if (entry.event.type !== 'leads.reserved') return;
    for (const { callId } of entry.event.calls) {
      this.#owner.set(callId, entry.sessionId);
      this.#lastState.set(callId, 'idle');
      const counts = { answeredNotices: 0, endedNotices: 0 };
      this.#calls.set(callId, { callId, callSid: null, state: 'idle', outcome: null, ...counts });
    }
  }

  #legOf(row: Row, about: About): Row['leg'] {
    if (row.callSid === null) return null;
    return this.#script.agentLegs.has(row.callSid)
      ? 'agent'
      : about.callId || row.call
        ? 'lead'
        : null;
  }

  #about(step: Step): About {
    if (step.step === 'created' || step.step === 'line')
      return { sessionId: this.#owner.get(step.callId) ?? null, callId: step.callId };
    if (step.step !== 'webhook')
      return { sessionId: 'sessionId' in step ? step.sessionId : null, callId: null };
    const callId = parseCallId(step.params['call']) ?? this.#callOfLeg(step);
    const named = parseSessionId(step.params['session']) ?? step.opens;
    return { sessionId: named ?? this.#owner.get(callId ?? '') ?? null, callId };
  }

  #callOfLeg({ kind, params, callSid }: WebhookStep): CallId | null {
    if (kind !== 'bridging') return null;
    const host = this.#hosts.get(params['session'] ?? '');
    return host?.callOfLeg(callSid as never) ?? null;
  }

  #states({ sessionId, callId }: About): { session: string; call: string } {
    return {
      session: sessionId ? this.#stateOf(sessionId) : '',
      call: callId ? this.#stateOf(callId) : '',
    };
  }

  #change(id: string, before: string | null): Change {
    const after = this.#stateOf(id);
    const change = { id, before: before || (this.#lastState.get(id) ?? after), after };
    this.#lastState.set(id, after);
    return change;
  }

  /** A call that its session has dropped is completed. */
  #stateOf(id: string): string {
    const host = this.#hosts.get(id);
    if (host) return stateName(host.snapshot.value);
    const owner = this.#owner.get(id);
    if (owner === undefined) return this.#lastState.get(id) ?? '';
    const call = this.#hosts.get(owner)?.call(id as CallId);
    return call ? stateName(call.value) : 'completed';
  }

  #notice(notice: Notice): void {
    if (notice.type === 'view') return;
    const callId = notice.type === 'listFinished' ? null : notice.callId;
    const outcome = notice.type === 'ended' ? notice.outcome : null;
    this.#notices.push({ type: notice.type, callId, outcome });
    const call = this.#calls.get(callId ?? '');
    if (call && notice.type === 'answered') call.answeredNotices += 1;
    if (call && notice.type === 'ended') {
      call.endedNotices += 1;
      call.outcome = outcome;
    }
  }

  #report(name: keyof Reports, details: Reports[keyof Reports]): void {
    if (name === 'anomaly') this.#anomalies.push((details as { anomaly: string }).anomaly);
    if (name === 'code.refused') this.#anomalies.push('codeRefused');
    if (name === 'session.failed' || name === 'effect.failed')
      this.#anomalies.push(`${name}: ${reasonOf(details)}`);
  }
}

interface About {
  sessionId: string | null;
  callId: string | null;
}

const reasonOf = (details: object): string =>
  String(Reflect.get(details, 'reason') ?? Reflect.get(details, 'error') ?? '');

const orderName = (order: Order): string =>
  `${order.order} ${'callSid' in order ? order.callSid : order.callId}`;
