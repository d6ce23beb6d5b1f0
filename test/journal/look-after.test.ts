import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { journalCommand } from '../../src/cli/journal.ts';
import type { SessionId } from '../../src/domain/ids.ts';
import { backUpStore } from '../../src/journal/backup-store.ts';
import { checkStore } from '../../src/journal/check-store.ts';
import { PAGE_BYTES } from '../../src/journal/schema.ts';
import { pruneStore } from '../../src/journal/prune-store.ts';
import { repairStore } from '../../src/journal/repair-store.ts';
import { openStore, type Store } from '../../src/journal/sqlite-store.ts';
import { leads } from '../leads/leads-contract.ts';
import { all, attached, closed, opened, session } from './entries.ts';
import { testFolder } from './folder.ts';

const repairPath = testFolder();
const [ada, ben, old] = [session('ada'), session('ben'), session('old')];

/** Two live sessions whose entries alternate, a closed one, and five leads of which one is reserved. */
async function filledStore(path: string, entries = 400): Promise<Store> {
  const store = await openStore(path, { seedLeads: leads(5) });
  for (const entry of [opened(old), attached(old, 0), closed(old)]) store.journal.append(entry);
  for (const id of [ada, ben]) store.journal.append(opened(id));
  for (let seq = 0; seq < entries; seq++) {
    for (const id of [ada, ben]) store.journal.append(attached(id, seq));
  }
  await store.leads.reserve(ada, 1);
  await store.journal.flush();
  return store;
}

/** Changes one byte of an entry of this session, behind the middle of the file. */
function flip(path: string, sessionId: SessionId): void {
  const db = new Database(path);
  db.prepare(
    `UPDATE entry SET data = replace(data, 'attached', 'attache!') WHERE seq = 200
     AND session = (SELECT id FROM session WHERE session_id = ?)`,
  ).run([sessionId]);
  db.close();
}

function breakPage(path: string, fraction: number): void {
  const bytes = readFileSync(path);
  const page = Math.floor((bytes.length / PAGE_BYTES) * fraction);
  bytes.fill(0xff, page * PAGE_BYTES, page * PAGE_BYTES + 200);
  writeFileSync(path, bytes);
}

/** SQLite's own companions come and go with its connections. */
const filesBeside = (path: string) =>
  readdirSync(dirname(path))
    .filter((name) => !/-(wal|shm)$/.test(name))
    .toSorted();

describe('a check', () => {
  const path = testFolder();

  test('counts what a sound store holds, also while a server writes to it', async () => {
    const store = await filledStore(path());
    const sound = {
      findings: [],
      sessions: { live: 2, closed: 1 },
      entries: 805,
      leads: { waiting: 4, reserved: 1, done: 0 },
    };
    expect(checkStore(path())).toEqual(sound);
    store.journal.append(attached(ada, 400));
    await store.close();
    expect(checkStore(path())).toEqual({ ...sound, entries: 806 });
  });

  test('names a changed entry', async () => {
    await (await filledStore(path())).close();
    flip(path(), ada);
    expect(checkStore(path()).findings).toEqual([
      expect.stringMatching(/entry row \d+: entry 200 \(event\) of session ada_+ is not what/),
    ]);
  });

  test('names a broken page', async () => {
    await (await filledStore(path())).close();
    breakPage(path(), 0.5);
    expect(checkStore(path()).findings.join()).toMatch(/page \d+.*byte \d+/);
  });

  test('refuses what is no store', () => {
    writeFileSync(path('notes.txt'), 'not a database, '.repeat(100));
    expect(() => checkStore(path('notes.txt'))).toThrow('not a store');
    expect(() => checkStore(path('none.db'))).toThrow('does not exist');
  });
});

describe('a backup', () => {
  const path = testFolder();

  test('of a running server is a store of its own, private and whole', async () => {
    const store = await filledStore(path());
    const check = backUpStore(path(), path('backup.db'));
    expect(check.entries).toBe(805);
    expect(statSync(path('backup.db')).mode & 0o077).toBe(0);
    store.journal.append(attached(ada, 400));
    await store.close();
    const copy = await openStore(path('backup.db'));
    expect(copy.tokenKey).toBe(store.tokenKey);
    expect(await all(copy.journal.read())).toHaveLength(802);
    expect(await copy.leads.list()).toHaveLength(5);
    await copy.close();
  });

  test('never replaces a file and leaves nothing half done', async () => {
    await (await filledStore(path())).close();
    writeFileSync(path('backup.db'), 'mine');
    expect(() => backUpStore(path(), path('backup.db'))).toThrow('exists already');
    flip(path(), ada);
    expect(() => backUpStore(path(), path('second.db'))).toThrow('damaged');
    expect(filesBeside(path())).toEqual(['backup.db', 'store.db', 'store.db.lock']);
  });
});

describe('retention', () => {
  const path = testFolder();

  test('pruning forgets what ended, and new entries are found behind it', async () => {
    const first = await openStore(path());
    first.journal.append(opened(ada));
    first.journal.append(opened(old));
    for (let seq = 0; seq < 5000; seq++) first.journal.append(attached(old, seq));
    first.journal.append(closed(old));
    await first.close();
    expect(pruneStore(path(), Date.now())).toEqual({ sessions: 1, entries: 5002 });
    expect(checkStore(path())).toMatchObject({
      findings: [],
      entries: 1,
      sessions: { live: 1, closed: 0 },
    });
    const second = await openStore(path());
    second.journal.append(attached(ada, 0));
    expect(await all(second.journal.read())).toEqual([opened(ada), attached(ada, 0)]);
    await second.close();
  });
});

describe('a repair', () => {
  const path = testFolder();
  const now = Date.UTC(2026, 0, 2);

  test('of a sound store changes nothing', async () => {
    await (await filledStore(path())).close();
    const before = readFileSync(path());
    expect(repairStore(path(), now)).toMatchObject({ findings: [], keptAs: null });
    expect(readFileSync(path()).equals(before)).toBe(true);
  });

  test('closes the session with a changed entry and keeps every other', async () => {
    await (await filledStore(path())).close();
    flip(path(), ada);
    const repair = repairStore(path(), now);
    expect(repair.closedSessions).toEqual([ada]);
    expect(repair.torn).toEqual([]);
    expect(readFileSync(repair.keptAs ?? '').length).toBeGreaterThan(0);
    const store = await openStore(path());
    const read = await all(store.journal.read());
    expect(new Set(read.map((entry) => entry.sessionId))).toEqual(new Set([ben]));
    expect(read).toHaveLength(401);
    expect((await store.leads.list()).map(({ state }) => state)[0]).toBe('reserved');
    await store.close();
  });

  test('saves what lies on both sides of a broken page, and never leaves half a session live', async () => {
    await (await filledStore(path(), 2000)).close();
    breakPage(path(), 0.5);
    const repair = repairStore(path(), now);
    expect(repair.torn).toEqual(['entry']);
    expect(repair.saved['entry']).toBeGreaterThan(3000);
    expect(repair.closedSessions.toSorted()).toEqual([ada, ben].toSorted());
    expect(checkStore(path()).sessions.live).toBe(0);
    const store = await openStore(path());
    expect(await store.leads.list()).toHaveLength(5);
    expect(await all(store.journal.read())).toEqual([]);
    await store.close();
  });

  test('is refused while a server has the store', async () => {
    const store = await filledStore(path());
    expect(() => repairStore(path(), now)).toThrow(`process ${process.pid}`);
    await store.close();
  });
});

async function run(...args: string[]): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await journalCommand().exitOverride().parseAsync(args, { from: 'user' });
  const printed = out.mock.calls.map(([text]) => String(text)).join('');
  out.mockRestore();
  return printed;
}

describe('the command', () => {
  const path = testFolder();
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = 0;
  });

  test('check ends with 0 for a sound store and with 1 for a finding', async () => {
    await (await filledStore(path())).close();
    expect(await run('check', path())).toContain('is sound: 2 live and 1 closed sessions');
    expect(process.exitCode ?? 0).toBe(0);
    flip(path(), ada);
    const json = JSON.parse(await run('check', path(), '--json')) as { findings: string[] };
    expect(json.findings).toHaveLength(1);
    expect(process.exitCode).toBe(1);
    expect(await run('repair', path())).toContain(ada);
  });
});

describe('pruning', () => {
  const path = testFolder();

  test('sessions that ended before the date are gone with all they held; the rest is as it was', async () => {
    await (await filledStore(path())).close();
    const before = checkStore(path());
    expect(readFileSync(path()).includes(old)).toBe(true);
    expect(pruneStore(path(), 5000), 'it ended at 5000').toEqual({ sessions: 0, entries: 0 });
    expect(pruneStore(path(), 5001)).toEqual({ sessions: 1, entries: 3 });
    const after = checkStore(path());
    expect(after).toEqual({
      ...before,
      sessions: { ...before.sessions, closed: 0 },
      entries: before.entries - 3,
    });
    expect(readFileSync(path()).includes(old), 'not in a free page either').toBe(false);
    const again = await openStore(path());
    expect(await all(again.journal.read())).toHaveLength(2 * 401);
    await again.close();
  });

  test('a store that a server has is left alone', async () => {
    const store = await filledStore(path());
    expect(() => pruneStore(path(), 5001)).toThrow(`in use by process ${process.pid}`);
    await store.close();
    expect(checkStore(path()).sessions.closed).toBe(1);
  });
});

test('a repair does not complete an import that was under way', async () => {
  const file = repairPath();
  await (await filledStore(file)).close();
  const db = new Database(file);
  db.exec(
    `INSERT INTO import_open VALUES ('half'); UPDATE lead SET import_id = 'half' WHERE id = 5`,
  );
  db.close();
  flip(file, ada);
  repairStore(file, 0);
  const repaired = new Database(file);
  expect(repaired.prepare('SELECT import_id FROM import_open').raw().all()).toEqual([['half']]);
  repaired.close();
});
