import { Command, InvalidArgumentError } from 'commander';
import { torture, type TortureResult } from '../torture/torture.ts';

/** Something was lost, rung twice, stuck or left behind: docs/operations.md. */
const EXIT_FINDING = 1;
const WORDS_SHOWN = 20;

interface Flags {
  kills: number;
  seed: number;
  agents: number;
  powerCut?: true;
  json?: true;
}

export function tortureCommand(): Command {
  return new Command('torture')
    .description(
      'kill a server of its own again and again while agents work, and look for what is lost',
    )
    .option('--kills <n>', 'how many times', positive, 25)
    .option('--seed <n>', 'of leads, agents and kills', whole, 1)
    .option('--agents <n>', 'agents at work, 1 to 90', positive, 6)
    .option('--power-cut', 'cut the write-ahead log as a power failure may')
    .option('--json', 'print one JSON object')
    .action(async ({ kills, seed, agents, powerCut, json }: Flags) => {
      const result = await torture({
        kills,
        seed,
        agents: Math.min(agents, 90),
        powerCut: powerCut === true,
        onKill: ({ number, point, recoveryMs }) => {
          const after =
            recoveryMs === null ? 'not right' : `right after ${Math.round(recoveryMs)} ms`;
          process.stderr.write(`kill ${number} of ${kills}, ${point}: every page ${after}\n`);
        },
      });
      process.stdout.write(`${json ? JSON.stringify(summary(result)) : report(result)}\n`);
      if (findings(result).length > 0) process.exitCode = EXIT_FINDING;
    });
}

function positive(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError('expected a whole number from 1');
  return value;
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

export const findings = (result: TortureResult): string[] => [
  ...result.lost.map((words) => `lost: ${words}`),
  ...result.secondDials.map((words) => `dialed twice: ${words}`),
  ...result.stuckCalls.map((words) => `stuck: ${words}`),
  ...result.orphanLegs.map((words) => `orphan: ${words}`),
];

export function summary(result: TortureResult) {
  return {
    kills: result.kills,
    acknowledged: result.acknowledged,
    lost: result.lost.length,
    secondDials: result.secondDials.length,
    stuckCalls: result.stuckCalls.length,
    orphanLegs: result.orphanLegs.length,
    recoveryMsP50: percentile(result.recoveryMs, 0.5),
    recoveryMsP99: percentile(result.recoveryMs, 0.99),
    seed: result.seed,
    dials: result.dials,
    talks: result.talks,
    bytesCut: result.bytesCut,
    points: result.points,
    findings: findings(result).slice(0, WORDS_SHOWN),
    folder: result.folder,
  };
}

function report(result: TortureResult): string {
  const { findings: words, folder, ...numbers } = summary(result);
  const lines = Object.entries(numbers).map(
    ([name, value]) =>
      `${name.padEnd(14)} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  const kept = folder === null ? [] : [`The store is kept in ${folder}.`];
  return [...lines, ...words, ...kept].join('\n');
}

function percentile(values: readonly number[], share: number): number | null {
  const inOrder = values.toSorted((a, b) => a - b);
  const value = inOrder[Math.max(0, Math.ceil(inOrder.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}
