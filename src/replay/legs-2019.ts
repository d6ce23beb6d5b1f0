import { isTerminal, parseCallStatus } from '../domain/call-status.ts';
import type { WebhookKind } from '../domain/webhook.ts';
import { classify2019 } from './classify-2019.ts';
import type { RecordedEntry, RecordedRequest } from './recording.ts';

export interface Classified {
  request: RecordedRequest;
  kind: WebhookKind;
  /** Known from the body, or inferred from what surrounds the request; null if nothing tells. */
  callSid: string | null;
  isInferred: boolean;
}

export interface LeadLeg {
  callSid: string;
  /** Who ordered it, as the console printed it. */
  client: string | null;
  to: string;
  answeredAt: number | null;
  /** A terminal status other than `completed`: never answered. */
  isUnanswered: boolean;
  /** The agent's leg that took it off the queue. */
  consumer: string | null;
}

export interface AgentLeg {
  callSid: string;
  /** The last code keyed on it. */
  code: string | null;
  /** Its first request is in the recording. */
  hasDialedIn: boolean;
}

export interface Legs {
  requests: Map<RecordedRequest, Classified>;
  leads: Map<string, LeadLeg>;
  agents: Map<string, AgentLeg>;
}

/** `<Response><Hangup/></Response>`: 68 bytes, the answer of 2019 to a lead that came too late or a wrong code. */
export const HANGUP_2019_BYTES = 68;

/** Finds the legs of a recording without ids, and gives each request without a body the leg it must be about. */
export function legsOf2019(entries: readonly RecordedEntry[]): Legs {
  const legs: Legs = { requests: new Map(), leads: new Map(), agents: new Map() };
  for (const entry of entries) {
    if (entry.kind === 'said' && entry.said.what === 'created') {
      leadOf(legs, entry.said.callSid).client = entry.said.client;
    }
    if (entry.kind !== 'request') continue;
    const kind = classify2019(entry);
    if (kind === null) continue;
    const callSid = entry.form?.['CallSid'] ?? null;
    legs.requests.set(entry, { request: entry, kind, callSid, isInferred: false });
    if (callSid !== null) learn(legs, kind, callSid, entry);
  }
  inferEnqueues(legs);
  inferStops(legs);
  return legs;
}

function learn(
  legs: Legs,
  kind: WebhookKind,
  callSid: string,
  { form, at }: RecordedRequest,
): void {
  if (form === null) return;
  if (isAgents(kind, form['Direction'])) {
    const agent = agentOf(legs, callSid);
    if (kind === 'codeKeyed' && form['Digits']) agent.code = form['Digits'];
    if (kind === 'consume' || kind === 'codeKeyed') agent.hasDialedIn = true;
    return;
  }
  const lead = leadOf(legs, callSid);
  lead.to = form['To'] ?? lead.to;
  const answered = answeredBy(kind, form, at);
  if (answered !== null) lead.answeredAt = Math.min(lead.answeredAt ?? Infinity, answered);
  const status = parseCallStatus(form['CallStatus']);
  if (kind === 'callStatus' && status !== null && isTerminal(status) && status !== 'completed') {
    lead.isUnanswered = true;
  }
  const consumer = form['DequeingCallSid'];
  if (consumer) {
    lead.consumer = consumer;
    agentOf(legs, consumer);
  }
}

const isAgents = (kind: WebhookKind, direction: string | undefined): boolean =>
  kind === 'consume' ||
  kind === 'codeKeyed' ||
  kind === 'stopConsuming' ||
  (kind === 'callStatus' && direction === 'inbound');

/** Latest time by which the lead must have answered, by one request. */
function answeredBy(
  kind: WebhookKind,
  form: Readonly<Record<string, string>>,
  at: number,
): number | null {
  const secondsBefore = Number(form[kind === 'callStatus' ? 'CallDuration' : 'QueueTime'] ?? 0);
  if (kind === 'callStatus')
    return form['CallStatus'] === 'completed' ? at - secondsBefore * 1000 : null;
  return kind === 'bridging' || kind === 'onDequeue' ? at - secondsBefore * 1000 : at;
}

export function leadOf(legs: Legs, callSid: string): LeadLeg {
  let lead = legs.leads.get(callSid);
  if (!lead) {
    lead = { callSid, client: null, to: '', answeredAt: null, isUnanswered: false, consumer: null };
    legs.leads.set(callSid, lead);
  }
  return lead;
}

function agentOf(legs: Legs, callSid: string): AgentLeg {
  let agent = legs.agents.get(callSid);
  if (!agent) {
    agent = { callSid, code: null, hasDialedIn: false };
    legs.agents.set(callSid, agent);
  }
  return agent;
}

/**
 * /enqueue was answered without printing its body. A lead that got a queue is the one that is bridged next; one that
 * got `<Hangup/>` is another; both are asked for about when the lead answered.
 */
function inferEnqueues(legs: Legs): void {
  const requests = [...legs.requests.values()].filter(({ kind }) => kind === 'enqueue');
  const taken = new Set(requests.flatMap(({ callSid }) => callSid ?? []));
  const free = new FreeLeads([...legs.leads.values()].filter(({ callSid }) => !taken.has(callSid)));
  for (const classified of requests) {
    if (classified.callSid !== null) continue;
    const { at, answered } = classified.request;
    const best = free.take(at, answered?.bodyBytes === HANGUP_2019_BYTES);
    if (best === null) continue;
    classified.callSid = best.callSid;
    classified.isInferred = true;
  }
}

const MINUTE_MS = 60_000;

/** Leads that no request has been given to, by the minute in which they answered: a long log has thousands. */
class FreeLeads {
  readonly #byMinute = new Map<number, Set<LeadLeg>>();
  readonly #undated = new Set<LeadLeg>();

  constructor(leads: readonly LeadLeg[]) {
    for (const lead of leads) this.#placeOf(lead).add(lead);
  }

  /** The lead that a request at this time is about, by all that is known; it is then no longer free. */
  take(at: number, isRefusal: boolean): LeadLeg | null {
    let best: LeadLeg | null = null;
    let least = Infinity;
    for (const lead of this.#near(at)) {
      const badness = misfit(lead, at, isRefusal);
      if (badness >= least) continue;
      best = lead;
      least = badness;
    }
    if (best) this.#placeOf(best).delete(best);
    return best;
  }

  #placeOf({ answeredAt }: LeadLeg): Set<LeadLeg> {
    if (answeredAt === null) return this.#undated;
    const minute = Math.floor(answeredAt / MINUTE_MS);
    const place = this.#byMinute.get(minute) ?? new Set();
    this.#byMinute.set(minute, place);
    return place;
  }

  *#near(at: number): Iterable<LeadLeg> {
    const minute = Math.floor(at / MINUTE_MS);
    for (const near of [minute - 1, minute, minute + 1]) yield* this.#byMinute.get(near) ?? [];
    yield* this.#undated;
  }
}

/** How badly a request to /enqueue fits a lead: first whether it answered at all, then whether it was bridged, then when. */
function misfit(lead: LeadLeg, at: number, isRefusal: boolean): number {
  const apartMs = Math.abs((lead.answeredAt ?? at + MINUTE_MS) - at);
  const isOtherWay = (lead.consumer === null) !== isRefusal;
  return apartMs + (lead.isUnanswered ? 1e9 : 0) + (isOtherWay ? 1e7 : 0);
}

/** /stop-consuming printed no body either: it is about the agent whose bridge has just ended, or who is on the phone. */
function inferStops(legs: Legs): void {
  const onPhone = new Set<string>();
  const all = [...legs.requests.values()];
  for (const [index, classified] of all.entries()) {
    const { kind, request } = classified;
    if (kind === 'codeKeyed' && classified.callSid !== null) onPhone.add(classified.callSid);
    const consumer = request.form?.['DequeingCallSid'];
    if (consumer) onPhone.add(consumer);
    if (kind !== 'stopConsuming') continue;
    if (classified.callSid === null) {
      const [first = null] = onPhone;
      classified.callSid = endedNear(legs, all, index, onPhone) ?? first;
      classified.isInferred = classified.callSid !== null;
    }
    if (classified.callSid !== null) onPhone.delete(classified.callSid);
  }
}

/** Both sides of a bridge are told within the same second or two, in either order. */
const SAME_END_MS = 2000;

/** The agent's leg whose talk another request ends at about this time. */
function endedNear(
  legs: Legs,
  all: readonly Classified[],
  index: number,
  onPhone: ReadonlySet<string>,
): string | null {
  const at = all[index]?.request.at ?? 0;
  let first = index;
  while (first > 0 && at - (all[first - 1]?.request.at ?? 0) <= SAME_END_MS) first -= 1;
  for (let near = first; near < all.length; near += 1) {
    const { kind, request, callSid } = all[near] ?? {};
    if ((request?.at ?? 0) - at > SAME_END_MS) return null;
    const isEnd =
      kind === 'onDequeue' || (kind === 'callStatus' && request?.form?.['CallDuration']);
    const consumer = isEnd ? legs.leads.get(callSid ?? '')?.consumer : null;
    if (consumer && onPhone.has(consumer)) return consumer;
  }
  return null;
}
