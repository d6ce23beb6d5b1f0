import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { JournalError } from '../domain/errors.ts';
import { beside, checkStore, type StoreCheck } from './check-store.ts';
import { damaged, journalError } from './store-failure.ts';
import { damagedFrame } from './wal-check.ts';

/**
 * Copies a store as it stands at one moment, also while a server writes to it. The copy is checked before it gets
 * its name, so a file of that name is always a whole and sound backup; it is as private as the store.
 */
export function backUpStore(path: string, target: string): StoreCheck {
  if (!existsSync(path)) {
    throw new JournalError('unreadable', `${path} does not exist`, 'name the file of a store');
  }
  if (existsSync(target)) {
    throw new JournalError('unwritable', `${target} exists already`, 'name a new file');
  }
  const frame = damagedFrame(`${path}-wal`);
  if (frame) throw damaged(path, `${path}-wal, byte ${frame.offset}`);
  const partial = `${target}.partial`;
  try {
    rmSync(partial, { force: true });
    closeSync(openSync(partial, 'wx', 0o600)); // SQLite accepts an empty file, and keeps its mode.
    beside(path, (db) => {
      db.pragma('query_only = OFF'); // It would refuse the new file too.
      db.prepare('VACUUM INTO ?').run([partial]);
    });
    chmodSync(partial, 0o600);
    syncToDisk(partial);
    const check = checkStore(partial);
    const [finding] = check.findings;
    if (finding !== undefined) throw damaged(path, finding);
    renameSync(partial, target);
    syncToDisk(dirname(target));
    return check;
  } catch (error) {
    throw journalError(error, path);
  } finally {
    for (const suffix of ['', '.lock', '-wal', '-shm']) rmSync(partial + suffix, { force: true });
  }
}

export function syncToDisk(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
