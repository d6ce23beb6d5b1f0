import { expect, test } from 'vitest';
import { createMachine, setup } from 'xstate';
import {
  catalogued,
  CHART_NAMES,
  DEFAULT_DEADLINES,
  TWIML_OF_TAGS,
} from '../../src/charts/catalogue.ts';
import { arrowId, leavesOf, readChart, type AnyTransition } from '../../src/charts/chart.ts';
import { linesOf, shownStates } from '../../src/charts/drawing.ts';
import { ignoredIn } from '../../src/charts/page.ts';
import { sheetsOf } from '../../src/charts/sheets.ts';
import { leafValue } from './leaf-value.ts';

test.each(CHART_NAMES)(
  '%s: every arrow has a name of its own, and an actor’s transition has the same',
  (name) => {
    const { chart, machine } = catalogued(name);
    const ids = [...chart.states.values()].flatMap(({ arrows }) => arrows.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const leaf of leavesOf(chart)) {
      const events = new Set(leaf.arrows.flatMap(({ event }) => event ?? []));
      const snapshot = machine.resolveState({
        value: leafValue(leaf.path),
        context: { ...DEFAULT_DEADLINES, open: [], hoping: [] },
      });
      for (const type of events) {
        for (const transition of machine.getTransitionData(snapshot, { type })) {
          expect(ids).toContain(arrowId(transition as unknown as AnyTransition));
        }
      }
    }
  },
);

test.each(CHART_NAMES)('%s: every arrow that leaves a state is on a sheet', (name) => {
  const { chart } = catalogued(name);
  const drawn = new Set(
    sheetsOf(chart).flatMap(({ scope }) =>
      linesOf(chart, scope, shownStates(chart, scope)).flatMap(({ arrows }) =>
        arrows.map(({ id }) => id),
      ),
    ),
  );
  const leaving = [...chart.states.values()].flatMap(({ arrows }) =>
    arrows.filter(({ to }) => to !== null),
  );
  expect(leaving.map(({ id }) => id).filter((id) => !drawn.has(id))).toEqual([]);
});

test('a word is there for every document that a state may answer with', () => {
  const tags = CHART_NAMES.flatMap((name) =>
    [...catalogued(name).chart.states.values()].flatMap((state) => state.tags),
  );
  const twiml = tags.filter((tag) => tag.startsWith('twiml.'));
  expect(twiml.filter((tag) => !(tag in TWIML_OF_TAGS))).toEqual([]);
});

test('what a state ignores is told with its reason, and what it answers is not called ignored', () => {
  const { chart, ignored } = catalogued('outbound-call');
  const ringing = chart.states.get('dialing.placed.ringing.early');
  if (!ringing) throw new Error('the chart has no such state');
  const told = ignoredIn(chart, ringing, ignored).flatMap(({ events }) => events);
  expect(told).toContain('twilio.createLost');
  expect(told).not.toContain('call.cancel');
});

test('effects are read in their order, also where their params depend on the event', () => {
  const machine = setup({
    types: {} as { context: { lines: number }; events: { type: 'go'; id: string } }, // oxlint-disable-line typescript/no-unnecessary-type-assertion -- XState's way to give types
    actions: { order: (_, _order: { kind: string; id?: string; how?: string }) => {} },
    delays: { soon: ({ context }) => context.lines * 1000 },
  }).createMachine({
    context: { lines: 3 },
    initial: 'a',
    states: {
      a: {
        after: { soon: 'a' },
        on: {
          go: {
            actions: [
              { type: 'order', params: ({ event }) => ({ kind: 'first', id: event.id.slice(1) }) },
              { type: 'order', params: { kind: 'second', how: 'cancel' } },
            ],
          },
        },
      },
    },
  });
  const arrows = readChart(machine, { lines: 3 }).states.get('a')?.arrows ?? [];
  expect(arrows.find(({ event }) => event === 'go')?.deeds).toEqual([
    { kind: 'order', order: 'first', detail: null },
    { kind: 'order', order: 'second', detail: 'cancel' },
  ]);
  expect(arrows.find(({ deadline }) => deadline)?.deadline).toEqual({ name: 'soon', ms: 3000 });
});

test.each(CHART_NAMES)(
  '%s: its JSON is a machine with the same states when it is pasted',
  (name) => {
    const { chart, machine } = catalogued(name);
    const pasted = createMachine(JSON.parse(JSON.stringify(machine.config)) as object);
    expect([
      ...readChart(
        pasted.provide(machine.implementations as never),
        DEFAULT_DEADLINES,
      ).states.keys(),
    ]).toEqual([...chart.states.keys()]);
  },
);
