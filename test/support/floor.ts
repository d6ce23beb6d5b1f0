import { onTestFinished } from 'vitest';
import { Dialer, type CommandResult } from '../../src/dialer/dialer.ts';
import { composeSession } from '../../src/dialer/compose.ts';
import type { DialerSettings, Notice, Reports } from '../../src/dialer/ports.ts';
import type { SessionHost } from '../../src/dialer/session-host.ts';
import type { CallStatus, TerminalStatus } from '../../src/domain/call-status.ts';
import type { AgentCommand } from '../../src/domain/events.ts';
import type { AgentId, CallId, CallSid, LeadId, SessionId } from '../../src/domain/ids.ts';
import type { Lead } from '../../src/domain/lead.ts';
import { PhoneNumber } from '../../src/domain/phone-number.ts';
import type { SessionView } from '../../src/domain/session-view.ts';
import type { TwimlPlan } from '../../src/domain/twiml-plan.ts';
import type { WebhookRequest } from '../../src/domain/webhook.ts';
import { MemoryJournal } from '../../src/journal/memory-journal.ts';
import { MemoryLeads } from '../../src/leads/memory-leads.ts';
import { CountingRandom } from './counting-random.ts';
import { ScriptedTelephony } from './scripted-telephony.ts';
import { settle, VirtualClock } from './virtual-clock.ts';

export const number = (index: number): PhoneNumber => {
  const parsed = PhoneNumber.parse(`+1212555${String(100 + index).padStart(4, '0')}`);
  if (!parsed) throw new Error('not a number of fiction');
  return parsed;
};

const someLeads = (count: number): Lead[] =>
  Array.from({ length: count }, (_, index) => ({
    leadId: `lead-${index}` as LeadId,
    name: `Lead ${index}`,
    phone: number(index),
    columns: {},
  }));

export const SETTINGS: DialerSettings = {
  dialInNumber: number(50),
  lines: 1,
  callsPerSecond: Infinity,
  accessCodeLifeMs: 600_000,
  detachedWithinMs: 120_000,
  closeWithinMs: 60_000,
  createWithinMs: 20_000,
  ringAtLeastMs: 0,
  ringAtMostMs: 45_000,
  bridgeWithinMs: 1500,
  askAgainAfterMs: 15_000,
  lookUpWithinMs: 120_000,
};

export interface FloorOptions extends Partial<DialerSettings> {
  /** Other charts than the real ones: with a bug in them. */
  compose?: typeof composeSession;
  leads?: number;
  codes?: string[];
}

/** The SID that Twilio gives to the leg of the n-th try to dial in. */
export const agentSid = (n: number): CallSid => `CA${String(n).padStart(32, 'a')}` as CallSid;

/** The SID that Twilio gives to the call of this attempt. */
export const leadSid = (callId: CallId): CallSid =>
  `CA${callId.slice(-20).padStart(32, '0')}` as CallSid;

/** One agent at work: the real dialer with a clock, a random source and a Twilio that do what the test says. */
export class Floor {
  readonly clock = new VirtualClock();
  readonly random = new CountingRandom();
  readonly journal = new MemoryJournal();
  readonly telephony = new ScriptedTelephony();
  readonly leads: MemoryLeads;
  readonly notices: Notice[] = [];
  readonly reports: {
    [Name in keyof Reports]: { name: Name; details: Reports[Name] };
  }[keyof Reports][] = [];
  readonly settings: DialerSettings;
  readonly dialer: Dialer;
  sessionId = '' as SessionId;
  /** The leg that she phones with now. */
  phone = agentSid(1);
  #phones = 0;

  constructor({ leads = 6, codes = [], compose = composeSession, ...settings }: FloorOptions = {}) {
    this.settings = { ...SETTINGS, ...settings };
    this.leads = new MemoryLeads(someLeads(leads));
    this.random.codes.push(...codes.map(Number));
    this.dialer = new Dialer(
      {
        clock: this.clock,
        random: this.random,
        journal: this.journal,
        telephony: this.telephony,
        leads: this.leads,
        notices: { publish: (_, notice) => void this.notices.push(notice) },
        report: (name, details) => void this.reports.push({ name, details } as never),
      },
      this.settings,
      compose,
    );
  }

  get view(): SessionView {
    const view = this.dialer.view(this.sessionId);
    if (!view) throw new Error('the session is gone');
    return view;
  }

  get isOpen(): boolean {
    return this.dialer.view(this.sessionId) !== null;
  }

  get host(): SessionHost {
    for (const host of this.dialer.sessions) if (host.sessionId === this.sessionId) return host;
    throw new Error('the session is gone');
  }

  /** Two words: where the session is, and its mode or what her call is doing. */
  get state(): string {
    return [this.view.state, this.view.mode].filter(Boolean).join(' ');
  }

  get anomalies(): string[] {
    return this.reports.flatMap((report) =>
      report.name === 'anomaly' ? report.details.anomaly : [],
    );
  }

  /** "answered" and "ended" notices of one attempt, in the order in which the page got them. */
  noticesOf(callId: CallId): string[] {
    return this.notices.flatMap((notice) => {
      if (!('callId' in notice) || notice.callId !== callId) return [];
      return notice.type === 'ended' ? `ended ${notice.outcome}` : notice.type;
    });
  }

  outcomeOf(callId: CallId): string | null {
    return this.view.recent.find((call) => call.callId === callId)?.outcome ?? null;
  }

  callState(callId: CallId): string | null {
    const call = this.view.calls.find((each) => each.callId === callId);
    return call ? [call.state, call.phase].filter(Boolean).join(' ') : null;
  }

  async signIn(agent = 'grace'): Promise<SessionId> {
    this.sessionId = await this.dialer.signIn(agent as AgentId, agent);
    await settle();
    return this.sessionId;
  }

  async command(command: AgentCommand): Promise<CommandResult> {
    const result = await this.dialer.command(this.sessionId, command);
    await settle();
    return result;
  }

  async ask(request: WebhookRequest): Promise<TwimlPlan> {
    const plan = await this.dialer.webhook(request);
    await settle();
    return plan;
  }

  async key(digits: string, step = 1, sid = this.phone): Promise<TwimlPlan> {
    return this.ask({ kind: 'codeKeyed', sid, step, digits });
  }

  /** She phones the number and keys the code that her page shows. */
  async dialIn(): Promise<TwimlPlan> {
    this.#phones += 1;
    this.phone = agentSid(this.#phones);
    await this.ask({ kind: 'consume', sid: this.phone });
    return this.key(this.view.dialIn.accessCode ?? '');
  }

  /** She orders calls; every free line is out with Twilio when this returns, no create is answered. */
  async callLeads(): Promise<CallId[]> {
    const before = this.telephony.created.length;
    await this.command({ type: 'agent.callLeads' });
    return this.telephony.created.slice(before);
  }

  async restReply(callId: CallId): Promise<void> {
    this.telephony.reply(callId, { kind: 'placed', sid: leadSid(callId) });
    await settle();
  }

  status(callId: CallId, status: CallStatus, sid = leadSid(callId)): Promise<TwimlPlan> {
    const sequence = null;
    return this.ask({ kind: 'callStatus', callId, sid, status, sequence, durationSeconds: null });
  }

  ended(callId: CallId, status: TerminalStatus = 'completed'): Promise<TwimlPlan> {
    return this.status(callId, status);
  }

  answered(
    callId: CallId,
    { sid = leadSid(callId), answeredBy = null as string | null } = {},
  ): Promise<TwimlPlan> {
    return this.ask({ kind: 'enqueue', callId, step: 1, sid, answeredBy });
  }

  waits(callId: CallId, step = 1): Promise<TwimlPlan> {
    return this.ask({ kind: 'waiting', callId, step, sid: leadSid(callId) });
  }

  dequeued(callId: CallId, result: string): Promise<TwimlPlan> {
    return this.ask({ kind: 'onDequeue', callId, step: 1, sid: leadSid(callId), result });
  }

  bridging(callId: CallId): Promise<TwimlPlan> {
    return this.ask({
      kind: 'bridging',
      sessionId: this.sessionId,
      step: this.host.dialStep,
      sid: leadSid(callId),
      consumerSid: this.phone,
      queueSid: null,
    });
  }

  /** Her `<Dial><Queue>` came back and she is still there. */
  returned(result: string | null, leadSidOfBridge: CallSid | null = null): Promise<TwimlPlan> {
    return this.#stopConsuming('in-progress', result, leadSidOfBridge);
  }

  /** She hung up; Twilio asks for the Dial action all the same. */
  hangsUp(
    result: string | null = null,
    leadSidOfBridge: CallSid | null = null,
  ): Promise<TwimlPlan> {
    return this.#stopConsuming('completed', result, leadSidOfBridge);
  }

  #stopConsuming(
    callStatus: CallStatus,
    result: string | null,
    leadSidOfBridge: CallSid | null,
  ): Promise<TwimlPlan> {
    const { sessionId, phone: sid } = this;
    const step = this.isOpen ? this.host.dialStep : 1;
    return this.ask({
      kind: 'stopConsuming',
      sessionId,
      step,
      sid,
      callStatus,
      result,
      leadSid: leadSidOfBridge,
    });
  }
}

/** A floor with one agent signed in; closed with the test. */
export async function openFloor(options: FloorOptions = {}): Promise<Floor> {
  const floor = new Floor(options);
  onTestFinished(() => floor.dialer.close());
  await floor.signIn();
  return floor;
}

/** The same, with her phone waiting in her queue. */
export async function staffedFloor(options: FloorOptions = {}): Promise<Floor> {
  const floor = await openFloor(options);
  await floor.dialIn();
  return floor;
}

/** The same, with a lead on the line. */
export async function talkingFloor(
  options: FloorOptions = {},
): Promise<{ floor: Floor; talk: CallId }> {
  const floor = await staffedFloor(options);
  const [talk] = await floor.callLeads();
  if (!talk) throw new Error('nobody was called');
  await floor.restReply(talk);
  await floor.answered(talk);
  await floor.bridging(talk);
  return { floor, talk };
}

/** The only or first of the calls that were placed. */
export function first(calls: readonly CallId[]): CallId {
  const [call] = calls;
  if (!call) throw new Error('nobody was called');
  return call;
}
