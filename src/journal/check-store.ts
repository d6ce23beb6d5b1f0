import { existsSync } from 'node:fs';
import type Database from 'libsql';
import { JournalError } from '../domain/errors.ts';
import { EntryChecker, PACKED_ENTRY, unpackEntry } from './live-reading.ts';
import { firstTreeFinding, oneValue, openForReading, placeOf } from './open-database.ts';
import { journalError } from './store-failure.ts';
import { StoreLock } from './store-lock.ts';
import { damagedFrame } from './wal-check.ts';

export interface StoreCheck {
  /** What is wrong, with its place; empty for a sound store. */
  findings: string[];
  sessions: { live: number; closed: number };
  entries: number;
  leads: Record<'waiting' | 'reserved' | 'done', number>;
}

/** Longer lists help nobody: the first places tell what broke. */
const MAX_FINDINGS = 50;

/**
 * Reads everything: trees, indexes, every entry's checksum and order. A store that no server has open is held
 * against one for as long. Throws a `JournalError` for a file that cannot be opened as a store at all.
 */
export function checkStore(path: string): StoreCheck {
  if (!existsSync(path)) {
    throw new JournalError('unreadable', `${path} does not exist`, 'name the file of a store');
  }
  const frame = damagedFrame(`${path}-wal`);
  if (frame) {
    // Opening it would fold the log into the file and lose the rest for good.
    const findings = [`${path}-wal: byte ${frame.offset} (frame ${frame.index}) is damaged`];
    return { ...EMPTY, findings };
  }
  const lock = lockIfFree(path);
  try {
    return beside(path, (db) => {
      const findings = [...treeFindings(db), ...entryFindings(db)].slice(0, MAX_FINDINGS);
      return { findings, ...countsOf(db, findings) };
    });
  } finally {
    lock?.release();
  }
}

const EMPTY = {
  sessions: { live: 0, closed: 0 },
  entries: 0,
  leads: { waiting: 0, reserved: 0, done: 0 },
} as const;

/** Runs with a reading connection; what goes wrong becomes a `JournalError`. */
export function beside<Result>(path: string, act: (db: Database.Database) => Result): Result {
  let db: Database.Database | null = null;
  try {
    db = openForReading(path);
    return act(db);
  } catch (error) {
    throw journalError(error, path);
  } finally {
    db?.close();
  }
}

function lockIfFree(path: string): StoreLock | null {
  try {
    return StoreLock.acquire(path, process.pid);
  } catch (error) {
    if (error instanceof JournalError && error.problem === 'locked') return null;
    throw journalError(error, path);
  }
}

/** The quick check names the page, but does not compare indexes with tables as the full one does. */
function treeFindings(db: Database.Database): string[] {
  try {
    const first = firstTreeFinding(db);
    if (first !== null) return [first];
    const rows = db.prepare(`PRAGMA integrity_check(${MAX_FINDINGS})`).raw().all() as [string][];
    return rows.map(([text]) => text).flatMap((text) => (text === 'ok' ? [] : placeOf(db, text)));
  } catch (error) {
    return [messageOf(error)];
  }
}

function entryFindings(db: Database.Database): string[] {
  const findings: string[] = [];
  try {
    const indexed = 'SELECT count(*) FROM entry_index';
    const present = 'SELECT count(*) FROM entry WHERE id <= (SELECT up_to FROM indexed)';
    if (oneValue(db, indexed) !== oneValue(db, present)) {
      findings.push('the index of sessions does not name every entry');
    }
    for (const finding of wrongEntries(db)) {
      if (findings.push(finding) === MAX_FINDINGS) break;
    }
  } catch (error) {
    findings.push(`not all entries can be read: ${messageOf(error)}`);
  }
  return findings;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** In steps of whole results: a statement that is left halfway would hold its lock. */
function* wrongEntries(db: Database.Database): Generator<string> {
  const sessions = db.prepare('SELECT id, session_id FROM session').raw().all();
  const names = new Map((sessions as [number, string][]).map(([id, name]) => [String(id), name]));
  const checker = new EntryChecker();
  const next = db
    .prepare(`SELECT e.id, ${PACKED_ENTRY} FROM entry e WHERE e.id > ? ORDER BY e.id LIMIT 2000`)
    .raw();
  for (let last = 0; ;) {
    const rows = next.all([last]) as [number, string | null][];
    if (rows.length === 0) return;
    for (const [id, packed] of rows) {
      const entry = packed === null ? null : unpackEntry(packed, names);
      const finding = entry ? checker.check(entry) : 'it is of no session or cannot be read';
      if (finding !== null) yield `entry row ${id}: ${finding}`;
      last = id;
    }
  }
}

type Counts = Pick<StoreCheck, 'sessions' | 'entries' | 'leads'>;

/** Where damage forbids even counting, there is at least one finding. */
function countsOf(db: Database.Database, findings: readonly string[]): Counts {
  try {
    return counts(db);
  } catch (error) {
    if (findings.length > 0) return EMPTY;
    throw error;
  }
}

function counts(db: Database.Database): Counts {
  const number = (sql: string): number => Number(oneValue(db, sql));
  const leads = (state: string): number =>
    number(`SELECT count(*) FROM lead WHERE state = '${state}'`);
  return {
    sessions: {
      live: number('SELECT count(*) FROM session WHERE closed_at IS NULL'),
      closed: number('SELECT count(*) FROM session WHERE closed_at IS NOT NULL'),
    },
    entries: number('SELECT count(*) FROM entry'),
    leads: { waiting: leads('waiting'), reserved: leads('reserved'), done: leads('done') },
  };
}
