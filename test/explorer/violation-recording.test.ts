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
  timers: true,
};

/** A story of as many steps as there are, or 40: what happens next is drawn. */
function drawn(seed: number) {
  const random = new Random(seed);
  const { world, session } = beginning(stageOf(OPTIONS), OPTIONS);
  const steps: Step[] = [];
  while (steps.length < 40) {
    const next = stepsOf(world, session, OPTIONS).filter((step) => step.do !== 'timer');
    if (next.length === 0) break;
    const step = random.pick(next);
    steps.push(structuredClone(step));
    applyStep(world, session, step, OPTIONS);
  }
  return { steps, world, session };
}

test.each(Array.from({ length: 30 }, (_, index) => index + 1))(
  'a story that was explored replays to the same states and notices (seed %i)',
  async (seed) => {
    const { steps, world, session } = drawn(seed);
    const { sessions, calls, breaks } = await replayed(
      violationRecording(OPTIONS, { broken: [], steps }),
    );
    const { value } = session.snapshot;
    const state = typeof value === 'string' ? value : Object.keys(value)[0];
    expect(sessions).toEqual([{ sessionId: session.sessionId, state }]);
    for (const { callId, outcome, notices } of world.calls) {
      const call = calls.find((each) => each.callId === callId);
      expect(call?.outcome ?? null).toBe(outcome);
      expect((call?.answeredNotices ?? 0) + (call?.endedNotices ?? 0)).toBe(notices.length);
    }
    expect(breaks).toEqual([]);
  },
);

test('the replay command reads it', () => {
  const file = written(violationRecording(OPTIONS, { broken: [], steps: drawn(3).steps }));
  const told = execFileSync('node', ['dist/src/main.js', 'replay', file], { encoding: 'utf8' });
  expect(told).toContain('requests recognised');
});
