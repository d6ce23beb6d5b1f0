import type { LeadId, SessionId } from '../domain/ids.ts';
import { type KeyedOrder, SessionHost, type Stage } from './session-host.ts';

export interface RecoveredSession {
  host: SessionHost;
  /** Orders given before the crash whose end the journal does not hold. */
  unfinished: KeyedOrder[];
}

/** Version of the charts that a journal is written with: raised when an old journal would replay differently. */
export const CHART_VERSION = 1;

/**
 * Every session that was live, standing exactly where it stood: its journal replayed, its timers armed with their
 * original due times, nothing carried out. `outdated`: live sessions of charts of another version, which are not
 * replayed into these. `only`: one session, beside the others that are alive.
 */
export async function recoverSessions(
  stage: Stage,
  only?: SessionId,
): Promise<{
  sessions: RecoveredSession[];
  outdated: SessionId[];
  entries: number;
  newestAt: number;
}> {
  const hosts = new Map<SessionId, SessionHost>();
  const done = new Map<SessionId, Set<string>>();
  const outdated: SessionId[] = [];
  let entries = 0;
  let newestAt = 0;
  for await (const entry of stage.journal.read()) {
    if (only !== undefined && entry.sessionId !== only) continue;
    entries += 1;
    newestAt = Math.max(newestAt, entry.at);
    if (entry.kind === 'opened' && entry.version !== CHART_VERSION) {
      outdated.push(entry.sessionId);
    } else if (entry.kind === 'opened') {
      hosts.set(entry.sessionId, new SessionHost(stage, entry.opening, entry.at));
      done.set(entry.sessionId, new Set());
    } else if (entry.kind === 'effect') {
      if (entry.state === 'done') done.get(entry.sessionId)?.add(entry.key);
    } else if (entry.kind === 'checkpoint') {
      const host = hosts.get(entry.sessionId);
      if (!host) continue;
      host.stop();
      hosts.set(entry.sessionId, new SessionHost(stage, host.opening, entry.at, entry.state));
    } else if (entry.kind === 'closed') {
      hosts.get(entry.sessionId)?.stop();
      hosts.delete(entry.sessionId);
    } else hosts.get(entry.sessionId)?.replay(entry);
  }
  const sessions = [...hosts.values()].map((host) => ({
    host,
    unfinished: host.takeOrders().filter(({ key }) => !done.get(host.sessionId)?.has(key)),
  }));
  return { sessions, outdated, entries, newestAt };
}

/** The leads that its attempts hold, or whose outcome is not kept yet; and all that its page shows. */
export function leadsOf({ host, unfinished }: RecoveredSession): {
  held: LeadId[];
  shown: LeadId[];
} {
  const { context } = host.snapshot;
  const held = [
    ...context.open.flatMap((callId) => host.call(callId)?.context.leadId ?? []),
    ...unfinished.flatMap(({ order }) => (order.kind === 'callEnded' ? order.leadId : [])),
  ];
  const talks = [context.winner, context.wrapUp].flatMap((talk) => talk?.leadId ?? []);
  return { held, shown: [...held, ...talks, ...host.recent.map((ended) => ended.leadId)] };
}
