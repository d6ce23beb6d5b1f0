import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { Violation } from './judge.ts';
import { Shift, type ShiftOptions, type ShiftResult } from './shift.ts';

export interface Shrunk {
  options: ShiftOptions;
  violation: Violation;
  /** Kinds of faults that have struck. */
  faults: ShiftResult['faults'];
  /** How many shifts it took. */
  tries: number;
}

/** Half an hour of a few agents takes a second or two. */
const TRIES_MAX = 60;
/** For each smaller number of agents. */
const SEEDS_TRIED = 4;
const HOUR_MS = 3_600_000;
/** The clock of a shift begins then: see VirtualClock. */
const BEGINS_AT = Date.UTC(2030, 0, 7, 15, 0, 0);
/** What a shift cannot do without. */
const HOURS_MIN = 0.02;

/** Fewer agents, less time and fewer kinds of faults, for as long as the same invariant still breaks. */
export async function shrink(
  options: ShiftOptions,
  failed: ShiftResult & { violation: Violation },
): Promise<Shrunk> {
  const { violation: first, faults: struck } = failed;
  const best: Shrunk = { options, violation: first, faults: struck, tries: 0 };
  const attempt = async (smaller: Partial<ShiftOptions>): Promise<boolean> => {
    if (best.tries >= TRIES_MAX) return false;
    best.tries += 1;
    const wanted = { ...best.options, ...smaller };
    const { violation, faults } = await new Shift(wanted).run();
    if (violation?.invariant !== best.violation.invariant) return false;
    best.options = wanted;
    best.violation = violation;
    best.faults = faults;
    return true;
  };
  await fewerAgents(best, attempt);
  await lessTime(best, attempt);
  await fewerKinds(best, attempt);
  return best;
}

type Attempt = (smaller: Partial<ShiftOptions>) => Promise<boolean>;

/** A smaller floor throws other dice, so the seeds that follow are as good as this one. */
async function fewerAgents({ options }: Shrunk, attempt: Attempt): Promise<void> {
  for (let agents = 1; agents < options.agents; agents *= 2) {
    for (let seed = options.seed; seed < options.seed + SEEDS_TRIED; seed++) {
      if (await attempt({ agents, seed })) return;
    }
  }
}

/** Halves of the kinds at first, then one by one. */
async function fewerKinds(best: Shrunk, attempt: Attempt): Promise<void> {
  if (best.options.faults === 'none') return;
  let kinds: readonly FaultKind[] = FAULT_KINDS.filter((kind) => (best.faults[kind] ?? 0) > 0);
  if (await attempt({ only: [] })) return;
  for (
    let size = Math.ceil(kinds.length / 2);
    size >= 1;
    size = size > 1 ? Math.ceil(size / 2) : 0
  ) {
    for (let from = 0; from < kinds.length;) {
      const fewer = [...kinds.slice(0, from), ...kinds.slice(from + size)];
      if (await attempt({ only: fewer })) kinds = fewer;
      else from += size;
    }
  }
}

async function lessTime(best: Shrunk, attempt: Attempt): Promise<void> {
  const tookHours = (best.violation.at - BEGINS_AT) / HOUR_MS;
  for (const share of [0.25, 0.5, 1]) {
    const hours = Math.max(HOURS_MIN, Number((tookHours * share).toFixed(2)));
    if (hours < best.options.hours && (await attempt({ hours }))) return;
  }
}
