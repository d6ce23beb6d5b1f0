import { expect, test } from 'vitest';
import { leadHangsUp, openServedFloor, resume } from '../support/served-floor.ts';

test.for(['SIGKILL', 'SIGTERM'] as const)(
  'after %s in mid-talk the talk has gone on, the page is right again, and the outcome is asked for',
  async (signal) => {
    const floor = await openServedFloor();
    await floor.page.request('agent.callLeads', {});
    await floor.page.untilState('bridged');
    const talk = floor.page.view?.talk;
    const code = await floor.server.end(signal);
    expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
    expect(floor.network.network.ledger.liveCalls()).toHaveLength(2);

    await floor.server.start();
    const page = await resume(floor);
    expect(page.view).toMatchObject({ state: 'bridged', phoneConnected: true });
    expect(page.view?.talk).toEqual(talk);
    await page.request('agent.hangUp', {});
    await page.untilState('consumerConnected', 'wrappingUp');
    await page.request('agent.dispose', {
      callId: talk?.callId ?? '',
      disposition: 'interested',
      notes: '',
    });
    await page.request('agent.callLeads', {});
    await page.untilState('bridged');
    const { calls } = floor.network.network.ledger;
    expect(
      calls.filter((call) => call.direction === 'inbound'),
      'dialed in once',
    ).toHaveLength(1);
  },
);

test('a lead that hung up while the server was away: the agent owes the disposition at once', async () => {
  const floor = await openServedFloor();
  await floor.page.request('agent.callLeads', {});
  await floor.page.untilState('bridged');
  await floor.server.end('SIGKILL');
  await leadHangsUp(floor);

  await floor.server.start();
  const page = await resume(floor);
  await page.until('the disposition owed', () => page.view?.mode === 'wrappingUp');
  expect(page.view?.recent[0]?.outcome).toBe('talked');
});

test('killed while phones ring: nobody is dialed twice, and no call is left without an owner', async () => {
  const floor = await openServedFloor(8000); // Long enough for a start on a busy machine.
  await floor.page.request('agent.callLeads', {});
  await floor.page.until('ringing', () => floor.page.view?.calls[0]?.phase === 'ringing');
  await floor.server.end('SIGKILL');
  await floor.server.start();
  const page = await resume(floor);
  await page.untilState('bridged');
  const dialed = floor.network.network.ledger.calls.filter((c) => c.direction === 'outbound-api');
  expect(dialed).toHaveLength(1);
});

test('an acknowledged disposition survives kill -9', async () => {
  const floor = await openServedFloor();
  await floor.page.request('agent.callLeads', {});
  await floor.page.untilState('bridged');
  const callId = floor.page.view?.talk?.callId ?? '';
  await floor.page.request('agent.hangUp', {});
  await floor.page.untilState('consumerConnected', 'wrappingUp');
  await floor.page.request('agent.dispose', { callId, disposition: 'doNotCall', notes: 'never' });
  await floor.server.end('SIGKILL');
  await floor.server.start();
  const page = await resume(floor);
  expect(page.view?.recent.find((call) => call.callId === callId)?.disposition).toBe('doNotCall');
  expect(page.view?.mode).not.toBe('wrappingUp');
});

test('SIGTERM while Twilio takes 3 s over a create: exit 0 in time, one dial, and the call is adopted', async () => {
  const floor = await openServedFloor(12_000); // Rings until the next start has found it.
  floor.network.network.faults.replace({ 'create.delay': { value: 3000 } });
  await floor.page.request('agent.callLeads', {});
  const dialed = () =>
    floor.network.network.ledger.calls.filter((call) => call.direction === 'outbound-api');
  await expect.poll(() => dialed().length).toBe(1);
  const termAt = performance.now();
  expect(await floor.server.end('SIGTERM')).toBe(0);
  expect(performance.now() - termAt, 'the bound of a deploy').toBeLessThan(30_000);
  expect(dialed()).toHaveLength(1);

  await floor.server.start();
  const page = await resume(floor);
  await page.untilState('bridged');
  expect(dialed()).toHaveLength(1);
});
