import { composeSession, type OrderSink } from '../dialer/compose.ts';
import type { JournalEntry, SessionOpening } from '../dialer/ports.ts';
import { SessionHost } from '../dialer/session-host.ts';
import type { CallEvent } from '../domain/events.ts';
import type { CallId, LeadId } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { StoredSession } from '../journal/stored-sessions.ts';
import { WEBHOOK_ROOT } from '../twilio/paths.ts';
import { ANY_ACCOUNT } from './interpret-ours.ts';
import {
  NO_SETTINGS,
  type Form,
  type RecordedEntry,
  type RecordedFact,
  type Recording,
} from './recording.ts';
import { StepJournal } from './replay-ports.ts';
import { leadNumberOf } from './script.ts';
import { TwimlText } from './twiml-text.ts';

type EventEntry = Extract<JournalEntry, { kind: 'event' }>;
type Rest = Extract<RecordedFact, { kind: 'rest' }>;

/** What a journal does not hold, and a recording of it needs. */
export interface Besides {
  /** E.164; null for a lead that nobody knows any more. */
  numberOf(leadId: LeadId, callId: CallId): string | null;
  /** Whether names and notes are written as they are. */
  isRaw: boolean;
}

/** The server's own is not in the journal, and nobody needs to know it. */
const PUBLIC_BASE_URL = 'https://dialer.example.com';
const FIRST_CODE = 958_600;

/**
 * A recording of sessions out of the store's journal. Requests are written with the fields that are read, answers are those
 * that the journal replays to (H4); what was never journaled (repeats, anomalies, wrong codes) is not in it.
 */
export function recordingOf(sessions: readonly StoredSession[], besides: Besides): Recording {
  const writer = new JournalWriter(besides);
  const entries = sessions.flatMap((session) => writer.write(session));
  const opening = sessions.flatMap(({ entries: all }) => openingIn(all) ?? [])[0];
  return {
    file: 'export',
    format: 'recording',
    settings: { ...NO_SETTINGS, ...settingsOf(opening) },
    // Sorting is stable: what came in the same millisecond stays in its order.
    entries: entries.toSorted((a, b) => a.at - b.at),
    unrecognised: [],
    isAnonymous: !besides.isRaw,
  };
}

const openingIn = (entries: readonly JournalEntry[]): SessionOpening | null =>
  entries.flatMap((entry) => (entry.kind === 'opened' ? entry.opening : []))[0] ?? null;

function settingsOf(opening: SessionOpening | undefined): Partial<Recording['settings']> {
  const common = { accountSid: ANY_ACCOUNT, publicBaseUrl: PUBLIC_BASE_URL };
  if (!opening) return common;
  const { ringAtLeastMs, ...callLimits } = opening.callLimits;
  const { detachedWithinMs, closeWithinMs } = opening;
  return { ...common, ringAtLeastMs, limits: { detachedWithinMs, closeWithinMs, ...callLimits } };
}

/** Writes what happened to sessions, one after the other; codes and unknown numbers are counted over all of them. */
class JournalWriter {
  readonly #besides: Besides;
  readonly #text = new TwimlText(PUBLIC_BASE_URL);
  readonly #agents = new Map<string, string>();
  #codes = 0;
  /** Her leg, of the session that is being written. */
  #phone: string | null = null;
  #unknownNumbers = 0;

  constructor(besides: Besides) {
    this.#besides = besides;
  }

  write({ entries }: StoredSession): RecordedEntry[] {
    const written: RecordedEntry[] = [];
    let host: SessionHost | null = null;
    let isRestarting = false;
    for (const entry of entries) {
      if (entry.kind === 'opened') {
        host = new SessionHost(stage(), entry.opening, entry.at);
        written.push(this.#signIn(entry));
      }
      if (!host || (entry.kind !== 'event' && entry.kind !== 'timer')) continue;
      host.replay(entry);
      host.takeOrders();
      if (entry.kind === 'timer') continue;
      const isAfterRestart = isCanceledByRestart(entry);
      if (isAfterRestart && !isRestarting) written.push({ kind: 'restart', line: 0, at: entry.at });
      isRestarting = isAfterRestart;
      written.push(...this.#event(entry, host));
    }
    host?.stop();
    return written;
  }

  #signIn({ sessionId, at, opening }: Extract<JournalEntry, { kind: 'opened' }>): RecordedEntry {
    const { agentName, lines } = opening;
    const known = this.#agents.get(agentName) ?? `agent-${this.#agents.size + 1}`;
    this.#agents.set(agentName, known);
    const agent = this.#besides.isRaw ? agentName : known;
    return { kind: 'signIn', line: 0, at, session: sessionId, agent, lines, code: null };
  }

  #event(entry: EventEntry, host: SessionHost): RecordedEntry[] {
    const { event, at, sessionId: session } = entry;
    const common = { line: 0, at, session };
    switch (event.type) {
      case 'agent.attached':
      case 'agent.detached':
        return [{ kind: 'page', ...common, attached: event.type === 'agent.attached' }];
      case 'leads.reserved':
        return [this.#reserved(entry, event)];
      case 'leads.added':
        return [{ kind: 'leadsAdded', line: 0, at }];
      case 'consumer.connected':
        return this.#connected(entry, event.sid, host);
      case 'consumer.returned':
      case 'consumer.disconnected':
        return [this.#consumer(entry, event, host)];
      case 'call.deliver':
        return this.#call(entry, event.callId, event.event, host);
      case 'agent.dispose':
      case 'agent.correct': {
        const notes = this.#besides.isRaw || event.notes === '' ? event.notes : 'notes';
        return [{ kind: 'command', ...common, command: { ...event, notes } }];
      }
      case 'agent.callLeads':
      case 'agent.pause':
      case 'agent.hangUp':
      case 'agent.setLines':
      case 'agent.setAutoNext':
      case 'agent.signOut':
        return [{ kind: 'command', ...common, command: event }];
    }
  }

  #reserved(
    { at, sessionId: session }: EventEntry,
    { asked, calls }: Extract<EventEntry['event'], { type: 'leads.reserved' }>,
  ): RecordedEntry {
    return {
      kind: 'reserved',
      line: 0,
      at,
      session,
      asked,
      calls: calls.map(({ callId, leadId }) => ({
        call: callId,
        lead: leadId,
        to: this.#besides.numberOf(leadId, callId) ?? leadNumberOf(this.#unknownNumbers++),
      })),
    };
  }

  /** The code gate is not journaled: that the phone was greeted, and the code that was right, are made up. */
  #connected(entry: EventEntry, sid: string, host: SessionHost): RecordedEntry[] {
    const { at, sessionId: session } = entry;
    this.#phone = sid;
    const code = String(FIRST_CODE + ++this.#codes);
    const greeting: TwimlPlan = {
      plan: 'promptCode',
      sid: sid as never,
      step: 1,
      after: 'greeting',
    };
    const status = { CallSid: sid, CallStatus: 'in-progress' };
    const path = `/consume/${sid}/${entry.reply?.step ?? 1}`;
    return [
      { kind: 'code', line: 0, at, session, code },
      this.#request(at, '/consume', { ...status, CallStatus: 'ringing' }, greeting),
      this.#request(at, path, { ...status, Digits: code }, replyIn(entry, host)),
    ];
  }

  #consumer(
    entry: EventEntry,
    { type, result }: Extract<EventEntry['event'], { type: `consumer.${string}`; result: unknown }>,
    host: SessionHost,
  ): RecordedEntry {
    const { at, sessionId, reply, rest } = entry;
    if (!reply) {
      return restEntry(at, {
        asked: rest ?? 'dismiss',
        callSid: this.#phone,
        result: 'found',
        status: 'completed',
      });
    }
    const form = {
      CallSid: reply.id,
      CallStatus: type === 'consumer.returned' ? 'in-progress' : 'completed',
      ...(result !== null && { DequeueResult: result }),
    };
    const path = `/stop-consuming/${sessionId}/${reply.step}`;
    return this.#request(at, path, form, replyIn(entry, host));
  }

  #call(entry: EventEntry, call: CallId, event: CallEvent, host: SessionHost): RecordedEntry[] {
    const { at } = entry;
    switch (event.type) {
      case 'twilio.requested':
        return [{ kind: 'line', line: 0, at, call }];
      case 'twilio.created':
        return [restEntry(at, { asked: 'create', call, callSid: event.sid, result: 'placed' })];
      case 'twilio.createFailed':
        return [restEntry(at, { asked: 'create', call, result: 'refused', code: event.code })];
      case 'twilio.createLost':
        return [restEntry(at, { asked: 'create', call, result: 'lost' })];
      case 'twilio.notFound':
        return [restEntry(at, { asked: 'find', call, result: 'absent' })];
      case 'leg.status':
      case 'leg.completed':
        return [this.#status(entry, call, event)];
      case 'leg.answered':
      case 'leg.waited':
      case 'leg.bridged':
      case 'leg.dequeued':
        return this.#leg(entry, event, host);
      case 'claim.granted':
      case 'claim.denied':
      case 'call.cancel': // Of a restart: told by that.
      case 'call.hangUp':
      case 'talk.over':
        return [];
    }
  }

  #status(
    { at, rest }: EventEntry,
    call: CallId,
    event: Extract<CallEvent, { type: 'leg.status' | 'leg.completed' }>,
  ): RecordedEntry {
    const { sid: callSid, status } = event;
    if (rest) return restEntry(at, { asked: rest, call, callSid, result: 'found', status });
    const seconds = event.type === 'leg.completed' ? event.durationSeconds : null;
    const duration = seconds === null ? {} : { CallDuration: String(seconds) };
    const form = { CallSid: callSid, CallStatus: status, ...duration };
    return this.#request(at, `/call-status-event/${call}`, form, { plan: 'noContent' });
  }

  #leg(
    entry: EventEntry,
    event: Extract<
      CallEvent,
      { type: 'leg.answered' | 'leg.waited' | 'leg.bridged' | 'leg.dequeued' }
    >,
    host: SessionHost,
  ): RecordedEntry[] {
    const { at, reply, sessionId } = entry;
    if (!reply) return [];
    const isMachine = event.type === 'leg.answered' && event.answeredBy === 'machine';
    const form: Form = {
      CallSid: event.sid,
      CallStatus: 'in-progress',
      ...(isMachine && { AnsweredBy: 'machine_start' }),
      ...(event.type === 'leg.dequeued' && { QueueResult: event.result }),
    };
    const folder = LEG_PATHS[event.type];
    const id = event.type === 'leg.bridged' ? sessionId : reply.id;
    return [this.#request(at, `/${folder}/${id}/${reply.step}`, form, replyIn(entry, host))];
  }

  #request(at: number, path: string, form: Form, plan: TwimlPlan | null): RecordedEntry {
    const body = plan && this.#text.of(plan);
    return {
      kind: 'request',
      line: 0,
      at,
      method: 'POST',
      path: `${WEBHOOK_ROOT}${path}`,
      form: { AccountSid: ANY_ACCOUNT, ...form },
      referer: null,
      token: null,
      answered: plan && {
        status: body === null ? 204 : 200,
        bytes: null,
        bodyBytes: null,
        body,
        tookMs: null,
      },
    };
  }
}

const LEG_PATHS = {
  'leg.answered': 'enqueue',
  'leg.waited': 'waiting',
  'leg.bridged': 'bridging',
  'leg.dequeued': 'on-dequeue',
} as const;

/** Nobody else cancels a call from outside its session: it waited for a line when the process ended. */
const isCanceledByRestart = ({ event }: EventEntry): boolean =>
  event.type === 'call.deliver' && event.event.type === 'call.cancel';

const replyIn = ({ reply }: EventEntry, host: SessionHost): TwimlPlan | null =>
  reply ? host.replyTo(reply) : null;

const restEntry = (at: number, said: Pick<Rest, 'asked' | 'result'> & Partial<Rest>): Rest => ({
  call: null,
  callSid: null,
  status: null,
  code: null,
  ...said,
  kind: 'rest',
  line: 0,
  at,
});

function stage() {
  const sink: OrderSink = { take: () => {} };
  const journal = new StepJournal();
  return { machine: composeSession(sink), sink, journal, onFailure: () => {} };
}
