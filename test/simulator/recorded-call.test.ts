import { expect, test } from 'vitest';
import { World } from './support/world.ts';

// The call recorded in January 2019: seven webhooks, as the network must make them again.
const HOST = 'https://auto-connect.ngrok.io/twilio-webhook';
const OURS = '+13155550100';
const AGENT = '+13155550133';
const LEAD = '+18005550144';
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
// The prompt's words were not recorded, its length was.
const PROMPT = 'Please enter the six digit access code on the page';
const GATHER = `${HEAD}<Response><Gather numDigits="6" action="${HOST}/consume"><Say>${PROMPT}</Say></Gather></Response>`;
const DIAL = `${HEAD}<Response><Dial timeout="300" action="${HOST}/stop-consuming"><Queue url="${HOST}/call-status-event">queue-958673</Queue></Dial></Response>`;
const ENQUEUE = `${HEAD}<Response><Enqueue action="${HOST}/call-status-event">queue-958673</Enqueue></Response>`;

const GEO = ['City', 'State', 'Zip', 'Country'].flatMap((part) =>
  ['From', 'Caller', 'To', 'Called'].map((side) => side + part),
);
const STANDARD = [
  'CallSid',
  'AccountSid',
  'From',
  'Caller',
  'To',
  'Called',
  'CallStatus',
  'ApiVersion',
  'Direction',
  ...GEO,
];

test('the recorded call comes out again: the same requests, fields, Referers and numbers', async () => {
  const world = new World(
    {
      numbers: [{ phoneNumber: OURS, voiceUrl: `${HOST}/consume` }],
      timings: {
        webhookMs: [450, 450],
        ringDelayMs: [1000, 1000],
        matchMs: [900, 900],
        applicationErrorMs: [4000, 4000],
      },
    },
    Date.UTC(2019, 0, 27, 16, 47, 56),
  );
  const { network, clock } = world;
  network.exchange.places.set(OURS, { city: 'EASTON', state: 'NY', zip: '10002', country: 'US' });
  network.exchange.places.set(AGENT, { city: 'WESTON', state: 'NY', zip: '10001', country: 'US' });
  network.people.script(LEAD, { answerAfterMs: 3000, talkMs: Infinity, patienceMs: Infinity });
  world.rest('POST', 'Queues', { FriendlyName: 'queue-958673' });
  const path = '/twilio-webhook';
  world.on(`${path}/consume`, ({ params }) => (params['Digits'] === undefined ? GATHER : DIAL));
  world.on(`${path}/enqueue`, ENQUEUE);
  world.on(`${path}/call-status-event`, { status: 200 });
  world.on(`${path}/stop-consuming`, { status: 200 });

  const agent = network.handset(AGENT);
  const agentLeg = agent.dial(OURS);
  await clock.advance(9000);
  agent.press('958673');
  await clock.advance(8000);
  const lead = world.call({
    To: LEAD,
    From: OURS,
    Url: `${HOST}/enqueue`,
    StatusCallback: `${HOST}/call-status-event`,
    StatusCallbackMethod: 'POST',
  });
  await clock.advanceUntil(() => network.ledger.bridges.length === 1);
  await clock.advance(32_450);
  agent.hangUp();
  await clock.runAll();

  expect(world.received.every(({ isSigned }) => isSigned)).toBe(true);
  expect(
    world.received.map((request) => [
      request.path.slice(path.length),
      request.headers['Referer'] ?? '-',
    ]),
  ).toEqual([
    ['/consume', '-'],
    ['/consume', `${HOST}/consume`],
    ['/enqueue', '-'],
    ['/call-status-event', `${HOST}/enqueue`],
    expect.anything(),
    expect.anything(),
    ['/call-status-event', '-'],
  ]);
  const afterTalk = world.received.slice(4, 6);
  expect(
    Object.fromEntries(
      afterTalk.map((request) => [
        request.path.slice(path.length),
        request.headers['Referer'] ?? '-',
      ]),
    ),
  ).toEqual({ '/call-status-event': '-', '/stop-consuming': `${HOST}/consume` });

  const [first, digits, enqueued, whisper, , , completed] = world.received;
  const queueExit = afterTalk.find((request) => request.params['QueueResult'] !== undefined)!;
  expect(keys(first!.params)).toEqual(STANDARD.toSorted());
  expect(first!.params).toMatchObject({
    CallStatus: 'ringing',
    Direction: 'inbound',
    ToCity: 'EASTON',
    CallerCity: 'WESTON',
  });
  expect(keys(digits!.params)).toEqual([...STANDARD, 'Digits', 'FinishedOnKey', 'msg'].toSorted());
  expect(digits!.params).toMatchObject({
    Digits: '958673',
    FinishedOnKey: '',
    msg: 'Gather End',
    CallStatus: 'in-progress',
  });
  expect(keys(enqueued!.params)).toEqual(STANDARD.toSorted());
  expect(enqueued!.params).toMatchObject({
    Direction: 'outbound-api',
    ToCity: '',
    ToCountry: 'US',
    FromCity: 'EASTON',
  });
  expect(keys(whisper!.params)).toEqual(
    [...STANDARD, 'DequeingCallSid', 'QueueSid', 'QueueTime'].toSorted(),
  );
  expect(whisper!.params).toMatchObject({
    CallSid: lead,
    DequeingCallSid: agentLeg.sid,
    QueueTime: '0',
  });
  expect(keys(queueExit.params)).toEqual(
    [...STANDARD, 'QueueResult', 'QueueSid', 'QueueTime'].toSorted(),
  );
  expect(queueExit.params).toMatchObject({
    QueueResult: 'bridged',
    QueueTime: '33',
    CallStatus: 'in-progress',
  });
  expect(keys(completed!.params)).toEqual(
    [
      ...STANDARD,
      'CallbackSource',
      'CallDuration',
      'Duration',
      'SequenceNumber',
      'SipResponseCode',
      'Timestamp',
    ].toSorted(),
  );
  expect(completed!.params).toMatchObject({
    CallbackSource: 'call-progress-events',
    CallStatus: 'completed',
    CallDuration: '39',
    Duration: '1',
    SequenceNumber: '0',
    SipResponseCode: '200',
  });
  expect([GATHER, DIAL, ENQUEUE].map((document) => Buffer.byteLength(document))).toEqual([
    213, 251, 162,
  ]);
  expect(
    network.exchange.webhooks.requests.map(({ responseBodyLength }) => responseBodyLength),
  ).toEqual([213, 251, 162, 0, 0, 0, 0]);
  // An empty answer to Enqueue's action is what the lead heard four seconds of.
  expect(world.heard(lead).at(-1)).toContain('application error');
});

function keys(params: Record<string, string>): string[] {
  return Object.keys(params).toSorted();
}
