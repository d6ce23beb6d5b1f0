import { expect, test } from 'vitest';
import { CLOSE_CODES, ERROR_CODES } from '../../src/protocol/messages.ts';
import { AgentClient } from '../support/agent-client.ts';
import { dialIn, leadNumber, startProduct } from '../support/product.ts';

const oneLine = { env: { LINES: '1' } };
const talker = { answers: 'person', answerAfterMs: 30, hangsUpAfterMs: 60_000 } as const;
const ringer = { answers: 'person', answerAfterMs: 30_000 } as const;

test('an agent who hangs up while waiting is idle again, with a new code', async () => {
  const product = await startProduct([talker]);
  const agent = await product.connect();
  expect(agent.view?.dialIn.accessCode).toBeNull();
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle');
  expect(agent.view?.dialIn.accessCode).toMatch(/^\d{6}$/);
});

test('an agent who hangs up while phones ring: they are ended, nobody is left in a queue', async () => {
  const product = await startProduct([ringer, ringer]);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.until(
    'both ringing',
    () => agent.view?.calls.filter((c) => c.phase === 'ringing').length === 2,
  );
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle');
  await agent.until('both ended', () => agent.noticesOf('call.ended').length === 2);
  expect(agent.view?.calls).toEqual([]);
  expect(product.network.network.ledger.liveCalls()).toEqual([]);
});

test('an agent who hangs up in mid-talk owes the disposition all the same, and the lead is told', async () => {
  const product = await startProduct([talker], oneLine);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  const callId = agent.view?.talk?.callId ?? '';
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle', 'wrappingUp');
  expect(agent.view?.wrapUp?.callId).toBe(callId);
  const { ledger } = product.network.network;
  const lead = ledger.calls.find((call) => call.to === leadNumber(0));
  await expect
    .poll(() => ledger.heard(lead?.callSid ?? '').map((line) => line.text))
    .toContain('Sorry, we lost the line. Goodbye.');
  await dialIn(agent);
  expect(agent.view).toMatchObject({ state: 'consumerConnected', mode: 'wrappingUp' });
  await agent.request('agent.dispose', { callId, disposition: 'callBack', notes: '' });
  await agent.untilState('consumerConnected', 'ready');
  expect(agent.noticesOf('call.ended').map((notice) => notice.outcome)).toEqual(['talked']);
});

test('nobody is dialed while a disposition is owed', async () => {
  const product = await startProduct([talker, talker], oneLine);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  await agent.request('agent.hangUp', {});
  await agent.untilState('consumerConnected', 'wrappingUp');
  await expect(agent.request('agent.callLeads', {})).rejects.toMatchObject({
    code: ERROR_CODES.conflict,
    data: { reason: 'dispositionOwed' },
  });
});

test('three wrong codes end the call politely, each refused in the same words', async () => {
  const product = await startProduct([talker]);
  const agent = await product.signIn();
  const right = agent.view?.dialIn.accessCode ?? '';
  await agent.request('handset.dial', {});
  for (const [index, digits] of [
    '12#',
    right === '000000' ? '000001' : '000000',
    '4711#',
  ].entries()) {
    await agent.until(
      `prompt ${index + 1}`,
      () =>
        agent.handset?.heard.filter((line) => line.text === 'Enter your access code.').length ===
        index + 1,
    );
    await agent.request('handset.press', { digits });
  }
  await agent.untilHeard('Goodbye.');
  await agent.until('hung up', () => agent.handset?.phase === 'idle');
  const refusals = agent.handset?.heard.filter((line) => line.text === 'That code did not work.');
  expect(refusals).toHaveLength(3);
  expect(agent.view).toMatchObject({ state: 'idle', dialIn: { accessCode: right } });
});

test('a code works once: the second phone to key it is refused and the first stays connected', async () => {
  const product = await startProduct([talker]);
  const agent = await product.signIn('Grace');
  const other = await product.signIn('Mallory');
  const code = agent.view?.dialIn.accessCode ?? '';
  await dialIn(agent);
  await other.request('handset.dial', {});
  await other.untilHeard('Enter your access code.');
  await other.request('handset.press', { digits: code });
  await other.untilHeard('That code did not work.');
  expect(agent.view).toMatchObject({ state: 'consumerConnected', phoneConnected: true });
  expect(other.view).toMatchObject({ state: 'idle', phoneConnected: false });
});

test('a second sign-in of the same agent finds her session and closes the older page', async () => {
  const product = await startProduct([talker], oneLine);
  const first = await product.connect('Grace');
  await first.request('agent.callLeads', {});
  await first.untilState('bridged');
  const second = await AgentClient.open(product.server.url);
  await second.request('agent.signIn', { name: ' grace ' });
  await second.untilState('bridged');
  await first.until('closed', () => first.closedWith !== null);
  expect(first.closedWith).toBe(CLOSE_CODES.replaced);
  expect(second.view?.talk?.callId).toBe(first.view?.talk?.callId);
  second.close();
});

test('a page that is reloaded in mid-call resumes where it was, and the talk goes on', async () => {
  const product = await startProduct([talker], oneLine);
  const page = await AgentClient.open(product.server.url);
  const { token } = await page.request('agent.signIn', { name: 'Grace' });
  await page.untilState('idle');
  await dialIn(page);
  await page.request('agent.callLeads', {});
  await page.untilState('bridged');
  page.drop();
  const reloaded = await AgentClient.open(product.server.url);
  await reloaded.request('agent.resume', { token });
  await reloaded.untilState('bridged');
  expect(reloaded.view?.talk).toEqual(page.view?.talk);
  expect(product.network.network.ledger.liveCalls()).toHaveLength(2);
  reloaded.close();
});

test('signing out ends every leg and deletes the queue; the token is void', async () => {
  const product = await startProduct([talker], oneLine);
  const page = await AgentClient.open(product.server.url);
  const { token } = await page.request('agent.signIn', { name: 'Grace' });
  await page.untilState('idle');
  await dialIn(page);
  await page.request('agent.callLeads', {});
  await page.untilState('bridged');
  await page.request('agent.signOut', {});
  await page.until('closed', () => page.closedWith !== null);
  // She hears the goodbye before the line goes.
  await expect.poll(() => product.network.network.ledger.liveCalls()).toEqual([]);
  await expect.poll(() => product.network.network.exchange.queues.all()).toEqual([]);
  const back = await AgentClient.open(product.server.url);
  await expect(back.request('agent.resume', { token })).rejects.toMatchObject({
    code: ERROR_CODES.notSignedIn,
  });
  back.close();
});

test('lines may be changed while phones ring: the new lines are filled at once', async () => {
  const product = await startProduct([ringer, ringer, ringer], oneLine);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.until('one ringing', () => agent.view?.calls.length === 1);
  await agent.request('agent.setLines', { lines: 3 });
  await agent.until('three ringing', () => agent.view?.calls.length === 3);
  expect(agent.view?.lines).toBe(3);
});

test('a list with nobody left says so', async () => {
  const product = await startProduct([{ answers: 'busy', answerAfterMs: 20 }], oneLine);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.until('the end of the list', () => agent.view?.quiet === 'listFinished');
  expect(agent.noticesOf('list.finished')).toHaveLength(1);
});
