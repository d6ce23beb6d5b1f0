import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import Database from 'libsql';
import { describe, expect, test } from 'vitest';
import { JournalError, type JournalProblem } from '../../src/domain/errors.ts';
import { PAGE_BYTES } from '../../src/journal/schema.ts';
import { StoreDatabase } from '../../src/journal/store-database.ts';
import { openStore, type Store } from '../../src/journal/sqlite-store.ts';
import type { Statement } from '../../src/journal/store-requests.ts';
import { StoreThread } from '../../src/journal/store-thread.ts';
import { demoLeads } from '../../src/leads/demo-leads.ts';
import { all, attached, closed, effect, opened, session } from './entries.ts';
import { testFolder } from './folder.ts';
import { journalContract } from './journal-contract.ts';

const ada = session('ada');

async function problemOf(opening: Promise<unknown>): Promise<JournalProblem> {
  const error: unknown = await opening.then(
    () => new Error('it did open'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(JournalError);
  return (error as JournalError).problem;
}

const read = async (store: Store) => all(store.journal.read());

describe('the journal in SQLite', () => {
  const path = testFolder();
  journalContract(async () => (await openStore(path())).journal);

  test('what was flushed is there after a restart, and a restart forgets closed sessions', async () => {
    const first = await openStore(path());
    const entries = [opened(ada), attached(ada, 0), effect(ada, '0.0', 'started')];
    for (const entry of [...entries, opened(session('ben'))]) first.journal.append(entry);
    first.journal.append(closed(session('ben')));
    await first.close();
    const second = await openStore(path());
    expect(await read(second)).toEqual(entries);
    second.journal.append(attached(ada, 1));
    await second.close();
    const third = await openStore(path());
    expect(await read(third)).toEqual([...entries, attached(ada, 1)]);
    await third.close();
  });

  test('what was appended without a flush is written when the store is closed', async () => {
    const first = await openStore(path());
    first.journal.append(opened(ada));
    await first.close();
    const second = await openStore(path());
    expect(await read(second)).toHaveLength(1);
    await second.close();
  });

  test('what comes while the store closes is refused, and harms nobody', async () => {
    const thread = new StoreThread();
    await thread.ask({ kind: 'open', open: { path: path(), seed: [] } });
    const closing = thread.ask({ kind: 'close' });
    const unknown: Statement = { sql: 'SELECT * FROM nowhere', params: [] };
    const late = thread.ask({
      kind: 'group',
      group: { entries: [], writes: [[unknown]], reads: [] },
    });
    await expect(late).rejects.toMatchObject({ problem: 'stopped' });
    await closing;
    await thread.terminate();
  });

  test('a reading that is given up halfway leaves the store usable', async () => {
    const store = await openStore(path());
    store.journal.append(opened(ada));
    store.journal.append(opened(session('ben')));
    for (let seq = 0; seq < 5000; seq++) store.journal.append(attached(ada, seq));
    for await (const [first] of store.journal.read()) if (first?.sessionId === ada) break;
    store.journal.append(attached(ada, 5000));
    expect(await read(store)).toHaveLength(5003);
    await store.close();
  });

  test('entries of many sessions over several steps of the index are all read, one session after another, after a restart', async () => {
    const first = await openStore(path());
    const sessions = Array.from({ length: 5 }, (_, index) => session(`s${index}`));
    for (const id of sessions) first.journal.append(opened(id));
    for (let seq = 0; seq < 2000; seq++) {
      for (const id of sessions) first.journal.append(attached(id, seq));
    }
    for (const id of sessions.slice(3)) first.journal.append(closed(id));
    await first.close();
    const second = await openStore(path());
    const entries = (await read(second)).map((e) => `${e.sessionId} ${'seq' in e && e.seq}`);
    const seqs = [false, ...Array(2000).keys()];
    const live = sessions.slice(0, 3);
    expect(entries).toEqual(live.flatMap((id) => seqs.map((seq) => `${id} ${seq}`)));
    await second.close();
  });

  test('a store that is closed refuses to be written', async () => {
    const store = await openStore(path());
    await store.close();
    store.journal.append(opened(ada));
    expect(await problemOf(store.journal.flush())).toBe('stopped');
  });
});

describe('the store', () => {
  const path = testFolder();

  test('a second process on the same file is refused with the pid of the first', async () => {
    const store = await openStore(path());
    const second = await openStore(path()).catch((error: unknown) => error);
    expect(second).toMatchObject({ problem: 'locked', exitCode: 6 });
    expect(String(second)).toContain(`process ${process.pid}`);
    await store.close();
    await (await openStore(path())).close();
  });

  test('the key of the page tokens is made with the file and stays', async () => {
    const first = await openStore(path());
    await first.close();
    const second = await openStore(path());
    await second.close();
    const other = await openStore(path('other.db'));
    await other.close();
    expect(second.tokenKey).toBe(first.tokenKey);
    expect(first.tokenKey).toHaveLength(43);
    expect(other.tokenKey).not.toBe(first.tokenKey);
  });

  test('only a fresh store gets the list it may begin with', async () => {
    const first = await openStore(path());
    expect(await first.leads.list()).toEqual([]);
    await first.close();
    const second = await openStore(path(), { seedLeads: demoLeads() });
    expect(await second.leads.list()).toEqual([]);
    await second.close();
    const fresh = await openStore(path('fresh.db'), { seedLeads: demoLeads() });
    expect((await fresh.leads.list()).map(({ lead }) => lead)).toEqual(demoLeads());
    await fresh.close();
  });

  test('a file that others can read is never made', async () => {
    const store = await openStore(path());
    store.journal.append(opened(ada));
    await store.journal.flush();
    const readers = (end: string) => [end, statSync(`${path()}${end}`).mode & 0o077];
    const ends = ['', '-wal', '-shm', '.lock'];
    expect(ends.map(readers)).toEqual(ends.map((end) => [end, 0]));
    await store.close();
  });

  test('a file of another kind is refused and left as it was', async () => {
    writeFileSync(path('notes.txt'), 'not a database, '.repeat(100));
    expect(await problemOf(openStore(path('notes.txt')))).toBe('foreign');
    expect(readFileSync(path('notes.txt'), 'utf8')).toBe('not a database, '.repeat(100));
  });

  test('a database of another program is refused and left as it was', async () => {
    const db = new Database(path('other.db'));
    db.exec('CREATE TABLE theirs (a)');
    db.close();
    const before = readFileSync(path('other.db'));
    expect(await problemOf(openStore(path('other.db')))).toBe('foreign');
    expect(readFileSync(path('other.db')).equals(before)).toBe(true);
  });

  test('a store of a newer release is refused', async () => {
    await (await openStore(path())).close();
    const db = new Database(path());
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(await problemOf(openStore(path()))).toBe('futureVersion');
  });

  test('a folder that cannot be written is named as such', async () => {
    expect(await problemOf(openStore('/proc/store.db'))).toMatch(/readOnly|unreadable/);
    expect(await problemOf(openStore(path('.')))).toBe('unreadable');
  });

  test('a refused store keeps nobody out', async () => {
    writeFileSync(path(), 'not a database, '.repeat(100));
    expect(await problemOf(openStore(path()))).toBe('foreign');
    writeFileSync(path(), '');
    await (await openStore(path())).close();
  });
});

describe('damage', () => {
  const path = testFolder();

  /** A store with one live session of 500 entries, ended cleanly. */
  async function filled(): Promise<void> {
    const store = await openStore(path());
    store.journal.append(opened(ada));
    for (let seq = 0; seq < 500; seq++) store.journal.append(attached(ada, seq));
    await store.close();
  }

  test('a flipped bit in an entry is found and named when the journal is read', async () => {
    await filled();
    const bytes = readFileSync(path());
    const place = bytes.indexOf('agent.attached', Math.floor(bytes.length / 2));
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(path(), bytes);
    const store = await openStore(path());
    const error = await read(store).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ problem: 'damaged', exitCode: 6 });
    expect(String(error)).toMatch(/entry \d+ \(event\) of session ada/);
    await store.close();
  });

  test('an entry that has vanished from the middle is found and named', async () => {
    await filled();
    const db = new Database(path());
    db.exec('DELETE FROM entry WHERE seq = 250');
    db.close();
    const store = await openStore(path());
    expect(String(await read(store).catch((reason: unknown) => reason))).toContain(
      'goes from entry 249 to entry 251',
    );
    await store.close();
  });

  test('after an unclean end a broken page in the middle refuses the start with its place', async () => {
    await filled();
    const db = new StoreDatabase({ path: path(), seed: [] });
    copyFileSync(path(), path('crashed.db'));
    copyFileSync(`${path()}-wal`, path('crashed.db-wal'));
    db.close();
    const bytes = readFileSync(path('crashed.db'));
    const page = Math.floor(bytes.length / PAGE_BYTES / 2);
    bytes.fill(0xff, page * PAGE_BYTES, page * PAGE_BYTES + 100);
    writeFileSync(path('crashed.db'), bytes);
    const error = await openStore(path('crashed.db')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ problem: 'damaged' });
    expect(String(error)).toMatch(/page \d+/i);
  });

  test('an unclean end is followed by a check, a clean one is not', async () => {
    await filled();
    const clean = await openStore(path());
    expect(clean.checkMs).toBeNull();
    copyFileSync(path(), path('crashed.db'));
    copyFileSync(`${path()}-wal`, path('crashed.db-wal'));
    await clean.close();
    const crashed = await openStore(path('crashed.db'));
    expect(crashed.checkMs).toBeGreaterThan(0);
    expect(await read(crashed)).toHaveLength(501);
    await crashed.close();
  });
});
