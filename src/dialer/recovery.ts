import type { LeadId, SessionId } from '../domain/ids.ts';
import type { JournalEntry } from './ports.ts';
import { type KeyedOrder, SessionHost, type Stage } from './session-host.ts';

export type EffectState = Extract<JournalEntry, { kind: 'effect' }>['state'];

/** An order that a session gave before the crash, and how far it had come. */
export interface UnfinishedOrder {
  keyed: KeyedOrder;
  state: EffectState | null;
}

export interface RecoveredSession {
  host: SessionHost;
  unfinished: UnfinishedOrder[];
}

/**
 * Every session that was live, standing exactly where it stood: its journal replayed, its timers armed with their
 * original due times, nothing carried out.
 */
export async function recoverSessions(
  stage: Stage,
): Promise<{ sessions: RecoveredSession[]; entries: number }> {
  const hosts = new Map<SessionId, SessionHost>();
  const effects = new Map<SessionId, Map<string, EffectState>>();
  let entries = 0;
  for await (const entry of stage.journal.read()) {
    entries += 1;
    if (entry.kind === 'opened') {
      hosts.set(entry.sessionId, new SessionHost(stage, entry.opening, entry.at));
      effects.set(entry.sessionId, new Map());
    } else if (entry.kind === 'effect') {
      effects.get(entry.sessionId)?.set(entry.key, entry.state);
    } else if (entry.kind === 'closed') {
      hosts.get(entry.sessionId)?.stop();
      hosts.delete(entry.sessionId);
    } else hosts.get(entry.sessionId)?.replay(entry);
  }
  const sessions = [...hosts.values()].map((host) => ({
    host,
    unfinished: unfinishedOrders(host, effects.get(host.sessionId) ?? new Map()),
  }));
  return { sessions, entries };
}

function unfinishedOrders(
  host: SessionHost,
  effects: ReadonlyMap<string, EffectState>,
): UnfinishedOrder[] {
  return host
    .takeOrders()
    .map((keyed) => ({ keyed, state: effects.get(keyed.key) ?? null }))
    .filter(({ state }) => state !== 'done');
}

/** The leads that the session's attempts hold, and all that its page shows. */
export function leadsOf(host: SessionHost): { held: LeadId[]; shown: LeadId[] } {
  const { context } = host.snapshot;
  const held = context.open.flatMap((callId) => host.call(callId)?.context.leadId ?? []);
  const talks = [context.winner, context.wrapUp].flatMap((talk) => talk?.leadId ?? []);
  return { held, shown: [...held, ...talks, ...host.recent.map((ended) => ended.leadId)] };
}
