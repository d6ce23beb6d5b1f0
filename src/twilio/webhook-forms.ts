import { isTerminal, parseCallStatus } from '../domain/call-status.ts';
import {
  parseCallId,
  parseCallSid,
  parseQueueSid,
  parseSessionId,
  type CallId,
  type CallSid,
  type SessionId,
} from '../domain/ids.ts';
import type { WebhookKind, WebhookRequest } from '../domain/webhook.ts';

/** A form as it came: names and values are strings; a repeated name is refused before it gets here. */
export type Form = Readonly<Record<string, string>>;
/** Our own ids and step out of the path. */
export type PathParams = Readonly<Record<string, string | undefined>>;

/** The fields of one request, checked; null where something required is missing or ill-formed. */
export function readWebhook(
  kind: WebhookKind,
  path: PathParams,
  form: Form,
  accountSid: string,
): WebhookRequest | null {
  if (kind === 'fallback') return readFallback(path, form);
  const sid = parseCallSid(form['CallSid']);
  if (sid === null || form['AccountSid'] !== accountSid) return null;
  if (kind === 'consume') return { kind, sid };
  if (kind === 'callStatus') return readCallStatus(path, form, sid);
  const step = parseStep(path['step']);
  if (step === null) return null;
  switch (kind) {
    case 'codeKeyed':
      return path['leg'] === sid ? { kind, sid, step, digits: keyed(form['Digits']) } : null;
    case 'stopConsuming':
      return withSession(path, (sessionId) => readStopConsuming(form, { sessionId, step, sid }));
    case 'bridging':
      return withSession(path, (sessionId) => ({
        kind,
        sessionId,
        step,
        sid,
        consumerSid: parseCallSid(form['DequeingCallSid']), // Twilio's spelling.
        queueSid: parseQueueSid(form['QueueSid']),
      }));
    case 'enqueue':
      return withCall(path, (callId) => ({
        kind,
        callId,
        step,
        sid,
        answeredBy: form['AnsweredBy'] ?? null,
      }));
    case 'waiting':
      return withCall(path, (callId) => ({ kind, callId, step, sid }));
    case 'onDequeue':
      return withCall(path, (callId) => ({
        kind,
        callId,
        step,
        sid,
        result: form['QueueResult'] ?? 'missing',
      }));
  }
}

/** Keys of a telephone; anything else was not keyed by a person and counts as wrong. */
const keyed = (digits: string | undefined): string =>
  digits === undefined || /^[0-9*#]{0,32}$/.test(digits) ? (digits ?? '') : '?';

const parseStep = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null;

/** Whole seconds as Twilio writes them; null if absent or odd. */
const parseSeconds = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null;

function withSession<R>(path: PathParams, read: (sessionId: SessionId) => R): R | null {
  const sessionId = parseSessionId(path['session']);
  return sessionId === null ? null : read(sessionId);
}

function withCall<R>(path: PathParams, read: (callId: CallId) => R): R | null {
  const callId = parseCallId(path['call']);
  return callId === null ? null : read(callId);
}

/**
 * The Dial action. `DequeueResult` is what unrelated projects receive, Twilio does not document it; without it a
 * `DialCallStatus` of `completed` means that there was a bridge.
 */
function readStopConsuming(
  form: Form,
  { sessionId, step, sid }: { sessionId: SessionId; step: number; sid: CallSid },
): WebhookRequest | null {
  const callStatus = parseCallStatus(form['CallStatus']);
  if (callStatus === null) return null;
  return {
    kind: 'stopConsuming',
    sessionId,
    step,
    sid,
    callStatus,
    result: form['DequeueResult'] ?? (form['DialCallStatus'] === 'completed' ? 'bridged' : null),
    leadSid: parseCallSid(form['DequeuedCallSid']),
  };
}

function readCallStatus(path: PathParams, form: Form, sid: CallSid): WebhookRequest | null {
  const status = parseCallStatus(form['CallStatus']);
  if (status === null) return null;
  return withCall(path, (callId) => ({
    kind: 'callStatus',
    callId,
    sid,
    status,
    sequence: parseSeconds(form['SequenceNumber']),
    // `Duration` beside it is billed minutes; only CallDuration is seconds.
    durationSeconds: isTerminal(status) ? parseSeconds(form['CallDuration']) : null,
  }));
}

function readFallback(path: PathParams, form: Form): WebhookRequest {
  return {
    kind: 'fallback',
    leg: path['leg'] === 'agent' ? 'agent' : 'lead',
    sid: parseCallSid(form['CallSid']),
    errorCode: form['ErrorCode'] ?? null,
  };
}
