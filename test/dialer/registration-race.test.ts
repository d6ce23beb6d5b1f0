import { expect, test } from 'vitest';
import { first, leadSid, staffedFloor } from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

test('a lead that answers before the REST reply is given the queue, and the reply changes nothing', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());

  const plan = await floor.answered(call);
  expect(plan).toMatchObject({ plan: 'enqueue', callId: call });
  const before = floor.host.call(call)?.value;
  await floor.restReply(call);

  expect(floor.host.call(call)?.value).toEqual(before);
  expect(floor.view.state).toBe('queued');
  expect(floor.anomalies).toEqual([]);
});

test('a lead that answers after the REST reply is given the queue', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  expect(floor.callState(call)).toBe('dialing placed');

  expect(await floor.answered(call)).toMatchObject({ plan: 'enqueue' });
  expect(floor.view.state).toBe('queued');
});

test('a status callback that overtakes the REST reply proves the call and brings its SID', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());

  await floor.status(call, 'ringing');

  expect(floor.callState(call)).toBe('dialing ringing');
  expect(floor.host.call(call)?.context.sid).toBe(leadSid(call));
});

test('a busy lead reported before the REST reply is busy, and the late reply revives nothing', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());

  await floor.ended(call, 'busy');
  await floor.restReply(call);

  expect(floor.outcomeOf(call)).toBe('busy');
  expect(floor.noticesOf(call)).toEqual(['ended busy']);
  expect(floor.view.calls).toEqual([]);
});

test('a refused create rings nobody: the lead is refused and the line is free for the next', async () => {
  const floor = await staffedFloor({ leads: 2 });
  const call = first(await floor.callLeads());

  floor.telephony.reply(call, { kind: 'refused', code: 21211, reason: 'bad', retryable: false });
  await settle();

  expect(floor.outcomeOf(call)).toBe('refused');
  expect(floor.telephony.created).toHaveLength(2);
  expect(floor.telephony.ended).toEqual([]);
});

test('a 429 is sent again after a wait; anything that may have been placed never is', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());

  floor.telephony.reply(call, { kind: 'refused', code: 20429, reason: '429', retryable: true });
  await floor.clock.advance(499);
  expect(floor.telephony.created).toEqual([call]);
  await floor.clock.advance(1);
  expect(floor.telephony.created).toEqual([call, call]);

  floor.telephony.reply(call, { kind: 'unknown', reason: 'timeout' });
  await floor.clock.advance(100_000);
  expect(floor.telephony.created).toEqual([call, call]);
});

test('a create whose reply is lost and that a webhook proves is an ordinary call', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  floor.telephony.reply(call, { kind: 'unknown', reason: 'timeout' });
  await settle();
  expect(floor.callState(call)).toBe('dialing unconfirmed');

  await floor.status(call, 'ringing');
  expect(floor.callState(call)).toBe('dialing ringing');
  expect(await floor.answered(call)).toMatchObject({ plan: 'enqueue' });
});

test('a create whose reply is lost and that REST finds is an ordinary call', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  floor.telephony.facts.find = {
    kind: 'found',
    sid: leadSid(call),
    status: 'ringing',
    durationSeconds: null,
  };
  floor.telephony.reply(call, { kind: 'unknown', reason: 'timeout' });
  await settle();

  expect(floor.callState(call)).toBe('dialing ringing');
});

test('a create whose reply is lost and that nobody ever names counts as failed after two minutes', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  floor.telephony.reply(call, { kind: 'unknown', reason: 'timeout' });
  floor.telephony.facts.find = { kind: 'absent' };

  await floor.clock.advance(119_000);
  expect(floor.callState(call)).toBe('dialing unconfirmed');
  await floor.clock.advance(2000);

  expect(floor.outcomeOf(call)).toBe('failed');
  expect(floor.telephony.created).toEqual([call]);
  expect(floor.view.quiet).toBe('listFinished');
});

test('a create that never returns is looked up after 20 seconds, not sent again', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());

  await floor.clock.advance(19_999);
  expect(floor.telephony.lookedUp).toEqual([]);
  await floor.clock.advance(1);

  expect(floor.telephony.lookedUp).toEqual([call]);
  expect(floor.telephony.created).toEqual([call]);
});

test('a call canceled before its SID is known is ended the moment the REST reply names it', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.command({ type: 'agent.pause' });
  expect(floor.telephony.ended).toEqual([]);

  await floor.restReply(call);

  expect(floor.telephony.ended).toEqual([{ sid: leadSid(call), how: 'cancel' }]);
});

test('a call canceled before its SID is known is ended the moment a status callback names it', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.command({ type: 'agent.pause' });

  await floor.status(call, 'initiated');

  expect(floor.telephony.ended).toEqual([{ sid: leadSid(call), how: 'cancel' }]);
});

test('a call canceled before its SID is known whose lead answers hears the notice and counts as abandoned', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.command({ type: 'agent.pause' });

  expect(await floor.answered(call)).toEqual({ plan: 'notice' });
  expect(floor.outcomeOf(call)).toBe('abandoned');
});

test('a call canceled before its SID is known whose create was refused is over', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.command({ type: 'agent.pause' });
  floor.telephony.reply(call, { kind: 'refused', code: 21211, reason: 'bad', retryable: false });
  await settle();

  expect(floor.outcomeOf(call)).toBe('canceled');
  expect(floor.view.calls).toEqual([]);
});

test('a call canceled before its SID is known whose reply is lost is looked up and then ended', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.command({ type: 'agent.pause' });
  const sid = leadSid(call);
  floor.telephony.facts.find = { kind: 'found', sid, status: 'ringing', durationSeconds: null };
  floor.telephony.reply(call, { kind: 'unknown', reason: 'timeout' });
  await settle();

  expect(floor.telephony.ended).toEqual([{ sid, how: 'cancel' }]);
});

test('a call withdrawn while it waits for a line is never placed', async () => {
  const floor = await staffedFloor({ lines: 3, callsPerSecond: 1 });
  const out = await floor.callLeads();
  expect(out).toHaveLength(1);

  await floor.command({ type: 'agent.pause' });
  await floor.clock.advance(5000);

  expect(floor.telephony.created).toEqual(out);
});

test('a lost create is not taken for an earlier call to the same lead', async () => {
  const floor = await staffedFloor({ leads: 1 });
  await floor.clock.advance(60_000);
  const requestedAt = floor.clock.now();
  const call = first(await floor.callLeads());
  floor.telephony.reply(call, { kind: 'unknown', reason: 'timeout' });
  await floor.clock.advance(21_000);
  expect(floor.telephony.lookedUp).toContain(call);
  for (const since of floor.telephony.lookedUpSince) {
    expect(requestedAt - since).toBeLessThanOrEqual(2000); // Twilio's dates have whole seconds.
  }
});
