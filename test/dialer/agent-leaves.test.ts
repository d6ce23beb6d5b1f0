import { expect, test } from 'vitest';
import {
  agentSid,
  first,
  leadSid,
  openFloor,
  staffedFloor,
  talkingFloor,
} from '../support/floor.ts';

test('an agent who hangs up at the code gate leaves nothing behind', async () => {
  const floor = await openFloor();
  await floor.ask({ kind: 'consume', sid: floor.phone });

  expect(await floor.hangsUp()).toEqual({ plan: 'goodbye' });
  expect(floor.state).toBe('idle');
  expect(floor.view.dialIn.accessCode).not.toBeNull();
});

test('an agent who hangs up while ready is idle and gets a new code', async () => {
  const floor = await staffedFloor();
  expect(floor.view.dialIn.accessCode).toBeNull();

  await floor.hangsUp();

  expect(floor.state).toBe('idle');
  expect(floor.view.phoneConnected).toBe(false);
  expect(floor.view.dialIn.accessCode).toMatch(/^\d{6}$/);
});

test('an agent who hangs up while paused is idle', async () => {
  const floor = await staffedFloor();
  await floor.command({ type: 'agent.pause' });
  expect(floor.state).toBe('consumerConnected paused');

  await floor.hangsUp();
  expect(floor.state).toBe('idle');
});

test('an agent who hangs up while wrapping up still owes the disposition when she is back', async () => {
  const { floor, talk } = await talkingFloor();
  await floor.ended(talk);
  await floor.hangsUp('bridged');
  expect(floor.state).toBe('idle wrappingUp');

  await floor.dialIn();
  expect(floor.state).toBe('consumerConnected wrappingUp');
  expect(await floor.command({ type: 'agent.callLeads' })).toEqual({
    kind: 'refused',
    reason: 'dispositionOwed',
  });
});

test('a disposition can be set while the phone is gone', async () => {
  const { floor, talk } = await talkingFloor();
  await floor.hangsUp('bridged');

  await floor.command({
    type: 'agent.dispose',
    callId: talk,
    disposition: 'callBack',
    notes: 'Tuesday',
  });

  expect(floor.state).toBe('idle');
  expect(floor.leads.list()[0]).toMatchObject({ disposition: 'callBack', notes: 'Tuesday' });
});

test('when the agent leaves while phones ring they are ended, and who answers is told politely', async () => {
  const floor = await staffedFloor({ lines: 2 });
  const [one, two] = await floor.callLeads();
  if (!one || !two) throw new Error('two lines, two calls');
  await floor.restReply(one);

  await floor.hangsUp();

  expect(floor.telephony.ended).toEqual([{ sid: leadSid(one), how: 'cancel' }]);
  expect(await floor.answered(two)).toEqual({ plan: 'notice' });
  expect(floor.noticesOf(two)).toEqual(['ended abandoned']);
  expect(floor.state).toBe('idle');
});

test('when the agent leaves while leads are being reserved they go back to the list', async () => {
  const floor = await staffedFloor({ leads: 2 });
  const leaving = floor.ask({
    kind: 'stopConsuming',
    sessionId: floor.sessionId,
    step: 1,
    sid: floor.phone,
    callStatus: 'completed',
    result: null,
    leadSid: null,
  });
  await Promise.all([floor.dialer.command(floor.sessionId, { type: 'agent.callLeads' }), leaving]);
  await floor.clock.advance(1000);

  expect(floor.telephony.created).toEqual([]);
  expect(floor.leads.list().every((row) => row.state === 'waiting')).toBe(true);
});

test('when the agent leaves while a lead is handed over, the lead is shown out with the notice', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.hangsUp();

  expect(await floor.waits(call)).toEqual({ plan: 'leave' });
  expect(await floor.dequeued(call, 'leave')).toEqual({ plan: 'notice' });
  expect(floor.noticesOf(call)).toEqual(['ended abandoned']);
  expect(floor.state).toBe('idle');
});

test('when the agent hangs up in mid-talk the talk is over and its disposition is owed', async () => {
  const { floor, talk } = await talkingFloor();

  await floor.hangsUp('bridged');

  expect(floor.noticesOf(talk)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('idle wrappingUp');
});

test('an agent who hangs up on a bridge whose making is not yet told owes its disposition', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.hangsUp('bridged');

  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
  expect(floor.state).toBe('idle wrappingUp');
});

test('an agent who ends the talk by a click is free at once, and the lead’s leg is ended', async () => {
  const { floor, talk } = await talkingFloor();

  await floor.command({ type: 'agent.hangUp' });

  expect(floor.telephony.ended).toEqual([{ sid: leadSid(talk), how: 'complete' }]);
  expect(floor.state).toBe('consumerConnected wrappingUp');
  expect(floor.noticesOf(talk)).toEqual(['answered', 'ended talked']);
});

test('an agent who clicks hang up while a lead is handed over does not keep the lead waiting', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.command({ type: 'agent.hangUp' });

  expect(await floor.waits(call)).toEqual({ plan: 'leave' });
});

test('an agent who leaves and is back before her lead has left the queue talks with that lead', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);
  await floor.hangsUp();
  await floor.dialIn();
  expect(floor.state).toBe('consumerConnected ready');

  await floor.bridging(call);
  expect(floor.view.state).toBe('bridged');
  expect(floor.view.talk?.callId).toBe(call);

  await floor.returned('bridged');
  expect(floor.state).toBe('consumerConnected wrappingUp');
});

test('nobody is called while the lead of an earlier connection may still be bridged', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);
  await floor.hangsUp();
  await floor.dialIn();

  expect(await floor.command({ type: 'agent.callLeads' })).toMatchObject({ kind: 'refused' });
  await floor.dequeued(call, 'hangup');
  await floor.ended(call);
  expect(await floor.command({ type: 'agent.callLeads' })).toEqual({ kind: 'done' });
});

test('an agent who hangs up after sign-out is not in the queue any more', async () => {
  const { floor } = await talkingFloor();
  await floor.command({ type: 'agent.signOut' });

  expect(await floor.hangsUp('bridged')).toMatchObject({ plan: 'goodbye' });
});

test('the leg of another phone cannot take the agent’s place', async () => {
  const floor = await staffedFloor();
  const mine = floor.phone;
  floor.phone = agentSid(9);

  expect(await floor.hangsUp()).toEqual({ plan: 'goodbye' });
  floor.phone = mine;
  expect(floor.state).toBe('consumerConnected ready');
  expect(floor.anomalies).toEqual(['strangerConsumer']);
});

test('a lead who was to leave the queue of an agent who has left, and asks for nothing any more, is ended', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  await floor.answered(call);
  await floor.hangsUp();
  expect(floor.telephony.ended).toEqual([]);

  await floor.clock.advance(15_000); // Its wait document was lost: Twilio plays music from now on.
  expect(floor.telephony.ended).toEqual([{ sid: leadSid(call), how: 'complete' }]);
  await floor.dequeued(call, 'hangup');
  await floor.ended(call);

  expect(floor.noticesOf(call)).toEqual(['ended abandoned']);
});
