import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { NODE_FLAGS } from './contestant.ts';
import { percentile } from './result.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  /** Version and flags. */
  node: string;
  at: string;
  /** Over 1, 5 and 15 minutes, before the first contestant starts: others at work make every figure worse. */
  loadAtStart: number[];
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  node: [process.version, ...(NODE_FLAGS.length > 0 ? NODE_FLAGS : ['without flags'])].join(' '),
  at: `${new Date().toISOString().slice(0, 16)}Z`,
  loadAtStart: loadavg().map((load) => Number(load.toFixed(2))),
});

/** The median time that this disk takes to make 4 kB durable. */
export function measureFsyncMs(path: string): number {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let index = 0; index < 300; index++) {
    writeSync(file, block);
    const startedAt = performance.now();
    fsyncSync(file);
    times.push(performance.now() - startedAt);
  }
  closeSync(file);
  rmSync(path);
  return percentile(
    times.toSorted((a, b) => a - b),
    0.5,
  );
}
