import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { JournalError } from '../domain/errors.ts';
import { syncToDisk } from './backup-store.ts';
import { checkStore } from './check-store.ts';
import { EntryChecker, PACKED_ENTRY, unpackEntry } from './live-reading.ts';
import { oneValue, setSetting } from './open-database.ts';
import { APPLICATION_ID, MIGRATIONS, PAGE_BYTES } from './schema.ts';
import { journalError } from './store-failure.ts';
import { StoreLock } from './store-lock.ts';
import type { Value } from './store-requests.ts';
import { damagedFrame } from './wal-check.ts';

export interface Repair {
  /** What was wrong before; empty: the store was sound and has been left as it was. */
  findings: string[];
  /** Where the store as it was is kept; null if nothing was done. */
  keptAs: string | null;
  /** Rows that could be read, by table. */
  saved: Record<string, number>;
  /** Tables of which a part could not be read. */
  torn: string[];
  /** Live sessions that are not whole: closed, because half a journal would be replayed into a wrong state. */
  closedSessions: string[];
}

const TABLES = ['session', 'entry', 'lead', 'attempt'] as const;

/**
 * Saves what can be read of a damaged store into a new file that takes its place. Keeps a copy first. Throws a
 * `JournalError` where even that is impossible: only a backup helps then.
 */
export function repairStore(path: string, now: number): Repair {
  let lock: StoreLock | null = null;
  try {
    if (existsSync(path)) lock = StoreLock.acquire(path, process.pid);
    const { findings } = checkOrTell(path);
    if (findings.length === 0) {
      return { findings, keptAs: null, saved: {}, torn: [], closedSessions: [] };
    }
    return { findings, ...rebuild(path, now) };
  } catch (error) {
    throw journalError(error, path);
  } finally {
    lock?.release();
  }
}

/** A file that cannot even be opened for a check may still hold readable tables. */
function checkOrTell(path: string): { findings: string[] } {
  try {
    return checkStore(path);
  } catch (error) {
    if (error instanceof JournalError && error.problem === 'damaged') {
      return { findings: [error.what] };
    }
    throw error;
  }
}

function rebuild(path: string, now: number): Omit<Repair, 'findings'> {
  const keptAs = `${path}.damaged-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  copyFileSync(path, keptAs);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${keptAs}-wal`);
  const lostLog = damagedFrame(`${path}-wal`) !== null;
  const target = `${path}.repaired`;
  rmSync(target, { force: true });
  const source = new Database(path);
  const result = new Database(target);
  try {
    const { saved, torn, gap } = copyTables(source, result);
    const since = lostLog ? Infinity : gap;
    const closedSessions = closeBrokenSessions(result, since, now);
    result.close();
    source.close();
    syncToDisk(target);
    // A log must never meet a file that it does not belong to.
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    renameSync(target, path);
    syncToDisk(dirname(path));
    return { keptAs, saved, torn: lostLog ? [...torn, 'write-ahead log'] : torn, closedSessions };
  } finally {
    if (result.open) result.close();
    if (source.open) source.close();
    rmSync(target, { force: true });
  }
}

interface Copied {
  saved: Record<string, number>;
  torn: string[];
  /** The first entry row behind a part that could not be read; -1 if all could. */
  gap: number;
}

function copyTables(source: Database.Database, target: Database.Database): Copied {
  const version = Number(oneValue(source, 'PRAGMA user_version'));
  target.pragma(`page_size = ${PAGE_BYTES}`);
  for (const step of MIGRATIONS.slice(0, version)) target.exec(step);
  target.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  target.exec(`PRAGMA user_version = ${version}`);
  target.exec('BEGIN');
  const copied: Copied = { saved: {}, torn: [], gap: -1 };
  for (const table of TABLES) {
    const { rows, behindGap } = copyTable(source, target, table);
    copied.saved[table] = rows;
    if (behindGap === null) continue;
    copied.torn.push(table);
    if (table === 'entry') copied.gap = behindGap;
  }
  copySettings(source, target);
  if (version > 1) copyOpenImports(source, target);
  target.exec('COMMIT');
  return copied;
}

/** From both ends towards the part that cannot be read. */
function copyTable(
  source: Database.Database,
  target: Database.Database,
  table: string,
): { rows: number; behindGap: number | null } {
  const columns = target
    .prepare(`SELECT * FROM ${table}`)
    .columns()
    .map(({ name }) => name);
  const list = columns.join(', ');
  const insert = target.prepare(
    `INSERT OR IGNORE INTO ${table} (rowid, ${list}) VALUES (?${', ?'.repeat(columns.length)})`,
  );
  const read = (order: 'ASC' | 'DESC', above: number) =>
    readUntilDamage(
      source,
      `SELECT rowid, ${list} FROM ${table} NOT INDEXED WHERE rowid > ${above} ORDER BY rowid ${order}`,
      (row) => insert.run(row).changes,
    );
  const head = read('ASC', -1);
  if (head.isWhole) return { rows: head.rows, behindGap: null };
  const tail = read('DESC', head.last);
  return { rows: head.rows + tail.rows, behindGap: tail.rows > 0 ? tail.last : Infinity };
}

function readUntilDamage(
  source: Database.Database,
  sql: string,
  keep: (row: Value[]) => number,
): { rows: number; last: number; isWhole: boolean } {
  let rows = 0;
  let last = -1;
  try {
    for (const row of source.prepare(sql).raw().iterate() as Iterable<Value[]>) {
      rows += keep(row);
      last = Number(row[0]);
    }
    return { rows, last, isWhole: true };
  } catch {
    // The damaged place: what lies behind it is read from the other end.
    return { rows, last, isWhole: false };
  }
}

/** Leads of an import that was under way are no part of the list yet, and must not become one by a repair. */
function copyOpenImports(source: Database.Database, target: Database.Database): void {
  const insert = target.prepare('INSERT OR IGNORE INTO import_open VALUES (?)');
  readUntilDamage(
    source,
    'SELECT 0, import_id FROM import_open',
    ([, importId]) => insert.run([importId ?? null]).changes,
  );
}

/** Without the old key every page has to sign in again, no more. */
function copySettings(source: Database.Database, target: Database.Database): void {
  setSetting(target, 'tokenKey', randomBytes(32).toString('base64url'));
  readUntilDamage(source, 'SELECT 0, name, value FROM setting', ([, name, value]) => {
    setSetting(target, String(name), String(value));
    return 1;
  });
  setSetting(target, 'shutdown', 'none');
}

/** Live sessions with a hole, a changed entry, or perhaps a lost end: those without an entry behind the gap. */
function closeBrokenSessions(db: Database.Database, gap: number, now: number): string[] {
  const live = db
    .prepare('SELECT id, session_id FROM session WHERE closed_at IS NULL')
    .raw()
    .all() as [number, string][];
  const broken = live.filter(([id, name]) => !isWhole(db, id, name, gap));
  const close = db.prepare('UPDATE session SET closed_at = ? WHERE id = ?');
  for (const [id] of broken) close.run([now, id]);
  db.exec('DELETE FROM entry WHERE session NOT IN (SELECT id FROM session)');
  db.exec('INSERT INTO entry_index SELECT session, id FROM entry ORDER BY session, id');
  db.exec('UPDATE indexed SET up_to = (SELECT coalesce(max(id), 0) FROM entry)');
  return broken.map(([, name]) => name);
}

function isWhole(db: Database.Database, id: number, name: string, gap: number): boolean {
  const checker = new EntryChecker();
  const names = new Map([[String(id), name]]);
  const rows = db.prepare(
    `SELECT e.id, ${PACKED_ENTRY} FROM entry e WHERE session = ? ORDER BY id`,
  );
  let last = -1;
  for (const [row, packed] of rows.raw().all([id]) as [number, string | null][]) {
    const entry = packed === null ? null : unpackEntry(packed, names);
    if (!entry || checker.check(entry) !== null) return false;
    if (last < 0 && entry.kind !== 'opened') return false;
    last = row;
  }
  return last >= gap;
}
