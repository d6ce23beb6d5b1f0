import { describe, expect, test } from 'vitest';
import { SIMULATED_ACCOUNT } from '../../src/simulator/options.ts';
import { AGENT, APP, LEAD, OURS, World } from './support/world.ts';

describe('POST Calls', () => {
  test.each([
    ['no To', { To: '' }, 21_201],
    ['no From', { From: '' }, 21_213],
    ['a To that is no number', { To: 'nobody' }, 21_211],
    ['To equal to From', { To: OURS }, 21_211],
    ['a From nobody owns', { From: AGENT }, 21_210],
    ['a relative Url', { Url: '/answer' }, 21_205],
    ['a Timeout out of range', { Timeout: '900' }, 21_208],
    ['a bad Method', { Method: 'PATCH' }, 21_209],
    ['events joined by spaces', { StatusCallbackEvent: 'initiated ringing' }, 21_626],
    ['an unroutable number', { To: '+15005550002' }, 21_214],
    ['a forbidden country', { To: '+15005550003' }, 21_215],
    ['a blocked number', { To: '+15005550004' }, 21_216],
    ['an unknown application', { ApplicationSid: `AP${'0'.repeat(32)}` }, 21_218],
  ])('refuses %s', (_, form, code) => {
    const answer = new World().rest('POST', 'Calls', {
      To: LEAD,
      From: OURS,
      Url: `${APP}/answer`,
      ...form,
    });

    expect(answer).toMatchObject({
      httpStatus: 400,
      status: 400,
      code,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
    });
  });

  test.each([
    ['StatusEvents', 'StatusCallbackEvent'],
    ['StatusCallBack', 'StatusCallback'],
    ['TimeOut', 'Timeout'],
    ['MachineDetect', 'MachineDetection'],
  ])('in strict mode names the parameter that %s was meant to be', (wrong, right) => {
    const form = { To: LEAD, From: OURS, Url: `${APP}/answer`, [wrong]: 'x' };

    expect(new World().rest('POST', 'Calls', form)).toMatchObject({
      code: 20_001,
      message: expect.stringContaining(`${right}?`),
    });
    expect(new World({ strict: false }).rest('POST', 'Calls', form).httpStatus).toBe(201);
  });

  test('answers the complete resource, with explicit nulls', () => {
    const call = new World().rest('POST', 'Calls', { To: LEAD, From: OURS, Url: `${APP}/answer` });

    expect(call).toMatchObject({
      httpStatus: 201,
      status: 'queued',
      direction: 'outbound-api',
      to: LEAD,
      to_formatted: '(800) 555-0144',
      date_created: null,
      start_time: null,
      duration: null,
      answered_by: null,
      queue_time: '0',
      price: null,
      price_unit: 'USD',
    });
    expect(Object.keys(call['subresource_uris'] as object)).toHaveLength(9);
  });

  test('starts one call a second unless the account has more, and says how long each was queued', async () => {
    const world = new World({ callsPerSecond: 1 });
    world.network.people.script(LEAD, { answers: 'noAnswer' });
    const sids = [0, 1, 2, 3, 4].map(() => world.call());
    await world.clock.advance(4500);

    expect(sids.map((sid) => world.rest('GET', `Calls/${sid}`)['queue_time'])).toEqual([
      '0',
      '1000',
      '2000',
      '3000',
      '4000',
    ]);
    const rang = world.network.ledger.calls.map(({ rangAt, placedAt }) =>
      Math.round((rangAt! - placedAt) / 1000),
    );
    expect(rang).toEqual([0, 1, 2, 3, 4]);
  });

  test('a call canceled while queued ends without a callback', async () => {
    const world = new World({ callsPerSecond: 1 });
    world.on('/status', { status: 204 });
    world.call();
    const sid = world.call({
      StatusCallback: `${APP}/status`,
      StatusCallbackEvent: ['initiated', 'completed'],
    });
    expect(world.rest('POST', `Calls/${sid}`, { Status: 'canceled' })).toMatchObject({
      status: 'canceled',
    });
    await world.clock.advance(5000);

    expect(world.at('/status')).toHaveLength(0);
  });
});

describe('POST Calls/{Sid}', () => {
  test('moves a live call to another document', async () => {
    const world = new World();
    world.network.people.script(LEAD, { answerAfterMs: 1000, patienceMs: Infinity });
    world.on('/answer', '<Pause length="600"/>');
    world.on('/elsewhere', '<Say>Over here.</Say>');
    const sid = world.call();
    await world.clock.advance(2000);
    expect(world.rest('POST', `Calls/${sid}`, { Url: `${APP}/elsewhere` }).httpStatus).toBe(200);
    await world.clock.runAll();

    expect(world.heard(sid)).toContain('Over here.');
    expect(world.network.ledger.call(sid)).toMatchObject({ url: `${APP}/answer` });
  });

  test('refuses with 21220 what a call in that state cannot do', async () => {
    const world = new World();
    world.network.people.script(LEAD, { answerAfterMs: 5000 });
    world.on('/answer', '');
    const sid = world.call();
    await world.clock.advance(1000);
    expect(world.rest('POST', `Calls/${sid}`, { Url: `${APP}/elsewhere` })).toMatchObject({
      code: 21_220,
      httpStatus: 400,
    });
    await world.clock.runAll();
    expect(world.rest('POST', `Calls/${sid}`, { Status: 'completed' })).toMatchObject({
      code: 21_220,
    });
  });

  test('Status=completed ends a ringing call as canceled, a live one as completed', async () => {
    const world = new World();
    world.network.people.script(LEAD, { answerAfterMs: 5000, patienceMs: Infinity });
    world.on('/answer', '<Pause length="600"/>');
    world.on('/status', { status: 204 });
    const ringing = world.call({ StatusCallback: `${APP}/status` });
    await world.clock.advance(1000);
    world.rest('POST', `Calls/${ringing}`, { Status: 'completed' });
    const live = world.call();
    await world.clock.advance(6000);
    world.rest('POST', `Calls/${live}`, { Status: 'completed' });
    await world.clock.runAll();

    expect(world.params('/status')[0]).toMatchObject({
      CallStatus: 'canceled',
      SipResponseCode: '487',
      CallDuration: '0',
      Duration: '0',
    });
    expect(world.rest('GET', `Calls/${live}`)).toMatchObject({ status: 'completed' });
  });
});

describe('lists', () => {
  test('page by page, filtered, newest first', async () => {
    const world = new World();
    for (let call = 0; call < 5; call += 1)
      world.call({ To: call % 2 === 0 ? LEAD : '+13125550107' });
    const first = world.rest('GET', `Calls?To=${encodeURIComponent(LEAD)}&PageSize=2`);
    expect(first['calls']).toHaveLength(2);
    expect(first['next_page_uri']).toContain('Page=1');
    const second = world.rest('GET', `Calls?To=${encodeURIComponent(LEAD)}&PageSize=2&Page=1`);
    expect(second['calls']).toHaveLength(1);
    expect(second['next_page_uri']).toBeNull();
  });

  test('a call can be deleted only when it is over', async () => {
    const world = new World();
    world.network.people.script(LEAD, { answers: 'busy' });
    const sid = world.call();
    expect(world.rest('DELETE', `Calls/${sid}`)).toMatchObject({ code: 20_009 });
    await world.clock.runAll();
    expect(world.rest('DELETE', `Calls/${sid}`).httpStatus).toBe(204);
    expect(world.rest('GET', `Calls/${sid}`)).toMatchObject({ httpStatus: 404, code: 20_404 });
    expect(world.network.ledger.call(sid)).toMatchObject({ status: 'busy' });
  });

  test('what went wrong on a call can be read as its notifications', async () => {
    const world = new World();
    world.network.people.script(LEAD, { answerAfterMs: 10 });
    world.on('/answer', { status: 500 });
    const sid = world.call();
    await world.clock.runAll();

    expect(world.rest('GET', `Calls/${sid}/Notifications`)['notifications']).toEqual([
      expect.objectContaining({ error_code: '11200', call_sid: sid }),
    ]);
  });
});

describe('access', () => {
  test('an API key opens the account, test credentials place nothing', async () => {
    const world = new World({
      apiKeys: [{ sid: 'SK00000000000000000000000000000001', secret: 'key-secret' }],
      testAccount: { accountSid: 'AC00000000000000000000000000000002', authToken: 'test-token' },
    });
    const request = (
      user: string,
      password: string,
      account: string,
      body = '',
    ): { status: number } =>
      world.network.handle({
        method: body === '' ? 'GET' : 'POST',
        target: `/2010-04-01/Accounts/${account}/Calls.json`,
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        body,
      });
    const form = new URLSearchParams({ To: LEAD, From: '+15005550006', Url: APP }).toString();

    expect(
      request('SK00000000000000000000000000000001', 'key-secret', SIMULATED_ACCOUNT.accountSid)
        .status,
    ).toBe(200);
    expect(
      request('SK00000000000000000000000000000001', 'wrong', SIMULATED_ACCOUNT.accountSid).status,
    ).toBe(401);
    const tester = ['AC00000000000000000000000000000002', 'test-token'] as const;
    expect(request(...tester, 'AC00000000000000000000000000000002', form).status).toBe(201);
    expect(request(...tester, 'AC00000000000000000000000000000002').status).toBe(403);
    expect(world.network.ledger.calls).toHaveLength(0);
  });
});
