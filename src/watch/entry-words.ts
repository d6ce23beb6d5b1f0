import type { HostEntry } from '../dialer/session-host.ts';
import type { CallEvent, SessionEvent } from '../domain/events.ts';
import type { CallId } from '../domain/ids.ts';

export interface EntryWords {
  event: string;
  /** What tells it from others of its kind; never a number, a name, a note or a SID. */
  detail: string | null;
  callId: CallId | null;
}

/** What an entry of the journal is about, without personal data. */
export function describeEntry(entry: HostEntry): EntryWords {
  if ('timer' in entry) return { event: 'timer', detail: null, callId: null };
  const { event } = entry;
  if (event.type !== 'call.deliver') {
    return { event: event.type, detail: sessionDetail(event), callId: callOf(event) };
  }
  return { event: event.event.type, detail: callDetail(event.event), callId: event.callId };
}

const callOf = (event: SessionEvent): CallId | null => ('callId' in event ? event.callId : null);

function sessionDetail(event: SessionEvent): string | null {
  if (event.type === 'leads.reserved') return `${event.calls.length} of ${event.asked}`;
  if (event.type === 'agent.dispose') return event.disposition;
  if (event.type === 'agent.setLines') return `${event.lines}`;
  return 'result' in event ? event.result : null;
}

function callDetail(event: CallEvent): string | null {
  if ('status' in event) return event.status;
  if ('answeredBy' in event) return event.answeredBy;
  if ('result' in event) return event.result;
  return 'code' in event && event.code !== null ? `${event.code}` : null;
}
