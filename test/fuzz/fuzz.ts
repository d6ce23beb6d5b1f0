import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { buildRig, type Rig } from './rig.ts';

/** Something that is drawn at random and sent at the server. */
export interface Fuzz<Drawn> {
  name: string;
  arbitrary: fc.Arbitrary<Drawn>;
  /** Says what is wrong, or null. */
  run(rig: Rig, drawn: Drawn): Promise<string | null>;
}

export interface FuzzResult {
  name: string;
  count: number;
  seconds: number;
  /** From after the first tenth to the end, each after a full collection. */
  heapGrowthBytes: number;
  failure: { at: number; wrong: string; drawn: string } | null;
}

/** Drawn at once: enough to keep the generator busy, few enough to forget. */
const BATCH = 500;

/**
 * Sends `count` things at one server that lives through all of them, and stops at the first that is answered wrongly. The
 * same seed draws the same things.
 */
export async function fuzz<Drawn>(
  kind: Fuzz<Drawn>,
  { count, seed }: { count: number; seed: number },
): Promise<FuzzResult> {
  const rig = await buildRig();
  const began = performance.now();
  let heapAtFirst: number | null = null;
  let sent = 0;
  let failure: FuzzResult['failure'] = null;
  try {
    for (let batch = 0; sent < count && !failure; batch++) {
      if (heapAtFirst === null && sent >= count / 10) heapAtFirst = heapUsed();
      const numRuns = Math.min(BATCH, count - sent);
      for (const drawn of fc.sample(kind.arbitrary, { seed: seed + batch, numRuns })) {
        const wrong = (await attempt(kind, rig, drawn)) ?? rig.bugs[0] ?? null;
        sent += 1;
        if (wrong === null) continue;
        failure = { at: sent, wrong, drawn: fc.stringify(drawn) };
        break;
      }
    }
    return {
      name: kind.name,
      count: sent,
      seconds: (performance.now() - began) / 1000,
      heapGrowthBytes: heapUsed() - (heapAtFirst ?? heapUsed()),
      failure,
    };
  } finally {
    await rig.close();
  }
}

async function attempt<Drawn>(kind: Fuzz<Drawn>, rig: Rig, drawn: Drawn): Promise<string | null> {
  try {
    return await kind.run(rig, drawn);
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

let collect: (() => void) | null = null;

/** Bytes in use after everything unreachable was collected; the collector is had without a flag on the command line. */
function heapUsed(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
