import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { applyStep } from '../../src/explorer/apply.ts';
import { beginning, DEFAULTS, stageOf, type ExploreOptions } from '../../src/explorer/explore.ts';
import { stepsOf, type Step } from '../../src/explorer/steps.ts';
import { violationRecording } from '../../src/explorer/violation-recording.ts';
import { Random } from '../../src/simulator/random.ts';
import { replayed, written } from './support/replayed.ts';

const OPTIONS: ExploreOptions = {
  ...DEFAULTS,
  leads: 2,
  slowStore: true,
  losses: 2,
  restarts: 1,
  timers: true,
};

/** One agent, or two who share the leads. */
const optionsOf = (seed: number): ExploreOptions => ({ ...OPTIONS, agents: 1 + (seed % 2) });

/** A story of as many steps as there are, or 60: what happens next is drawn. */
function drawn(seed: number) {
  const options = optionsOf(seed);
  const random = new Random(seed);
  const { world, sessions } = beginning(stageOf(options), options);
  const steps: Step[] = [];
  while (steps.length < 60) {
    const next = stepsOf(world, sessions, options).filter((step) => step.do !== 'timer');
    if (next.length === 0) break;
    const step = random.pick(next);
    steps.push(structuredClone(step));
    applyStep(world, sessions, step, options);
  }
  return { options, steps, world, sessions };
}

test.each(Array.from({ length: 30 }, (_, index) => index + 1))(
  'a story that was explored replays to the same states and notices (seed %i)',
  async (seed) => {
    const { options, steps, world, sessions: explored } = drawn(seed);
    const { sessions, calls, breaks } = await replayed(
      violationRecording(options, { broken: [], steps }),
    );
    expect(sessions).toEqual(
      explored.map(({ sessionId, snapshot: { value } }) => ({
        sessionId,
        state: typeof value === 'string' ? value : Object.keys(value)[0],
      })),
    );
    for (const { callId, outcome, notices } of world.calls) {
      const call = calls.find((each) => each.callId === callId);
      expect(call?.outcome ?? null).toBe(outcome);
      expect((call?.answeredNotices ?? 0) + (call?.endedNotices ?? 0)).toBe(notices.length);
    }
    expect(breaks).toEqual([]);
  },
);

test('the replay command reads it', () => {
  const file = written(violationRecording(optionsOf(3), { broken: [], steps: drawn(3).steps }));
  const told = execFileSync('node', ['dist/src/main.js', 'replay', file], { encoding: 'utf8' });
  expect(told).toContain('requests recognised');
});
