import { expect, test } from 'vitest';
import {
  first,
  leadSid,
  openFloor,
  staffedFloor,
  talkingFloor,
  type Floor,
} from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

async function pageGoes(floor: Floor): Promise<void> {
  floor.dialer.setAttached(floor.sessionId, false);
  await settle();
}

async function pageComesBack(floor: Floor): Promise<void> {
  floor.dialer.setAttached(floor.sessionId, true);
  await settle();
}

test('a session whose page is gone for two minutes is signed out', async () => {
  const floor = await openFloor();
  await pageGoes(floor);

  await floor.clock.advance(119_999);
  expect(floor.state).toBe('idle');
  await floor.clock.advance(1);

  expect(floor.isOpen).toBe(false);
  expect(floor.telephony.queues.deleted).toEqual([floor.sessionId]);
});

test('a page that is back in time keeps the session for good', async () => {
  const floor = await staffedFloor();
  await pageGoes(floor);
  await floor.clock.advance(119_999);
  await pageComesBack(floor);

  await floor.clock.advance(3_600_000);

  expect(floor.state).toBe('consumerConnected ready');
});

test('a phone that waits when the session expires is told goodbye', async () => {
  const floor = await staffedFloor();
  await pageGoes(floor);

  await floor.clock.advance(120_000);

  expect(floor.telephony.dismissed).toEqual([floor.phone]);
  expect(floor.isOpen).toBe(false);
});

test('without a page nobody new is called, the phones that ring go on', async () => {
  const floor = await staffedFloor({ lines: 2 });
  const [one, two] = await floor.callLeads();
  if (!one || !two) throw new Error('two lines, two calls');
  await pageGoes(floor);

  await floor.ended(one, 'busy');
  expect(floor.telephony.created).toHaveLength(2);
  expect(await floor.answered(two)).toMatchObject({ plan: 'enqueue' });
});

test('when the last phone has rung without a page she is ready, not calling', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await pageGoes(floor);

  await floor.ended(call, 'busy');

  expect(floor.state).toBe('consumerConnected ready');
});

test('leads that arrive for a page that is gone go back to the list', async () => {
  const floor = await staffedFloor();
  const calling = floor.dialer.command(floor.sessionId, { type: 'agent.callLeads' });
  floor.dialer.setAttached(floor.sessionId, false);
  await calling;
  await floor.clock.advance(1);

  expect(floor.telephony.created).toEqual([]);
  expect(floor.leads.list().every((row) => row.state === 'waiting')).toBe(true);
  expect(floor.state).toBe('consumerConnected ready');
});

test('a page that is back while phones ring fills the lines that became free', async () => {
  const floor = await staffedFloor({ lines: 2 });
  const call = first(await floor.callLeads());
  await pageGoes(floor);
  await floor.ended(call, 'busy');

  await pageComesBack(floor);

  expect(floor.telephony.created).toHaveLength(3);
});

test('a lead that is lost in the queue without a page is not replaced by another', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);
  await pageGoes(floor);

  await floor.dequeued(call, 'hangup');
  await floor.ended(call);

  expect(floor.state).toBe('consumerConnected ready');
  expect(floor.telephony.created).toHaveLength(1);
});

test('a talk goes on however long the page is gone, and the session ends when it is over', async () => {
  const { floor, talk } = await talkingFloor();
  await pageGoes(floor);
  await floor.clock.advance(1_000_000);
  expect(floor.view.state).toBe('bridged');

  await floor.ended(talk);
  await floor.returned('bridged');
  await floor.clock.advance(120_000);

  expect(floor.isOpen).toBe(false);
});

test('a session that expires while phones ring ends them', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  await floor.status(call, 'ringing');
  await pageGoes(floor);

  await floor.clock.advance(120_000);

  expect(floor.telephony.ended.at(-1)).toMatchObject({ sid: leadSid(call) });
  expect(floor.state).toBe('completed');
});

test('signing out while idle ends the session at once', async () => {
  const floor = await openFloor();
  await floor.command({ type: 'agent.signOut' });
  expect(floor.isOpen).toBe(false);
});

test('signing out while ready tells the phone goodbye and deletes the queue', async () => {
  const floor = await staffedFloor();
  await floor.command({ type: 'agent.signOut' });

  expect(floor.telephony.dismissed).toEqual([floor.phone]);
  expect(floor.telephony.queues.deleted).toEqual([floor.sessionId]);
  expect(floor.isOpen).toBe(false);
});

test('signing out while phones ring ends them and waits for the last', async () => {
  const floor = await staffedFloor({ lines: 2 });
  const [one, two] = await floor.callLeads();
  if (!one || !two) throw new Error('two lines, two calls');
  await floor.restReply(one);
  await floor.restReply(two);

  await floor.command({ type: 'agent.signOut' });
  expect(floor.telephony.ended).toHaveLength(2);
  expect(await floor.answered(two)).toEqual({ plan: 'notice' });
  await floor.ended(one, 'canceled');
  expect(floor.isOpen).toBe(true);

  await floor.ended(two);
  expect(floor.isOpen).toBe(false);
});

test('signing out while a lead is handed over shows the lead out', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);

  await floor.command({ type: 'agent.signOut' });

  expect(await floor.waits(call)).toEqual({ plan: 'leave' });
  expect(await floor.dequeued(call, 'leave')).toEqual({ plan: 'notice' });
});

test('signing out in mid-talk ends the talk for both', async () => {
  const { floor, talk } = await talkingFloor();
  await floor.command({ type: 'agent.signOut' });

  expect(floor.telephony.ended).toEqual([{ sid: leadSid(talk), how: 'complete' }]);
  expect(floor.telephony.dismissed).toEqual([floor.phone]);
  expect(floor.noticesOf(talk)).toEqual(['answered', 'ended talked']);
});

test('signing out while wrapping up is allowed', async () => {
  const { floor, talk } = await talkingFloor();
  await floor.ended(talk);
  await floor.command({ type: 'agent.signOut' });
  expect(floor.isOpen).toBe(false);
});

test('a second sign-out changes nothing', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.command({ type: 'agent.signOut' });
  expect(await floor.command({ type: 'agent.signOut' })).toEqual({ kind: 'noSession' });
  expect(await floor.answered(call)).toEqual({ plan: 'notice' });
});

test('a session whose legs never report their end is closed after a minute', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  await floor.command({ type: 'agent.signOut' });

  await floor.clock.advance(59_999);
  expect(floor.isOpen).toBe(true);
  await floor.clock.advance(1);
  expect(floor.isOpen).toBe(false);
});

test('an agent who signs in again while her last session is closing gets a new one', async () => {
  const floor = await staffedFloor();
  const old = floor.sessionId;
  await floor.callLeads();
  await floor.command({ type: 'agent.signOut' });

  expect(await floor.signIn()).not.toBe(old);
  expect(floor.state).toBe('idle');
});

test('a second sign-in of the same agent finds the session she has', async () => {
  const floor = await openFloor();
  const before = floor.sessionId;
  expect(await floor.signIn()).toBe(before);
});
