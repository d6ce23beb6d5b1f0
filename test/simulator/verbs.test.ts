import { describe, expect, test } from 'vitest';
import { AGENT, APP, LEAD, OURS, World } from './support/world.ts';

describe('<Gather>', () => {
  test('ends at numDigits with an empty FinishedOnKey', async () => {
    const world = await dialIn('<Gather numDigits="2"><Say>Two keys.</Say></Gather>');
    world.network.handset(AGENT).press('42');
    await world.clock.advance(1000);

    expect(world.params('/voice')[1]).toMatchObject({
      Digits: '42',
      FinishedOnKey: '',
      msg: 'Gather End',
    });
  });

  test('ends at the finish key, which is not part of the digits', async () => {
    const world = await dialIn('<Gather/>');
    world.network.handset(AGENT).press('42#');
    await world.clock.advance(1000);

    expect(world.params('/voice')[1]).toMatchObject({ Digits: '42', FinishedOnKey: '#' });
  });

  test('ends a timeout after the last key', async () => {
    const world = await dialIn('<Gather timeout="3"/>');
    await world.clock.advance(2000);
    world.network.handset(AGENT).press('4');
    await world.clock.advance(2000);
    expect(world.at('/voice')).toHaveLength(1);
    await world.clock.advance(1100);

    expect(world.params('/voice')[1]).toMatchObject({ Digits: '4', FinishedOnKey: '' });
  });

  test('without a key goes on to the next verb, or tells an empty result if asked to', async () => {
    const silent = await dialIn('<Gather timeout="2"/><Say>Too late.</Say>');
    await silent.clock.advance(5000);
    expect(silent.at('/voice')).toHaveLength(1);
    expect(heardBy(silent)).toContain('Too late.');

    const told = await dialIn('<Gather timeout="2" actionOnEmptyResult="true" action="/got"/>');
    await told.clock.advance(5000);
    expect(told.params('/got')[0]).toMatchObject({ Digits: '', FinishedOnKey: '' });
  });

  test('the finish key before any digit counts as no input', async () => {
    const world = await dialIn('<Gather action="/got"/><Say>Nothing.</Say>');
    world.network.handset(AGENT).press('#');
    await world.clock.advance(1000);

    expect(world.at('/got')).toHaveLength(0);
    expect(heardBy(world)).toContain('Nothing.');
  });

  test('a key cuts the prompt short, and the timeout begins after the prompt', async () => {
    const world = await dialIn(
      '<Gather numDigits="1" timeout="2"><Say loop="10">A very long prompt indeed.</Say></Gather>',
    );
    await world.clock.advance(4000);
    expect(world.at('/voice')).toHaveLength(1);
    world.network.handset(AGENT).press('1');
    await world.clock.advance(500);

    expect(world.params('/voice')[1]).toMatchObject({ Digits: '1' });
    expect(heardBy(world).filter((text) => text.startsWith('A very')).length).toBeLessThan(4);
  });
});

describe('answering an inbound call', () => {
  test('the first request says ringing, and the call is answered by the first verb that needs audio', async () => {
    const world = await dialIn('<Pause length="3"/><Say>Hello.</Say>');
    const leg = world.network.handset(AGENT).leg!;
    expect(world.params('/voice')[0]).toMatchObject({
      CallStatus: 'ringing',
      Direction: 'inbound',
    });
    await world.clock.advance(2500);
    expect(leg.isAnswered).toBe(false);
    await world.clock.advance(1000);
    expect(leg.isAnswered).toBe(true);
  });

  test('a person who hangs up at once was answered all the same', async () => {
    const world = new World();
    world.network.people.script(LEAD, { answerAfterMs: 1000, hangsUpAt: 'answer' });
    world.on('/status', { status: 204 });
    world.on('/answer', '<Say>Too late.</Say>');
    const sid = world.call({
      StatusCallback: `${APP}/status`,
      StatusCallbackEvent: ['answered', 'completed'],
    });
    await world.clock.runAll();

    expect(world.params('/status').map((event) => event['CallStatus'])).toEqual([
      'in-progress',
      'completed',
    ]);
    expect(world.at('/answer')).toHaveLength(1);
    expect(world.heard(sid)).toEqual([]);
  });

  test('a client calls an application; its own parameters come with the first request only', async () => {
    const world = new World({
      applications: [{ sid: `AP${'0'.repeat(32)}`, voiceUrl: `${APP}/client` }],
    });
    world.on('/client', '<Redirect>/next</Redirect>');
    world.on('/next', '<Hangup/>');
    world.network.handset('client:agent_7').dial('', { params: { PhoneNumber: LEAD } });
    await world.clock.runAll();

    expect(world.params('/client')[0]).toMatchObject({
      From: 'client:agent_7',
      To: '',
      Called: '',
      PhoneNumber: LEAD,
    });
    expect(world.params('/client')[0]).not.toHaveProperty('ToCity');
    expect(world.params('/next')[0]).not.toHaveProperty('PhoneNumber');
  });

  test('<Reject> as first verb leaves the call unanswered and unbilled', async () => {
    const world = await dialIn('<Reject reason="busy"/>');
    await world.clock.runAll();

    expect(world.network.ledger.calls[0]).toMatchObject({
      status: 'busy',
      answeredAt: null,
      billedMinutes: 0,
    });
  });

  test('an empty document answers the call and ends it', async () => {
    const world = await dialIn('');
    await world.clock.runAll();

    expect(world.network.ledger.calls[0]).toMatchObject({ status: 'completed' });
  });
});

describe('documents', () => {
  test('<Redirect> replaces the document; later verbs never run', async () => {
    const world = await dialIn(
      '<Say>One.</Say><Redirect>next?x=1&amp;y=2</Redirect><Say>Never.</Say>',
      (w) => w.on('/next', '<Say>Two.</Say>'),
    );
    await world.clock.runAll();

    expect(world.at('/next')[0]).toMatchObject({ url: `${APP}/next?x=1&y=2`, method: 'POST' });
    expect(world.at('/next')[0]!.headers['Referer']).toBe(`${APP}/voice`);
    expect(heardBy(world)).toEqual(expect.arrayContaining(['One.', 'Two.']));
    expect(heardBy(world)).not.toContain('Never.');
  });

  test('method GET puts the fields into the query and signs the URL alone', async () => {
    const world = await dialIn('<Redirect method="GET">/next?x=1</Redirect>', (w) =>
      w.on('/next', ''),
    );
    await world.clock.runAll();

    const [request] = world.at('/next');
    expect(request).toMatchObject({ method: 'GET', isSigned: true });
    expect(request!.params).toMatchObject({ x: '1', CallStatus: 'ringing' });
  });

  test('unknown verbs, attributes and nestings are skipped with a warning 12200', async () => {
    const world = await dialIn(
      '<Sing>la</Sing><Say volume="11">Hello.</Say><Gather timeout="1"><Dial/></Gather><Say>End.</Say>',
    );
    await world.clock.runAll();

    expect(world.codes().filter((code) => code === 12_200)).toHaveLength(3);
    expect(heardBy(world)).toEqual(expect.arrayContaining(['Hello.', 'End.']));
  });

  test('cookies live as long as the call', async () => {
    const world = new World();
    world.on('/voice', ({ headers }) => ({
      status: 200,
      headers: {
        'content-type': 'text/xml',
        'set-cookie': ['tries=1; Path=/', 'other=2; Max-Age=0'],
      },
      body:
        headers['Cookie'] === undefined
          ? '<Response><Redirect>/voice</Redirect></Response>'
          : '<Response/>',
    }));
    world.network.handset(AGENT).dial(OURS);
    await world.clock.runAll();
    world.network.handset(AGENT).dial(OURS);
    await world.clock.runAll();

    expect(world.at('/voice').map(({ headers }) => headers['Cookie'])).toEqual([
      undefined,
      'tries=1',
      undefined,
      'tries=1',
    ]);
  });
});

describe('<Dial><Number>', () => {
  test('bridges the first to answer, hangs up the other, and tells the action', async () => {
    const second = '+13125550107';
    const world = await dialIn(
      `<Dial action="/over" callerId="${OURS}"><Number statusCallback="/child" statusCallbackEvent="initiated ringing answered completed">${LEAD}</Number><Number>${second}</Number></Dial>`,
      (w) => {
        w.network.people.script(LEAD, { answerAfterMs: 2000, talkMs: 10_000 });
        w.network.people.script(second, { answers: 'noAnswer' });
        w.on('/child', { status: 204 });
        w.on('/over', '<Hangup/>');
      },
    );
    await world.clock.runAll();

    expect(world.params('/over')[0]).toMatchObject({
      DialCallStatus: 'completed',
      DialCallDuration: '10',
      DialBridged: 'true',
      CallStatus: 'in-progress',
    });
    const events = world.params('/child');
    expect(events.map((event) => [event['SequenceNumber'], event['CallStatus']])).toEqual([
      ['0', 'initiated'],
      ['1', 'ringing'],
      ['2', 'in-progress'],
      ['3', 'completed'],
    ]);
    expect(events[0]).toMatchObject({
      Direction: 'outbound-dial',
      ParentCallSid: world.params('/over')[0]!['CallSid'],
    });
    expect(events[0]).not.toHaveProperty('FromCity');
    expect(world.network.ledger.calls.find(({ to }) => to === second)).toMatchObject({
      status: 'canceled',
    });
  });

  test.each([
    ['busy', 'busy'],
    ['noAnswer', 'no-answer'],
    ['unreachable', 'failed'],
  ] as const)('a party that is %s makes DialCallStatus %s', async (answers, status) => {
    const world = await dialIn(`<Dial action="/over" timeout="10">${LEAD}</Dial>`, (w) => {
      w.network.people.script(LEAD, { answers });
      w.on('/over', '<Hangup/>');
    });
    await world.clock.runAll();

    expect(world.params('/over')[0]).toMatchObject({
      DialCallStatus: status,
      DialBridged: 'false',
    });
    expect(world.params('/over')[0]).not.toHaveProperty('DialCallDuration');
  });

  test('a caller who hangs up in mid-talk is still told about, with CallStatus completed', async () => {
    const world = await dialIn(`<Dial action="/over">${LEAD}</Dial>`, (w) => {
      w.network.people.script(LEAD, { answerAfterMs: 1000, talkMs: 600_000 });
      w.on('/over', '<Hangup/>');
    });
    await world.clock.advance(10_000);
    world.network.handset(AGENT).hangUp();
    await world.clock.runAll();

    expect(world.params('/over')[0]).toMatchObject({
      CallStatus: 'completed',
      DialCallStatus: 'completed',
    });
  });

  test('the whisper of <Number url> runs on the called leg before the bridge, and may refuse it', async () => {
    const world = await dialIn(
      `<Dial action="/over"><Number url="/whisper">${LEAD}</Number></Dial>`,
      (w) => {
        w.network.people.script(LEAD, { answerAfterMs: 1000 });
        w.on('/whisper', '<Say>A call for you.</Say><Hangup/>');
        w.on('/over', '<Hangup/>');
      },
    );
    await world.clock.runAll();

    const child = world.network.ledger.calls.find(({ to }) => to === LEAD)!;
    expect(world.heard(child.callSid)).toEqual(['A call for you.']);
    expect(world.params('/over')[0]).toMatchObject({
      DialCallStatus: 'completed',
      DialBridged: 'false',
    });
  });
});

describe('<Record>', () => {
  test('sends the recording to its action, with the key that ended it', async () => {
    const world = await dialIn(
      '<Record action="/recorded" recordingStatusCallback="/recording"/>',
      (w) => {
        w.on('/recorded', '<Hangup/>');
        w.on('/recording', { status: 204 });
      },
    );
    const handset = world.network.handset(AGENT);
    handset.say('Please call me back tomorrow morning.');
    await world.clock.advance(4000);
    handset.press('#');
    await world.clock.runAll();

    expect(world.params('/recorded')[0]).toMatchObject({
      Digits: '#',
      RecordingSid: expect.stringMatching(/^RE[0-9a-f]{32}$/),
      RecordingDuration: '4',
    });
    expect(world.params('/recording')[0]).toMatchObject({
      RecordingStatus: 'completed',
      RecordingSource: 'RecordVerb',
    });
    expect(world.params('/recording')[0]).not.toHaveProperty('From');
  });

  test('a caller who hangs up ends it with Digits hangup', async () => {
    const world = await dialIn('<Record action="/recorded"/>', (w) => w.on('/recorded', ''));
    await world.clock.advance(3000);
    world.network.handset(AGENT).hangUp();
    await world.clock.runAll();

    expect(world.params('/recorded')[0]).toMatchObject({
      Digits: 'hangup',
      CallStatus: 'completed',
    });
  });

  test('silence is no recording: the next verb runs', async () => {
    const world = await dialIn('<Record action="/recorded"/><Say>Nothing heard.</Say>');
    await world.clock.runAll();

    expect(world.at('/recorded')).toHaveLength(0);
    expect(heardBy(world)).toContain('Nothing heard.');
  });
});

async function dialIn(
  verbs: string,
  prepare: (world: World) => void = () => undefined,
): Promise<World> {
  const world = new World();
  let isFirst = true;
  world.on('/voice', () => {
    const answer = isFirst ? verbs : '<Hangup/>';
    isFirst = false;
    return answer;
  });
  prepare(world);
  world.network.handset(AGENT).dial(OURS);
  await world.clock.advance(10);
  return world;
}

function heardBy(world: World): string[] {
  return world.network.handset(AGENT).heard.map(({ text }) => text);
}
