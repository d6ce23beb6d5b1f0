import type Database from 'libsql';
import type { JournalEntry } from '../dialer/ports.ts';
import type { SessionId } from '../domain/ids.ts';
import { entryText } from './entry-rows.ts';

/** A session as the store holds it, from its opening to now. */
export interface StoredSession {
  sessionId: SessionId;
  /** Null while it is live. */
  closedAt: number | null;
  entries: JournalEntry[];
}

/** Sessions in whose journal a text stands, as JSON writes it. */
export const MENTIONS = 's.id IN (SELECT session FROM entry WHERE instr(data, ?) > 0)';

/** By the index of sessions, and what it does not name yet: the table of entries may be large. */
const ENTRIES = `
  SELECT seq, at, kind, data FROM entry WHERE id IN (
    SELECT id FROM entry_index WHERE session = ?1
    UNION ALL
    SELECT id FROM entry WHERE id > (SELECT up_to FROM indexed) AND session = ?1
  ) ORDER BY id`;

/** The sessions of which a condition on `session s` holds, in the order of their opening. */
export function storedSessions(
  db: Database.Database,
  where: string,
  values: readonly (string | number)[],
): StoredSession[] {
  const sessions = db
    .prepare(`SELECT s.id, s.session_id, s.closed_at FROM session s WHERE ${where} ORDER BY s.id`)
    .raw()
    .all([...values]) as [number, SessionId, number | null][];
  const entries = db.prepare(ENTRIES).raw();
  return sessions.map(([row, sessionId, closedAt]) => ({
    sessionId,
    closedAt,
    entries: (entries.all([row]) as [number | null, number, string, string][]).map(
      ([seq, at, kind, data]) =>
        JSON.parse(entryText({ sessionId, seq, at, kind, data }).join('')) as JournalEntry,
    ),
  }));
}
