import { expect, test } from 'vitest';
import { planFor } from '../../src/dialer/replies.ts';
import type { WebhookKind } from '../../src/domain/webhook.ts';
import { first, staffedFloor, talkingFloor } from '../support/floor.ts';

test('the word that a bridge is being made is answered by nothing that would delay it', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);
  expect(await floor.bridging(call)).toEqual({ plan: 'proceed' });
});

test('an agent who has hung up is told nothing', async () => {
  const floor = await staffedFloor();
  expect(await floor.hangsUp()).toEqual({ plan: 'proceed' });
});

test('an agent whose phone comes back from the queue just as she signs out hears goodbye', async () => {
  const { floor } = await talkingFloor();
  const { sessionId, phone: sid, host } = floor;
  const leaving = floor.dialer.command(sessionId, { type: 'agent.signOut' });
  const plan = floor.dialer.answer({
    kind: 'stopConsuming',
    sessionId,
    step: host.dialStep,
    sid,
    callStatus: 'in-progress',
    result: 'bridged',
    leadSid: null,
  });
  await leaving;
  expect(plan).toEqual({ plan: 'goodbye' });
  expect(floor.anomalies).toEqual([]);
});

test('a lead that asks once more while the bridge is being made keeps waiting for it', async () => {
  const { floor, talk } = await talkingFloor();
  expect(await floor.waits(talk, 3)).toEqual({ plan: 'hold', callId: talk, step: 4 });
});

test('a lead whose talk the agent has ended is hung up on', async () => {
  const { floor, talk } = await talkingFloor();
  await floor.command({ type: 'agent.hangUp' });
  expect(await floor.dequeued(talk, 'bridged')).toEqual({ plan: 'hangUp' });
});

test.each([
  ['enqueue', 'hangUp'],
  ['waiting', 'leave'],
  ['onDequeue', 'hangUp'],
] as const)('an attempt that is over by now is shown the way out by %s', async (kind, plan) => {
  const { floor, talk } = await talkingFloor();
  const { host } = floor;
  await floor.ended(talk);
  expect(host.call(talk)).toBeNull();
  const event = { type: 'agent.attached' } as const;
  expect(planFor(host, { kind, id: talk, step: 1 }, event)).toEqual({ plan });
});

test.each(['consume', 'callStatus', 'fallback'] satisfies WebhookKind[])(
  'what a session never answers, like %s, gets no document',
  async (kind) => {
    const { host } = await staffedFloor();
    const event = { type: 'agent.attached' } as const;
    expect(planFor(host, { kind, id: 'any', step: 1 }, event)).toEqual({ plan: 'noContent' });
  },
);
