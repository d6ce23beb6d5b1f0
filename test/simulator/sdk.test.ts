import twilio from 'twilio';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TIMINGS } from '../../src/simulator/options.ts';
import { serveNetwork, SIMULATED_ACCOUNT, type RunningNetwork } from '../../src/simulator/serve.ts';
import { startApplication, type Application } from './support/application.ts';

const OURS = '+13155550100';
const AGENT = '+13155550133';
const LEAD = '+18005550144';

let application: Application;
let running: RunningNetwork;
let client: twilio.Twilio;

beforeEach(async () => {
  application = await startApplication();
  running = await serveNetwork({
    numbers: [{ phoneNumber: OURS, voiceUrl: `${application.url}/consume` }],
    timings: TIMINGS.brisk,
    callsPerSecond: 100,
  });
  client = twilio(SIMULATED_ACCOUNT.accountSid, SIMULATED_ACCOUNT.authToken);
  client.api.baseUrl = running.url;
});

afterEach(async () => {
  await running.close();
  await application.close();
});

describe('a call placed with the official SDK', () => {
  test('rings, is answered, runs its document and reports every event it was asked to', async () => {
    running.network.people.script(LEAD, { answerAfterMs: 5 });
    application.on('/answer', () => '<Say>Hello there.</Say>');
    application.on('/status', () => ({ status: 204 }));
    const call = await client.calls.create({
      to: LEAD,
      from: OURS,
      url: `${application.url}/answer?lead=7`,
      statusCallback: `${application.url}/status`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    });

    expect(call).toMatchObject({
      status: 'queued',
      direction: 'outbound-api',
      startTime: null,
      queueTime: '0',
    });
    await vi.waitFor(() => expect(application.at('/status')).toHaveLength(4));
    expect(
      application
        .at('/status')
        .map(({ params }) => [params['SequenceNumber'], params['CallStatus']]),
    ).toEqual([
      ['0', 'initiated'],
      ['1', 'ringing'],
      ['2', 'in-progress'],
      ['3', 'completed'],
    ]);
    expect(application.received.every(({ isSigned }) => isSigned)).toBe(true);
    expect(running.network.ledger.heard(call.sid).map(({ text }) => text)).toEqual([
      'Hello there.',
    ]);
    expect(await client.calls(call.sid).fetch()).toMatchObject({
      status: 'completed',
      duration: '1',
    });
  });
});

describe('an agent on a handset and a lead on the line', () => {
  test('meet through <Gather>, <Dial><Queue> and <Enqueue>, and both sides are told when it is over', async () => {
    const { network } = running;
    await client.queues.create({ friendlyName: 'queue-958673' });
    const action = (path: string): string => `${application.url}${path}`;
    application.on('/consume', ({ params }) =>
      params['Digits'] === undefined
        ? '<Gather numDigits="6" timeout="20"><Say>Enter your access code.</Say></Gather>'
        : `<Dial action="${action('/stop-consuming')}"><Queue url="${action('/bridging')}">queue-958673</Queue></Dial>`,
    );
    application.on('/bridging', () => '');
    application.on('/stop-consuming', () => '<Hangup/>');
    application.on(
      '/enqueue',
      () => `<Enqueue action="${action('/dequeued')}">queue-958673</Enqueue>`,
    );
    application.on('/dequeued', () => '<Hangup/>');
    network.people.script(LEAD, { answerAfterMs: 5, talkMs: 500, says: ['Hello?'] });
    const agent = network.handset(AGENT);

    const agentLeg = agent.dial(OURS);
    await vi.waitFor(() => expect(agentLeg.moment).toBe('prompted'));
    agent.press('958673');
    await vi.waitFor(() => expect(agentLeg.moment).toBe('waiting'));
    const lead = await client.calls.create({ to: LEAD, from: OURS, url: action('/enqueue') });
    await vi.waitFor(() => expect(application.at('/stop-consuming')).toHaveLength(1));
    await vi.waitFor(() => expect(application.at('/dequeued')).toHaveLength(1));

    expect(application.at('/consume')[1]!.params).toMatchObject({
      Digits: '958673',
      FinishedOnKey: '',
      msg: 'Gather End',
    });
    expect(application.at('/bridging')[0]!.params).toMatchObject({
      CallSid: lead.sid,
      DequeingCallSid: agentLeg.sid,
      QueueTime: '0',
      CallStatus: 'in-progress',
    });
    expect(application.at('/bridging')[0]!.headers['referer']).toBe(action('/enqueue'));
    expect(application.at('/dequeued')[0]!.params).toMatchObject({
      QueueResult: 'bridged',
      CallSid: lead.sid,
    });
    expect(application.at('/stop-consuming')[0]!.params).toMatchObject({
      DequeueResult: 'bridged',
      DequeuedCallSid: lead.sid,
    });
    expect(agent.heard.map(({ text }) => text)).toContain('Hello?');
    expect(application.received.every(({ isSigned }) => isSigned)).toBe(true);
    await vi.waitFor(() => expect(agent.view().phase).toBe('idle'));
  });
});

describe('the REST API', () => {
  test('refuses a misspelt parameter and names the right one', async () => {
    const response = await post('Calls', {
      To: LEAD,
      From: OURS,
      Url: application.url,
      StatusEvents: 'answered',
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 20001,
      message: expect.stringContaining('StatusCallbackEvent'),
    });
  });

  test('answers wrong credentials with 401 and 20003', async () => {
    const stranger = twilio(SIMULATED_ACCOUNT.accountSid, 'wrong');
    stranger.api.baseUrl = running.url;

    await expect(stranger.calls.list()).rejects.toMatchObject({ status: 401, code: 20003 });
  });

  test('answers a second queue of the same name with 22003', async () => {
    await client.queues.create({ friendlyName: 'queue-1' });

    await expect(client.queues.create({ friendlyName: 'queue-1' })).rejects.toMatchObject({
      code: 22003,
      message: 'A queue with the name queue-1 already exists',
    });
  });

  test('lets the application move its number to another URL', async () => {
    const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: OURS });
    await client
      .incomingPhoneNumbers(number!.sid)
      .update({ voiceUrl: `${application.url}/elsewhere` });
    application.on('/elsewhere', () => '<Hangup/>');
    running.network.handset(AGENT).dial(OURS);

    await vi.waitFor(() => expect(application.at('/elsewhere')).toHaveLength(1));
  });
});

describe('the official SDK reads', () => {
  test('conferences, participants and recordings', async () => {
    running.network.people.script(LEAD, { answerAfterMs: 5, patienceMs: Infinity });
    running.network.people.script('+13125550107', {
      answerAfterMs: 5,
      patienceMs: Infinity,
      talkMs: 60_000,
    });
    application.on(
      '/room',
      () =>
        '<Dial><Conference record="record-from-start" waitUrl="" beep="false">room</Conference></Dial>',
    );
    await client.calls.create({ to: LEAD, from: OURS, url: `${application.url}/room` });
    await client
      .conferences('room')
      .participants.create({ from: OURS, to: '+13125550107', label: 'second' });
    await vi.waitFor(async () =>
      expect(await client.conferences.list({ status: 'in-progress' })).toHaveLength(1),
    );
    const [conference] = await client.conferences.list({ friendlyName: 'room' });
    const participants = client.conferences(conference!.sid).participants;

    expect(await participants.list()).toHaveLength(2);
    expect(await participants('second').update({ muted: true })).toMatchObject({ muted: true });
    expect(await client.recordings.list()).toMatchObject([
      { source: 'Conference', status: 'processing' },
    ]);
    expect(await client.conferences(conference!.sid).update({ status: 'completed' })).toMatchObject(
      {
        reasonConferenceEnded: 'conference-ended-via-api',
      },
    );
  });

  test('calls by number and time', async () => {
    running.network.people.script(LEAD, { answerAfterMs: 5 });
    application.on('/answer', () => '<Hangup/>');
    const { sid } = await client.calls.create({
      to: LEAD,
      from: OURS,
      url: `${application.url}/answer`,
    });
    await vi.waitFor(async () =>
      expect(await client.calls(sid).fetch()).toMatchObject({ status: 'completed' }),
    );
    const since = (startTimeAfter: Date): Promise<unknown[]> =>
      client.calls.list({ to: LEAD, from: OURS, startTimeAfter });

    expect(await since(new Date(Date.now() - 60_000))).toMatchObject([{ sid }]);
    expect(await since(new Date(Date.now() + 60_000))).toEqual([]);
    expect(await client.calls.list({ status: 'busy' })).toEqual([]);
  });

  test('lists page by page, and members by queue', async () => {
    for (let index = 0; index < 5; index += 1)
      await client.queues.create({ friendlyName: `queue-${index}` });
    const queues = await client.queues.list({ pageSize: 2 });

    expect(queues.map(({ friendlyName }) => friendlyName)).toEqual([
      'queue-0',
      'queue-1',
      'queue-2',
      'queue-3',
      'queue-4',
    ]);
    expect(queues[0]!.dateCreated.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(await client.queues(queues[0]!.sid).members.list()).toEqual([]);
    await expect(client.queues(queues[0]!.sid).members('Front').fetch()).rejects.toMatchObject({
      status: 404,
      code: 20404,
    });
    expect(await client.queues(queues[0]!.sid).remove()).toBe(true);
  });
});

function post(path: string, form: Record<string, string>): Promise<Response> {
  const { accountSid, authToken } = SIMULATED_ACCOUNT;
  return fetch(`${running.url}/2010-04-01/Accounts/${accountSid}/${path}.json`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    },
    body: new URLSearchParams(form),
  });
}
