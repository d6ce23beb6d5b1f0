import { Command, InvalidArgumentError, Option } from 'commander';
import { FAULT_LEVELS, type FaultLevel } from '../shift/faults.ts';
import { Shift, type ShiftResult } from '../shift/shift.ts';

interface Flags {
  seeds: number;
  seed: number;
  agents: number;
  hours: number;
  faults: FaultLevel;
  json: boolean;
}

const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
  };

function hours(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= 24) return value;
  throw new InvalidArgumentError('a number above 0, at most 24');
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('whole shifts of the real server on a simulated network, in simulated time')
    .option('--seeds <n>', 'how many shifts, one seed each', whole(1, 1_000_000), 1)
    .option('--seed <n>', 'the first seed', whole(0, 2 ** 31 - 1), 1)
    .option('--agents <n>', 'agents on each shift', whole(1, 1000), 5)
    .option('--hours <h>', 'length of each shift', hours, 0.5)
    .addOption(
      new Option('--faults <level>', 'what goes wrong').choices(FAULT_LEVELS).default('light'),
    )
    .option('--json', 'one object on stdout', false)
    .action(async (flags: Flags) => {
      const startedAt = performance.now();
      const results: ShiftResult[] = [];
      for (let seed = flags.seed; seed < flags.seed + flags.seeds; seed++) {
        results.push(
          await new Shift({
            seed,
            agents: flags.agents,
            hours: flags.hours,
            faults: flags.faults,
          }).run(),
        );
      }
      const seconds = (performance.now() - startedAt) / 1000;
      process.stdout.write(
        `${flags.json ? JSON.stringify(sum(results, seconds)) : text(results, seconds)}\n`,
      );
    });
}

function sum(results: readonly ShiftResult[], seconds: number) {
  const total = (pick: (result: ShiftResult) => number): number =>
    results.reduce((so, result) => so + pick(result), 0);
  const outcomes: Record<string, number> = {};
  for (const result of results) {
    for (const [name, count] of Object.entries(result.outcomes)) {
      outcomes[name] = (outcomes[name] ?? 0) + count;
    }
  }
  const { talked = 0, abandoned = 0 } = outcomes;
  return {
    seeds: results.length,
    webhooks: total(({ webhooks }) => webhooks),
    calls: total(({ calls }) => calls),
    outcomes,
    talkSeconds: total(({ talkSeconds }) => talkSeconds),
    abandonRate: abandoned / Math.max(1, talked + abandoned),
    seconds,
    speedUp: Math.round(total(({ virtualSeconds }) => virtualSeconds) / seconds),
    faults: sumOf(results.map(({ faults }) => faults)),
    violations: results.flatMap(({ seed, violation }) =>
      violation ? [{ seed, ...violation }] : [],
    ),
    journalHash: results.at(-1)?.journalHash ?? null,
  };
}

const text = (results: readonly ShiftResult[], seconds: number): string =>
  Object.entries(sum(results, seconds))
    .map(
      ([name, value]) =>
        `${name.padEnd(14)} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    )
    .join('\n');

function sumOf(counts: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const count of counts) {
    for (const [name, value] of Object.entries(count)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}
