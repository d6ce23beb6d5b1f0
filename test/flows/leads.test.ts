import twilio from 'twilio';
import { expect, test } from 'vitest';
import type { Handset } from '../../src/simulator/handset.ts';
import { SIMULATED_ACCOUNT, TIMINGS } from '../../src/simulator/options.ts';
import { leadNumber, startProduct, type Product } from '../support/product.ts';

const WHOLE_LIST = { search: '', state: null, offset: 0, limit: 200 };

const oneLine = { env: { LINES: '1' } };
const talker = { answers: 'person', answerAfterMs: 30, hangsUpAfterMs: 60_000 } as const;

/** The courtesy notice, as the person at this number heard it. */
function noticeHeardBy({ network }: Product, index: number) {
  const { ledger } = network.network;
  const call = ledger.calls.find((one) => one.to === leadNumber(index));
  return ledger
    .heard(call?.callSid ?? '')
    .find((line) => line.text.includes('Nobody was free to talk to you'));
}

test.for([
  ['busy', 'busy'],
  ['rejects', 'noAnswer'],
  ['unreachable', 'failed'],
] as const)(
  'a lead who is or does %s ends as %s, and the next one is called',
  async ([answers, outcome]) => {
    const product = await startProduct([{ answers, answerAfterMs: 20 }, talker], oneLine);
    const agent = await product.connect();
    await agent.request('agent.callLeads', {});
    await agent.untilState('bridged');
    const [first] = agent.noticesOf('call.ended');
    expect(first).toMatchObject({ leadId: 'lead-0', outcome });
    expect(agent.view?.talk?.lead.leadId).toBe('lead-1');
  },
);

test('she may stop while phones ring: the calls are ended and the leads stay to be called', async () => {
  const product = await startProduct([{ answers: 'noAnswer' }], oneLine);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.until('ringing', () => agent.view?.calls[0]?.phase === 'ringing');
  await agent.request('agent.hangUp', {});
  await agent.until('the call gone', () => agent.noticesOf('call.ended').length === 1);
  expect(agent.noticesOf('call.ended')[0]?.outcome).toBe('canceled');
  expect(agent.view).toMatchObject({ state: 'consumerConnected', mode: 'ready' });
  const { rows: leads } = await agent.request('leads.page', WHOLE_LIST);
  expect(leads).toMatchObject([{ leadId: 'lead-0', state: 'waiting' }]);
});

test('the first who answers is bridged, and the phones that still ring are ended', async () => {
  const slow = { answers: 'person', answerAfterMs: 30_000 } as const;
  const product = await startProduct([slow, talker, slow]);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  expect(agent.view?.talk?.lead.leadId).toBe('lead-1');
  await agent.until('both losers ended', () => agent.noticesOf('call.ended').length === 2);
  expect(agent.noticesOf('call.ended').map((notice) => notice.outcome)).toEqual([
    'canceled',
    'canceled',
  ]);
  expect(agent.noticesOf('call.answered')).toHaveLength(1);
  const { rows: leads } = await agent.request('leads.page', WHOLE_LIST);
  expect(leads.filter((lead) => lead.state === 'waiting').map((lead) => lead.leadId)).toEqual([
    'lead-0',
    'lead-2',
  ]);
});

/** The leads' phones, played by hand: nobody answers before the test says so. */
function phonesOf({ network }: Product, count: number): Handset[] {
  const { people } = network.network;
  return Array.from({ length: count }, (_, index) => {
    people.unscript(leadNumber(index));
    return people.handset(leadNumber(index));
  });
}

async function callTwoByHand(product: Product) {
  const [first, second] = phonesOf(product, 2) as [Handset, Handset];
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.until(
    'both phones ringing',
    () => agent.view?.calls.filter(({ phase }) => phase === 'ringing').length === 2,
  );
  return { agent, first, second };
}

test('a lead that answers too late hears the courtesy notice and is counted as abandoned', async () => {
  // Webhooks take 300 ms: the second has answered, at Twilio, before we hear of the first.
  const product = await startProduct([talker, talker], {
    env: { LINES: '2' },
    network: { timings: { ...TIMINGS.brisk, webhookMs: [300, 300] } },
  });
  const { agent, first, second } = await callTwoByHand(product);
  first.answer();
  second.answer();
  await agent.until('the loser ended', () => agent.noticesOf('call.ended').length === 1);
  const [loser] = agent.noticesOf('call.ended');
  expect(loser?.outcome).toBe('abandoned');
  await agent.untilState('bridged');
  expect(agent.view?.talk?.lead.leadId).not.toBe(loser?.leadId);
  await expect.poll(() => noticeHeardBy(product, loser?.leadId === 'lead-0' ? 0 : 1)).toBeDefined();
});

test('with ring-out configured a loser rings on and is not hung up on early', async () => {
  const product = await startProduct([talker, talker], {
    env: { LINES: '2', RING_AT_LEAST_SECONDS: '15' },
  });
  const { agent, first, second } = await callTwoByHand(product);
  first.answer();
  await agent.untilState('bridged');
  // Ended at once it would be `canceled`; it rings until it is answered.
  expect(second.view().phase).toBe('ringing');
  second.answer();
  await agent.until('the loser ended', () => agent.noticesOf('call.ended').length === 1);
  expect(agent.noticesOf('call.ended')[0]).toMatchObject({
    leadId: 'lead-1',
    outcome: 'abandoned',
  });
  expect(agent.view?.state).toBe('bridged');
});

test('a lead that hangs up in the queue is abandoned, and the next one is called', async () => {
  const product = await startProduct(
    [{ answers: 'person', answerAfterMs: 20, hangsUpAfterMs: 250 }, talker],
    { env: { LINES: '1' }, network: { timings: { ...TIMINGS.brisk, matchMs: [500, 500] } } },
  );
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  expect(agent.noticesOf('call.ended')[0]).toMatchObject({
    leadId: 'lead-0',
    outcome: 'abandoned',
  });
  expect(agent.view?.talk?.lead.leadId).toBe('lead-1');
});

test('a queue that hands over too slowly gives the lead the notice within the two-second rule', async () => {
  const product = await startProduct(
    [{ answers: 'person', answerAfterMs: 20, hangsUpAfterMs: 60_000 }],
    {
      env: { LINES: '1' },
    },
  );
  const agent = await product.connect();
  // She is on the phone but not in her queue: her leg is stuck in a document that nobody serves.
  const [consumer] = product.network.network.ledger.liveCalls();
  const client = twilio(SIMULATED_ACCOUNT.accountSid, SIMULATED_ACCOUNT.authToken);
  client.api.baseUrl = product.network.url;
  await client.calls(consumer?.callSid ?? '').update({
    twiml: '<Response><Pause length="60"/></Response>',
  });
  await agent.request('agent.callLeads', {});
  await agent.until('the lead told', () => agent.noticesOf('call.ended').length === 1);
  expect(agent.noticesOf('call.ended')[0]?.outcome).toBe('abandoned');
  await expect.poll(() => noticeHeardBy(product, 0)).toBeDefined();
  const call = product.network.network.ledger.calls.find((one) => one.to === leadNumber(0));
  const heardAt = noticeHeardBy(product, 0)?.at ?? Infinity;
  expect(heardAt - (call?.answeredAt ?? 0)).toBeLessThanOrEqual(2000);
});

test('a lead that hangs up ends the talk; she stays on the line and owes a disposition', async () => {
  const product = await startProduct(
    [{ answers: 'person', answerAfterMs: 20, talkMs: 300, hangsUpAt: 'bridged' }],
    oneLine,
  );
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('consumerConnected', 'wrappingUp');
  expect(agent.noticesOf('call.answered')).toHaveLength(1);
  expect(agent.noticesOf('call.ended').map((notice) => notice.outcome)).toEqual(['talked']);
  expect(agent.view?.phoneConnected).toBe(true);
});
