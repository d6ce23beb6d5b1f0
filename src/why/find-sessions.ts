import { existsSync } from 'node:fs';
import type Database from 'libsql';
import { AutoConnectError, JournalError } from '../domain/errors.ts';
import { parseCallId, parseCallSid, parseSessionId } from '../domain/ids.ts';
import { beside } from '../journal/check-store.ts';
import { MENTIONS, storedSessions, type StoredSession } from '../journal/stored-sessions.ts';

/** Nothing in the store is about what was asked. */
export class NotFoundError extends AutoConnectError {
  readonly code = 'NOT_FOUND';
  readonly exitCode = 3;
}

export interface Found {
  sessions: StoredSession[];
  /** Texts that name what was asked in an event: ids of calls, legs and leads; empty for a whole session. */
  needles: string[];
}

/** Reads what the store holds about a call, leg, session or number; beside a running server too. */
export function findSessions(storePath: string, asked: string): Found {
  if (!existsSync(storePath)) {
    throw new JournalError('unreadable', `${storePath} does not exist`, 'name the file of a store');
  }
  const found = beside(storePath, (db) => find(db, asked));
  if (found.sessions.length > 0) return found;
  throw new NotFoundError(
    `nothing in ${storePath} is about ${asked}; expected a call id, a CallSid, a session id or a number like +13155550100`,
  );
}

function find(db: Database.Database, asked: string): Found {
  const whole = parseSessionId(asked) ? storedSessions(db, 's.session_id = ?', [asked]) : [];
  if (whole.length > 0) return { sessions: whole, needles: [] };
  const isId = parseCallId(asked) !== null || parseCallSid(asked) !== null;
  const needles = isId ? [asked] : leadsOf(db, asked);
  const mentioning = needles.flatMap((needle) =>
    storedSessions(db, MENTIONS, [JSON.stringify(needle)]),
  );
  const byId = new Map(mentioning.map((session) => [session.sessionId, session]));
  return { sessions: [...byId.values()], needles };
}

function leadsOf(db: Database.Database, phone: string): string[] {
  const rows = db.prepare('SELECT lead_id FROM lead WHERE phone = ?').raw().all([phone]);
  return (rows as [string][]).map(([leadId]) => leadId);
}
