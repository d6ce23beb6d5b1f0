/** Of the rounds of one run: the middle one, and the extremes. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** One contestant's line; figures by name, the unit in the name. */
export interface Line {
  contestant: string;
  figures: Readonly<Record<string, Spread>>;
}

export interface Aim {
  /** As the issue puts it: "≥ 0.33 of bare Fastify". */
  aim: string;
  measured: Spread;
  isMet: boolean;
}

export interface RowResult {
  row: string;
  /** Why there are no figures. */
  failure?: string;
  /** What was sent to whom, and what the figures do not say. */
  notes: readonly string[];
  lines: readonly Line[];
  aims: readonly Aim[];
}

/** How much trouble a run takes; `--quick` is for trying the benchmark, not for figures. */
export interface Effort {
  isQuick: boolean;
  rounds: number;
  /** Length of one contestant's turn in a round. */
  seconds: number;
}

export interface Row {
  name: string;
  run: (effort: Effort) => Promise<RowResult>;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    low: at(0),
    high: at(sorted.length - 1),
  };
}

/** Round by round, so that what slows the whole machine cancels out. */
export const ratio = (of: readonly number[], to: readonly number[]): Spread =>
  spread(of.map((value, round) => value / (to[round] ?? Number.NaN)));

export const atLeast = (aim: string, wanted: number, measured: Spread): Aim => ({
  aim,
  measured,
  isMet: measured.median >= wanted,
});

export const atMost = (aim: string, wanted: number, measured: Spread): Aim => ({
  aim,
  measured,
  isMet: measured.median <= wanted,
});

/** The value below which `share` of the sorted values lie. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
