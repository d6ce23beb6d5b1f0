import type { RequestRecord } from '../webhooks.ts';
import type { RecordedPayload } from './payload.ts';
import { classOf, isRedacted } from './vocabulary.ts';

export type Problem = 'missing' | 'extra' | 'illTyped' | 'differs';

export interface Finding {
  readonly problem: Problem;
  /** A parameter, or `header:…` or `method`. */
  readonly field: string;
  readonly recorded: string | null;
  readonly simulated: string | null;
}

/** Fields whose value the situation does not fix: each call has its own, or a carrier decides. Their form is compared. */
const FREE = new Set([
  'RecordingDuration', 'CallToken', 'Timestamp', 'RecordingStartTime', 'RecordingUrl', 'ErrorUrl', 'Confidence', 'AvgQueueTime', 'MachineDetectionDuration',
  'SipResponseCode', 'DialSipResponseCode', 'DialSipCallId', 'Url',
]); // prettier-ignore

/** Seconds may be rounded one way or the other. */
const SECONDS = new Set([
  'QueueTime', 'CallDuration', 'DialCallDuration', 'DequeuedCallDuration', 'DequeuedCallQueueTime',
]); // prettier-ignore

/** Compares field by field: presence, form, and value where the situation fixes it. */
export function compare(
  payload: RecordedPayload,
  simulated: RequestRecord,
  standIns: ReadonlySet<string>,
): Finding[] {
  const findings: Finding[] = [];
  const names = new Set([...Object.keys(payload.params), ...Object.keys(simulated.params)]);
  for (const name of names) {
    // What was staged with a stand-in cannot come out as it was recorded.
    if (payload.partial && standIns.has(name) && name in simulated.params) continue;
    const problem = compareField(
      name,
      payload.params[name],
      simulated.params[name],
      payload.partial,
    );
    if (problem !== null) {
      findings.push({
        problem,
        field: name,
        recorded: payload.params[name] ?? null,
        simulated: simulated.params[name] ?? null,
      });
    }
  }
  return [...findings, ...compareHttp(payload, simulated)];
}

function compareField(
  name: string,
  recorded: string | undefined,
  simulated: string | undefined,
  isPartial: boolean,
): Problem | null {
  if (recorded === undefined) return isPartial ? null : 'extra';
  if (simulated === undefined) return 'missing';
  if (isRedacted(recorded) || recorded === simulated) return null;
  // In a payload that was cut, a SID that is none was made unreadable.
  if (isPartial && name.endsWith('Sid') && classOf(recorded) !== 'sid') return null;
  const isFree = FREE.has(name) || name.endsWith('Sid');
  if (classOf(recorded) !== classOf(simulated)) return 'illTyped';
  if (isFree) return null;
  if (SECONDS.has(name) && Math.abs(Number(recorded) - Number(simulated)) <= 1) return null;
  return 'differs';
}

/** Headers that belong to the connection, a proxy or the time, not to Twilio. */
const COMPARED_HEADERS = new Set([
  'user-agent',
  'content-type',
  'accept',
  'cache-control',
  'x-twilio-signature',
  'i-twilio-idempotency-token',
  'referer',
]);
const FIXED_HEADERS = new Set(['user-agent', 'accept', 'cache-control']);

function compareHttp(payload: RecordedPayload, simulated: RequestRecord): Finding[] {
  const { http } = payload;
  const findings: Finding[] = [];
  if (http.method !== undefined && http.method.toUpperCase() !== simulated.method) {
    findings.push({
      problem: 'differs',
      field: 'method',
      recorded: http.method,
      simulated: simulated.method,
    });
  }
  const sent = new Map(
    Object.entries(simulated.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const recorded = new Map(
    Object.entries(http.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (http.userAgent !== undefined) recorded.set('user-agent', http.userAgent);
  if (http.referer !== undefined) recorded.set('referer', http.referer ?? '-');
  for (const [name, value] of recorded) {
    const problem = compareHeader(name, value, sent.get(name));
    if (problem !== null) {
      findings.push({
        problem,
        field: `header:${name}`,
        recorded: value,
        simulated: sent.get(name) ?? null,
      });
    }
  }
  return findings;
}

function compareHeader(name: string, recorded: string, sent: string | undefined): Problem | null {
  if (!COMPARED_HEADERS.has(name)) return null;
  if (name === 'referer' && (recorded === '-' || recorded === ''))
    return sent === undefined ? null : 'extra';
  if (sent === undefined) return 'missing';
  if (FIXED_HEADERS.has(name) && sent !== recorded && !isRedacted(recorded)) return 'differs';
  return null;
}
