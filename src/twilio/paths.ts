import type { CallId, CallSid, SessionId } from '../domain/ids.ts';

/** Every webhook path of ours begins so, as those of 2019 did. */
export const WEBHOOK_ROOT = '/twilio-webhook';

/** The one place that writes webhook paths; src/http/webhooks reads the same ones as route patterns. */
export const paths = {
  consume: () => `${WEBHOOK_ROOT}/consume`,
  codeKeyed: (leg: CallSid, step: number) => `${WEBHOOK_ROOT}/consume/${leg}/${step}`,
  stopConsuming: (session: SessionId, step: number) =>
    `${WEBHOOK_ROOT}/stop-consuming/${session}/${step}`,
  bridging: (session: SessionId, step: number) => `${WEBHOOK_ROOT}/bridging/${session}/${step}`,
  enqueue: (call: CallId, step: number) => `${WEBHOOK_ROOT}/enqueue/${call}/${step}`,
  waiting: (call: CallId, step: number) => `${WEBHOOK_ROOT}/waiting/${call}/${step}`,
  onDequeue: (call: CallId, step: number) => `${WEBHOOK_ROOT}/on-dequeue/${call}/${step}`,
  callStatus: (call: CallId) => `${WEBHOOK_ROOT}/call-status-event/${call}`,
  fallback: (leg: 'lead' | 'agent') => `${WEBHOOK_ROOT}/fallback/${leg}`,
};

/** Name of the queue that only this session's agent attends. At most 64 characters (error 14205). */
export const queueName = (session: SessionId): string => `queue-${session}`;
