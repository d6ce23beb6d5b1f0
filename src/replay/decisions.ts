import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookKind } from '../domain/webhook.ts';
import { HANGUP_2019_BYTES } from './legs-2019.ts';
import type { RecordedAnswer } from './recording.ts';

/** What an answer makes of the call, whatever its words. `nothing`: no document, or an empty one. */
export type Decision =
  | 'prompt'
  | 'dialQueue'
  | 'enqueue'
  | 'hold'
  | 'leave'
  | 'end'
  | 'nothing'
  | 'error';

export function decisionOf(plan: TwimlPlan | null): Decision {
  switch (plan?.plan) {
    case 'promptCode':
      return 'prompt';
    case 'dialQueue':
      return 'dialQueue';
    case 'enqueue':
      return 'enqueue';
    case 'hold':
      return 'hold';
    case 'leave':
      return 'leave';
    case 'dismiss':
    case 'goodbye':
    case 'notice':
    case 'lostLine':
    case 'unavailable':
    case 'hangUp':
      return 'end';
    case 'proceed':
    case 'noContent':
    case undefined:
      return 'nothing';
  }
}

/** What was decided then: by the document if it was kept, else by its length. Null where nothing tells. */
export function recordedDecision(
  kind: WebhookKind | 'agentStatus',
  answer: RecordedAnswer | null,
): Decision | null {
  if (answer === null) return null;
  if (answer.status >= 400) return 'error';
  if (answer.body !== null) return byDocument(answer.body);
  if (answer.bodyBytes === null) return null;
  if (answer.bodyBytes === 0) return 'nothing';
  return byLength(kind, answer.bodyBytes);
}

function byDocument(body: string): Decision {
  if (body.includes('<Gather')) return 'prompt';
  if (body.includes('<Queue')) return 'dialQueue';
  if (body.includes('<Enqueue')) return 'enqueue';
  if (body.includes('<Leave')) return 'leave';
  if (body.includes('<Hangup') || body.includes('<Reject')) return 'end';
  return body.includes('<Redirect') ? 'hold' : 'nothing';
}

/** The three documents of 2019 that are not `<Hangup/>` came to three different requests. */
function byLength(kind: WebhookKind | 'agentStatus', bodyBytes: number): Decision | null {
  if (bodyBytes === HANGUP_2019_BYTES) return 'end';
  switch (kind) {
    case 'consume':
      return 'prompt';
    case 'codeKeyed':
    case 'stopConsuming':
      return 'dialQueue';
    case 'enqueue':
      return 'enqueue';
    case 'bridging':
    case 'waiting':
    case 'onDequeue':
    case 'callStatus':
    case 'fallback':
    case 'agentStatus':
      return null;
  }
}
