import type { AgentCommand } from '../domain/events.ts';
import { parseCallStatus } from '../domain/call-status.ts';
import { parseCallSid, type CallId, type SessionId } from '../domain/ids.ts';
import type { CallFact, PlaceOutcome } from '../dialer/ports.ts';
import { implyFacts } from './implied-facts.ts';
import { readOwnPath } from './own-paths.ts';
import type {
  RecordedEntry,
  RecordedFact,
  RecordedRequest,
  Recording,
  UnrecognisedLine,
} from './recording.ts';
import type { PlannedLead, Script, Step, WebhookStep } from './script.ts';

/** A lead is given out no earlier than this before the recording says that it was: the request went before the reply. */
const RESERVED_BEFORE_MS = 2000;
/** Stands for an account that nobody needs to know. */
export const ANY_ACCOUNT = `AC${'0'.repeat(31)}1`;

/** A recording whose paths carry our ids. What it does not tell about agents and calls is implied from its requests. */
export function interpretOurs(recording: Recording): Script {
  const hasFacts = recording.entries.some((entry) => entry.kind === 'signIn');
  const entries = hasFacts ? recording.entries : implyFacts(recording.entries);
  return new OwnInterpreter(recording, entries).script();
}

class OwnInterpreter {
  readonly #recording: Recording;
  readonly #entries: readonly RecordedEntry[];
  readonly #steps: Step[] = [];
  readonly #leads = new Map<SessionId, PlannedLead[]>();
  /** Codes that have not been keyed yet. A code works once. */
  readonly #codes = new Map<string, SessionId>();
  readonly #planned = new Set<string>();
  readonly #agentLegs = new Set<string>();
  readonly #unrecognised: UnrecognisedLine[];
  #requests = 0;

  constructor(recording: Recording, entries: readonly RecordedEntry[]) {
    this.#recording = recording;
    this.#entries = entries;
    this.#unrecognised = [...recording.unrecognised];
  }

  script(): Script {
    for (const entry of this.#entries) {
      if (entry.kind === 'signIn' && entry.code)
        this.#codes.set(entry.code, entry.session as SessionId);
      if (entry.kind === 'code') this.#codes.set(entry.code, entry.session as SessionId);
    }
    for (const entry of this.#entries) this.#entry(entry);
    const { settings } = this.#recording;
    const forms = this.#entries.map((entry) => (entry.kind === 'request' ? entry.form : null));
    return {
      accountSid:
        settings.accountSid ?? forms.find((f) => f?.['AccountSid'])?.['AccountSid'] ?? ANY_ACCOUNT,
      publicBaseUrl:
        settings.publicBaseUrl ?? baseUrlOf(this.#entries) ?? 'https://dialer.example.com',
      lines: settings.lines ?? this.#entries.find((entry) => entry.kind === 'signIn')?.lines ?? 1,
      callsPerSecond: settings.callsPerSecond ?? Infinity,
      ringAtLeastMs: settings.ringAtLeastMs ?? 0,
      limits: settings.limits ?? {},
      steps: this.#steps,
      leads: this.#leads,
      keyed: new Set(forms.flatMap((form) => form?.['Digits'] ?? [])),
      unrecognised: this.#unrecognised.toSorted((a, b) => a.line - b.line),
      requests: this.#requests + this.#unrecognised.length,
      agentLegs: this.#agentLegs,
    };
  }

  #entry(entry: RecordedEntry): void {
    if (entry.kind === 'request') return this.#request(entry);
    if (entry.kind === 'reserved') return this.#reserved(entry);
    const step = factStep(entry);
    if (step) this.#steps.push(step);
  }

  #reserved({ session, asked, calls, ...common }: Reserved): void {
    const sessionId = session as SessionId;
    const { line, at } = common;
    if (asked !== null) {
      const leads = calls.map((call) => plannedLead(call, at));
      this.#steps.push({ step: 'reserved', line, at, sessionId, leads });
      return;
    }
    const planned = this.#leads.get(sessionId) ?? [];
    this.#leads.set(sessionId, planned);
    for (const call of calls) {
      if (this.#planned.has(call.call)) continue; // One attempt, one id: a line that was copied is no second attempt.
      this.#planned.add(call.call);
      planned.push(plannedLead(call, at - RESERVED_BEFORE_MS));
    }
  }

  #request(entry: RecordedRequest): void {
    const route = readOwnPath(entry.path);
    if (!route || entry.form === null) {
      const why = route ? 'no parameters were recorded' : 'no path of ours';
      this.#unrecognised.push({ line: entry.line, text: `${entry.method} ${entry.path} (${why})` });
      return;
    }
    this.#requests += 1;
    const { kind, params } = route;
    const callSid = entry.form['CallSid'] ?? '';
    if (kind === 'consume' || kind === 'codeKeyed' || kind === 'stopConsuming')
      this.#agentLegs.add(callSid);
    const step: WebhookStep = {
      step: 'webhook',
      line: entry.line,
      at: entry.at,
      kind,
      params,
      form: entry.form,
      callSid,
      opens: kind === 'codeKeyed' ? this.#redeem(entry.form['Digits']) : null,
      inferred: [],
      recorded: entry,
    };
    this.#steps.push(step);
  }

  #redeem(digits: string | undefined): SessionId | null {
    const session = this.#codes.get(digits ?? '') ?? null;
    this.#codes.delete(digits ?? '');
    return session;
  }
}

type Reserved = Extract<RecordedFact, { kind: 'reserved' }>;

const plannedLead = ({ call, lead, to }: Reserved['calls'][number], from: number): PlannedLead => ({
  callId: call as CallId,
  leadId: lead,
  to,
  from,
});

function factStep(entry: Exclude<RecordedEntry, RecordedRequest>): Step | null {
  const { line, at } = entry;
  switch (entry.kind) {
    case 'signIn': {
      const { agent, lines } = entry;
      return { step: 'signIn', line, at, sessionId: entry.session as SessionId, agent, lines };
    }
    case 'page':
      return {
        step: 'page',
        line,
        at,
        sessionId: entry.session as SessionId,
        attached: entry.attached,
      };
    case 'command': {
      const sessionId = entry.session as SessionId;
      return { step: 'command', line, at, sessionId, command: entry.command as AgentCommand };
    }
    case 'dial': {
      const leads = entry.calls.map((call) => plannedLead(call, at));
      return { step: 'dial', line, at, sessionId: entry.session as SessionId, leads };
    }
    case 'line':
      return { step: 'line', line, at, callId: entry.call as CallId };
    case 'leadsAdded':
    case 'restart':
      return { step: entry.kind, line, at };
    case 'rest':
      return restStep(entry);
    case 'reserved':
    case 'code':
    case 'said':
      return null;
  }
}

function restStep(entry: Extract<RecordedFact, { kind: 'rest' }>): Step | null {
  const { line, at, asked, call } = entry;
  const callSid = parseCallSid(entry.callSid);
  if (asked === 'create') {
    return call === null
      ? null
      : { step: 'created', line, at, callId: call as CallId, outcome: outcomeOf(entry, callSid) };
  }
  const about = asked === 'find' ? (call as CallId | null) : callSid;
  return about && { step: 'fact', line, at, asked, about, fact: factOf(entry, callSid) };
}

function outcomeOf(
  { result, code }: Extract<RecordedFact, { kind: 'rest' }>,
  sid: ReturnType<typeof parseCallSid>,
): PlaceOutcome {
  if (result === 'placed' && sid) return { kind: 'placed', sid };
  if (result === 'refused')
    return { kind: 'refused', code, reason: 'as recorded', retryable: false };
  return { kind: 'unknown', reason: 'as recorded' };
}

function factOf(
  { result, status }: Extract<RecordedFact, { kind: 'rest' }>,
  sid: ReturnType<typeof parseCallSid>,
): CallFact {
  const known = parseCallStatus(status);
  if (result === 'absent') return { kind: 'absent' };
  if (result === 'found' && known && sid)
    return { kind: 'found', sid, status: known, durationSeconds: null };
  return { kind: 'unknown', reason: 'as recorded' };
}

/** The base URL that the recorded documents were written with. */
function baseUrlOf(entries: readonly RecordedEntry[]): string | null {
  for (const entry of entries) {
    if (entry.kind !== 'request') continue;
    const inBody = /action="(https?:\/\/[^/"]+)/.exec(entry.answered?.body ?? '')?.[1];
    const found = inBody ?? /^(https?:\/\/[^/]+)/.exec(entry.referer ?? '')?.[1];
    if (found) return found;
  }
  return null;
}
