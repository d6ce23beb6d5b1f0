import { expect, test } from 'vitest';
import { DEFAULTS, explore, type ExploreOptions } from '../../src/explorer/explore.ts';
import { tell, write } from '../../src/explorer/story.ts';
import type { Step } from '../../src/explorer/steps.ts';

const ONLY_LEAVING: ExploreOptions['clicks'] = {
  callLeads: 1,
  leave: 1,
  dialIn: 0,
  pause: 0,
  hangUp: 0,
  dispose: 0,
  setAutoNext: 0,
  signOut: 0,
  closePage: 0,
  openPage: 0,
};

/** Explores, and shows the shortest story of what went wrong. */
function storyOf(options: Partial<ExploreOptions>): { story: string; states: number } {
  const all = { ...DEFAULTS, clicks: ONLY_LEAVING, ...options };
  const found = explore(all);
  expect(found.isComplete).toBe(true);
  const [first] = found.violations;
  const story = first ? `${first.broken.join('\n')}\n${write(tell(all, first))}` : '';
  return { story, states: found.states };
}

test('two leads and an agent who may leave: no order of events breaks an invariant', () => {
  const { story, states } = storyOf({ leads: 2, hasty: true });
  expect(story).toBe('');
  expect(states).toBeGreaterThan(3000);
}, 240_000);

test('one lead, in every order of everything, old news included', () => {
  expect(storyOf({ leads: 1, slowStore: true }).story).toBe('');
}, 240_000);

test('one lead, one request of Twilio’s made twice, sooner or later', () => {
  expect(storyOf({ leads: 1, duplicates: 1, hasty: true }).story).toBe('');
}, 240_000);

test('one lead, and she may pause, hang up, sign out, leave and be back', () => {
  const clicks = { ...ONLY_LEAVING, dialIn: 1, hangUp: 1, pause: 1, signOut: 1, dispose: 1 };
  expect(storyOf({ leads: 1, hasty: true, clicks }).story).toBe('');
}, 240_000);

test('one lead, a server that is killed once, with or without what it was just told', () => {
  const options = { leads: 1, hasty: true, restarts: 1, timers: true, patient: true };
  expect(storyOf(options).story).toBe('');
}, 240_000);

test('one lead, and timers that fire at any moment', () => {
  const clicks = { ...ONLY_LEAVING, leave: 0, pause: 1 };
  expect(storyOf({ leads: 1, hasty: true, timers: true, clicks }).story).toBe('');
}, 240_000);

test('one lead, and a request, an answer or a callback that never comes', () => {
  const clicks = ONLY_LEAVING;
  const options = { leads: 1, hasty: true, losses: 1, timers: true, patient: true, clicks };
  expect(storyOf(options).story).toBe('');
}, 240_000);

test('calling on by itself: the last talk’s late words end no talk after it', () => {
  const clicks = { ...ONLY_LEAVING, leave: 0, setAutoNext: 1, dispose: 1 };
  const options = { leads: 2, lines: 1, hasty: true, refusals: false, clicks };
  expect(storyOf(options).story).toBe('');
}, 240_000);

test('two agents and one lead: what happens to one of them changes nothing of the other', () => {
  const clicks = { ...ONLY_LEAVING, leave: 0, pause: 1 };
  const options = { agents: 2, leads: 1, hasty: true, refusals: false, clicks };
  expect(storyOf(options).story).toBe('');
}, 240_000);

test('losers that ring out claim nobody', () => {
  const clicks = { ...ONLY_LEAVING, leave: 0 };
  expect(storyOf({ leads: 2, hasty: true, ringOut: true, refusals: false, clicks }).story).toBe('');
}, 240_000);

test('the same exploration finds the same states', () => {
  const options = { ...DEFAULTS, leads: 1, clicks: ONLY_LEAVING };
  const [one, two] = [explore(options), explore(options)];
  expect([one.states, one.edges, one.paths]).toEqual([two.states, two.edges, two.paths]);
});

test('an exploration that is cut short says so', () => {
  const cut = explore({ ...DEFAULTS, clicks: ONLY_LEAVING, statesAtMost: 50 });
  expect(cut.isComplete).toBe(false);
});

test('a story is numbered and says what happened, what we answered and where that left everyone', () => {
  const steps: Step[] = [
    { do: 'click', agent: 0, click: 'callLeads' },
    { do: 'arrive', flight: 0, what: { kind: 'create', call: 0 } },
    { do: 'answer', call: 0 },
    { do: 'arrive', flight: 2, what: { kind: 'answer', call: 0 } },
  ];
  const options = { ...DEFAULTS, leads: 1 };
  const events = tell(options, { broken: [], steps });
  const story = write(events);
  expect(story).toContain('1. She clicks "Call leads".');
  expect(story).toContain('4. The leg of lead 0 asks /enqueue. → we answer enqueue');
  expect(story).toContain('now: queued, queued.waiting');
  expect(JSON.parse(JSON.stringify(events))).toEqual(events);
});
