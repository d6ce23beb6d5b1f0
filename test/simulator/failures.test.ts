import { describe, expect, test } from 'vitest';
import { TransportError } from '../../src/simulator/transport.ts';
import { AGENT, APP, LEAD, OURS, twiml, World } from './support/world.ts';

const SORRY = expect.stringContaining('application error');

describe('an answer that is no TwiML', () => {
  test.each([
    [
      'a 404',
      { status: 404, headers: { 'content-type': 'text/xml' }, body: '<Response/>' },
      11_200,
    ],
    ['a 500', { status: 500 }, 11_200],
    ['an empty 200 without Content-Type', { status: 200 }, 11_200],
    ['JSON', { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }, 12_300],
    [
      'broken XML',
      { status: 200, headers: { 'content-type': 'text/xml' }, body: '<Response><Say>' },
      12_100,
    ],
    [
      'XML nested a thousand deep',
      {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<Response><Say>${'<p>'.repeat(1000)}${'</p>'.repeat(1000)}</Say></Response>`,
      },
      12_100,
    ],
    [
      'another root',
      { status: 200, headers: { 'content-type': 'text/xml' }, body: '<TwiML/>' },
      12_102,
    ],
    [
      'over 64 kB',
      {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<Response><Say>${'a'.repeat(66_000)}</Say></Response>`,
      },
      11_750,
    ],
  ])(
    '%s is logged, spoken about for four seconds, and the call ends completed',
    async (_, answer, code) => {
      const world = outbound({ timings: { ...quick, applicationErrorMs: [4000, 4000] } });
      world.on('/answer', answer);
      const sid = world.call();
      await world.clock.runAll();

      expect(world.codes(sid)).toContain(code);
      expect(world.heard(sid)).toEqual([SORRY]);
      expect(world.network.ledger.call(sid)).toMatchObject({
        status: 'completed',
        talkSeconds: 4,
        endedBy: 'document',
      });
    },
  );

  test.each([
    ['204', { status: 204 }],
    ['an empty text/xml', { status: 200, headers: { 'content-type': 'text/xml' } }],
    ['<Response/>', twiml('')],
  ])('%s is the end of the document, without a word', async (_, answer) => {
    const world = outbound();
    world.on('/answer', answer);
    const sid = world.call();
    await world.clock.runAll();

    expect(world.heard(sid)).toEqual([]);
    expect(world.network.ledger.call(sid)).toMatchObject({ status: 'completed' });
  });

  test('plain text is spoken, a sound is played, then the call ends', async () => {
    const world = outbound();
    world.on('/answer', {
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: 'Just words.',
    });
    const spoken = world.call();
    await world.clock.runAll();
    world.on('/answer', { status: 200, headers: { 'content-type': 'audio/mpeg' }, body: '...' });
    const played = world.call();
    await world.clock.runAll();

    expect(world.heard(spoken)).toEqual(['Just words.']);
    expect(world.heard(played)).toEqual([`${APP}/answer`]);
  });
});

describe('the fallback', () => {
  test('is asked with the error and its URL, and runs in place of the document', async () => {
    const world = outbound();
    world.on('/answer', { status: 502 });
    world.on('/fallback', '<Say>One moment.</Say>');
    const sid = world.call({ FallbackUrl: `${APP}/fallback` });
    await world.clock.runAll();

    expect(world.params('/fallback')[0]).toMatchObject({
      ErrorCode: '11200',
      ErrorUrl: `${APP}/answer`,
      CallSid: sid,
    });
    expect(world.heard(sid)).toEqual(['One moment.']);
  });

  test('covers a failing action too, and its own failure ends in the stock message', async () => {
    const world = outbound();
    world.on('/answer', '<Redirect>/broken</Redirect>');
    world.on('/fallback', { status: 500 });
    const sid = world.call({ FallbackUrl: `${APP}/fallback` });
    await world.clock.runAll();

    expect(world.params('/fallback')[0]).toMatchObject({ ErrorUrl: `${APP}/broken` });
    expect(world.heard(sid)).toEqual([SORRY]);
  });

  test('documents that lead round in a circle come to an end', async () => {
    const world = outbound();
    world.on('/answer', '<Redirect>/answer</Redirect>');
    const sid = world.call({ FallbackUrl: `${APP}/answer` });
    await world.clock.runAll();

    expect(world.codes(sid)).toEqual([12_400]);
    expect(world.heard(sid)).toEqual([SORRY]);
  });

  test('a relative action in inline TwiML is a document that failed', async () => {
    const world = outbound();
    const { sid } = world.rest('POST', 'Calls', {
      To: LEAD,
      From: OURS,
      Twiml: '<Response><Redirect>/next</Redirect></Response>',
    });
    await world.clock.runAll();

    expect(world.codes(sid)).toContain(11_100);
    expect(world.heard(sid)).toEqual([SORRY]);
  });
});

describe('what fails beside the call', () => {
  test('a failing whisper is logged and the bridge is made all the same', async () => {
    const world = outbound();
    world.rest('POST', 'Queues', { FriendlyName: 'q' });
    world.on('/voice', '<Dial><Queue url="/whisper">q</Queue></Dial>');
    world.on('/answer', '<Enqueue waitUrl="/nothing">q</Enqueue>');
    world.on('/whisper', { status: 500 });
    world.network.handset(AGENT).dial(OURS);
    await world.clock.advance(100);
    world.call();
    await world.clock.advance(10_000);

    expect(world.network.ledger.bridges).toHaveLength(1);
    expect(world.codes()).toContain(11_200);
  });

  test('a whisper URL that is none is logged, and the bridge is made all the same', async () => {
    const world = outbound();
    world.rest('POST', 'Queues', { FriendlyName: 'q' });
    world.network.people.script('+13125550107', { answerAfterMs: 0, talkMs: 5000 });
    world.on('/voice', '<Dial><Number url="http://:bad:">+13125550107</Number></Dial>');
    world.network.handset(AGENT).dial(OURS);
    await world.clock.advance(10_000);

    expect(world.network.ledger.bridges).toHaveLength(1);
    expect(world.codes()).toEqual([11_100]);
  });

  test('a failing wait document gives way to the default music', async () => {
    const world = outbound();
    world.on('/answer', '<Enqueue waitUrl="/nothing">q</Enqueue>');
    const sid = world.call();
    await world.clock.advance(8000);

    expect(world.network.ledger.heard(sid)).toEqual([expect.objectContaining({ kind: 'music' })]);
  });

  test('a status callback that fails is a warning and nothing else', async () => {
    const world = outbound();
    world.on('/answer', '<Say>Fine.</Say>');
    world.on('/status', { status: 500 });
    const sid = world.call({
      StatusCallback: `${APP}/status`,
      StatusCallbackEvent: ['initiated', 'completed'],
    });
    await world.clock.runAll();

    expect(world.at('/status')).toHaveLength(2);
    expect(world.codes(sid)).toEqual([15_003, 15_003]);
    expect(world.network.ledger.call(sid)).toMatchObject({ status: 'completed' });
  });
});

describe('a request on the wire', () => {
  test('is retried once when the connection fails, with the same token', async () => {
    const world = outbound();
    let isFirst = true;
    world.on('/answer', () => {
      if (!isFirst) return '';
      isFirst = false;
      throw new TransportError('refused', 'nobody there');
    });
    world.call();
    await world.clock.runAll();

    const tokens = world.at('/answer').map(({ headers }) => headers['I-Twilio-Idempotency-Token']);
    expect(tokens).toHaveLength(2);
    expect(new Set(tokens).size).toBe(1);
    expect(world.codes()).toEqual([]);
  });

  test('is not retried after a bad status, unless the URL asks for it', async () => {
    const world = outbound();
    world.on('/answer', { status: 503 });
    world.call();
    await world.clock.runAll();
    expect(world.at('/answer')).toHaveLength(1);
    world.call({ Url: `${APP}/answer#rc=3&rp=5xx` });
    await world.clock.runAll();

    expect(world.at('/answer')).toHaveLength(5);
    expect(world.at('/answer').every(({ url, isSigned }) => isSigned && !url.includes('#'))).toBe(
      true,
    );
  });

  test('may take 15 seconds in all and no more', async () => {
    const world = outbound();
    world.on('/answer', '<Say>Just in time.</Say>');
    world.network.faults.next('twiml.slow', { value: 14_900 });
    const inTime = world.call();
    await world.clock.runAll();
    world.network.faults.next('twiml.slow', { value: 15_100 });
    const tooLate = world.call();
    await world.clock.runAll();

    expect(world.heard(inTime)).toEqual(['Just in time.']);
    expect(world.heard(tooLate)).toEqual([SORRY]);
    expect(world.codes(tooLate)).toEqual([11_200]);
  });

  test('follows ten redirects and not an eleventh', async () => {
    const world = outbound();
    world.on('/answer', ({ url }) => {
      const hop = Number(new URL(url).searchParams.get('hop') ?? 0);
      return hop < Number(new URL(url).searchParams.get('of') ?? 3)
        ? {
            status: 302,
            headers: {
              location: `/answer?hop=${hop + 1}&of=${new URL(url).searchParams.get('of') ?? 3}`,
            },
          }
        : '<Say>Arrived.</Say>';
    });
    const near = world.call();
    await world.clock.runAll();
    const far = world.call({ Url: `${APP}/answer?of=20` });
    await world.clock.runAll();

    expect(world.heard(near)).toEqual(['Arrived.']);
    expect(
      world
        .at('/answer')
        .slice(0, 4)
        .map(({ method }) => method),
    ).toEqual(['POST', 'GET', 'GET', 'GET']);
    expect(world.codes(far)).toEqual([11_215]);
  });

  test('shows the credentials in a URL only to a server that asks', async () => {
    const world = outbound();
    world.on('/answer', ({ headers }) =>
      headers['Authorization'] === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Basic' } }
        : '<Say>Welcome.</Say>',
    );
    const sid = world.call({ Url: 'http://user:secret@app.test/answer' });
    await world.clock.runAll();

    expect(world.heard(sid)).toEqual(['Welcome.']);
    expect(
      world.at('/answer').map(({ headers, isSigned }) => [headers['Authorization'], isSigned]),
    ).toEqual([
      [undefined, true],
      [`Basic ${Buffer.from('user:secret').toString('base64')}`, true],
    ]);
  });

  test('with overrides Twilio would not accept is not made at all', async () => {
    const world = outbound();
    const sid = world.call({ Url: `${APP}/answer#rc=9` });
    await world.clock.runAll();

    expect(world.at('/answer')).toHaveLength(0);
    expect(world.codes(sid)).toEqual([11_241]);
  });
});

const quick = {
  restMs: [0, 0],
  webhookMs: [0, 0],
  setUpMs: [0, 0],
  ringDelayMs: [0, 0],
  matchMs: [0, 0],
  hangUpMs: [0, 0],
  applicationErrorMs: [50, 50],
  machineDetectionMs: [10, 10],
} as const;

function outbound(settings: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World(settings);
  world.network.people.script(LEAD, { answerAfterMs: 1000, patienceMs: Infinity });
  return world;
}

test('of the webhooks as many are kept as the network was told, the newest', async () => {
  const world = new World({ requestsKept: 4 });
  world.on('/voice', '<Redirect/>');
  world.network.handset(AGENT).dial(OURS);
  await world.clock.advance(1000);
  const { count, requests } = world.network.exchange.webhooks;

  expect(count).toBeGreaterThan(100);
  expect(requests.length).toBeLessThanOrEqual(4);
  expect(requests.at(-1)?.id).toBe(count);
});
