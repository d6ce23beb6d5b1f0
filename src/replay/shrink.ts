import type { Break } from './our-invariants.ts';
import type { RecordedEntry, Recording } from './recording.ts';
import { judge, type Verdict } from './verdict.ts';

/** What is wrong with a recording, as one word that a smaller one must share. */
export interface Fault {
  name: string;
  isIn(verdict: Verdict): boolean;
}

export interface Shrunk {
  recording: Recording;
  fault: Fault;
  /** Entries before and after. */
  from: number;
  to: number;
  replays: number;
}

/** The worst that a verdict shows: a break of ours, else one of then, else another decision; null if it is clean. */
export function faultOf(verdict: Verdict, wanted: string | null = null): Fault | null {
  const breaks = verdict.breaks.filter(({ invariant }) => wanted === null || invariant === wanted);
  const [found] = breaks.toSorted((a, b) => weight(a) - weight(b));
  if (found) {
    const { invariant, by } = found;
    const isIn = (other: Verdict): boolean =>
      other.breaks.some((one) => one.invariant === invariant && one.by === by);
    return { name: `${invariant} (${by})`, isIn };
  }
  if (wanted !== null) return null;
  const decided = verdict.differences.find(
    ({ recorded, ours }) => recorded.decision !== ours.decision,
  );
  if (!decided) return null;
  const key = differenceKey(decided);
  return {
    name: `answer differs: ${key}`,
    isIn: (other) => other.differences.some((one) => differenceKey(one) === key),
  };
}

/** Ours before theirs; what happened to people before what a document looked like or how long something took. */
const weight = ({ by, invariant }: Break): number =>
  (by === 'ours' ? 0 : 2) + (invariant === 'S9' || invariant.startsWith('L') ? 1 : 0);

const differenceKey = ({ row, recorded, ours }: Verdict['differences'][number]): string =>
  `${row.kind} ${recorded.decision} / ${ours.decision}`;

/**
 * The smallest recording that still shows the fault: entries are taken away, first in large pieces, then one by one, until
 * none can go (Zeller's delta debugging). Null where the recording shows no fault.
 */
export async function shrink(
  recording: Recording,
  wanted: string | null = null,
): Promise<Shrunk | null> {
  const fault = faultOf(await judge(recording), wanted);
  if (!fault) return null;
  let replays = 1;
  const shows = async (entries: readonly RecordedEntry[]): Promise<boolean> => {
    replays += 1;
    return fault.isIn(await judge({ ...recording, entries: [...entries] }));
  };
  const entries = await smallest(recording.entries, shows);
  return {
    recording: { ...recording, entries: [...entries], unrecognised: [] },
    fault,
    from: recording.entries.length,
    to: entries.length,
    replays,
  };
}

async function smallest<T>(
  all: readonly T[],
  shows: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = all;
  for (let size = Math.ceil(kept.length / 2); size >= 1;) {
    const smaller = await withoutOne(kept, size, shows);
    if (smaller) kept = smaller;
    else if (size === 1) break;
    else size = Math.ceil(size / 2);
    size = Math.min(size, Math.max(1, kept.length - 1));
  }
  return kept;
}

/** Takes away the first piece of this size that is not needed; the later ones first: what comes after is rarely the cause. */
async function withoutOne<T>(
  all: readonly T[],
  size: number,
  shows: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[] | null> {
  for (let end = all.length; end > 0; end -= size) {
    const rest = [...all.slice(0, Math.max(0, end - size)), ...all.slice(end)];
    if (rest.length > 0 && rest.length < all.length && (await shows(rest))) return rest;
  }
  return null;
}
