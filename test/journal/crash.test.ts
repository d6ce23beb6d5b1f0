import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { entryValues } from '../../src/journal/entry-rows.ts';
import { GroupCommit } from '../../src/journal/group-commit.ts';
import { openStore } from '../../src/journal/sqlite-store.ts';
import { StoreThread } from '../../src/journal/store-thread.ts';
import { all, attached, opened, session } from './entries.ts';
import { testFolder } from './folder.ts';

const KILLS = Number(process.env['STORE_KILLS'] ?? 4);
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

/** What one child acknowledged before it was killed. */
async function runAndKill(path: string, run: number, acknowledgements: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path, `run${run}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  return lines;
}

describe('kill -9', () => {
  const path = testFolder();

  test(
    'nothing that was acknowledged is lost and no lead is given twice',
    async () => {
      const acknowledged: string[] = [];
      for (let run = 0; run < KILLS; run++) {
        // A different point each time, from the first transactions to far into the write-ahead log.
        acknowledged.push(...(await runAndKill(path(), run, 40 + 977 * run)));
      }
      const store = await openStore(path());
      expect(store.checkMs).not.toBeNull();
      const entries = new Set(
        (await all(store.journal.read())).map((e) =>
          'seq' in e ? `entry ${e.sessionId} ${e.seq}` : '',
        ),
      );
      const states = new Map((await store.leads.list()).map((r) => [r.lead.leadId, r.state]));
      const stateOf = (line: string) => states.get(line.split(' ')[1] as never);
      const of = (word: string) => acknowledged.filter((line) => line.startsWith(`${word} `));
      expect(of('entry').filter((line) => !entries.has(line))).toEqual([]);
      expect(of('reserved').filter((line) => stateOf(line) === 'waiting')).toEqual([]);
      expect(of('done').filter((line) => stateOf(line) !== 'done')).toEqual([]);
      expect(new Set(of('reserved')).size).toBe(of('reserved').length);
      expect(of('entry').length).toBeGreaterThan(100);
      expect(of('done').length).toBeGreaterThan(10);
      await store.close();
    },
    KILLS * 20_000,
  );
});

describe('a store thread that dies', () => {
  const path = testFolder();

  test('fails every flush from then on and loses nothing that was acknowledged', async () => {
    const ada = session('ada');
    const thread = new StoreThread();
    await thread.ask({ kind: 'open', open: { path: path(), seed: [] } });
    const commits = new GroupCommit((group) => thread.ask({ kind: 'group', group }));
    commits.append(entryValues(opened(ada)));
    let durable = -1;
    const writing = (async () => {
      for (let seq = 0; ; seq++) {
        commits.append(entryValues(attached(ada, seq)));
        await commits.flush();
        durable = seq;
        if (seq === 100) void thread.terminate();
      }
    })();
    await expect(writing).rejects.toMatchObject({ problem: 'stopped' });
    await expect(commits.flush()).rejects.toMatchObject({ problem: 'stopped' });
    const store = await openStore(path());
    const read = await all(store.journal.read());
    expect(read.length - 2).toBeGreaterThanOrEqual(durable);
    expect(durable).toBeGreaterThanOrEqual(100);
    await store.close();
  });
});
