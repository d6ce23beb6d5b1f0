import { expect, test } from 'vitest';
import type { Lead } from '../../src/domain/lead.ts';
import { parseRecording } from '../../src/replay/read-recording.ts';
import { judge } from '../../src/replay/verdict.ts';
import type { ServerPorts } from '../../src/shift/server-life.ts';
import { Shift, type ShiftOptions } from '../../src/shift/shift.ts';
import { simulate, type SimulateOptions } from '../../src/shift/simulate.ts';

const SMALL: SimulateOptions = {
  seeds: 1,
  seed: 1,
  agents: 3,
  hours: 0.25,
  faults: 'none',
  only: null,
};

test.each([
  { faults: 'none', seeds: 2 },
  { faults: 'light', seeds: 3 },
  { faults: 'storm', seeds: 6 },
] as const)('whatever goes wrong ($faults), no invariant breaks', async ({ faults, seeds }) => {
  const found = await simulate({ ...SMALL, faults, seeds });
  expect(found.failure).toBeNull();
  expect(found.outcomes['talked']).toBeGreaterThan(10);
  expect(Object.keys(found.faults).length).toBeGreaterThanOrEqual(faults === 'none' ? 0 : 9);
});

const hashOf = async (options: Partial<ShiftOptions>): Promise<string> =>
  (await new Shift({ ...SMALL, faults: 'storm', ...options }).run()).journalHash;

test('the same seed gives the same journal, another seed another', async () => {
  const first = await hashOf({ seed: 4 });
  expect(await hashOf({ seed: 4 })).toBe(first);
  expect(await hashOf({ seed: 5 })).not.toBe(first);
});

test('past the HTTP server or through it, a webhook changes the same', async () => {
  const options = { seed: 2, faults: 'none', hours: 0.1 } as const;
  expect(await hashOf({ ...options, injectEvery: 1 })).toBe(
    await hashOf({ ...options, injectEvery: Infinity }),
  );
});

const flushesNothing = (ports: ServerPorts): ServerPorts => ({
  ...ports,
  journal: { ...ports.journal, flush: async () => {} },
});

test.each([
  {
    bug: 'a create whose reply was lost is sent again',
    invariant: 'S3',
    sabotage: (ports: ServerPorts): ServerPorts => ({
      ...ports,
      rest: (request, timeoutMs) =>
        ports.rest(request, timeoutMs).catch(() => ports.rest(request, timeoutMs)),
    }),
  },
  {
    bug: 'a command is acknowledged before it is durable',
    invariant: 'D1',
    sabotage: flushesNothing,
  },
  {
    bug: 'a lead is given to two agents',
    invariant: 'S2',
    sabotage: (ports: ServerPorts): ServerPorts => {
      let last: Lead[] = [];
      return {
        ...ports,
        leads: {
          ...ports.leads,
          reserve: async (sessionId, count) => {
            const given = last.length > 0 ? last : await ports.leads.reserve(sessionId, count);
            last = last.length > 0 ? [] : given;
            return given;
          },
        },
      };
    },
  },
  {
    bug: 'a line that was used is never free again',
    invariant: 'L4',
    sabotage: (ports: ServerPorts): ServerPorts => ({
      ...ports,
      clock: { ...ports.clock, wakeAt: () => () => {} },
    }),
  },
  {
    bug: 'deadlines never come',
    invariant: 'L10',
    sabotage: ({ clock, ...ports }: ServerPorts): ServerPorts => ({
      ...ports,
      clock: {
        ...clock,
        // Turns and lines wait for less.
        wakeAt: (at, fire) => (at - clock.now() > 1000 ? () => {} : clock.wakeAt(at, fire)),
      },
    }),
  },
])('$bug: found, made small and told', async ({ invariant, sabotage }) => {
  const { failure } = await simulate({ ...SMALL, seeds: 30, faults: 'storm', sabotage });
  expect(failure?.invariant).toBe(invariant);
  expect(failure?.command).toContain(`--seed ${failure?.seed} --agents 3 --hours 0.25`);
  expect(failure?.shrunk.agents).toBeLessThanOrEqual(2);
  expect(failure?.story.length).toBeGreaterThan(0);
});

test('what broke is a recording that replays to where the story ends', async () => {
  const options = { ...SMALL, seeds: 30, faults: 'storm', sabotage: flushesNothing } as const;
  const { failure } = await simulate(options);
  const { replayed, breaks, differences } = await judge(recorded(failure?.recording));
  expect({ breaks, differences }).toEqual({ breaks: [], differences: [] });
  const last = failure?.story.findLast((line) => line.includes('  journal  ')) ?? '';
  expect(replayed.sessions).toHaveLength(1);
  expect(last).toMatch(new RegExp(` → ${replayed.sessions[0]?.state}\\b`));
});

test('a whole shift, kills and all, is a recording that replays to the same outcomes', async () => {
  const shift = new Shift({ ...SMALL, seed: 7, agents: 2, faults: 'storm', storyOf: null });
  const { recording, outcomes, faults } = await shift.run();
  expect(faults['server.kill']).toBeGreaterThan(0);
  const { replayed, breaks, differences } = await judge(recorded(recording));
  expect({ breaks, differences }).toEqual({ breaks: [], differences: [] });
  const ended: Record<string, number> = {};
  for (const { outcome } of replayed.calls) {
    if (outcome !== null) ended[outcome] = (ended[outcome] ?? 0) + 1; // Null: given, and not called.
  }
  expect(ended).toEqual(outcomes);
});

const recorded = (text: string | null | undefined) => parseRecording('shift', text ?? '');
