import { expect, test } from 'vitest';
import { markdown } from './report.ts';
import { atMost, spread, type RowResult } from './result.ts';

const machine = {
  cpu: 'a processor',
  cores: 2,
  memoryGb: 24,
  system: 'linux',
  node: 'v20.20.2 without flags',
  at: '2026-11-23T02:02Z',
  loadAtStart: [0.1, 0.1, 0.1],
};

const page = (row: RowResult): string => markdown(machine, '5 rounds', [row]);

test('an aim is met or missed by the middle round', () => {
  const aims = [atMost('≤ 5 ms', 5, spread([4, 4.5, 9])), atMost('≤ 4 ms', 4, spread([4, 4.5, 9]))];
  const text = page({ row: 'start', notes: [], lines: [], aims });
  expect(text).toContain('| start | ≤ 5 ms | 4.50 (4.00–9.00) | met |');
  expect(text).toContain('| start | ≤ 4 ms | 4.50 (4.00–9.00) | **missed** |');
});

test('a row that failed is named among the aims, and says why', () => {
  const failure = 'it was not done after 900 s';
  const text = page({ row: 'memory', failure, notes: [], lines: [], aims: [] });
  expect(text).toContain('| memory | | | **failed** |');
  expect(text).toContain('## memory\n\nFailed: it was not done after 900 s.\n');
});
