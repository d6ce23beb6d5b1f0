import { copyFileSync } from 'node:fs';
import { freePort, ServerProcess } from '../../support/server-process.ts';
import { Contestant, NODE_FLAGS, onAllCores } from '../contestant.ts';
import type { Given, Ready } from '../contestants/auto-connect.ts';
import type { Reports } from '../../../src/dialer/ports.ts';
import { inFolder } from '../folder.ts';
import { atMost, spread, type Row } from '../result.ts';

const LINES = 1;

/** The server's line in its log. */
type Recovered = Reports['dialer.recovered'];

const count = (n: number): string => n.toLocaleString('en');

/** A server that was killed with everything going on: how long until it answers webhooks again. */
export const recovery: Row = {
  name: 'recovery',
  run: (effort) =>
    inFolder(async (file) => {
      const sessions = effort.isQuick ? 1000 : 10_000;
      const before: Given = {
        storePath: file('store.db'),
        sessions,
        lines: LINES,
        leads: sessions,
      };
      const killed = await Contestant.spawn<Ready>('auto-connect.ts', before);
      await killed.end('SIGKILL');
      const [starts, replays]: [number[], number[]] = [[], []];
      let entries = 0;
      for (let round = 0; round < effort.rounds; round++) {
        const storePath = file(`${round}.db`);
        for (const part of ['', '-wal']) copyFileSync(before.storePath + part, storePath + part);
        const { readyMs, recovered } = await oneRecovery(storePath);
        if (recovered.sessions !== sessions) throw new Error('sessions were lost');
        starts.push(readyMs);
        replays.push(recovered.tookMs);
        entries = recovered.entries;
      }
      return {
        row: 'recovery',
        notes: [
          `${count(sessions)} sessions in a talk’s beginning, ${count(entries)} journal entries; as SIGKILL left them, so that the file is checked too.`,
          'Whole: from the start of auto-connect serve to its word that it may be asked. Replay: reading the journal, stepping the actors, looking up their leads.',
        ],
        lines: [
          {
            contestant: 'auto-connect serve',
            figures: { 'ms whole': spread(starts), 'ms replay': spread(replays) },
          },
        ],
        aims: [atMost('ready ≤ 3,000 ms', 3000, spread(starts))],
      };
    }),
};

async function oneRecovery(storePath: string): Promise<{ readyMs: number; recovered: Recovered }> {
  const server = new ServerProcess(await freePort(), { STORE: storePath }, NODE_FLAGS);
  const startedAt = performance.now();
  try {
    const starting = server.start();
    onAllCores(server.pid);
    await starting;
    const readyMs = performance.now() - startedAt;
    const told = server.stderr.split('\n').find((line) => line.includes('"dialer.recovered"'));
    if (told === undefined) throw new Error('it does not say what it has recovered');
    return { readyMs, recovered: JSON.parse(told) as Recovered };
  } finally {
    await server.end('SIGKILL');
  }
}
