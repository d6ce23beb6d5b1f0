import { describe, expect, test } from 'vitest';
import { AGENT, APP, LEAD, OURS, World } from './support/world.ts';

const QUEUE = 'queue-1';
const DIAL = `<Dial action="/dialed" timeout="60"><Queue url="/whisper">${QUEUE}</Queue></Dial>`;
const ENQUEUE = `<Enqueue action="/left" waitUrl="/wait">${QUEUE}</Enqueue>`;

describe('a queue', () => {
  test('serves one member for each Dial, and the next one only to a new Dial', async () => {
    const world = floor({ talkMs: 5000 });
    const second = '+13125550107';
    world.network.people.script(second, { answerAfterMs: 1000, patienceMs: Infinity });
    dialIn(world);
    await world.clock.advance(100);
    const first = world.call();
    await world.clock.advance(50);
    const other = world.call({ To: second });
    await world.clock.advance(30_000);

    expect(world.params('/dialed')).toHaveLength(1);
    expect(world.params('/dialed')[0]).toMatchObject({
      DequeueResult: 'bridged',
      DequeuedCallSid: first,
    });
    expect(world.network.ledger.liveCalls().map(({ callSid }) => callSid)).toContain(other);
  });

  test('agents who wait for one queue are served in the order they came', async () => {
    const world = floor({ talkMs: 30_000 });
    dialIn(world);
    await world.clock.advance(1000);
    const second = world.network.handset('+13155550134').dial(OURS);
    await world.clock.advance(1000);
    world.call();
    world.call();
    await world.clock.advance(10_000);

    expect(world.network.ledger.bridges.map(({ callSid }) => callSid)).toEqual([
      world.network.handset(AGENT).leg!.sid,
      second.sid,
    ]);
  });

  test('an agent who waits until the timeout is told queue-empty', async () => {
    const world = floor();
    dialIn(world);
    await world.clock.advance(61_000);

    expect(world.params('/dialed')[0]).toMatchObject({
      DequeueResult: 'queue-empty',
      DialCallStatus: 'no-answer',
    });
    expect(world.params('/dialed')[0]).not.toHaveProperty('DequeuedCallSid');
  });

  test('a queue nobody made is not found by <Dial>', async () => {
    const world = floor({}, false);
    dialIn(world);
    await world.clock.advance(1000);

    expect(world.params('/dialed')[0]).toMatchObject({
      DequeueResult: 'queue-not-found',
      DialCallStatus: 'failed',
    });
  });

  test('a member waits to its document, asked for again each time it ends', async () => {
    const world = floor();
    world.on('/wait', '<Say>Please hold.</Say><Pause length="9"/>');
    world.call();
    await world.clock.advance(31_000);

    const waits = world.params('/wait');
    expect(waits.length).toBeGreaterThan(2);
    expect(waits[0]).toMatchObject({
      QueuePosition: '1',
      QueueTime: '0',
      CurrentQueueSize: '1',
      MaxQueueSize: '1000',
    });
    expect(Number(waits[1]!['QueueTime'])).toBeGreaterThan(8);
  });

  test.each([
    [
      'hangs up',
      'hangup',
      (world: World, sid: string) => world.network.exchange.legs.get(sid)!.hangUp('party'),
    ],
    [
      'is moved by REST',
      'redirected',
      (world: World, sid: string) =>
        void world.rest('POST', `Calls/${sid}`, { Url: `${APP}/elsewhere` }),
    ],
  ])('a waiting member that %s leaves with %s', async (_, result, act) => {
    const world = floor();
    world.on('/elsewhere', '<Hangup/>');
    const sid = world.call();
    await world.clock.advance(5000);
    act(world, sid);
    await world.clock.advance(1000);

    expect(world.params('/left')).toHaveLength(1);
    expect(world.params('/left')[0]).toMatchObject({
      QueueResult: result,
      CallStatus: 'in-progress',
    });
  });

  test('<Leave> in the wait document takes the member out', async () => {
    const world = floor();
    world.on('/wait', '<Pause length="2"/><Leave/>');
    world.call();
    await world.clock.advance(10_000);

    expect(world.params('/left')[0]).toMatchObject({ QueueResult: 'leave', QueueTime: '2' });
  });

  test('REST takes the front member out, to another document', async () => {
    const world = floor();
    world.on('/elsewhere', '<Say>Over here.</Say>');
    const sid = world.call();
    await world.clock.advance(5000);
    const [queue] = (world.rest('GET', 'Queues') as unknown as { queues: { sid: string }[] })
      .queues;
    expect(world.rest('GET', `Queues/${queue!.sid}/Members/Front`)).toMatchObject({
      call_sid: sid,
      position: 1,
    });
    expect(world.rest('DELETE', `Queues/${queue!.sid}`).httpStatus).toBe(400);
    world.rest('POST', `Queues/${queue!.sid}/Members/Front`, { Url: `${APP}/elsewhere` });
    await world.clock.advance(5000);

    expect(world.params('/left')[0]).toMatchObject({ QueueResult: 'redirected' });
    expect(world.heard(sid)).toContain('Over here.');
    expect(world.rest('GET', `Queues/${queue!.sid}/Members/Front`).httpStatus).toBe(404);
    expect(world.rest('DELETE', `Queues/${queue!.sid}`).httpStatus).toBe(204);
  });

  test('a full queue turns the next one away', async () => {
    const world = floor();
    world.rest('POST', 'Queues', { FriendlyName: 'small', MaxSize: '1' });
    world.on('/answer', '<Enqueue action="/left" waitUrl="">small</Enqueue>');
    world.network.people.script('+13125550107', { answerAfterMs: 2000 });
    world.call();
    world.call({ To: '+13125550107' });
    await world.clock.advance(5000);

    expect(world.params('/left')[0]).toMatchObject({ QueueResult: 'queue-full' });
    expect(world.codes()).toContain(14_207);
  });

  test('a member that hangs up during the whisper ends the Dial unbridged, or lets it wait on', async () => {
    const ended = floor({ hangsUpAt: 'whisper' });
    dialIn(ended);
    ended.call();
    await ended.clock.advance(10_000);
    expect(ended.params('/dialed')[0]).toMatchObject({ DequeueResult: 'hangup' });
    expect(ended.network.ledger.bridges).toHaveLength(0);

    const waiting = new World({ assumptions: { memberGoneInWhisper: 'dialKeepsWaiting' } });
    prepare(waiting, { hangsUpAt: 'whisper' });
    dialIn(waiting);
    waiting.call();
    await waiting.clock.advance(10_000);
    expect(waiting.at('/dialed')).toHaveLength(0);
  });

  test('an agent who hangs up while waiting leaves later leads waiting', async () => {
    const world = floor({ patienceMs: Infinity });
    dialIn(world);
    await world.clock.advance(1000);
    world.network.handset(AGENT).hangUp();
    world.call();
    await world.clock.advance(600_000);

    expect(world.params('/dialed')[0]).toMatchObject({ CallStatus: 'completed' });
    expect(world.network.ledger.liveCalls()).toHaveLength(1);
  });

  test('a member moved by REST out of its bridge ends the Dial', async () => {
    const world = floor({ talkMs: 600_000 });
    world.on('/elsewhere', '<Pause length="60"/>');
    dialIn(world);
    const sid = world.call();
    await world.clock.advance(10_000);
    world.rest('POST', `Calls/${sid}`, { Url: `${APP}/elsewhere` });
    await world.clock.advance(1000);

    expect(world.params('/left')[0]).toMatchObject({ QueueResult: 'redirected-from-bridged' });
    expect(world.at('/dialed')).toHaveLength(1);
  });

  test('talk time counts as queue time in the exit, not in the whisper', async () => {
    const world = floor({ talkMs: 20_000 });
    dialIn(world);
    world.call();
    await world.clock.advance(60_000);

    expect(world.params('/whisper')[0]).toMatchObject({ QueueTime: '0' });
    expect(world.params('/left')[0]).toMatchObject({ QueueResult: 'bridged', QueueTime: '20' });
    expect(world.params('/dialed')[0]).toMatchObject({
      DequeuedCallDuration: '20',
      DequeuedCallQueueTime: '0',
    });
  });

  test.each([
    [
      'hangupOnStar',
      `<Dial hangupOnStar="true" action="/dialed"><Queue>${QUEUE}</Queue></Dial>`,
      true,
    ],
    ['timeLimit', `<Dial timeLimit="10" action="/dialed"><Queue>${QUEUE}</Queue></Dial>`, false],
  ])('%s ends the bridge and leaves the agent on the line', async (_, dial, isStar) => {
    const world = floor({ talkMs: 600_000 });
    world.on('/voice', dial);
    world.on('/dialed', '<Pause length="60"/>');
    dialIn(world);
    world.call();
    await world.clock.advance(5000);
    expect(world.network.ledger.bridges[0]).toMatchObject({ endedAt: null });
    if (isStar) world.network.handset(AGENT).press('*');
    await world.clock.advance(10_000);

    expect(world.network.ledger.bridges[0]!.endedAt).not.toBeNull();
    expect(world.params('/dialed')[0]).toMatchObject({ CallStatus: 'in-progress' });
    expect(world.network.handset(AGENT).view().phase).toBe('connected');
  });
});

function floor(person: object = {}, hasQueue = true): World {
  const world = new World();
  prepare(world, person, hasQueue);
  return world;
}

function prepare(world: World, person: object, hasQueue = true): void {
  if (hasQueue) world.rest('POST', 'Queues', { FriendlyName: QUEUE });
  world.network.people.script(LEAD, { answerAfterMs: 1000, patienceMs: Infinity, ...person });
  world.on('/voice', DIAL);
  world.on('/answer', ENQUEUE);
  world.on('/whisper', '');
  world.on('/wait', '<Pause length="5"/>');
  world.on('/left', '<Hangup/>');
  world.on('/dialed', '<Pause length="120"/>');
}

function dialIn(world: World): void {
  world.network.handset(AGENT).dial(OURS);
}
