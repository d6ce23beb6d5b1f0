import { existsSync } from 'node:fs';
import type Database from 'libsql';
import { AutoConnectError, JournalError } from '../domain/errors.ts';
import type { CallId, LeadId } from '../domain/ids.ts';
import { beside } from '../journal/check-store.ts';
import { MENTIONS, storedSessions, type StoredSession } from '../journal/stored-sessions.ts';
import { anonymise } from './anonymise.ts';
import { recordingOf } from './journal-recording.ts';
import { writeOwnFormat } from './own-format.ts';
import { parseRecording } from './read-recording.ts';

/** What is asked for; all of it must hold. Times are milliseconds since 1970. */
export interface Selection {
  session?: string;
  /** Our id of a call, or the SID of a leg. */
  call?: string;
  agent?: string;
  from?: number;
  to?: number;
}

/** Nothing in the store is what was asked for. */
export class NothingSelectedError extends AutoConnectError {
  readonly code = 'NOT_FOUND';
  readonly exitCode = 3;
}

/**
 * The text of a recording of whole sessions, in our own format, out of a store that a server may be using. A session is
 * replayed from its beginning, so what was before `from` is in it; what came after `to`, or after the last word about
 * `call`, is not. Numbers, names, notes and ids are replaced unless `isRaw`.
 */
export function exportRecording(storePath: string, selection: Selection, isRaw: boolean): string {
  if (!existsSync(storePath)) {
    throw new JournalError('unreadable', `${storePath} does not exist`, 'name the file of a store');
  }
  const text = beside(storePath, (db) => {
    const sessions = selected(db, selection).map((session) => cut(session, selection));
    if (sessions.length === 0) return null;
    return writeOwnFormat(recordingOf(sessions, { isRaw, numberOf: numbersFrom(db) }));
  });
  if (text === null) {
    throw new NothingSelectedError(`nothing in ${storePath} is what was asked for`);
  }
  if (isRaw) return text;
  const safe = anonymise(text);
  parseRecording('export', safe); // Refuses what is not safe after all.
  return safe;
}

function selected(db: Database.Database, { session, call, agent, from, to }: Selection) {
  const conditions: [where: string, value: string | number | undefined][] = [
    ['s.session_id = ?', session],
    [MENTIONS, call === undefined ? undefined : JSON.stringify(call)],
    [OPENED_BY, agent?.trim().replaceAll(/\s+/g, ' ').toLowerCase()],
    ['(s.closed_at IS NULL OR s.closed_at >= ?)', from],
    ['s.opened_at <= ?', to],
  ];
  const asked = conditions.filter(([, value]) => value !== undefined);
  const where = asked.map(([one], index) => `(${one.replaceAll('?', `?${index + 1}`)})`);
  return storedSessions(
    db,
    where.join(' AND '),
    asked.flatMap(([, value]) => value ?? []),
  );
}

/** One agent is one name, however she spells it: her id is the name in lower case. */
const OPENED_BY = `s.id IN (SELECT session FROM entry
  WHERE kind = 'opened' AND json_extract(data, '$.opening.agentId') = ?)`;

function cut(session: StoredSession, { call, to }: Selection): StoredSession {
  const text = call === undefined ? null : JSON.stringify(call);
  const last =
    text === null
      ? session.entries.length - 1
      : session.entries.findLastIndex((entry) => JSON.stringify(entry).includes(text));
  const entries = session.entries
    .slice(0, last + 1)
    .filter(({ at }) => to === undefined || at <= to);
  return { ...session, entries };
}

/** From the list, or from the record of the attempt where the list has forgotten the lead. */
function numbersFrom(db: Database.Database): (leadId: LeadId, callId: CallId) => string | null {
  const numbers = db
    .prepare(
      `SELECT coalesce((SELECT phone FROM lead WHERE lead_id = ?1),
         (SELECT phone FROM attempt WHERE call_id = ?2))`,
    )
    .raw();
  return (leadId, callId) => (numbers.all([leadId, callId]) as [string | null][])[0]?.[0] ?? null;
}
