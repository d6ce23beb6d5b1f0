import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FAULT_KINDS, FAULT_LEVELS, type FaultKind, type FaultLevel } from '../shift/faults.ts';
import { simulate, type Failure, type Simulation } from '../shift/simulate.ts';
import { wholeNumber } from './whole-number.ts';

/** A check failed: docs/operations.md. */
const EXIT_CHECK_FAILED = 1;

interface Flags {
  seeds: number;
  seed: number;
  agents: number;
  hours: number;
  faults: FaultLevel;
  only?: FaultKind[];
  recording?: string;
  json: boolean;
}

function hours(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= 24) return value;
  throw new InvalidArgumentError('a number above 0, at most 24');
}

function kinds(text: string): FaultKind[] {
  const names = text === '' ? [] : text.split(',');
  return names.map((name) => {
    const kind = FAULT_KINDS.find((known) => known === name);
    if (kind) return kind;
    throw new InvalidArgumentError(`any of ${FAULT_KINDS.join(',')}, with commas between`);
  });
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('whole shifts of the real server on a simulated network, in simulated time')
    .option('--seeds <n>', 'how many shifts, one seed each', wholeNumber(1, 1_000_000), 1)
    .option('--seed <n>', 'the first seed', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--agents <n>', 'agents on each shift', wholeNumber(1, 1000), 5)
    .option('--hours <h>', 'length of each shift', hours, 0.5)
    .addOption(
      new Option('--faults <level>', 'what goes wrong').choices(FAULT_LEVELS).default('light'),
    )
    .option('--only <kinds>', 'no faults but these, with commas between', kinds)
    .option('--recording <file>', 'write what broke as a recording that replay reads')
    .option('--json', 'one object on stdout', false)
    .action(async ({ only = [], json, recording, ...flags }: Flags, command: Command) => {
      const isChosen = command.getOptionValueSource('only') === 'cli';
      const found = await simulate({ ...flags, only: isChosen ? only : null });
      process.stdout.write(json ? `${JSON.stringify(found)}\n` : report(found));
      if (found.failure && recording !== undefined)
        await writeFile(recording, found.failure.recording);
      if (found.failure) process.exitCode = EXIT_CHECK_FAILED;
    });
}

function report({ failure, witnesses, faults, outcomes, ...found }: Simulation): string {
  const { abandonRate } = found;
  const lines = [
    `seeds ${found.seeds}, webhooks ${found.webhooks}, calls ${found.calls}, talk ${Math.round(found.talkSeconds / 60)} min` +
      `, abandoned ${abandonRate === null ? 'of none' : `${(abandonRate * 100).toFixed(2)} %`}`,
    `outcomes: ${counted(outcomes)}`,
    `faults: ${counted(faults)}`,
    `${witnesses.total} witnesses, ${witnesses.never.length} never seen; the coldest:`,
    ...witnesses.coldest.map(
      ({ name, count }) => `  ${count === 0 ? 'NEVER' : String(count).padStart(5)}  ${name}`,
    ),
    `${found.journalEntries} journal entries; SHA-256 of the last seed's ${found.journalHash}`,
    `${Math.round(found.virtualSeconds)} s in ${found.seconds.toFixed(1)} s: ${found.speedUp} times real time`,
    ...(failure ? told(failure) : ['no invariant broken']),
  ];
  return `${lines.join('\n')}\n`;
}

const told = ({ invariant, seed, at, detail, command, shrunk, story }: Failure): string[] => [
  '',
  `${invariant}: ${detail}`,
  `seed ${seed}, at ${new Date(at).toISOString()}; again: ${command}`,
  '',
  ...story,
  '',
  `shrunk to ${shrunk.agents} agents, ${shrunk.hours} h, faults ${shrunk.kinds?.join(',') ?? 'as drawn'}; again:`,
  shrunk.command,
];

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';
