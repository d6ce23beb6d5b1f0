import { expect, test } from 'vitest';
import { first, staffedFloor } from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

test('a deadline that a refused command finds due is acted on', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  await floor.command({ type: 'agent.pause' });
  const now = floor.clock.now();
  floor.clock.now = () => now + 15_000; // Time has passed; the wake-up for it is late.

  await floor.command({ type: 'agent.hangUp' });
  await settle();

  expect(floor.telephony.ended.map((each) => each.how)).toEqual(['cancel', 'complete']);
});
