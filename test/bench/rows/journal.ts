import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { Contestant } from '../contestant.ts';
import { inFolder } from '../folder.ts';
import { benchJournal, type JournalBenchResult } from '../journal.ts';
import { atLeast, atMost, spread, type Effort, type Line, type Row } from '../result.ts';

const SLOWER_BY_MS = 4;
const ENTRIES_PER_SECOND = 1000;

/** Lengthens every sync of the disk; loaded before libc by those who are to feel it. */
const SLOW_SYNC = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int fsync(int fd) { usleep(${SLOWER_BY_MS}000); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { usleep(${SLOWER_BY_MS}000); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
`;

/** How many durable entries a second, and what a slow disk does to the event loop. */
export const journal: Row = {
  name: 'journal',
  run: (effort) =>
    inFolder(async (file) => {
      const runs: JournalBenchResult[] = [];
      for (let round = 0; round < effort.rounds; round++) {
        runs.push(await benchJournal(effort.isQuick ? 10_000 : 50_000, 1));
      }
      const figure = (read: (run: JournalBenchResult) => number) => spread(runs.map(read));
      const rates: Line[] = [
        line(
          'through the journal, 64 in flight',
          'entries/s',
          figure((run) => run.journalPerSecond),
        ),
        line(
          'bare driver, 64 a transaction',
          'entries/s',
          figure((run) => run.rawPerSecond),
        ),
        line(
          'bare driver, one sync each',
          'entries/s',
          figure((run) => run.singlePerSecond),
        ),
      ];
      const slow = await slowDisk(file, effort);
      return {
        row: 'journal',
        notes: [
          'Entries of 1 kB. Rates: bare driver and journal in one process on one core, which the journal shares with its thread. Delays: a process of its own on all cores.',
          slow
            ? `Slow disk: every sync takes ${SLOWER_BY_MS} ms longer, ${ENTRIES_PER_SECOND.toLocaleString('en')} entries a second; delay of the event loop beyond its 1 ms timer.`
            : 'Slow disk: not measured, as this machine has no C compiler for the shim.',
        ],
        lines: [...rates, ...(slow?.lines ?? [])],
        aims: [
          atLeast(
            '≥ 0.6 × the bare driver',
            0.6,
            figure((run) => run.ofRaw),
          ),
          atLeast(
            '≥ 10 × one sync each',
            10,
            figure((run) => run.ofSingle),
          ),
          ...(slow ? [atMost('event-loop delay p99 ≤ 2 ms on a slow disk', 2, slow.p99)] : []),
        ],
      };
    }),
};

const line = (contestant: string, unit: string, value: ReturnType<typeof spread>): Line => ({
  contestant,
  figures: { [unit]: value },
});

interface Delay {
  p50Ms: number;
  p99Ms: number;
  ackP99Ms: number;
}

async function slowDisk(file: (name: string) => string, effort: Effort) {
  const shim = file('slow-sync.so');
  writeFileSync(file('slow-sync.c'), SLOW_SYNC);
  spawnSync('cc', ['-shared', '-fPIC', '-o', shim, file('slow-sync.c'), '-ldl']);
  if (!existsSync(shim)) return null;
  const delays: Record<'slow' | 'plain', Delay[]> = { slow: [], plain: [] };
  for (let round = 0; round < effort.rounds; round++) {
    for (const kind of ['slow', 'plain'] as const) {
      const env: Record<string, string> = kind === 'slow' ? { LD_PRELOAD: shim } : {};
      const given = { storePath: file(`${kind}-${round}.db`) };
      const writer = await Contestant.spawn('journal-writer.ts', given, { env, pinned: false });
      const load = { perSecond: ENTRIES_PER_SECOND, seconds: effort.seconds };
      delays[kind].push(await writer.ask<Delay>('write', load));
      await writer.end();
    }
  }
  const p99 = spread(delays.slow.map((delay) => delay.p99Ms));
  const lines = (['plain', 'slow'] as const).map((kind) => ({
    contestant: `journal on ${kind === 'slow' ? 'a slow' : 'this'} disk`,
    figures: {
      'loop delay p50 ms': spread(delays[kind].map((delay) => delay.p50Ms)),
      'loop delay p99 ms': spread(delays[kind].map((delay) => delay.p99Ms)),
      'durable p99 ms': spread(delays[kind].map((delay) => delay.ackP99Ms)),
    },
  }));
  return { lines, p99 };
}
