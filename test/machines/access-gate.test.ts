import { expect, test } from 'vitest';
import { accessGateMachine } from '../../machines/access-gate.ts';
import { GATE_IGNORES } from '../../src/charts/ignored.ts';
import { gaps, leavesOf, nameOf, reach } from './support/reach.ts';

const TYPES = ['code.accepted', 'code.refused', 'code.missing'];

const reached = reach(accessGateMachine, undefined, () => TYPES.map((type) => ({ type })));

test('every state answers every event, or ignores it on purpose', () => {
  expect(gaps(reached, TYPES, GATE_IGNORES)).toEqual({ missing: [], wrong: [], idle: [] });
});

test('every state of the chart can be reached', () => {
  const names = new Set(reached.map(({ snapshot }) => nameOf(snapshot.value)));
  expect(leavesOf(accessGateMachine).filter((leaf) => !names.has(leaf))).toEqual([]);
});

test('every state says in exactly one way what the caller hears', () => {
  const tags = ['twiml.prompt', 'twiml.dismiss', 'twiml.dialQueue'] as const;
  for (const { snapshot } of reached) {
    expect(tags.filter((tag) => snapshot.hasTag(tag))).toHaveLength(1);
  }
});

test('nobody is let in after the third wrong code or the third silence', () => {
  for (const { snapshot } of reached) {
    const { wrong, silent } = snapshot.context as { wrong: number; silent: number };
    expect(Math.max(wrong, silent)).toBeLessThan(3);
  }
});
