import type { JournalEntry } from '../dialer/ports.ts';
import type { CallId } from '../domain/ids.ts';
import type { WebhookRequest } from '../domain/webhook.ts';

/** D1 The entry that the reply to this request follows from. */
export const isAskedBy =
  (request: WebhookRequest) =>
  (entry: JournalEntry): boolean => {
    if (entry.kind !== 'event' || !entry.reply || !('step' in request)) return false;
    const { kind, id, step } = entry.reply;
    const isSame = kind === request.kind && step === request.step;
    return isSame && (id === request.sid || ('callId' in request && id === request.callId));
  };

/** D1 The entry that the create of this call follows from. */
export const isIntentOf =
  (callId: CallId) =>
  (entry: JournalEntry): boolean =>
    entry.kind === 'event' && requestedIn(entry) === callId;

/** The call whose create is sent as soon as this entry is durable; null if none is. */
export const requestedIn = ({ event }: Extract<JournalEntry, { kind: 'event' }>): CallId | null =>
  event.type === 'call.deliver' && event.event.type === 'twilio.requested' ? event.callId : null;
