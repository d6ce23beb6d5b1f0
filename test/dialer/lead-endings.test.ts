import { expect, test } from 'vitest';
import { first, leadSid, staffedFloor, talkingFloor, type Floor } from '../support/floor.ts';

test.each([
  ['busy', 'busy'],
  ['no-answer', 'noAnswer'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
] as const)(
  'a lead whose call ends %s is %s, once, and the next is called',
  async (status, outcome) => {
    const floor = await staffedFloor({ leads: 2 });
    const call = first(await floor.callLeads());
    await floor.restReply(call);
    await floor.status(call, 'ringing');

    await floor.ended(call, status);

    expect(floor.noticesOf(call)).toEqual([`ended ${outcome}`]);
    expect(floor.view.state).toBe('dialing');
    expect(floor.telephony.created).toHaveLength(2);
  },
);

test('a lead who hangs up before we can answer its request counts as abandoned', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  await floor.restReply(call);

  await floor.ended(call, 'completed');

  expect(floor.outcomeOf(call)).toBe('abandoned');
  expect(await floor.answered(call)).toEqual({ plan: 'unavailable' });
  expect(floor.anomalies).toEqual(['finishedCall']);
  // Late news is counted; it is nothing to alarm the agent with.
  expect(floor.view.anomalyAt).toBeNull();
});

test('a lead who hangs up in the queue is abandoned, and the next one is called', async () => {
  const floor = await staffedFloor({ leads: 2 });
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.dequeued(call, 'hangup');
  await floor.ended(call);

  expect(floor.noticesOf(call)).toEqual(['ended abandoned']);
  expect(floor.view.state).toBe('dialing');
  expect(floor.telephony.created).toHaveLength(2);
});

test('a lead who hangs up in the queue is abandoned even if only the end of its call is told', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.ended(call);
  await floor.clock.advance(1500);

  expect(floor.noticesOf(call)).toEqual(['ended abandoned']);
});

test('a bridge whose word was lost is a talk even if the end of the call overtakes the queue', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.ended(call);
  await floor.dequeued(call, 'bridged');

  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('consumerConnected wrappingUp');
});

test('the same, if her side is the first to say that there was a bridge', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.ended(call);
  await floor.returned('bridged');

  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('consumerConnected wrappingUp');
});

test('a lead who hangs up just when the bridge is made was answered and has ended', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);
  await floor.bridging(call);

  await floor.ended(call);
  await floor.returned('hangup');

  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('consumerConnected wrappingUp');
});

test('when the lead hangs up the talk is over once, and the agent keeps her line', async () => {
  const { floor, talk } = await talkingFloor();

  await floor.dequeued(talk, 'bridged');
  const next = await floor.returned('bridged');
  await floor.ended(talk);

  expect(next).toMatchObject({ plan: 'dialQueue', step: 2, greet: false, pauseSeconds: 0 });
  expect(floor.noticesOf(talk)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('consumerConnected wrappingUp');
  expect(floor.view.wrapUp?.callId).toBe(talk);
});

test('a bridge whose word was lost is told when the lead’s side says that it is over', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.dequeued(call, 'bridged');

  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('consumerConnected wrappingUp');
});

test('a bridge whose word was lost is told when her side says that it is over', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  expect(await floor.returned('bridged')).toMatchObject({ plan: 'dialQueue' });

  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('consumerConnected wrappingUp');
});

test('a lead still on the line after the talk hears that the line was lost', async () => {
  const { floor, talk } = await talkingFloor();

  await floor.hangsUp('bridged');

  expect(await floor.dequeued(talk, 'bridged')).toEqual({ plan: 'lostLine' });
});

test('a machine that answers is hung up on, and the agent hears nothing of it', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());

  expect(await floor.answered(call, { answeredBy: 'machine_start' })).toEqual({ plan: 'hangUp' });
  expect(floor.noticesOf(call)).toEqual(['ended machine']);
  expect(floor.view.state).toBe('consumerConnected');
});

/** Without the agent’s own leg, which is asked about every 30 s. */
const leadsInspected = (floor: Floor) =>
  floor.telephony.inspected.filter((sid) => sid !== floor.host.snapshot.context.consumerSid);

test('a call that ends without a callback is asked about when its ring time is over', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  await floor.clock.advance(44_999);
  expect(leadsInspected(floor)).toEqual([]);

  await floor.clock.advance(1);
  expect(leadsInspected(floor)).toHaveLength(1);
  const sid = floor.host.call(call)?.context.sid;
  if (!sid) throw new Error('placed without a SID');
  floor.telephony.facts.inspect = { kind: 'found', sid, status: 'no-answer', durationSeconds: 0 };
  await floor.clock.advance(15_000);

  expect(floor.outcomeOf(call)).toBe('noAnswer');
});

test('a lead still waiting when every word of it is lost is asked about, never forgotten', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.clock.advance(1500 + 15_000);

  expect(leadsInspected(floor)).toHaveLength(1);
});

/** Her order to end the talk did not reach Twilio; meanwhile the next lead has answered. */
async function nextBeforeTheLastHasGone() {
  const { floor, talk } = await talkingFloor();
  await floor.command({ type: 'agent.hangUp' });
  await floor.command({
    type: 'agent.dispose',
    callId: talk,
    disposition: 'callBack',
    notes: '',
  });
  const next = first(await floor.callLeads());
  await floor.restReply(next);
  await floor.answered(next);
  return { floor, talk, next };
}

test('the bridge with the lead before is not taken for a talk with the next', async () => {
  const { floor, talk, next } = await nextBeforeTheLastHasGone();

  await floor.returned('bridged', leadSid(talk));

  expect(floor.noticesOf(next)).toEqual([]);
  expect(floor.view.state).toBe('queued');
  await floor.returned('bridged', leadSid(next));
  expect(floor.noticesOf(next)).toEqual(['answered', 'ended talked']);
});

test('an agent who leaves after the bridge with the lead before has not talked with the next', async () => {
  const { floor, talk, next } = await nextBeforeTheLastHasGone();

  await floor.hangsUp('bridged', leadSid(talk));
  await floor.dequeued(next, 'leave');

  expect(floor.noticesOf(next)).toEqual(['ended abandoned']);
});
