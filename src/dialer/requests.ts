import { isTerminal } from '../domain/call-status.ts';
import type { CallEvent, SessionEvent } from '../domain/events.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import type { Anomaly, ReplyKey } from './ports.ts';
import type { SessionHost } from './session-host.ts';

type Request<Kind extends WebhookRequest['kind']> = Extract<WebhookRequest, { kind: Kind }>;
export type LeadRequest = Request<'enqueue' | 'waiting' | 'onDequeue' | 'callStatus'>;
export type SessionRequest = LeadRequest | Request<'stopConsuming' | 'bridging'>;

/** What a session must show for a request to be understood. */
export type AskedSession = Pick<SessionHost, 'snapshot' | 'call' | 'callOfLeg' | 'replyTo'>;

/** What a request means to the session that it names. */
export type Reading =
  /** Asked before: the same words again, nothing changes. */
  | { kind: 'repeat'; plan: TwimlPlan }
  /** Nothing that this session waits for: a safe answer. `endsLeg`: the leg that asked is nobody's and must go. */
  | { kind: 'anomaly'; anomaly: Anomaly; plan: TwimlPlan; endsLeg: boolean }
  /** Changes the session, whose state then chooses the reply that is kept under `key`. */
  | { kind: 'asked'; event: SessionEvent; key: ReplyKey }
  /** Changes the session; nobody waits for words. */
  | { kind: 'told'; event: SessionEvent };

/** Reads a request without changing anything. */
export function readRequest(session: AskedSession, request: SessionRequest): Reading {
  switch (request.kind) {
    case 'stopConsuming':
      return readStopConsuming(session, request);
    case 'bridging':
      return readBridging(session, request);
    case 'enqueue':
    case 'waiting':
    case 'onDequeue':
    case 'callStatus':
      return readLeadRequest(session, request);
  }
}

/** What a lead's leg hears, or a callback gets, when nobody knows its call. */
export const unknownLeadPlan = (request: LeadRequest): TwimlPlan => ({
  plan: request.kind === 'callStatus' ? 'noContent' : 'unavailable',
});

function readStopConsuming(session: AskedSession, request: Request<'stopConsuming'>): Reading {
  const { sid, step } = request;
  const key: ReplyKey = { kind: 'stopConsuming', id: sid, step };
  const earlier = session.replyTo(key);
  if (earlier) return { kind: 'repeat', plan: earlier };
  if (session.snapshot.context.consumerSid !== sid) {
    return anomaly('strangerConsumer', { plan: 'goodbye' });
  }
  const hasLeft = isTerminal(request.callStatus);
  const type = hasLeft ? 'consumer.disconnected' : 'consumer.returned';
  const result = isOfLeadBefore(session, request) ? null : request.result;
  return { kind: 'asked', event: { type, result }, key };
}

/** She was bridged with somebody else than the lead who has her now: a talk whose end had not reached Twilio. */
function isOfLeadBefore(session: AskedSession, { leadSid }: Request<'stopConsuming'>): boolean {
  const { winner } = session.snapshot.context;
  const winnerSid = winner && session.call(winner.callId)?.context.sid;
  return leadSid !== null && winnerSid != null && winnerSid !== leadSid;
}

function readBridging(session: AskedSession, request: Request<'bridging'>): Reading {
  const { sid, step } = request;
  const key: ReplyKey = { kind: 'bridging', id: sid, step };
  const earlier = session.replyTo(key);
  if (earlier) return { kind: 'repeat', plan: earlier };
  const callId = session.callOfLeg(sid);
  if (!callId) return anomaly('strangerLeg', { plan: 'proceed' });
  return {
    kind: 'asked',
    event: { type: 'call.deliver', callId, event: { type: 'leg.bridged', sid } },
    key,
  };
}

function readLeadRequest(session: AskedSession, request: LeadRequest): Reading {
  const { callId, sid } = request;
  const key = replyKey(request);
  const earlier = key && session.replyTo(key);
  if (earlier) return { kind: 'repeat', plan: earlier };
  const call = session.call(callId);
  if (!call) return anomaly('finishedCall', unknownLeadPlan(request));
  if (call.context.sid !== null && call.context.sid !== sid) {
    // Two real calls under one id: the first is ours, the second is ended.
    const isOver = request.kind === 'callStatus' && isTerminal(request.status);
    return anomaly('strangerSid', unknownLeadPlan(request), !isOver);
  }
  const event: SessionEvent = { type: 'call.deliver', callId, event: callEvent(request) };
  return key ? { kind: 'asked', event, key } : { kind: 'told', event };
}

const anomaly = (name: Anomaly, plan: TwimlPlan, endsLeg = false): Reading => ({
  kind: 'anomaly',
  anomaly: name,
  plan,
  endsLeg,
});

/** The requests whose reply is kept, by what makes them single-use. */
function replyKey(request: LeadRequest): ReplyKey | null {
  return request.kind === 'callStatus'
    ? null
    : { kind: request.kind, id: request.callId, sid: request.sid, step: request.step };
}

function callEvent(request: LeadRequest): CallEvent {
  const { sid } = request;
  switch (request.kind) {
    case 'enqueue':
      return {
        type: 'leg.answered',
        sid,
        answeredBy: /^(machine|fax)/.test(request.answeredBy ?? '') ? 'machine' : 'person',
      };
    case 'waiting':
      return { type: 'leg.waited', sid };
    case 'onDequeue':
      return { type: 'leg.dequeued', sid, result: request.result };
    case 'callStatus': {
      const { status, durationSeconds } = request;
      return isTerminal(status)
        ? { type: 'leg.completed', sid, status, durationSeconds }
        : { type: 'leg.status', sid, status };
    }
  }
}
