import { expect, test } from 'vitest';
import { exploreRecording } from '../../src/explorer/recorded-orders.ts';
import { readRecording } from '../../src/replay/read-recording.ts';
import { recording } from '../support/recording.ts';

const read = (name: string) => readRecording(recording(name).file);

test.each([
  ['2019-first-call', 12],
  ['busy-lead', 24],
  ['lead-leaves-the-queue', 1680],
  ['restart-in-the-talk', 2160],
  ['restart-while-it-rings', 864],
])(
  '%s: in none of its %i orders is a rule broken',
  async (name, orders) => {
    const found = await exploreRecording(await read(name), 5000);
    expect(found).toMatchObject({ orders, violations: [], isComplete: true });
    expect(found.depth).toBe(found.events);
  },
  60_000,
);

test('an order that breaks a rule is told up to the break', async () => {
  const source = await read('agent-leaves-when-ready');
  const place = source.entries.findIndex(
    (entry) => entry.kind === 'request' && entry.form?.['Digits'] !== undefined,
  );
  const right = source.entries[place];
  if (right?.kind !== 'request') throw new Error('the recording has no code');
  // She was silent at first; that is asked once more after she has left: the gate has forgotten the leg (docs/webhooks.md).
  const silent = { ...right, form: { ...right.form, Digits: '' }, answered: null };
  const at = (source.entries.at(-1)?.at ?? 0) + 1;
  const entries = [
    ...source.entries.slice(0, place),
    silent,
    { ...right, path: right.path.replace(/1$/, '2'), answered: null },
    ...source.entries.slice(place + 1),
    { ...silent, at },
  ];
  const found = await exploreRecording({ ...source, entries }, 5000);
  expect(found.violations).toHaveLength(1);
  expect(found.violations[0]?.broken[0]).toMatch(/^S8 /);
  expect(found.violations[0]?.rows.at(-1)).toMatchObject({ kind: 'codeKeyed', at });
});

test('a search that is bounded says how far it came', async () => {
  const found = await exploreRecording(await read('lead-leaves-the-queue'), 20);
  expect(found).toMatchObject({ isComplete: false, violations: [] });
  expect(found.depth).toBeLessThan(found.events);
  expect(found.states).toBeLessThan(30);
});
