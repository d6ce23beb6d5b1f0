import { expect, test } from 'vitest';
import type { CallId, CallSid } from '../../src/domain/ids.ts';
import type { TwimlPlan } from '../../src/domain/twiml-plan.ts';
import { first, leadSid, staffedFloor, type Floor } from '../support/floor.ts';

type Request = (floor: Floor, call: CallId) => Promise<TwimlPlan>;

/** One talk, as Twilio tells it; `step` of her Dial is fixed so that a repeat is a repeat. */
const TALK: [string, Request][] = [
  ['initiated', (floor, call) => floor.status(call, 'initiated')],
  ['ringing', (floor, call) => floor.status(call, 'ringing')],
  ['in-progress', (floor, call) => floor.status(call, 'in-progress')],
  ['the answer', (floor, call) => floor.answered(call)],
  ['the first wait', (floor, call) => floor.waits(call, 1)],
  ['the second wait', (floor, call) => floor.waits(call, 2)],
  ['the bridge', (floor, call) => floor.bridging(call)],
  ['the end of Enqueue', (floor, call) => floor.dequeued(call, 'bridged')],
  ['the end', (floor, call) => floor.ended(call)],
];

const stateOf = (floor: Floor): unknown => ({ ...(floor.host.state as object), seq: 0 });

test('every request of a talk, repeated, gets the same reply and changes nothing', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  for (const [name, request] of TALK) {
    const plan = await request(floor, call);
    await floor.clock.advance(1); // What is due at once is due before the repeat.
    const state = stateOf(floor);
    const again = await request(floor, call);
    expect({ name, plan: again, state: stateOf(floor) }).toEqual({ name, plan, state });
  }
  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
});

test('the whole talk, told once more after it is over, gets the same replies and changes nothing', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  const tellAll = async (): Promise<TwimlPlan[]> => {
    const plans: TwimlPlan[] = [];
    for (const [, request] of TALK) plans.push(await request(floor, call));
    return plans;
  };
  const plans = await tellAll();
  const state = stateOf(floor);

  expect(await tellAll()).toEqual(plans);
  expect(stateOf(floor)).toEqual(state);
  expect(floor.noticesOf(call)).toEqual(['answered', 'ended talked']);
});

test('the repeat of a Dial action gets the same dial, and she is not disconnected twice', async () => {
  const floor = await staffedFloor();
  const { sessionId, phone: sid } = floor;
  const action = {
    kind: 'stopConsuming',
    sessionId,
    step: 1,
    sid,
    result: 'queue-empty',
    leadSid: null,
  } as const;
  const plan = await floor.ask({ ...action, callStatus: 'in-progress' });
  expect(await floor.ask({ ...action, callStatus: 'in-progress' })).toEqual(plan);

  await floor.hangsUp();
  const code = floor.view.dialIn.accessCode;
  expect(await floor.ask({ ...action, step: 2, callStatus: 'completed' })).toEqual({
    plan: 'proceed',
  });
  expect(floor.view.dialIn.accessCode).toBe(code);
});

test('a request for a call that nobody knows gets a safe answer and is counted', async () => {
  const floor = await staffedFloor();
  const call = '9'.repeat(22) as CallId;
  expect(await floor.answered(call)).toEqual({ plan: 'unavailable' });
  expect(await floor.ended(call)).toEqual({ plan: 'noContent' });
  expect(floor.anomalies).toEqual(['unknownCall', 'unknownCall']);
});

const STRANGER = `CA${'f'.repeat(32)}` as CallSid;

test('a second call under the same id is ended, and the first goes on', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.answered(call);
  floor.telephony.facts.end = {
    kind: 'found',
    sid: STRANGER,
    status: 'completed',
    durationSeconds: 1,
  };

  await floor.status(call, 'ringing', STRANGER);

  expect(floor.telephony.ended).toEqual([{ sid: STRANGER, how: 'complete' }]);
  expect(floor.anomalies).toEqual(['strangerSid']);
  expect(floor.view.anomalyAt).toBe(floor.clock.now());
  expect(floor.callState(call)).toBe('queued');
  expect(floor.host.call(call)?.context.sid).toBe(leadSid(call));
});

test('a second call under the same id is not given the queue that the first was given', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  expect(await floor.answered(call)).toMatchObject({ plan: 'enqueue' });

  expect(await floor.answered(call, { sid: STRANGER })).toEqual({ plan: 'unavailable' });
  await floor.ended(call);
  expect(await floor.answered(call, { sid: STRANGER })).toEqual({ plan: 'unavailable' });
});

/** All orders of `items` in which each comes after what it needs. */
function* orders<T>(items: readonly T[], needs: (item: T) => readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const item of items) {
    if (needs(item).some((other) => items.includes(other))) continue;
    const rest = items.filter((other) => other !== item);
    for (const tail of orders(rest, needs)) yield [item, ...tail];
  }
}

type Fact = 'reply' | 'initiated' | 'ringing' | 'answer' | 'bridge' | 'dequeued' | 'back' | 'end';

/** A leg asks one thing after the other; everything else overtakes as it likes. */
const CAUSES: Record<Fact, Fact[]> = {
  reply: [],
  initiated: [],
  ringing: [],
  answer: [],
  bridge: ['answer'],
  dequeued: ['bridge'],
  back: ['bridge'],
  end: ['bridge'],
};

function tell(floor: Floor, call: CallId, fact: Fact): Promise<unknown> {
  switch (fact) {
    case 'reply':
      return floor.restReply(call);
    case 'initiated':
    case 'ringing':
      return floor.status(call, fact);
    case 'answer':
      return floor.answered(call);
    case 'bridge':
      return floor.bridging(call);
    case 'dequeued':
      return floor.dequeued(call, 'bridged');
    case 'back':
      return floor.returned('bridged');
    case 'end':
      return floor.ended(call);
  }
}

test('in every order in which one talk can be told, it is answered once and ends once', async () => {
  const facts = Object.keys(CAUSES) as Fact[];
  const every = [...orders(facts, (fact) => CAUSES[fact])];
  expect(every).toHaveLength(2016);
  const floor = await staffedFloor({ leads: every.length });
  for (const order of every) {
    const call = first(await floor.callLeads());
    for (const fact of order) await tell(floor, call, fact);
    const name = order.join(' ');
    expect({
      name,
      notices: floor.noticesOf(call),
      state: floor.state,
      calls: floor.view.calls,
    }).toEqual({
      name,
      notices: ['answered', 'ended talked'],
      state: 'consumerConnected wrappingUp',
      calls: [],
    });
    floor.notices.length = 0;
    await floor.command({
      type: 'agent.dispose',
      callId: call,
      disposition: 'callBack',
      notes: '',
    });
  }
});
