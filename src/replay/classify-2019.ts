import type { WebhookKind } from '../domain/webhook.ts';
import type { Form, RecordedRequest } from './recording.ts';

/**
 * Which request of ours a request of 2019 is. Three kinds came to one URL, so the fields decide, not the path:
 * `CallbackSource` = call progress, `DequeingCallSid` = about to be bridged, `QueueResult` = has left the queue.
 */
export function classify2019({ path, form }: RecordedRequest): WebhookKind | null {
  return form === null ? byPath(path) : (byFields(form) ?? byPath(path) ?? byDirection(form));
}

function byFields(form: Form): WebhookKind | null {
  if ('CallbackSource' in form || 'SequenceNumber' in form) return 'callStatus';
  if ('DequeingCallSid' in form) return 'bridging';
  if ('QueueResult' in form) return 'onDequeue';
  if ('DequeueResult' in form || 'DialCallStatus' in form) return 'stopConsuming';
  if ('Digits' in form || form['msg'] === 'Gather End') return 'codeKeyed';
  if ('QueuePosition' in form || 'CurrentQueueSize' in form) return 'waiting';
  if ('ErrorUrl' in form) return 'fallback';
  return null;
}

function byPath(path: string): WebhookKind | null {
  if (path.endsWith('/consume')) return 'consume';
  if (path.endsWith('/enqueue')) return 'enqueue';
  if (path.endsWith('/stop-consuming')) return 'stopConsuming';
  return null;
}

/** Where not even the path was logged: a body, and nothing else. */
function byDirection(form: Form): WebhookKind | null {
  if (form['CallDuration'] !== undefined) return 'callStatus';
  if (form['Direction'] === 'inbound' && form['CallStatus'] === 'ringing') return 'consume';
  if (form['Direction'] === 'outbound-api' && form['CallStatus'] === 'in-progress')
    return 'enqueue';
  return null;
}
