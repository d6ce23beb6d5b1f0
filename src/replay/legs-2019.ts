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
  const answered = answeredAt(kind, form, at);
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
function answeredAt(
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
  const taken = new Set<string>();
  const bodiless: Classified[] = [];
  for (const classified of legs.requests.values()) {
    if (classified.kind !== 'enqueue') continue;
    if (classified.callSid === null) bodiless.push(classified);
    else taken.add(classified.callSid);
  }
  for (const classified of bodiless) {
    const { request } = classified;
    const isRefusal = request.answered?.bodyBytes === HANGUP_2019_BYTES;
    const rank = (lead: LeadLeg): number =>
      Math.abs((lead.answeredAt ?? request.at + 60_000) - request.at) +
      (lead.isUnanswered ? 1e9 : 0) +
      ((lead.consumer === null) === isRefusal ? 0 : 1e7);
    const free = [...legs.leads.values()].filter((lead) => !taken.has(lead.callSid));
    const [best] = free.toSorted((a, b) => rank(a) - rank(b));
    if (!best) continue;
    taken.add(best.callSid);
    classified.callSid = best.callSid;
    classified.isInferred = true;
  }
}

/** /stop-consuming printed no body either: it is about the agent whose bridge has just ended, or who is on the phone. */
function inferStops(legs: Legs): void {
  const onPhone: string[] = [];
  const all = [...legs.requests.values()];
  for (const classified of all) {
    const { kind, request } = classified;
    if (
      kind === 'codeKeyed' &&
      classified.callSid !== null &&
      !onPhone.includes(classified.callSid)
    ) {
      onPhone.push(classified.callSid);
    }
    const consumer = request.form?.['DequeingCallSid'];
    if (consumer && !onPhone.includes(consumer)) onPhone.push(consumer);
    if (kind !== 'stopConsuming') continue;
    if (classified.callSid === null) {
      const ended = bridgeEndedNear(legs, all, request.at);
      classified.callSid = (ended && onPhone.includes(ended) ? ended : onPhone[0]) ?? null;
      classified.isInferred = classified.callSid !== null;
    }
    const index = onPhone.indexOf(classified.callSid ?? '');
    if (index >= 0) onPhone.splice(index, 1);
  }
}

function bridgeEndedNear(legs: Legs, all: readonly Classified[], at: number): string | null {
  const near = all.find(
    ({ kind, request, callSid }) =>
      kind === 'onDequeue' &&
      callSid !== null &&
      request.form?.['QueueResult'] === 'bridged' &&
      Math.abs(request.at - at) <= 2000,
  );
  return near?.callSid ? (legs.leads.get(near.callSid)?.consumer ?? null) : null;
}
