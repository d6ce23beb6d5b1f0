import { expect, test } from 'vitest';
import type { CallId } from '../../src/domain/ids.ts';
import { leadSid, staffedFloor, type Floor } from '../support/floor.ts';

async function threeRinging(options: { ringAtLeastMs?: number } = {}): Promise<{
  floor: Floor;
  winner: CallId;
  loser: CallId;
  other: CallId;
}> {
  const floor = await staffedFloor({ lines: 3, ...options });
  const [winner, loser, other] = await floor.callLeads();
  if (!winner || !loser || !other) throw new Error('three lines, three calls');
  for (const call of [winner, loser, other]) {
    await floor.restReply(call);
    await floor.status(call, 'ringing');
  }
  return { floor, winner, loser, other };
}

test('the first who answers gets the agent; the phones that still ring are ended at once', async () => {
  const { floor, winner, loser, other } = await threeRinging();

  await floor.answered(winner);

  expect(floor.telephony.ended).toEqual([
    { sid: leadSid(loser), how: 'cancel' },
    { sid: leadSid(other), how: 'cancel' },
  ]);
});

test('of two who answer at the same moment exactly one is put in the queue', async () => {
  const { floor, winner, loser } = await threeRinging();

  const [one, two] = await Promise.all([floor.answered(winner), floor.answered(loser)]);

  expect([one.plan, two.plan]).toEqual(['enqueue', 'notice']);
});

test('a loser who answers too late hears the courtesy notice and counts as abandoned, once', async () => {
  const { floor, winner, loser } = await threeRinging();
  await floor.answered(winner);

  expect(await floor.answered(loser)).toEqual({ plan: 'notice' });
  await floor.ended(loser);

  expect(floor.noticesOf(loser)).toEqual(['ended abandoned']);
});

test('a loser who does not answer was canceled and goes back to the list', async () => {
  const { floor, winner, loser } = await threeRinging();
  await floor.answered(winner);

  await floor.ended(loser, 'canceled');

  expect(floor.noticesOf(loser)).toEqual(['ended canceled']);
  expect(floor.leads.list().filter((row) => row.state === 'waiting')).toHaveLength(4);
});

test('a machine that answers the loser’s phone is hung up on and abandons nobody', async () => {
  const { floor, winner, loser } = await threeRinging();
  await floor.answered(winner);

  expect(await floor.answered(loser, { answeredBy: 'fax' })).toEqual({ plan: 'hangUp' });
  expect(floor.outcomeOf(loser)).toBe('machine');
});

test('a request to end a call that is neither ended nor answered is repeated, and then insisted on', async () => {
  const { floor, winner, loser } = await threeRinging();
  await floor.answered(winner);
  const asked = () => floor.telephony.ended.filter((each) => each.sid === leadSid(loser));

  await floor.clock.advance(15_000);
  expect(asked().map((each) => each.how)).toEqual(['cancel', 'complete']);
  await floor.clock.advance(15_000);
  expect(asked()).toHaveLength(3);
});

test('in ring-out mode a loser rings for 15 seconds before it is ended', async () => {
  const { floor, winner, loser } = await threeRinging({ ringAtLeastMs: 15_000 });
  await floor.clock.advance(4000);
  await floor.answered(winner);
  expect(floor.telephony.ended).toEqual([]);

  await floor.clock.advance(10_999);
  expect(floor.telephony.ended).toEqual([]);
  await floor.clock.advance(1);
  expect(floor.telephony.ended.map((each) => each.sid)).toContain(leadSid(loser));
});

test('in ring-out mode a loser that has rung long enough is ended at once', async () => {
  const { floor, winner } = await threeRinging({ ringAtLeastMs: 15_000 });
  await floor.clock.advance(15_000);

  await floor.answered(winner);

  expect(floor.telephony.ended).toHaveLength(2);
});

test('in ring-out mode a person who answers as a loser is told and abandoned, never queued', async () => {
  const { floor, winner, loser } = await threeRinging({ ringAtLeastMs: 15_000 });
  await floor.answered(winner);

  expect(await floor.answered(loser)).toEqual({ plan: 'notice' });
  expect(floor.outcomeOf(loser)).toBe('abandoned');
});

test('in ring-out mode nobody answers for an agent who has become free again', async () => {
  const { floor, winner, loser } = await threeRinging({ ringAtLeastMs: 15_000 });
  await floor.answered(winner);
  await floor.dequeued(winner, 'hangup');
  await floor.ended(winner);
  expect(floor.view.state).toBe('dialing');

  expect(await floor.answered(loser)).toEqual({ plan: 'notice' });
});

test('a lead not bridged within the two-second rule is shown the way out with the notice, abandoned', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const [call] = await floor.callLeads();
  if (!call) throw new Error('nobody was called');
  await floor.answered(call);
  expect(await floor.waits(call, 1)).toEqual({ plan: 'hold', callId: call, step: 2 });

  await floor.clock.advance(1500);
  expect(await floor.waits(call, 2)).toEqual({ plan: 'leave' });
  expect(await floor.dequeued(call, 'leave')).toEqual({ plan: 'notice' });

  expect(floor.noticesOf(call)).toEqual(['ended abandoned']);
});

test('a bridge that is being made when the two seconds are over still counts', async () => {
  const floor = await staffedFloor();
  const [call] = await floor.callLeads();
  if (!call) throw new Error('nobody was called');
  await floor.answered(call);
  await floor.clock.advance(1500);

  await floor.bridging(call);

  expect(floor.view.state).toBe('bridged');
  expect(floor.noticesOf(call)).toEqual(['answered']);
});
