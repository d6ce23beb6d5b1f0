import { describe, expect, test } from 'vitest';
import { entryValues } from '../../src/journal/entry-rows.ts';
import { GroupCommit } from '../../src/journal/group-commit.ts';
import { StoreDatabase } from '../../src/journal/store-database.ts';
import type { Group, GroupReply } from '../../src/journal/store-requests.ts';
import { attached, opened, session } from './entries.ts';
import { testFolder } from './folder.ts';

const ada = session('ada');
const DONE: GroupReply = { failure: null, writes: [], reads: [], commitMs: 0 };

/** A disk that answers when the test says so. */
class SlowDisk {
  readonly groups: Group[] = [];
  readonly #answers: ((reply: GroupReply) => void)[] = [];

  send = (group: Group): Promise<GroupReply> => {
    this.groups.push(group);
    return new Promise((resolve) => this.#answers.push(resolve));
  };

  answer(reply: GroupReply = DONE): void {
    this.#answers.shift()?.(reply);
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const seqsOf = (group: Group | undefined) =>
  group?.entries.filter((_, index) => index % 5 === 2) ?? null;

const big = (seq: number) =>
  entryValues({
    kind: 'event',
    sessionId: ada,
    seq,
    at: seq,
    event: { type: 'agent.setLines', lines: Number('9'.repeat(15)) },
  }).map((value, index) => (index === 4 ? `{"pad":"${'x'.repeat(9000)}"}` : value));

describe('groups', () => {
  test('everything that one turn of the event loop appends is one group', async () => {
    const disk = new SlowDisk();
    const commits = new GroupCommit(disk.send);
    const flushes = [0, 1, 2].map((seq) => {
      commits.append(entryValues(attached(ada, seq)));
      return commits.flush();
    });
    await nextTurn();
    disk.answer();
    await Promise.all(flushes);
    expect(disk.groups.map(seqsOf)).toEqual([[0, 1, 2]]);
  });

  test('one group is under way at a time and the next collects meanwhile', async () => {
    const disk = new SlowDisk();
    const commits = new GroupCommit(disk.send);
    commits.append(entryValues(attached(ada, 0)));
    await nextTurn();
    for (const seq of [1, 2]) {
      commits.append(entryValues(attached(ada, seq)));
      await nextTurn();
    }
    expect(disk.groups).toHaveLength(1);
    disk.answer();
    await nextTurn();
    await nextTurn();
    expect(disk.groups.map(seqsOf)).toEqual([[0], [1, 2]]);
  });

  test('a flush does not resolve before the group of its last entry is durable', async () => {
    const disk = new SlowDisk();
    const commits = new GroupCommit(disk.send);
    commits.append(entryValues(attached(ada, 0)));
    await nextTurn();
    commits.append(entryValues(attached(ada, 1)));
    let durable = false;
    const flushed = (async () => {
      await commits.flush();
      durable = true;
    })();
    disk.answer();
    await nextTurn();
    await nextTurn();
    expect(durable).toBe(false);
    disk.answer();
    await flushed;
  });
});

describe('a disk that is full', () => {
  const path = testFolder();

  /** A real store whose file may not grow past its present size. */
  function fullStore() {
    const db = new StoreDatabase({ path: path(), seed: [] });
    const commits = new GroupCommit(async (group) => db.commit(group));
    const limit = (pages: number) =>
      commits.read({ sql: `PRAGMA max_page_count = ${pages}`, params: [] });
    return { db, commits, limit };
  }

  test('flushes are refused until a write works again, and then nothing is missing', async () => {
    const { db, commits, limit } = fullStore();
    commits.append(entryValues(opened(ada)));
    await commits.flush();
    await limit(1);
    for (let seq = 0; seq < 20; seq++) commits.append(big(seq));
    await expect(commits.flush()).rejects.toMatchObject({ problem: 'diskFull' });
    commits.append(big(20));
    await expect(commits.flush()).rejects.toMatchObject({ problem: 'diskFull' });
    await limit(1_000_000);
    await commits.flush();
    const rows = await commits.read({ sql: 'SELECT seq FROM entry ORDER BY id', params: [] });
    expect(rows.flat()).toEqual([null, ...Array.from({ length: 21 }, (_, seq) => seq)]);
    db.close();
  });

  test('reads still work, and a write that failed has left nothing behind', async () => {
    const { db, commits, limit } = fullStore();
    await limit(1);
    for (let seq = 0; seq < 20; seq++) commits.append(big(seq));
    const write = commits.write([
      { sql: `INSERT INTO setting VALUES ('mark', 'here')`, params: [] },
    ]);
    const read = commits.read({ sql: `SELECT * FROM setting WHERE name = 'mark'`, params: [] });
    await expect(write).rejects.toMatchObject({ problem: 'diskFull' });
    expect(await read).toEqual([]);
    db.close();
  });

  test('a write that breaks a rule of the schema fails alone', async () => {
    const { db, commits } = fullStore();
    commits.append(entryValues(opened(ada)));
    const bad = commits.write([
      { sql: `INSERT INTO setting VALUES ('a', 'kept?')`, params: [] },
      { sql: `INSERT INTO setting VALUES ('b', NULL)`, params: [] },
    ]);
    const good = commits.write([{ sql: `INSERT INTO setting VALUES ('c', '')`, params: [] }]);
    await expect(bad).rejects.toThrow('NOT NULL');
    await good;
    await commits.flush();
    const rows = await commits.read({
      sql: `SELECT name FROM setting WHERE name IN ('a', 'b', 'c')`,
      params: [],
    });
    expect(rows).toEqual([['c']]);
    db.close();
  });
});
