import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { JournalError } from '../domain/errors.ts';
import { APPLICATION_ID, MIGRATIONS, PAGE_BYTES, SCHEMA_VERSION } from './schema.ts';
import { damaged } from './store-failure.ts';
import type { Opened, OpenRequest, SeedRow, Value } from './store-requests.ts';
import { damagedFrame } from './wal-check.ts';

/** Another program may hold a lock for a moment: the backup command, or an operator with the sqlite3 shell. */
const BUSY_WITHIN_MS = 5000;

/**
 * Opens the store for the one process that may write to it, and makes it ready: creates, migrates, checks it after
 * an unclean end. The caller holds the lock. Refuses what it cannot trust before it writes anything to the file.
 */
export function openForWriting({ path, seed }: OpenRequest): {
  db: Database.Database;
  opened: Opened;
} {
  const frame = damagedFrame(`${path}-wal`);
  if (frame) throw damaged(path, `${path}-wal, byte ${frame.offset} (frame ${frame.index})`);
  const db = new Database(path, { timeout: BUSY_WITHIN_MS });
  try {
    const version = refuseStrangers(db, path);
    if (version === 0) db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('temp_store = MEMORY');
    db.pragma('cell_size_check = ON');
    const isUnclean = version > 0 && setting(db, 'shutdown') !== 'clean';
    const checkMs = isUnclean ? quickCheck(db, path) : null;
    migrate(db, version, seed);
    const tokenKey = setting(db, 'tokenKey');
    if (tokenKey === null) throw damaged(path, 'the setting "tokenKey" is gone');
    return { db, opened: { tokenKey, isFresh: version === 0, checkMs } };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a store beside a running server: reads only, and never writes back the write-ahead log. */
export function openForReading(path: string): Database.Database {
  accessSync(path, constants.R_OK);
  const db = new Database(path, { timeout: BUSY_WITHIN_MS });
  try {
    if (refuseStrangers(db, path) === 0) {
      throw new JournalError('foreign', `${path} is empty`, 'name the file of a store');
    }
    db.pragma('cell_size_check = ON');
    db.pragma('query_only = ON');
    db.pragma('wal_autocheckpoint = 0');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a sound store of this release for a change by hand; the caller holds the lock. */
export function openForPruning(path: string): Database.Database {
  const frame = damagedFrame(`${path}-wal`);
  if (frame) throw damaged(path, `${path}-wal, byte ${frame.offset} (frame ${frame.index})`);
  const db = new Database(path, { timeout: BUSY_WITHIN_MS });
  try {
    if (refuseStrangers(db, path) === 0) {
      throw new JournalError('foreign', `${path} is empty`, 'name the file of a store');
    }
    quickCheck(db, path);
    db.pragma('synchronous = FULL');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The file holds personal data: only its owner may read it. SQLite gives its companion files the same mode. */
export function prepareFile(path: string): void {
  makeFolder(dirname(path));
  accessSync(dirname(path), constants.W_OK);
  closeSync(openSync(path, 'a', 0o600));
}

/** Step by step: Node's recursive mkdir tries for ever where a file system takes no folders (under /proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** The version of the schema; 0 for a file that holds nothing yet. */
function refuseStrangers(db: Database.Database, path: string): number {
  const applicationId = pragmaNumber(db, 'application_id');
  const version = pragmaNumber(db, 'user_version');
  const tables = oneValue(db, 'SELECT count(*) FROM sqlite_schema');
  if (applicationId === 0 && version === 0 && tables === 0) return 0;
  if (applicationId !== APPLICATION_ID) {
    throw new JournalError(
      'foreign',
      `${path} is a database of another program`,
      'name another file; this one has been left as it was',
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new JournalError(
      'futureVersion',
      `${path} has version ${version}, and this release reads up to ${SCHEMA_VERSION}`,
      'start the newer release again, or restore a backup of the older one',
    );
  }
  return version;
}

/** Reads every page: about 0.6 s per gigabyte of cached file (measured). Tells milliseconds. */
function quickCheck(db: Database.Database, path: string): number {
  const startedAt = performance.now();
  const finding = firstTreeFinding(db);
  if (finding !== null) throw damaged(path, finding);
  return performance.now() - startedAt;
}

/** The first alone: past it the check may end with an error that takes the findings with it. */
export function firstTreeFinding(db: Database.Database): string | null {
  const text = String(oneValue(db, 'PRAGMA quick_check(1)'));
  return text === 'ok' ? null : placeOf(db, text);
}

/** SQLite names pages; a byte offset is what other tools understand. */
export function placeOf(db: Database.Database, finding: string): string {
  const page = /page (\d+)/i.exec(finding)?.[1];
  const offset = page ? ` (byte ${(Number(page) - 1) * pragmaNumber(db, 'page_size')})` : '';
  return `${finding.replaceAll(/\s+/g, ' ')}${offset}`;
}

function migrate(db: Database.Database, version: number, seed: readonly SeedRow[]): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    if (version === 0) furnish(db, seed);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    setSetting(db, 'shutdown', 'none');
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function furnish(db: Database.Database, seed: readonly SeedRow[]): void {
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  setSetting(db, 'tokenKey', randomBytes(32).toString('base64url'));
  const insert = db.prepare(
    'INSERT INTO lead (lead_id, name, phone, columns, turn) VALUES (?, ?, ?, ?, ?)',
  );
  for (const [turn, row] of seed.entries()) insert.run([...row, turn + 1]);
}

export function setSetting(db: Database.Database, name: string, value: string): void {
  db.prepare(
    'INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run([name, value]);
}

function setting(db: Database.Database, name: string): string | null {
  const value = oneValue(db, 'SELECT value FROM setting WHERE name = ?', name);
  return value === null ? null : String(value);
}

const pragmaNumber = (db: Database.Database, name: string): number =>
  Number(oneValue(db, `PRAGMA ${name}`));

/** The first column of the first row; null if there is none. Reads to the end: half-read statements hold locks. */
export function oneValue(db: Database.Database, sql: string, ...params: Value[]): Value {
  const rows = db.prepare(sql).raw().all(params) as Value[][];
  return rows[0]?.[0] ?? null;
}
