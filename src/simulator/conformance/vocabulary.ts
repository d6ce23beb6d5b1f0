const GEOGRAPHY = ['From', 'To', 'Caller', 'Called'].flatMap((side) =>
  ['City', 'State', 'Zip', 'Country'].map((part) => side + part),
);

/** Fields any request of a call may have. Anything else in a client's first request is the client's own. */
export const STANDARD_FIELDS: ReadonlySet<string> = new Set([
  ...GEOGRAPHY,
  'CallSid', 'AccountSid', 'From', 'To', 'Caller', 'Called', 'CallStatus', 'ApiVersion', 'Direction',
  'ForwardedFrom', 'CalledVia', 'CallerName', 'ParentCallSid', 'ApplicationSid', 'CallToken', 'StirVerstat', 'StirPassportToken', 'StirStatus',
]); // prettier-ignore

/** Every field Twilio's voice requests are known to have. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...STANDARD_FIELDS,
  'Digits', 'FinishedOnKey', 'msg', 'SpeechResult', 'Confidence', 'Language',
  'DialCallStatus', 'DialCallSid', 'DialCallDuration', 'DialBridged', 'DialSipResponseCode', 'DialSipCallId',
  'QueueSid', 'QueueTime', 'QueueResult', 'QueuePosition', 'AvgQueueTime', 'CurrentQueueSize', 'MaxQueueSize',
  'DequeingCallSid', 'DequeueResult', 'DequeuedCallSid', 'DequeuedCallQueueTime', 'DequeuedCallDuration',
  'CallbackSource', 'Timestamp', 'SequenceNumber', 'CallDuration', 'Duration', 'SipResponseCode', 'AnsweredBy', 'MachineDetectionDuration',
  'RecordingUrl', 'RecordingSid', 'RecordingDuration', 'RecordingStatus', 'RecordingChannels', 'RecordingStartTime', 'RecordingSource', 'RecordingTrack',
  'ErrorCode', 'ErrorUrl', 'ConferenceSid', 'FriendlyName',
]); // prettier-ignore

/** What a call brings along from outside; the network passes it on as the carrier or endpoint gave it. */
export const CARRIED_FIELDS: readonly string[] = [
  'ForwardedFrom', 'CalledVia', 'CallToken', 'StirVerstat', 'StirPassportToken', 'SipDomain', 'SipCallId', 'SipSourceIp', 'SipDomainSid', 'AddOns',
]; // prettier-ignore

/**
 * Fields that Twilio began to send at some time, or sends only to some: their absence from a recording says when and where
 * it was made, not that the network is wrong to know them. Each was seen both present and absent in genuine requests.
 */
export const DATED_FIELDS: Readonly<Record<string, string>> = {
  ApplicationSid: 'only where a TwiML App supplies the URLs',
  DialBridged: 'absent in 2021 and before',
  MaxQueueSize: 'documented, absent in a capture of 2016',
  FinishedOnKey: 'absent before about 2016',
  Timestamp: "absent from early calls' status callbacks",
  CallbackSource: "absent from early calls' status callbacks",
  SequenceNumber: "absent from early calls' status callbacks",
  SipResponseCode: 'optional',
  RecordingTrack: 'newer',
  RecordingStartTime: 'newer',
  RecordingSource: 'newer',
  RecordingChannels: 'newer',
  ErrorCode: 'newer in recording callbacks',
  RecordingSid: 'newer in early recording requests',
  DialCallSid: 'newer in early Dial actions',
};

export type FieldClass =
  | 'sid'
  | 'date'
  | 'url'
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'number'
  | 'empty'
  | 'text';

export function classOf(value: string): FieldClass {
  if (value === '') return 'empty';
  if (/^[A-Z]{2}[0-9a-f]{32}$/.test(value)) return 'sid';
  if (/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/.test(value))
    return 'date';
  if (/^https?:\/\//.test(value)) return 'url';
  if (/^(true|false)$/.test(value)) return 'boolean';
  if (/^\d+$/.test(value)) return 'integer';
  if (/^\d+\.\d+$/.test(value)) return 'decimal';
  if (/^\+[1-9]\d{6,14}$/.test(value)) return 'number';
  return 'text';
}

/** A value that was made unreadable before it was recorded: nothing can be compared with it. */
export function isRedacted(value: string): boolean {
  return /[*•…█]|x{3,}|redact|removed|hidden|anonymi[sz]ed|^<.*>$|^\[.*\]$|\.\.\.$/i.test(value);
}
