import { Contestant } from '../contestant.ts';
import type { Given, Ready } from '../contestants/auto-connect.ts';
import { inFolder } from '../folder.ts';
import { atMost, spread, type Row } from '../result.ts';

const LINES = 1;
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
        const startedAt = performance.now();
        const given: Given = { ...before, sessions: 0, leads: 0 };
        const again = await Contestant.spawn<Ready>('auto-connect.ts', given, { pinned: false });
        starts.push(performance.now() - startedAt);
        const { recovered } = again.ready;
        if (recovered?.sessions !== sessions) throw new Error('sessions were lost');
        replays.push(recovered.tookMs);
        entries = recovered.entries;
        await again.end('SIGKILL');
      }
      return {
        row: 'recovery',
        notes: [
          `${count(sessions)} sessions in a talk’s beginning, ${count(entries)} journal entries; killed with SIGKILL each time, so that the file is checked too.`,
          'Whole: from the process’s start (with the loader of the benchmark, about 0.3 s) to the server’s readiness. Replay: reading the journal and stepping the actors.',
        ],
        lines: [
          {
            contestant: 'auto-connect',
            figures: { 'ms whole': spread(starts), 'ms replay': spread(replays) },
          },
        ],
        aims: [atMost('ready ≤ 3,000 ms', 3000, spread(starts))],
      };
    }),
};
