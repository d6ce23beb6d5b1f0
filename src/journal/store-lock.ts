import { closeSync, openSync } from 'node:fs';
import Database from 'libsql';
import { JournalError } from '../domain/errors.ts';

/**
 * One process per store. The lock file is a tiny SQLite database with an open write transaction: the operating
 * system frees its lock with the process that held it, however it ends, so a dead owner never needs to be judged
 * by its pid (which may have been given to another process). The pid is there for the message only.
 */
export class StoreLock {
  readonly #db: Database.Database;

  private constructor(db: Database.Database) {
    this.#db = db;
  }

  static acquire(storePath: string, pid: number): StoreLock {
    const path = `${storePath}.lock`;
    closeSync(openSync(path, 'a', 0o600)); // SQLite keeps the mode of an empty file.
    const db = new Database(path, { timeout: 0 });
    try {
      db.exec('BEGIN IMMEDIATE');
      db.exec('CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL)');
      db.exec('DELETE FROM owner');
      db.prepare('INSERT INTO owner VALUES (?)').run([pid]);
      db.exec('COMMIT');
      // Others may read the pid from here on, and none may write: held until release or death.
      db.exec('BEGIN IMMEDIATE');
      return new StoreLock(db);
    } catch (error) {
      const owner = isBusy(error) ? ownerOf(db) : null;
      db.close();
      if (!isBusy(error)) throw error;
      throw new JournalError(
        'locked',
        `${storePath} is in use by process ${owner ?? '(unknown, it has only just started)'}`,
        'stop that process first, or name another file',
        { cause: error },
      );
    }
  }

  release(): void {
    this.#db.exec('ROLLBACK');
    this.#db.close();
  }
}

function ownerOf(db: Database.Database): number | null {
  try {
    const rows = db.prepare('SELECT pid FROM owner').raw().all() as [number][];
    return rows[0]?.[0] ?? null;
  } catch {
    // The owner is between its first statements: there is no table yet.
    return null;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('SQLITE_BUSY');
