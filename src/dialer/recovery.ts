import type { LeadId, SessionId } from '../domain/ids.ts';
import type { JournalEntry } from './ports.ts';
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
  const sessions: RecoveredSession[] = [];
  const outdated: SessionId[] = [];
  let read = 0;
  let newestAt = 0;
  for await (const entries of stage.journal.read()) {
    const [opened] = entries;
    if (opened?.kind !== 'opened') continue;
    const { sessionId, version } = opened;
    if (only !== undefined && sessionId !== only) continue;
    read += entries.length;
    for (const { at } of entries) newestAt = Math.max(newestAt, at);
    if (version === CHART_VERSION) sessions.push(recoverSession(stage, opened, entries));
    else outdated.push(sessionId);
  }
  return { sessions, outdated, entries: read, newestAt };
}

function recoverSession(
  stage: Stage,
  { opening, at }: Extract<JournalEntry, { kind: 'opened' }>,
  entries: readonly JournalEntry[],
): RecoveredSession {
  const last = entries.findLastIndex(({ kind }) => kind === 'checkpoint');
  const from = entries[last];
  const host =
    from?.kind === 'checkpoint'
      ? new SessionHost(stage, opening, from.at, from.state)
      : new SessionHost(stage, opening, at);
  const done = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'effect' && entry.state === 'done') done.add(entry.key);
    if (index > last && (entry.kind === 'event' || entry.kind === 'timer')) host.replay(entry);
  }
  return { host, unfinished: host.takeOrders().filter(({ key }) => !done.has(key)) };
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
