import { expect, test } from 'vitest';
import { agentSessionMachine } from '../../machines/agent-session.ts';
import { DEFAULTS, explore } from '../../src/explorer/explore.ts';
import { violationRecording } from '../../src/explorer/violation-recording.ts';
import { replayed } from './support/replayed.ts';

// In a file of its own: charts that were composed with the bug are used again by later replays.
test('what the explorer finds broken, replay of its recording finds broken', async () => {
  const { actions } = agentSessionMachine.implementations;
  const { cancelOthers } = actions;
  actions['cancelOthers'] = () => {}; // The bug: she leaves, and who waits for a line is called all the same.
  try {
    const none = Object.fromEntries(Object.keys(DEFAULTS.clicks).map((click) => [click, 0]));
    const clicks = { ...DEFAULTS.clicks, ...none, callLeads: 1, leave: 1 };
    const options = { ...DEFAULTS, leads: 1, slowStore: true, clicks };
    const [violation] = explore(options).violations;
    expect(violation?.broken[0]).toContain('S4');
    const { breaks } = await replayed(violationRecording(options, violation!));
    expect(breaks.map(({ invariant }) => invariant)).toContain('S4');
  } finally {
    actions['cancelOthers'] = cancelOthers!;
  }
});
