import type { CallStatus } from './call-status.ts';
import type { CallId, CallSid, QueueSid, SessionId } from './ids.ts';

/**
 * One request of Twilio's, typed: what it means, whom it names (our ids from the path, covered by the
 * signature) and the fields we read. `step` makes a request single-use: see docs/webhooks.md.
 */
export type WebhookRequest =
  | { kind: 'consume'; sid: CallSid }
  | { kind: 'codeKeyed'; sid: CallSid; step: number; digits: string }
  | {
      kind: 'stopConsuming';
      sessionId: SessionId;
      step: number;
      sid: CallSid;
      callStatus: CallStatus;
      /** `DequeueResult`; Twilio does not promise it, so null is ordinary. */
      result: string | null;
      leadSid: CallSid | null;
    }
  | {
      kind: 'bridging';
      sessionId: SessionId;
      step: number;
      sid: CallSid;
      consumerSid: CallSid | null;
      queueSid: QueueSid | null;
    }
  | { kind: 'enqueue'; callId: CallId; step: number; sid: CallSid; answeredBy: string | null }
  | { kind: 'waiting'; callId: CallId; step: number; sid: CallSid }
  | { kind: 'onDequeue'; callId: CallId; step: number; sid: CallSid; result: string }
  | {
      kind: 'callStatus';
      callId: CallId;
      sid: CallSid;
      status: CallStatus;
      sequence: number | null;
      durationSeconds: number | null;
    }
  | { kind: 'fallback'; leg: 'lead' | 'agent'; sid: CallSid | null; errorCode: string | null };

export type WebhookKind = WebhookRequest['kind'];
