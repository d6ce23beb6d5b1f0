import { readdirSync, readFileSync } from 'node:fs';
import { transformWithOxc } from 'vite';
import { expect, test } from 'vitest';
import * as xstate from 'xstate';
import type { AnyStateMachine } from 'xstate';

const FOLDER = new URL('../../machines/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));

/** Input enough for any chart to start. */
const INPUT = {
  callId: 'call-1',
  leadId: 'lead-1',
  sessionId: 'session-1',
  agentId: 'agent-1',
  lines: 1,
  limits: {},
  callLimits: {},
};

/** Runs a chart's file as a visualizer does: transpiled, with a `require` that knows xstate and nothing else. */
async function evaluate(name: string): Promise<Record<string, unknown>> {
  const source = readFileSync(new URL(name, FOLDER), 'utf8');
  const { code } = await transformWithOxc(source, name, { sourcemap: false });
  const body = code
    .replaceAll(
      /import\s*\{([^}]*)\}\s*from\s*["']([^"']+)["'];?/g,
      (_, names: string, from: string) =>
        `const {${names.replaceAll(' as ', ': ')}} = require('${from}');`,
    )
    .replaceAll(/export const (\w+) =/g, 'const $1 = exports.$1 =');
  const exports: Record<string, unknown> = {};
  const require = (from: string): unknown => {
    if (from !== 'xstate') throw new Error(`${name} needs ${from} at run time`);
    return xstate;
  };
  // oxlint-disable-next-line typescript/no-implied-eval -- this is the test: the file must run on its own
  const run = new Function('require', 'exports', body) as (r: unknown, e: unknown) => void;
  run(require, exports);
  return exports;
}

test('there are charts to test', () => {
  expect(FILES.toSorted()).toEqual(['access-gate.ts', 'agent-session.ts', 'outbound-call.ts']);
});

test.each(FILES)('%s runs with nothing but xstate, and starts', async (name) => {
  const machines = Object.values(await evaluate(name)).filter(
    (value): value is AnyStateMachine => value instanceof xstate.StateMachine,
  );
  expect(machines).toHaveLength(1);
  for (const machine of machines) {
    const actor = xstate.createActor(machine, { input: INPUT }).start();
    expect(actor.getSnapshot().status).toBe('active');
    actor.stop();
  }
});

test.each(FILES)(
  '%s is one literal tree: no spread, no computed keys, no imported states',
  (name) => {
    const source = readFileSync(new URL(name, FOLDER), 'utf8');
    const tree = source.slice(source.indexOf('.createMachine({'));
    expect(tree).not.toMatch(/\n\s+\.\.\.(?!input)/);
    expect(tree).not.toMatch(/\n\s+\[[a-z]/i);
    expect(tree).not.toContain("'*'");
  },
);
