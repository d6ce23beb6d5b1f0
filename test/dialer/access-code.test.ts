import { expect, test } from 'vitest';
import { agentSid, openFloor, staffedFloor, talkingFloor } from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

test('the first request is asked for the code; asked again it hears the same', async () => {
  const floor = await openFloor();
  const prompt = await floor.ask({ kind: 'consume', sid: floor.phone });
  expect(prompt).toEqual({ plan: 'promptCode', sid: floor.phone, step: 1, after: 'greeting' });
  expect(await floor.ask({ kind: 'consume', sid: floor.phone })).toEqual(prompt);
});

test('the right code connects the phone to the queue of its session', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  expect(await floor.dialIn()).toEqual({
    plan: 'dialQueue',
    sessionId: floor.sessionId,
    step: 1,
    greet: true,
    pauseSeconds: 0,
  });
  expect(floor.state).toBe('consumerConnected ready');
  expect(floor.view.phoneConnected).toBe(true);
});

test.each([
  ['wrong', '111111'],
  ['short', '04204'],
  ['long', '0420420'],
  ['without its leading zero', '42042'],
  ['with a finish key', '042042#'],
])('a code that is %s is refused in the same words', async (_, digits) => {
  const floor = await openFloor({ codes: ['042042'] });
  await floor.ask({ kind: 'consume', sid: floor.phone });

  expect(await floor.key(digits)).toEqual({
    plan: 'promptCode',
    sid: floor.phone,
    step: 2,
    after: 'wrong',
  });
  expect(floor.state).toBe('idle');
});

test('three wrong codes end the call politely, and a right one after that does not count', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  await floor.ask({ kind: 'consume', sid: floor.phone });
  const heard = [await floor.key('1', 1), await floor.key('2', 2), await floor.key('3', 3)];
  expect(heard.map((plan) => plan.plan)).toEqual(['promptCode', 'promptCode', 'dismiss']);

  expect(await floor.key('042042', 4)).toEqual({ plan: 'hangUp' });
  expect(floor.state).toBe('idle');
});

test('three silences end the call politely', async () => {
  const floor = await openFloor();
  await floor.ask({ kind: 'consume', sid: floor.phone });
  await floor.key('', 1);
  expect(await floor.key('', 2)).toMatchObject({ after: 'silence' });
  expect(await floor.key('', 3)).toEqual({ plan: 'dismiss', after: 'silence' });
});

test('a repeated request with wrong digits is one try, not two', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  await floor.ask({ kind: 'consume', sid: floor.phone });
  const refused = await floor.key('1', 1);
  expect(await floor.key('1', 1)).toEqual(refused);
  expect(await floor.key('2', 2)).toMatchObject({ plan: 'promptCode' });
  expect(await floor.key('042042', 3)).toMatchObject({ plan: 'dialQueue' });
});

test('a repeated request with the right code hears the same and connects once', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  const plan = await floor.dialIn();
  expect(await floor.key('042042', 1)).toEqual(plan);
  expect(floor.reports.filter((report) => report.name === 'consumer.connected')).toHaveLength(1);
});

test('a code works once: a second phone is refused and the first stays', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  await floor.dialIn();
  const other = agentSid(2);
  await floor.ask({ kind: 'consume', sid: other });

  expect(await floor.key('042042', 1, other)).toMatchObject({ after: 'wrong' });
  expect(floor.host.snapshot.context.consumerSid).toBe(floor.phone);
});

test('a code is replaced after ten minutes, unasked; the old one is void', async () => {
  const floor = await openFloor({ codes: ['042042', '777777'] });
  await floor.clock.advance(600_000);

  expect(floor.view.dialIn.accessCode).toBe('777777');
  const view = floor.notices.findLast((notice) => notice.type === 'view');
  expect(view?.view.dialIn.accessCode).toBe('777777');
  await floor.ask({ kind: 'consume', sid: floor.phone });
  expect(await floor.key('042042')).toMatchObject({ after: 'wrong' });
});

test('while the phone is connected there is no code to steal', async () => {
  const floor = await staffedFloor();
  await floor.clock.advance(1_200_000);
  expect(floor.view.dialIn.accessCode).toBeNull();
});

test('two sessions never have the same code', async () => {
  const floor = await openFloor({ codes: ['042042', '042042', '555555'] });
  await floor.signIn('edith');
  expect(floor.view.dialIn.accessCode).toBe('555555');
});

test('the code of a session that has signed out is refused', async () => {
  const { floor, talk } = await talkingFloor({ codes: ['042042', '777777'] });
  await floor.command({ type: 'agent.hangUp' });
  await floor.hangsUp('bridged');
  expect(floor.view.dialIn.accessCode).toBe('777777');
  await floor.command({ type: 'agent.signOut' });
  expect(floor.callState(talk)).toBe('ending');
  expect(floor.view.dialIn.accessCode).toBeNull();

  floor.phone = agentSid(2);
  await floor.ask({ kind: 'consume', sid: floor.phone });
  expect(await floor.key('777777')).toMatchObject({ plan: 'promptCode', after: 'wrong' });
});

test('codes are neither journaled nor reported', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  await floor.ask({ kind: 'consume', sid: floor.phone });
  await floor.key('999999');
  await floor.key('042042', 2);

  const written = JSON.stringify([floor.journal.entries, floor.reports]);
  expect(written).not.toContain('042042');
  expect(written).not.toContain('999999');
});

test('digits for a leg that a restart has forgotten are asked for again', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  expect(await floor.key('042042', 3)).toEqual({
    plan: 'promptCode',
    sid: floor.phone,
    step: 4,
    after: 'greeting',
  });
  expect(await floor.key('042042', 4)).toMatchObject({ plan: 'dialQueue' });
});

test('every open page without a phone sees that somebody is at the code prompt', async () => {
  const floor = await openFloor();
  const grace = floor.sessionId;
  await floor.signIn('edith');
  floor.notices.length = 0;

  await floor.ask({ kind: 'consume', sid: floor.phone });

  const shown = floor.notices.flatMap((notice) => (notice.type === 'view' ? notice.view : []));
  expect(shown.map(({ sessionId }) => sessionId)).toEqual([grace, floor.sessionId]);
  expect(shown.map(({ dialIn }) => dialIn.gate?.stage)).toEqual(['prompting', 'prompting']);
});

test('when many phones dial in at once, the pages that wait are told at once and then together', async () => {
  const floor = await openFloor({ codes: ['042042'] });
  floor.notices.length = 0;

  for (let phone = 2; phone < 20; phone++)
    await floor.ask({ kind: 'consume', sid: agentSid(phone) });
  await floor.ask({ kind: 'consume', sid: floor.phone });
  await floor.key('111111');
  expect(floor.notices).toHaveLength(1);

  await floor.clock.advance(1000);
  expect(floor.notices).toHaveLength(2);
  expect(floor.view.dialIn.gate?.stage).toBe('wrongCode');
});

test('a phone at the code prompt changes nothing for a page that is closed, or has its phone', async () => {
  const floor = await staffedFloor();
  await floor.signIn('edith');
  floor.dialer.setAttached(floor.sessionId, false);
  await settle();
  floor.notices.length = 0;

  await floor.ask({ kind: 'consume', sid: agentSid(2) });
  expect(floor.notices).toEqual([]);

  floor.dialer.setAttached(floor.sessionId, true);
  await settle();
  expect(floor.view.dialIn.gate?.stage).toBe('prompting');
  expect(floor.notices).toHaveLength(1);
});
