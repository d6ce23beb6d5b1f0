import type { FaultKind, FaultLevel } from './faults.ts';
import type { Violation } from './judge.ts';
import { Shift, type ShiftOptions, type ShiftResult } from './shift.ts';
import { shrink } from './shrink.ts';
import { witnesses, type Witness } from './witnesses.ts';

export interface SimulateOptions {
  seeds: number;
  /** The first seed. */
  seed: number;
  agents: number;
  hours: number;
  faults: FaultLevel;
  only: readonly FaultKind[] | null;
  /** Called after each shift. */
  onShift?: (result: ShiftResult) => void;
  sabotage?: ShiftOptions['sabotage'];
}

/** An invariant that broke, and the one command that shows it again. */
export interface Failure extends Violation {
  seed: number;
  command: string;
  shrunk: { agents: number; hours: number; kinds: readonly string[] | null; command: string };
  /** Of the session concerned, in the shrunk shift; the last lines. */
  story: readonly string[];
  /** The same session, from its sign-in on, as the text of a file that `replay` reads: docs/replay.md. */
  recording: string;
}

export interface Simulation {
  seeds: number;
  webhooks: number;
  calls: number;
  faults: Record<string, number>;
  outcomes: Record<string, number>;
  talkSeconds: number;
  /** Of the calls that a person answered; null where nobody did. */
  abandonRate: number | null;
  witnesses: { total: number; never: string[]; coldest: Witness[] };
  journalEntries: number;
  /** SHA-256 of the last seed's. */
  journalHash: string | null;
  virtualSeconds: number;
  seconds: number;
  /** Virtual time to real time. */
  speedUp: number;
  failure: Failure | null;
}

const COLDEST = 10;

/** Works through the seeds, one shift each, until one breaks an invariant; that one is made small and told. */
export async function simulate(options: SimulateOptions): Promise<Simulation> {
  const startedAt = performance.now();
  const results: ShiftResult[] = [];
  let failure: Failure | null = null;
  let shiftsEndedAt = startedAt;
  for (let seed = options.seed; seed < options.seed + options.seeds && !failure; seed++) {
    const wanted = shiftOf(options, seed);
    const result = await new Shift(wanted).run();
    shiftsEndedAt = performance.now();
    results.push(result);
    options.onShift?.(result);
    const { violation } = result;
    if (violation) failure = await explain(wanted, { ...result, violation });
  }
  return sum(results, (shiftsEndedAt - startedAt) / 1000, failure, options.faults !== 'none');
}

function shiftOf(options: SimulateOptions, seed: number): ShiftOptions {
  const { agents, hours, faults, only, sabotage } = options;
  return { seed, agents, hours, faults, only, sabotage };
}

async function explain(
  options: ShiftOptions,
  failed: ShiftResult & { violation: Violation },
): Promise<Failure> {
  const small = await shrink(options, failed);
  const { agents, hours, only = null } = small.options;
  const told = await new Shift({ ...small.options, storyOf: small.violation.sessionId }).run();
  return {
    ...failed.violation,
    seed: options.seed,
    command: commandOf(options),
    shrunk: { agents, hours, kinds: only, command: commandOf(small.options) },
    story: told.story,
    recording: told.recording ?? '',
  };
}

function commandOf({ seed, agents, hours, faults, only }: ShiftOptions): string {
  const kinds = only ? ` --only ${only.length > 0 ? only.join(',') : '""'}` : '';
  return `npm run -s cli -- simulate --seed ${seed} --agents ${agents} --hours ${hours} --faults ${faults}${kinds}`;
}

function sum(
  results: readonly ShiftResult[],
  seconds: number,
  failure: Failure | null,
  hasFaults: boolean,
): Simulation {
  const total = (pick: (result: ShiftResult) => number): number =>
    results.reduce((so, result) => so + pick(result), 0);
  const faults = added(results.map((result) => result.faults));
  const outcomes = added(results.map((result) => result.outcomes));
  const replies = added(results.map((result) => result.replies));
  const arrows = added(results.map((result) => result.arrows));
  const { talked = 0, abandoned = 0 } = outcomes;
  const seen = witnesses({ faults, outcomes, replies, arrows }, hasFaults);
  const virtualSeconds = total((result) => result.virtualSeconds);
  return {
    seeds: results.length,
    webhooks: total(({ webhooks }) => webhooks),
    calls: total(({ calls }) => calls),
    faults,
    outcomes,
    talkSeconds: total(({ talkSeconds }) => talkSeconds),
    abandonRate: talked + abandoned === 0 ? null : abandoned / (talked + abandoned),
    witnesses: {
      total: seen.length,
      never: seen.flatMap(({ name, count }) => (count === 0 ? name : [])),
      coldest: seen.slice(0, COLDEST),
    },
    journalEntries: total(({ journalEntries }) => journalEntries),
    journalHash: results.at(-1)?.journalHash ?? null,
    virtualSeconds,
    seconds,
    speedUp: Math.round(virtualSeconds / seconds),
    failure,
  };
}

function added(counts: readonly Readonly<Record<string, number | undefined>>[]) {
  const sums: Record<string, number> = {};
  for (const count of counts) {
    for (const [name, value = 0] of Object.entries(count)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}
