import type { Machine } from './machine.ts';
import type { Aim, Line, RowResult, Spread } from './result.ts';

/** Three digits that matter; the spread in brackets. */
export function shown({ median, low, high }: Spread): string {
  return low === high ? figure(median) : `${figure(median)} (${figure(low)}–${figure(high)})`;
}

function figure(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(value < 0.1 ? 2 : 3);
}

export function markdown(machine: Machine, effort: string, rows: readonly RowResult[]): string {
  return [
    '# Benchmark',
    '',
    'Written by `npm run bench`; what the figures mean and where the time goes is told in [performance.md](performance.md).',
    'Medians, in brackets the least and the most of the rounds. What counts are the ratios within one run: figures of',
    'different runs or machines are not comparable.',
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}; ${machine.at}; ` +
      `load average at the start ${machine.loadAtStart.join(', ')}; ${effort}.`,
    '',
    '## Aims',
    '',
    '| row | aim | measured | |',
    '| --- | --- | --- | --- |',
    ...rows.flatMap(aimLines),
    '',
    ...rows.flatMap(section),
  ].join('\n');
}

function aimLines({ row, failure, aims }: RowResult): string[] {
  if (failure !== undefined) return [`| ${row} | | | **failed** |`];
  return aims.map((aim) => aimLine(row, aim));
}

const aimLine = (row: string, { aim, measured, isMet }: Aim): string =>
  `| ${row} | ${aim} | ${shown(measured)} | ${isMet ? 'met' : '**missed**'} |`;

function section({ row, failure, lines, notes }: RowResult): string[] {
  if (failure !== undefined) return [`## ${row}`, '', `Failed: ${failure}.`, ''];
  const names = [...new Set(lines.flatMap((line) => Object.keys(line.figures)))];
  return [
    `## ${row}`,
    '',
    `| | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...lines.map((line) => figureLine(line, names)),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ];
}

function figureLine({ contestant, figures }: Line, names: readonly string[]): string {
  const cells = names.map((name) => {
    const measured = figures[name];
    return measured ? shown(measured) : '–';
  });
  return `| ${contestant} | ${cells.join(' | ')} |`;
}
