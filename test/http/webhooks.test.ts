import twilio from 'twilio';
import { expect, test } from 'vitest';
import { SIMULATED_ACCOUNT } from '../../src/simulator/options.ts';
import { startProduct, type Product } from '../support/product.ts';

const CALL_SID = `CA${'0'.repeat(31)}9`;
const UNKNOWN_ID = 'A'.repeat(22);

interface Sent {
  path: string;
  form?: Record<string, string>;
  method?: string;
  token?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Posts a form as Twilio would, signed for exactly this URL unless told otherwise. */
async function post({ server }: Product, sent: Sent): Promise<Response> {
  const url = new URL(sent.path, server.url).href;
  const form = {
    CallSid: CALL_SID,
    AccountSid: SIMULATED_ACCOUNT.accountSid,
    CallStatus: 'in-progress',
    ...sent.form,
  };
  const signature = twilio.getExpectedTwilioSignature(
    sent.token ?? SIMULATED_ACCOUNT.authToken,
    url,
    form,
  );
  const method = sent.method ?? 'POST';
  return fetch(url, {
    method,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
      ...sent.headers,
    },
    ...(method === 'GET' ? {} : { body: sent.body ?? new URLSearchParams(form).toString() }),
  });
}

const anomalies = ({ reports }: Product): unknown[] =>
  reports.filter((line) => line['report'] === 'anomaly').map((line) => line['anomaly']);

test('a request that Twilio did not sign is forbidden, whatever is wrong with its signature', async () => {
  const product = await startProduct([]);
  const path = '/twilio-webhook/consume';
  const forged = [
    { path, token: 'another-token' },
    { path, headers: { 'x-twilio-signature': '' } },
    { path, body: 'CallSid=CA00000000000000000000000000000009&Digits=123456' },
  ];
  for (const request of forged) {
    const response = await post(product, request);
    expect([response.status, await response.text()]).toEqual([403, 'forbidden']);
  }
});

test('a form with a repeated field is forbidden: the signature would fold it', async () => {
  const product = await startProduct([]);
  const response = await post(product, {
    path: '/twilio-webhook/consume',
    body: `CallSid=${CALL_SID}&CallSid=${CALL_SID}&AccountSid=${SIMULATED_ACCOUNT.accountSid}&CallStatus=in-progress`,
  });
  expect(response.status).toBe(403);
});

test.for([
  [`/twilio-webhook/enqueue/${UNKNOWN_ID}/1`, 'unknownCall'],
  [`/twilio-webhook/waiting/${UNKNOWN_ID}/1`, 'unknownCall'],
  [`/twilio-webhook/on-dequeue/${UNKNOWN_ID}/1`, 'unknownCall'],
  [`/twilio-webhook/stop-consuming/${UNKNOWN_ID}/1`, 'unknownSession'],
  [`/twilio-webhook/fallback/lead`, 'fallback'],
] as const)('%s for something unknown gets safe TwiML and is counted', async ([path, anomaly]) => {
  const product = await startProduct([]);
  const response = await post(product, { path });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
  expect(await response.text()).toMatch(/<Say>.+<\/Say><Hangup\/><\/Response>$/);
  expect(anomalies(product)).toEqual([anomaly]);
});

test('a status callback for an unknown call is taken without a word and counted', async () => {
  const product = await startProduct([]);
  const response = await post(product, { path: `/twilio-webhook/call-status-event/${UNKNOWN_ID}` });
  expect([response.status, await response.text()]).toEqual([204, '']);
  expect(anomalies(product)).toEqual(['unknownCall']);
});

test.for([
  ['a foreign account', { AccountSid: `AC${'9'.repeat(32)}` }],
  ['an ill-formed CallSid', { CallSid: 'CA1' }],
  ['a CallStatus that Twilio does not have', { CallStatus: 'answered' }],
] as const)('a signed form with %s gets the safe answer and is counted', async ([, form]) => {
  const product = await startProduct([]);
  const path = `/twilio-webhook/stop-consuming/${UNKNOWN_ID}/1`;
  const response = await post(product, { path, form });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('this call cannot be completed');
  expect(anomalies(product)).toEqual(['badForm']);
});

test('wrong methods, types and sizes are refused before anything is read', async () => {
  const product = await startProduct([]);
  const path = '/twilio-webhook/consume';
  const wrongMethod = await post(product, { path, method: 'GET' });
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
  const json = { 'content-type': 'application/json' };
  expect((await post(product, { path, headers: json, body: '{}' })).status).toBe(415);
  expect((await post(product, { path, body: `CallSid=${'x'.repeat(20_000)}` })).status).toBe(413);
  expect((await post(product, { path: '/twilio-webhook/nothing' })).status).toBe(404);
});

test('the secondary auth token is accepted while the primary is rotated', async () => {
  const { isSigned } = await import('../../src/twilio/signature.ts');
  const url = 'https://dialer.example.com/twilio-webhook/consume';
  const signature = twilio.getExpectedTwilioSignature('the-secondary-token', url, { A: '1' });
  expect(isSigned(['the-primary-token', 'the-secondary-token'], signature, url, { A: '1' })).toBe(
    true,
  );
  expect(isSigned(['the-primary-token', ''], signature, url, { A: '1' })).toBe(false);
  const unsigned = twilio.getExpectedTwilioSignature('', url, {});
  expect(isSigned([''], unsigned, url, {})).toBe(false);
});

test('a repeated webhook gets the same bytes and changes nothing', async () => {
  const product = await startProduct([
    { answers: 'person', answerAfterMs: 20, hangsUpAfterMs: 60_000 },
  ]);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  const { requests } = product.network.network.exchange.webhooks;
  const answer = requests.find((request) => request.kind === 'outbound-voice-url');
  if (!answer) throw new Error('the lead was never asked for');
  const view = agent.view;
  const repeat = await post(product, {
    path: new URL(answer.url).pathname,
    form: { ...answer.params },
  });
  expect(await repeat.text()).toBe(answer.responseBody);
  expect(agent.noticesOf('call.answered')).toHaveLength(1);
  expect(agent.view).toEqual(view);
});
