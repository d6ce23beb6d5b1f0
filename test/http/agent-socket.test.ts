import { expect, onTestFinished, test } from 'vitest';
import { CLOSE_CODES, ERROR_CODES } from '../../src/protocol/messages.ts';
import { AgentClient } from '../support/agent-client.ts';
import { startProduct, type Product } from '../support/product.ts';

const WHOLE_LIST = { search: '', state: null, offset: 0, limit: 200 };

async function openPage(product: Product): Promise<AgentClient> {
  const page = await AgentClient.open(product.server.url);
  onTestFinished(() => page.close());
  return page;
}

test.for([
  undefined,
  'null',
  'http://evil.example',
  'http://127.0.0.1:1',
  'http://127.0.0.1.evil.example',
])('a page of origin %s gets no socket', async (origin) => {
  const product = await startProduct([]);
  await expect(AgentClient.open(product.server.url, origin ?? '')).rejects.toThrow('403');
});

test('nothing is answered before the page has signed in', async () => {
  const page = await openPage(await startProduct([]));
  await expect(page.request('agent.callLeads', {})).rejects.toMatchObject({
    code: ERROR_CODES.notSignedIn,
  });
  await expect(page.request('leads.page', WHOLE_LIST)).rejects.toMatchObject({
    code: ERROR_CODES.notSignedIn,
  });
});

test('a page that never says who it is is closed', async () => {
  const page = await openPage(await startProduct([]));
  await page.until('closed', () => page.closedWith !== null);
  expect(page.closedWith).toBe(CLOSE_CODES.notSignedIn);
});

test('messages that break the protocol are refused one by one, with what is wrong', async () => {
  const page = await (await startProduct([])).signIn();
  const rpc = { jsonrpc: '2.0', id: 900 };
  expect(await page.send({ ...rpc, method: 'agent.fly', params: {} })).toMatchObject({
    error: { code: -32_601 },
  });
  expect(
    await page.send({ ...rpc, id: 901, method: 'agent.setLines', params: { lines: 11 } }),
  ).toMatchObject({
    error: { code: -32_602, message: expect.stringContaining('lines') as string },
  });
});

test('three bad messages in ten seconds close the socket; one does not', async () => {
  const page = await (await startProduct([])).signIn();
  page.sendRaw('not json');
  await page.request('leads.page', WHOLE_LIST);
  page.sendRaw('{}');
  page.sendRaw('[]');
  await page.until('closed', () => page.closedWith !== null);
  expect(page.closedWith).toBe(1008);
});

test.for([
  ['binary', Buffer.from([1, 2, 3]), 1003],
  ['too long', 'x'.repeat(20_000), 1009],
] as const)('a message that is %s closes the socket', async ([, message, code]) => {
  const page = await (await startProduct([])).signIn();
  page.sendRaw(message);
  await page.until('closed', () => page.closedWith !== null);
  expect(page.closedWith).toBe(code);
});

test('a flood of messages closes the socket and leaves the session alive', async () => {
  const product = await startProduct([]);
  const page = await product.signIn('Grace');
  for (let n = 0; n < 30; n++) page.sendRaw('{"jsonrpc":"2.0","id":1,"method":"handset.hangUp"}');
  await page.until('closed', () => page.closedWith !== null);
  expect(page.closedWith).toBe(CLOSE_CODES.flood);
  const again = await product.signIn('Grace');
  expect(again.view?.sessionId).toBe(page.view?.sessionId);
});

test('with a passphrase configured nobody signs in without it', async () => {
  const product = await startProduct([], { env: { SIGN_IN_PASSPHRASE: 'open sesame' } });
  const page = await openPage(product);
  const refused = { code: ERROR_CODES.wrongPassphrase };
  await expect(page.request('agent.signIn', { name: 'Grace' })).rejects.toMatchObject(refused);
  await expect(
    page.request('agent.signIn', { name: 'Grace', passphrase: 'open sesam' }),
  ).rejects.toMatchObject(refused);
  await page.request('agent.signIn', { name: 'Grace', passphrase: 'open sesame' });
  await page.untilState('idle');
});

test('a forged or foreign token resumes nothing', async () => {
  const product = await startProduct([]);
  const grace = await openPage(product);
  const { token } = await grace.request('agent.signIn', { name: 'Grace' });
  const page = await openPage(product);
  const [id = '', mac = ''] = token.split('.');
  for (const forged of [`${id}.`, `${id}.${mac.slice(1)}A`, `${'A'.repeat(22)}.${mac}`, 'x']) {
    await expect(page.request('agent.resume', { token: forged })).rejects.toMatchObject({
      code: ERROR_CODES.notSignedIn,
    });
  }
});

test('notices are numbered from one without a gap', async () => {
  const product = await startProduct([{ answers: 'busy', answerAfterMs: 20 }]);
  const page = await product.connect();
  await page.request('agent.callLeads', {});
  await page.until('the end of the list', () => page.view?.quiet === 'listFinished');
  const numbers = page.notices.map((notice) => (notice.params as { seq: number }).seq);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});
