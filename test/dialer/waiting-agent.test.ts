import { expect, test } from 'vitest';
import { first, staffedFloor } from '../support/floor.ts';

test('an agent whose <Dial> has timed out on an empty queue is sent to the same queue again', async () => {
  const floor = await staffedFloor();

  const plan = await floor.returned('queue-empty');

  expect(plan).toEqual({
    plan: 'dialQueue',
    sessionId: floor.sessionId,
    step: 2,
    greet: false,
    pauseSeconds: 0,
  });
  expect(floor.state).toBe('consumerConnected ready');
});

test('a <Dial> that times out while phones ring changes nothing for them', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());

  expect(await floor.returned('queue-empty')).toMatchObject({ plan: 'dialQueue' });
  expect(floor.view.state).toBe('dialing');
  expect(await floor.answered(call)).toMatchObject({ plan: 'enqueue' });
});

test('a <Dial> that times out just as a lead is queued does not end the lead’s wait', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  expect(await floor.returned('queue-empty')).toMatchObject({ plan: 'dialQueue' });
  expect(floor.view.state).toBe('queued');
  await floor.bridging(call);
  expect(floor.view.state).toBe('bridged');
});

test('a queue that is missing is made, and she is sent back to it after a second', async () => {
  const floor = await staffedFloor();
  expect(floor.telephony.queues.asserted).toHaveLength(1);

  expect(await floor.returned('queue-not-found')).toMatchObject({
    plan: 'dialQueue',
    pauseSeconds: 1,
  });

  expect(floor.telephony.queues.asserted).toHaveLength(2);
});

test('a queue that is missing while a lead is handed over is made too', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.returned('queue-not-found');

  expect(floor.telephony.queues.asserted).toHaveLength(2);
});

test('a Dial action without a result while she waits sends her back to the queue', async () => {
  const floor = await staffedFloor();
  expect(await floor.returned(null)).toMatchObject({ plan: 'dialQueue', pauseSeconds: 0 });
});

test('waiting agents are asked about in turn over half a minute, not all at once', async () => {
  const floor = await staffedFloor();
  for (const agent of ['edith', 'joan']) {
    await floor.signIn(agent);
    await floor.dialIn();
  }
  const asked = (): number => floor.telephony.inspected.length;

  await floor.clock.advance(30_000);
  expect(asked()).toBe(1);
  await floor.clock.advance(10_000);
  expect(asked()).toBe(2);
  await floor.clock.advance(10_000);
  expect(asked()).toBe(3);
  expect(new Set(floor.telephony.inspected).size).toBe(3);
  await floor.clock.advance(10_000);
  expect(asked()).toBe(4);
});
