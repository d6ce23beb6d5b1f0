import { existsSync } from 'node:fs';
import { JournalError } from '../domain/errors.ts';
import { openForPruning } from './open-database.ts';
import { journalError } from './store-failure.ts';
import { StoreLock } from './store-lock.ts';

export interface Pruning {
  /** Sessions that ended before the date, and their entries: gone. */
  sessions: number;
  entries: number;
}

/** Together a commit: bounds what the write-ahead log grows by. */
const SESSIONS_PER_STEP = 1000;

/**
 * Forgets the journal of sessions that ended before a time. The file is written anew, because free pages would still
 * hold their personal data. Records of calls (the tables `lead` and `attempt`) stay. Only while no server has the store.
 */
export function pruneStore(path: string, before: number): Pruning {
  if (!existsSync(path)) {
    throw new JournalError('unreadable', `${path} does not exist`, 'name the file of a store');
  }
  let lock: StoreLock | null = null;
  try {
    lock = StoreLock.acquire(path, process.pid);
    const db = openForPruning(path);
    try {
      const pruning: Pruning = { sessions: 0, entries: 0 };
      for (;;) {
        const ids = db
          .prepare('SELECT id FROM session WHERE closed_at < ? LIMIT ?')
          .raw()
          .all([before, SESSIONS_PER_STEP]) as [number][];
        if (ids.length === 0) break;
        const list = ids.map(([id]) => id).join(', ');
        db.exec('BEGIN IMMEDIATE');
        db.exec(`DELETE FROM entry_index WHERE session IN (${list})`);
        pruning.entries += db.prepare(`DELETE FROM entry WHERE session IN (${list})`).run().changes;
        db.exec(`DELETE FROM session WHERE id IN (${list})`);
        db.exec('COMMIT');
        pruning.sessions += ids.length;
      }
      if (pruning.sessions > 0) db.exec('VACUUM');
      db.pragma('wal_checkpoint(TRUNCATE)');
      return pruning;
    } finally {
      db.close(); // A transaction that is open is undone.
    }
  } catch (error) {
    throw journalError(error, path);
  } finally {
    lock?.release();
  }
}
