import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { entryValues } from '../../src/journal/entry-rows.ts';
import { openStore } from '../../src/journal/sqlite-store.ts';
import { PAGE_BYTES } from '../../src/journal/schema.ts';
import { StoreDatabase } from '../../src/journal/store-database.ts';
import { damagedFrame } from '../../src/journal/wal-check.ts';
import { all, attached, opened, session } from './entries.ts';
import { testFolder } from './folder.ts';

const ada = session('ada');
const HEADER_BYTES = 32;
const FRAME_BYTES = 24 + PAGE_BYTES;

describe('the write-ahead log that a crash leaves', () => {
  const path = testFolder();

  /** Copies of a store and its log after `commits` transactions of one entry each, as a crash would leave them. */
  function crashed(commits: number): { wal: Buffer; ends: number[] } {
    const db = new StoreDatabase({ path: path(), seed: [] });
    const ends: number[] = [];
    for (let seq = -1; seq < commits; seq++) {
      const entry = seq < 0 ? opened(ada) : attached(ada, seq);
      db.commit({ entries: entryValues(entry), writes: [], reads: [] });
      ends.push(readFileSync(`${path()}-wal`).length);
    }
    copyFileSync(path(), path('crashed.db'));
    const wal = readFileSync(`${path()}-wal`);
    db.close();
    return { wal, ends };
  }

  const leave = (wal: Buffer) => writeFileSync(path('crashed.db-wal'), wal);

  async function entriesAfterStart(): Promise<number> {
    const store = await openStore(path('crashed.db'));
    const entries = await all(store.journal.read());
    await store.close();
    return entries.length;
  }

  test('a log that was cut anywhere opens with every transaction that was whole', async () => {
    const { wal, ends } = crashed(12);
    for (const cut of [0, 10, 31, 32, ...ends, ...ends.map((end) => end - 1), wal.length - 5000]) {
      leave(wal.subarray(0, cut));
      expect(damagedFrame(path('crashed.db-wal'))).toBeNull();
    }
    const cut = (ends[7] ?? 0) + 1000;
    leave(wal.subarray(0, cut));
    expect(await entriesAfterStart()).toBe(8);
  });

  test('a torn last transaction is cut off and the rest opens', async () => {
    const { wal, ends } = crashed(12);
    const torn = Buffer.from(wal);
    torn.fill(0x5a, (ends.at(-2) ?? 0) + 200, (ends.at(-2) ?? 0) + 600);
    leave(torn);
    expect(damagedFrame(path('crashed.db-wal'))).toBeNull();
    expect(await entriesAfterStart()).toBe(12);
  });

  test('a flipped bit in an older transaction refuses the start and names the byte', async () => {
    const { wal, ends } = crashed(12);
    const frame = ((ends[4] ?? 0) - HEADER_BYTES) / FRAME_BYTES;
    const flipped = Buffer.from(wal);
    const place = (ends[4] ?? 0) + 24 + 777;
    flipped[place] = (flipped[place] ?? 0) ^ 0x10;
    leave(flipped);
    expect(damagedFrame(path('crashed.db-wal'))).toEqual({ index: frame + 1, offset: ends[4] });
    const error = await openStore(path('crashed.db')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ problem: 'damaged' });
    expect(String(error)).toContain(`byte ${ends[4]}`);
  });

  test('what an earlier turn of the log has left behind its end is no damage', async () => {
    const store = await openStore(path());
    store.journal.append(opened(ada));
    // Past 4 MB the log is folded into the file and begun again from its start.
    for (let seq = 0; seq < 40_000; seq++) store.journal.append(attached(ada, seq));
    await store.journal.flush();
    for (let seq = 40_000; seq < 40_050; seq++) {
      store.journal.append(attached(ada, seq));
      await store.journal.flush();
    }
    expect(damagedFrame(`${path()}-wal`)).toBeNull();
    await store.close();
  });
});
