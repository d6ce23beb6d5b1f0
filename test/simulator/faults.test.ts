import { describe, expect, test } from 'vitest';
import { parseFaults, type FaultName } from '../../src/simulator/faults.ts';
import { SIMULATED_ACCOUNT } from '../../src/simulator/options.ts';
import { AGENT, APP, LEAD, OURS, World } from './support/world.ts';

const EVENTS = ['initiated', 'ringing', 'answered', 'completed'];

describe('faults of REST', () => {
  test.each([
    ['create.429', { kind: 'response', status: 429, code: 20_429 }, 0],
    ['create.5xxBefore', { kind: 'response', status: 503, code: 20_503 }, 0],
    ['create.5xxAfterPlace', { kind: 'response', status: 500, code: 20_500 }, 1],
    ['create.requestLost', { kind: 'reset' }, 0],
    ['create.replyLost', { kind: 'reset' }, 1],
    ['rest.hang', { kind: 'hang' }, 0],
    ['twilio.outage', { kind: 'response', status: 503, code: 20_503 }, 0],
  ] as const)('%s answers as it says, and places what it says', async (fault, outcome, placed) => {
    const world = floor();
    world.network.faults.next(fault);

    expect(await create(world)).toEqual(outcome);
    expect(world.network.ledger.calls).toHaveLength(placed);
    expect(await create(world)).toMatchObject({ kind: 'response', status: 201 });
  });

  test('create.error refuses with the code given', async () => {
    const world = floor();
    world.network.faults.next('create.error', { value: 21_215 });

    expect(await create(world)).toMatchObject({ status: 400, code: 21_215 });
  });

  test('create.delay lets the webhooks overtake the answer', async () => {
    const world = floor();
    world.network.faults.next('create.delay', { value: 10_000 });
    const answer = create(world);
    await world.clock.advance(5000);
    expect(world.at('/answer')).toHaveLength(1);
    await world.clock.advance(6000);

    expect(await answer).toMatchObject({ status: 201 });
  });

  test('rest.lag shows the status before the last', async () => {
    const world = floor();
    const sid = world.call();
    await world.clock.advance(2000);
    world.network.faults.next('rest.lag');

    expect(world.rest('GET', `Calls/${sid}`)).toMatchObject({ status: 'ringing' });
    expect(world.rest('GET', `Calls/${sid}`)).toMatchObject({ status: 'in-progress' });
  });
});

describe('faults of status callbacks', () => {
  test.each([
    ['status.drop', ['1', '2', '3']],
    ['status.dup', ['0', '0', '1', '2', '3']],
    ['status.reorder', ['0', '1', '2', '3']],
  ] as const)('%s', async (fault, numbers) => {
    const world = floor({ hangsUpAfterMs: 30_000 });
    world.network.faults.next(fault);
    world.call({ StatusCallback: `${APP}/status`, StatusCallbackEvent: EVENTS });
    await world.clock.runAll();
    const seen = world.params('/status').map((event) => event['SequenceNumber']!);

    expect(seen.toSorted((a, b) => a.localeCompare(b))).toEqual(numbers);
    expect(seen[0] === '0').toBe(fault === 'status.dup');
  });

  test('a callback sent twice carries one token', async () => {
    const world = floor({ answers: 'busy' });
    world.network.faults.next('status.dup');
    world.call({ StatusCallback: `${APP}/status` });
    await world.clock.runAll();

    expect(
      new Set(world.at('/status').map(({ headers }) => headers['I-Twilio-Idempotency-Token'])).size,
    ).toBe(1);
  });

  test('url.beforeAnswered lets the document be asked for first', async () => {
    const world = floor();
    world.network.faults.next('url.beforeAnswered');
    world.call({ StatusCallback: `${APP}/status`, StatusCallbackEvent: ['answered'] });
    await world.clock.advance(5000);

    expect(world.received.map(({ path }) => path)).toEqual(['/answer', '/status']);
  });

  test('a busy call may report 487, a completed one no SIP code at all', async () => {
    const world = floor({ answers: 'busy' });
    world.network.faults.next('status.busy487');
    world.call({ StatusCallback: `${APP}/status` });
    await world.clock.runAll();
    world.network.people.script(LEAD, { answerAfterMs: 10, hangsUpAfterMs: 100 });
    world.network.faults.next('status.noSipCode');
    world.call({ StatusCallback: `${APP}/status` });
    await world.clock.runAll();

    expect(world.params('/status')[0]).toMatchObject({
      CallStatus: 'busy',
      SipResponseCode: '487',
    });
    expect(world.params('/status')[1]).not.toHaveProperty('SipResponseCode');
  });
});

describe('faults of TwiML requests', () => {
  test('twiml.retry sends the same request twice with one token', async () => {
    const world = floor();
    world.network.faults.next('twiml.retry');
    world.call();
    await world.clock.advance(3000);

    expect(
      new Set(world.at('/answer').map(({ headers }) => headers['I-Twilio-Idempotency-Token'])).size,
    ).toBe(1);
    expect(world.at('/answer')).toHaveLength(2);
  });

  test.each([
    ['twiml.replyLost', {}, 11_200, 1],
    ['server.down', { times: 2 }, 11_202, 0],
    ['server.down', { value: 502 }, 11_200, 0],
  ] as const)('%s %j fails the document', async (fault, rule, code, asked) => {
    const world = floor();
    world.network.faults.next(fault, rule);
    const sid = world.call();
    await world.clock.runAll();

    expect(world.codes(sid)).toEqual([code]);
    expect(world.at('/answer')).toHaveLength(asked);
  });

  test('auth.rotate signs with another token', async () => {
    const world = floor();
    world.network.faults.set('auth.rotate', { value: 'the-new-token' });
    world.call();
    await world.clock.advance(3000);

    expect(world.at('/answer')[0]).toMatchObject({ isSigned: false });
  });

  test('proxy.rewrite breaks the signature as a proxy would', async () => {
    const world = floor();
    world.on('/rewritten/answer', '');
    world.network.faults.set('proxy.rewrite', { value: 'path' });
    world.call();
    await world.clock.advance(3000);

    expect(world.at('/rewritten/answer')[0]).toMatchObject({ isSigned: false });
  });
});

describe('faults of people', () => {
  test.each(['ringing', 'answer', 'queued', 'whisper', 'bridged'] as const)(
    'a lead hangs up at %s',
    async (phase) => {
      const world = floor();
      world.network.handset(AGENT).dial(OURS);
      if (phase === 'queued') world.network.handset(AGENT).hangUp();
      await world.clock.advance(500);
      world.network.faults.next(`lead.hangup@${phase}`);
      const sid = world.call();
      await world.clock.advance(60_000);

      expect(world.network.ledger.call(sid)).toMatchObject({
        endedBy: 'party',
        status: phase === 'ringing' ? 'no-answer' : 'completed',
      });
      expect(world.network.ledger.bridges).toHaveLength(phase === 'bridged' ? 1 : 0);
    },
  );

  test.each(['waiting', 'whisper', 'bridged'] as const)(
    'an agent hangs up at %s',
    async (phase) => {
      const world = floor();
      world.network.faults.next(`agent.hangup@${phase}`, { value: 100 });
      world.on('/whisper', '<Pause length="2"/>');
      world.network.handset(AGENT).dial(OURS);
      world.call();
      await world.clock.advance(30_000);

      expect(world.network.ledger.calls[0]).toMatchObject({ endedBy: 'party' });
      expect(world.network.ledger.bridges).toHaveLength(phase === 'bridged' ? 1 : 0);
    },
  );

  test('lead.machine has a machine pick up, and detection may be late, doubled or missing', async () => {
    const amd = {
      MachineDetection: 'Enable',
      AsyncAmd: 'true',
      AsyncAmdStatusCallback: `${APP}/amd`,
    };
    const verdicts = async (fault?: FaultName): Promise<Record<string, string>[]> => {
      const world = floor();
      world.on('/amd', { status: 204 });
      world.network.faults.next('lead.machine');
      if (fault) world.network.faults.next(fault);
      world.call(amd);
      await world.clock.advance(60_000);
      return world.params('/amd');
    };

    expect(await verdicts()).toEqual([
      {
        CallSid: expect.stringMatching(/^CA/),
        AccountSid: SIMULATED_ACCOUNT.accountSid,
        AnsweredBy: 'machine_start',
        MachineDetectionDuration: '10',
      },
    ]);
    expect(await verdicts('amd.twice')).toHaveLength(2);
    expect(await verdicts('amd.never')).toHaveLength(0);
    expect(await verdicts('amd.late')).toEqual([
      expect.objectContaining({ MachineDetectionDuration: '10010' }),
    ]);
  });

  test('sync detection holds the document back until the verdict', async () => {
    const world = floor({ answers: 'machine', greetingMs: 4000 });
    world.call({ MachineDetection: 'DetectMessageEnd', StatusCallback: `${APP}/status` });
    await world.clock.advance(4500);
    expect(world.at('/answer')).toHaveLength(0);
    await world.clock.runAll();

    expect(world.params('/answer')[0]).toMatchObject({ AnsweredBy: 'machine_end_beep' });
    expect(world.params('/status').at(-1)).toMatchObject({ AnsweredBy: 'machine_end_beep' });
  });
});

describe('setting faults', () => {
  test('by chance they strike about as often as told, and the same seed strikes alike', async () => {
    expect(struck(1).length).toBeGreaterThan(240);
    expect(struck(1).length).toBeLessThan(360);
    expect(struck(1)).toEqual(struck(1));
    expect(struck(1)).not.toEqual(struck(2));
  });

  test('they can single out a number, a URL, an occasion', () => {
    const { faults } = new World().network;
    faults.set('status.drop', { number: LEAD, urlContains: '/status', after: 1, times: 1 });

    expect(faults.strikes('status.drop', { numbers: [OURS], url: '/status' })).toBeNull();
    expect(faults.strikes('status.drop', { numbers: [LEAD], url: '/other' })).toBeNull();
    expect(faults.strikes('status.drop', { numbers: [LEAD], url: '/status' })).toBeNull();
    expect(faults.strikes('status.drop', { numbers: [LEAD], url: '/status' })).not.toBeNull();
    expect(faults.strikes('status.drop', { numbers: [LEAD], url: '/status' })).toBeNull();
  });

  test('one line of an environment variable says them all', () => {
    expect(
      parseFaults('create.429=0.1, status.delay=0.05:2000,twiml.slow=1:16000*2,status.drop'),
    ).toEqual({
      'create.429': { probability: 0.1 },
      'status.delay': { probability: 0.05, value: 2000 },
      'twiml.slow': { probability: 1, value: 16_000, times: 2 },
      'status.drop': {},
    });
    expect(() => parseFaults('create.nonsense=1')).toThrow('not a fault');
  });
});

function struck(seed: number): number[] {
  const world = new World({ seed });
  world.network.faults.set('create.429', { probability: 0.3 });
  return Array.from({ length: 1000 }, (_, index) => index).filter(
    () => world.network.faults.strikes('create.429') !== null,
  );
}

function floor(person: object = {}): World {
  const world = new World();
  world.rest('POST', 'Queues', { FriendlyName: 'q' });
  world.network.people.script(LEAD, {
    answerAfterMs: 1000,
    talkMs: 10_000,
    patienceMs: Infinity,
    ...person,
  });
  world.on('/voice', '<Dial action="/over"><Queue url="/whisper">q</Queue></Dial>');
  world.on('/answer', '<Enqueue waitUrl="">q</Enqueue>');
  world.on('/whisper', '');
  world.on('/over', '<Pause length="60"/>');
  world.on('/status', { status: 204 });
  return world;
}

async function create(world: World): Promise<{ kind: string; status?: number; code?: number }> {
  const { accountSid, authToken } = SIMULATED_ACCOUNT;
  const outcome = await world.network.request({
    method: 'POST',
    target: `/2010-04-01/Accounts/${accountSid}/Calls.json`,
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    body: new URLSearchParams({ To: LEAD, From: OURS, Url: `${APP}/answer` }).toString(),
  });
  if (outcome.kind !== 'response') return outcome;
  const { code } = outcome.response.body as { code?: number };
  return { kind: 'response', status: outcome.response.status, ...(code !== undefined && { code }) };
}
