import { expect, test } from 'vitest';
import { outboundCallMachine } from '../../machines/outbound-call.ts';
import { DEFAULTS, explore } from '../../src/explorer/explore.ts';
import { violationRecording } from '../../src/explorer/violation-recording.ts';
import { replayed } from './support/replayed.ts';

// In a file of its own: charts that were composed with the bug are used again by later replays.
test('what the explorer finds broken, replay of its recording finds broken', async () => {
  const { closing } = outboundCallMachine.config.states?.['ending']?.states ?? {};
  const bug = {
    target: '#outboundCall.completed',
    actions: { type: 'tellSession', params: { type: 'call.ended' } },
  };
  Object.assign(closing ?? {}, { on: { 'leg.completed': bug } }); // Told when it is decided, and again.
  const options = { ...DEFAULTS, leads: 1, hasty: true };
  const [violation] = explore(options).violations;
  expect(violation?.broken.join()).toContain('S6');

  const { breaks } = await replayed(violationRecording(options, violation!));

  expect(breaks.map(({ invariant }) => invariant)).toContain('S6');
});
