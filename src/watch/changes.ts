import { catalogued } from '../charts/catalogue.ts';
import { leafPath } from '../charts/chart.ts';
import type { HostEntry, SessionHost } from '../dialer/session-host.ts';
import type { CallId, SessionId } from '../domain/ids.ts';
import type { FloorEvent, FloorSession } from '../protocol/machines.ts';
import { arrowsBetween } from './arrows-between.ts';
import { describeEntry } from './entry-words.ts';
import type { WatchedDialer } from './floor-watch.ts';

interface Places {
  session: string;
  calls: ReadonlyMap<CallId, string>;
}

interface Pending {
  host: SessionHost;
  entry: HostEntry;
  before: Places;
}

/** What each journal entry changed on the whole floor: states before it and after it, and the arrows between. */
export class Changes {
  readonly #dialer: WatchedDialer;
  readonly #pending = new Map<SessionId, Pending>();
  #events: FloorEvent[] = [];

  constructor(dialer: WatchedDialer) {
    this.#dialer = dialer;
  }

  /** An entry is about to be applied: what came before it stands now. */
  before(sessionId: SessionId, entry: HostEntry): void {
    this.#settle(sessionId);
    for (const host of this.#dialer.sessions) {
      if (host.sessionId === sessionId) {
        this.#pending.set(sessionId, { host, entry, before: placesOf(host) });
      }
    }
  }

  /** The newest of what has changed since the last time, oldest first. */
  take(limit: number): FloorEvent[] {
    for (const sessionId of this.#pending.keys()) this.#settle(sessionId);
    return this.#events.splice(0).slice(-limit);
  }

  #settle(sessionId: SessionId): void {
    const pending = this.#pending.get(sessionId);
    if (!pending) return;
    this.#pending.delete(sessionId);
    const after = placesOf(pending.host);
    this.#events.push(eventOf(pending, after));
  }
}

function eventOf({ host, entry, before }: Pending, after: Places): FloorEvent {
  const words = describeEntry(entry);
  const isOfCall = words.callId !== null && 'event' in entry && entry.event.type === 'call.deliver';
  const callId = words.callId ?? changedCall(before, after);
  const first = words.event === 'timer' ? null : words.event;
  const call = callId === null ? null : (after.calls.get(callId) ?? 'completed');
  const callBefore = callId === null ? undefined : before.calls.get(callId);
  const sessionFirst = isOfCall ? null : first;
  return {
    ...words,
    at: entry.at,
    sessionId: host.sessionId,
    callId,
    session: after.session,
    call,
    sessionArrows: between('agent-session', before.session, after.session, sessionFirst),
    callArrows:
      call === null || callBefore === undefined
        ? []
        : between('outbound-call', callBefore, call, isOfCall ? first : null),
  };
}

const between = (
  name: 'agent-session' | 'outbound-call',
  from: string,
  to: string,
  event: string | null,
): string[] => (from === to ? [] : arrowsBetween(catalogued(name).chart, from, to, event));

const changedCall = (before: Places, after: Places): CallId | null =>
  [...before.calls].find(([callId, state]) => after.calls.get(callId) !== state)?.[0] ?? null;

function placesOf(host: SessionHost): Places {
  const { value, context } = host.snapshot;
  const calls = context.open.flatMap((callId): [CallId, string][] => {
    const call = host.call(callId);
    return call ? [[callId, leafPath(call.value)]] : [];
  });
  return { session: leafPath(value), calls: new Map(calls) };
}

export function placeOf(host: SessionHost): FloorSession {
  const { session, calls } = placesOf(host);
  return {
    sessionId: host.sessionId,
    agent: host.opening.agentName,
    state: session,
    calls: [...calls].map(([callId, state]) => {
      const leadId = host.call(callId)?.context.leadId;
      return { callId, state, lead: (leadId && host.leads.get(leadId)?.name) ?? '' };
    }),
  };
}
