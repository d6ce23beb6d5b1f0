import { parseCallSid, type CallId, type SessionId } from '../domain/ids.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import { HANGUP_2019_BYTES, legsOf2019, type Classified, type Legs } from './legs-2019.ts';
import type { Form, RecordedEntry, Recording, UnrecognisedLine } from './recording.ts';
import {
  callIdOf,
  leadNumberOf,
  sessionIdOf,
  type PlannedLead,
  type Script,
  type Step,
  type WebhookStep,
} from './script.ts';

/** Stands for a phone that the recording never names, because it began after the agent had dialed in. */
const UNNAMED_LEG = `CA${'0'.repeat(30)}99`;
const ANY_ACCOUNT = `AC${'0'.repeat(31)}1`;
/** Sign-in comes before the first request; how long before does not matter. */
const SIGNED_IN_BEFORE_MS = 1000;

/** Gives a recording of 2019 the ids that its paths lack, and the events that it only implies. */
export function interpret2019(recording: Recording): Script {
  return new Interpreter(recording).script();
}

class Interpreter {
  readonly #recording: Recording;
  readonly #legs: Legs;
  readonly #accountSid: string;
  readonly #sessionOfCode = new Map<string, SessionId>();
  /** A phone of each client that is named beside a SID, and every phone that was ever bridged. */
  readonly #consumers = new Map<string, string>();
  readonly #bridged = new Set<string>();
  readonly #callIds = new Map<string, CallId>();
  readonly #steps: Step[] = [];
  readonly #unrecognised: UnrecognisedLine[];
  readonly #gathers = new Map<string, number>();
  readonly #waits = new Map<string, number>();
  /** Leads that have been put in a queue, and the phone of each session. */
  readonly #enqueued = new Set<string>();
  readonly #onPhone = new Map<SessionId, string>();
  /** Calls that are ordered, and replies that have come, since the last request. */
  #dialing: { line: number; at: number; callSids: string[] } | null = null;
  #created: { line: number; at: number; callSid: string }[] = [];
  readonly #dialed = new Set<string>();
  /** Calls whose SID the console prints, sooner or later. */
  readonly #announced: ReadonlySet<string>;
  #requests = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#legs = legsOf2019(recording.entries);
    this.#unrecognised = [...recording.unrecognised];
    const forms = recording.entries.map((entry) => (entry.kind === 'request' ? entry.form : null));
    this.#accountSid = forms.find((form) => form?.['AccountSid'])?.['AccountSid'] ?? ANY_ACCOUNT;
    this.#announced = new Set(
      recording.entries.flatMap((entry) =>
        entry.kind === 'said' && entry.said.what === 'created' ? entry.said.callSid : [],
      ),
    );
    for (const { client, consumer } of this.#legs.leads.values()) {
      if (consumer !== null) this.#bridged.add(consumer);
      if (consumer !== null && client !== null) this.#consumers.set(client, consumer);
    }
    for (const callSid of this.#legs.leads.keys()) {
      this.#callIds.set(callSid, callIdOf(this.#callIds.size + 1));
    }
    for (const agent of this.#legs.agents.values()) this.#sessionFor(agent.code ?? agent.callSid);
    if (this.#sessionOfCode.size === 0) this.#sessionFor(UNNAMED_LEG);
  }

  script(): Script {
    const { entries } = this.#recording;
    this.#begin(entries[0]?.at ?? 0);
    const order = this.#orderedAt(entries);
    for (const entry of entries) {
      for (const callSid of order.get(entry) ?? []) this.#dial(entry, callSid);
      if (entry.kind === 'said' && entry.said.what === 'created') {
        this.#created.push({ line: entry.line, at: entry.at, callSid: entry.said.callSid });
      }
      if (entry.kind !== 'request') continue;
      this.#flush();
      this.#request(entry);
    }
    this.#flush();
    return {
      accountSid: this.#accountSid,
      publicBaseUrl: this.#publicBaseUrl(),
      lines: 1,
      callsPerSecond: Infinity,
      ringAtLeastMs: 0,
      limits: {},
      steps: this.#steps,
      leads: new Map(),
      keyed: new Set(
        entries.flatMap((e) => (e.kind === 'request' ? (e.form?.['Digits'] ?? []) : [])),
      ),
      unrecognised: this.#unrecognised.toSorted((a, b) => a.line - b.line),
      requests: this.#requests + this.#unrecognised.length,
      agentLegs: new Set(this.#legs.agents.keys()),
    };
  }

  #sessionFor(code: string): SessionId {
    const known = this.#sessionOfCode.get(code);
    if (known) return known;
    const sessionId = sessionIdOf(this.#sessionOfCode.size + 1);
    this.#sessionOfCode.set(code, sessionId);
    return sessionId;
  }

  #publicBaseUrl(): string {
    for (const entry of this.#recording.entries) {
      const origin = entry.kind === 'request' && /^https?:\/\/[^/]+/.exec(entry.referer ?? '');
      if (origin) return origin[0];
    }
    return 'https://dialer.example.com';
  }

  /** Who is signed in, and who was on the phone before the recording began. */
  #begin(at: number): void {
    const before = at - SIGNED_IN_BEFORE_MS;
    for (const [index, sessionId] of [...this.#sessionOfCode.values()].entries()) {
      const agent = `agent ${index + 1}`;
      this.#steps.push({ step: 'signIn', line: 0, at: before, sessionId, agent, lines: 1 });
    }
    for (const agent of this.#legs.agents.values()) {
      if (!agent.hasDialedIn) this.#phoneIn(agent.callSid, agent.code ?? agent.callSid, before);
    }
    if (this.#legs.agents.size === 0 && this.#legs.leads.size > 0) {
      this.#phoneIn(UNNAMED_LEG, UNNAMED_LEG, before);
    }
  }

  #phoneIn(callSid: string, code: string, at: number): void {
    const form = { CallSid: callSid, AccountSid: this.#accountSid, Digits: code };
    const common = { step: 'webhook', line: 0, at, callSid, recorded: null } as const;
    const inferred = ['she was on the phone before the recording began'];
    const opens = this.#sessionFor(code);
    this.#steps.push({ ...common, kind: 'consume', params: {}, form, opens: null, inferred });
    const params = { leg: callSid, step: '1' };
    this.#steps.push({ ...common, kind: 'codeKeyed', params, form, opens, inferred });
  }

  /**
   * When each call was ordered: at its "creating twilio call" if there is one; else when its SID was printed; at the
   * latest at its first request, which may come before the SID is printed: that is the registration race.
   */
  #orderedAt(entries: readonly RecordedEntry[]): Map<RecordedEntry, string[]> {
    const creating = entries.filter((e) => e.kind === 'said' && e.said.what === 'creating');
    const ordered = new Map<RecordedEntry, string[]>();
    const seen = new Set<string>();
    let printed = 0;
    for (const entry of entries) {
      const isReply = entry.kind === 'said' && entry.said.what === 'created';
      const callSid =
        isReply && entry.said.what === 'created' ? entry.said.callSid : this.#leadOf(entry);
      const before = isReply ? creating[printed++] : undefined;
      if (callSid === null || seen.has(callSid)) continue;
      seen.add(callSid);
      const when = before && before.line <= entry.line ? before : entry;
      ordered.set(when, [...(ordered.get(when) ?? []), callSid]);
    }
    return ordered;
  }

  #leadOf(entry: RecordedEntry): string | null {
    const callSid = entry.kind === 'request' ? this.#legs.requests.get(entry)?.callSid : null;
    return callSid && this.#legs.leads.has(callSid) ? callSid : null;
  }

  #dial({ line, at }: RecordedEntry, callSid: string): void {
    this.#dialing ??= { line, at, callSids: [] };
    this.#dialing.callSids.push(callSid);
  }

  /** Orders that stand together are one click on "Call leads". */
  #flush(): void {
    if (this.#dialing) {
      const { line, at, callSids } = this.#dialing;
      const bySession = groupBy(callSids, (callSid) => this.#sessionOfLead(callSid));
      for (const [sessionId, sids] of bySession) {
        const leads = sids.map((callSid) => this.#plan(callSid, at));
        this.#steps.push({ step: 'dial', line, at, sessionId, leads });
      }
      const silent = callSids.filter((callSid) => !this.#announced.has(callSid));
      for (const callSid of silent) this.#placed(line, at, callSid);
      this.#dialing = null;
    }
    for (const { line, at, callSid } of this.#created) this.#placed(line, at, callSid);
    this.#created = [];
  }

  #plan(callSid: string, from: number): PlannedLead {
    this.#dialed.add(callSid);
    const ordinal = this.#dialed.size;
    const known = PhoneNumber.parse(this.#legs.leads.get(callSid)?.to);
    const to = known?.e164 ?? leadNumberOf(ordinal);
    return { callId: this.#callId(callSid), leadId: `lead-${ordinal}`, to, from };
  }

  #placed(line: number, at: number, callSid: string): void {
    const sid = parseCallSid(callSid);
    if (sid === null) return;
    const callId = this.#callId(callSid);
    this.#steps.push({ step: 'created', line, at, callId, outcome: { kind: 'placed', sid } });
  }

  #callId(callSid: string): CallId {
    return this.#callIds.get(callSid) ?? callIdOf(0);
  }

  /** Of the agent that takes it off the queue; else of the one who ordered it; else of the first. */
  #sessionOfLead(callSid: string): SessionId {
    const { leads, agents } = this.#legs;
    const lead = leads.get(callSid);
    const consumer = lead?.consumer ?? this.#consumers.get(lead?.client ?? '') ?? null;
    const agent = consumer === null ? undefined : agents.get(consumer);
    const [first = sessionIdOf(1)] = this.#sessionOfCode.values();
    return agent ? this.#sessionFor(agent.code ?? agent.callSid) : first;
  }

  #request(entry: Extract<RecordedEntry, { kind: 'request' }>): void {
    const classified = this.#legs.requests.get(entry);
    const step = classified && this.#webhook(classified);
    if (!step) {
      const why = entry.form === null ? 'no body was logged' : 'no request of ours';
      const text = `${entry.method} ${entry.path} (${why})`;
      this.#unrecognised.push({ line: entry.line, text });
      return;
    }
    this.#requests += 1;
    this.#imply(step);
    this.#steps.push(step);
    if (step.kind === 'enqueue') this.#enqueued.add(step.callSid);
    if (step.kind === 'codeKeyed' && step.opens) this.#onPhone.set(step.opens, step.callSid);
    if (step.kind === 'stopConsuming') this.#onPhone.delete(this.#sessionOfLeg(step.callSid));
  }

  /** Requests that printed no body leave no trace where no proxy was logged; what came after proves them. */
  #imply({ kind, at, callSid, opens }: WebhookStep): void {
    const common = { step: 'webhook', line: 0, at, opens: null, recorded: null } as const;
    const form = { CallSid: callSid, AccountSid: this.#accountSid, CallStatus: 'in-progress' };
    if ((kind === 'bridging' || kind === 'onDequeue') && !this.#enqueued.has(callSid)) {
      const params = { call: this.#callId(callSid), step: '1' };
      const inferred = ['it was in the queue, so it had been put there'];
      this.#steps.push({ ...common, kind: 'enqueue', params, form, callSid, inferred });
      this.#enqueued.add(callSid);
    }
    const left = opens && this.#onPhone.get(opens);
    if (opens && left && left !== callSid) {
      const inferred = ['she phones in again, so her last call had ended'];
      const over = { ...form, CallSid: left, CallStatus: 'completed' };
      const params = { session: opens };
      this.#steps.push({
        ...common,
        kind: 'stopConsuming',
        params,
        form: over,
        callSid: left,
        inferred,
      });
    }
  }

  #webhook(classified: Classified): WebhookStep | null {
    const { request, kind, callSid } = classified;
    if (callSid === null || (request.form === null && kind === 'consume')) return null;
    const inferred: string[] = [];
    const form = request.form ?? this.#inferForm(classified, callSid, inferred);
    const isAgentStatus = kind === 'callStatus' && !this.#legs.leads.has(callSid);
    const session = this.#sessionOfLeg(callSid);
    return {
      step: 'webhook',
      line: request.line,
      at: request.at,
      kind: isAgentStatus ? 'agentStatus' : kind,
      params: this.#params(classified, callSid, session),
      form,
      callSid,
      opens: kind === 'codeKeyed' && this.#isAccepted(classified) ? session : null,
      inferred,
      recorded: request,
    };
  }

  #sessionOfLeg(callSid: string): SessionId {
    const agent = this.#legs.agents.get(callSid);
    return agent ? this.#sessionFor(agent.code ?? agent.callSid) : this.#sessionOfLead(callSid);
  }

  #params({ kind }: Classified, callSid: string, session: SessionId): Record<string, string> {
    switch (kind) {
      case 'codeKeyed':
        return { leg: callSid, step: count(this.#gathers, callSid) };
      case 'stopConsuming':
      case 'bridging':
        return { session };
      case 'enqueue':
      case 'onDequeue':
        return { call: this.#callId(callSid), step: '1' };
      case 'waiting':
        return { call: this.#callId(callSid), step: count(this.#waits, callSid) };
      case 'callStatus':
        return { call: this.#callId(callSid) };
      case 'fallback':
        return { leg: this.#legs.agents.has(callSid) ? 'agent' : 'lead' };
      case 'consume':
        return {};
    }
  }

  /** The code that the session has in the end; an earlier one on the same leg was wrong, and so was one that got `<Hangup/>`. */
  #isAccepted({ request, callSid }: Classified): boolean {
    if (request.answered?.bodyBytes === HANGUP_2019_BYTES) return false;
    return request.form?.['Digits'] === this.#legs.agents.get(callSid ?? '')?.code;
  }

  #inferForm({ kind, request }: Classified, callSid: string, inferred: string[]): Form {
    inferred.push(`CallSid=${callSid}`);
    const form: Record<string, string> = { CallSid: callSid, AccountSid: this.#accountSid };
    if (kind !== 'stopConsuming') return { ...form, CallStatus: 'in-progress' };
    // A Dial action that is answered without TwiML ends the call, whoever hung up.
    form['CallStatus'] = request.answered?.bodyBytes ? 'in-progress' : 'completed';
    inferred.push(`CallStatus=${form['CallStatus']}`);
    const wasBridged = this.#bridged.has(callSid);
    if (wasBridged) form['DequeueResult'] = 'bridged';
    if (wasBridged) inferred.push('DequeueResult=bridged');
    return form;
  }
}

function count(counts: Map<string, number>, key: string): string {
  const next = (counts.get(key) ?? 0) + 1;
  counts.set(key, next);
  return String(next);
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
