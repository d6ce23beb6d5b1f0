import { rfc2822, rfc2822OrNull } from '../dates.ts';
import type { CallStatus, Leg } from '../leg.ts';
import { formatNumber } from '../phone-number.ts';
import { accountUri } from './resource.ts';

/** REST has no `initiated`: the call stays `queued` until it rings. */
export function restStatus(status: CallStatus): string {
  return status === 'initiated' ? 'queued' : status;
}

/** The Call as REST shows it. Nulls are explicit: an absent date would become "now" in the SDK. */
export function callJson(leg: Leg, isNew = false): Record<string, unknown> {
  const { exchange } = leg;
  const uri = accountUri(exchange, `Calls/${leg.sid}`);
  const name = leg.phoneNumberSid;
  const isEnded = leg.endedAt !== null;
  return {
    sid: leg.sid,
    date_created: isNew ? null : rfc2822(leg.createdAt),
    date_updated: isNew ? null : rfc2822(leg.updatedAt),
    parent_call_sid: leg.parent?.sid ?? null,
    account_sid: exchange.accountSid,
    to: leg.to,
    to_formatted: formatNumber(leg.to),
    from: leg.from,
    from_formatted: formatNumber(leg.from),
    phone_number_sid: name,
    status: restStatus(leg.status),
    start_time: rfc2822OrNull(isNew ? null : leg.startTime),
    end_time: rfc2822OrNull(leg.endedAt),
    duration: isEnded ? String(leg.durationSeconds) : null,
    price: null,
    price_unit: 'USD',
    direction: leg.direction,
    answered_by: leg.answeredBy,
    api_version: exchange.apiVersion,
    forwarded_from: leg.extraFields['ForwardedFrom'] ?? null,
    group_sid: null,
    caller_name: leg.callerName,
    queue_time: String(leg.queueTimeMs),
    trunk_sid: null,
    annotation: null,
    uri: `${uri}.json`,
    subresource_uris: subresources(uri),
  };
}

function subresources(uri: string): Record<string, string> {
  return {
    notifications: `${uri}/Notifications.json`,
    recordings: `${uri}/Recordings.json`,
    payments: `${uri}/Payments.json`,
    events: `${uri}/Events.json`,
    siprec: `${uri}/Siprec.json`,
    streams: `${uri}/Streams.json`,
    transcriptions: `${uri}/Transcriptions.json`,
    user_defined_message_subscriptions: `${uri}/UserDefinedMessageSubscriptions.json`,
    user_defined_messages: `${uri}/UserDefinedMessages.json`,
  };
}
