import { expect, test } from 'vitest';
import { first, leadSid, openFloor, staffedFloor, type Floor } from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

/** Holds back the disk: nothing is durable until it is let go. */
function holdDisk(floor: Floor): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let isHeld = true;
  floor.journal.flush = async () => {
    if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return async () => {
    isHeld = false;
    for (const resolve of waiting) resolve();
    await settle();
  };
}

test('nobody is called before the intent to call is durable', async () => {
  const floor = await staffedFloor();
  const letGo = holdDisk(floor);

  void floor.dialer.command(floor.sessionId, { type: 'agent.callLeads' });
  await settle();
  expect(floor.telephony.created).toEqual([]);

  await letGo();
  expect(floor.telephony.created).toHaveLength(1);
});

test('no request of Twilio’s is answered before what it changed is durable', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  const letGo = holdDisk(floor);
  let answered = false;

  const sid = leadSid(call);
  void floor.dialer
    .webhook({ kind: 'enqueue', callId: call, step: 1, sid, answeredBy: null })
    .then(() => (answered = true));
  await settle();
  expect(answered).toBe(false);
  await letGo();
  expect(answered).toBe(true);
});

test('no page is told what a crash could still undo', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);
  const letGo = holdDisk(floor);
  const told = floor.notices.length;

  void floor.bridging(call);
  await settle();
  expect(floor.notices).toHaveLength(told);
  await letGo();
  expect(floor.noticesOf(call)).toEqual(['answered']);
});

test('no command is acknowledged before it is durable', async () => {
  const floor = await openFloor();
  const letGo = holdDisk(floor);
  let done = false;
  void floor.dialer
    .command(floor.sessionId, { type: 'agent.setLines', lines: 2 })
    .then(() => (done = true));
  await settle();
  expect(done).toBe(false);
  await letGo();
  expect(done).toBe(true);
});
