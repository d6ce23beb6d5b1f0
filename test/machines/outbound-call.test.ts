import { expect, test } from 'vitest';
import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { outboundCallMachine } from '../../machines/outbound-call.ts';
import { CALL_IGNORES } from '../../src/charts/ignored.ts';
import { LIMITS } from './support/limits.ts';
import { gaps, leavesOf, nameOf, reach, step, type Reached } from './support/reach.ts';

const INPUT = {
  callId: 'call-1',
  leadId: 'lead-1',
  limits: LIMITS,
};
const SID = `CA${'0'.repeat(32)}`;

const EVENTS: EventObject[] = [
  { type: 'twilio.requested' },
  { type: 'twilio.created', sid: SID },
  { type: 'twilio.createFailed', code: 21211, reason: 'refused' },
  { type: 'twilio.createLost' },
  { type: 'twilio.notFound' },
  { type: 'leg.status', sid: SID, status: 'initiated' },
  { type: 'leg.status', sid: SID, status: 'ringing' },
  { type: 'leg.answered', sid: SID, answeredBy: 'person' },
  { type: 'leg.answered', sid: SID, answeredBy: 'machine' },
  { type: 'leg.waited', sid: SID },
  { type: 'leg.bridged', sid: SID },
  { type: 'leg.dequeued', sid: SID, result: 'bridged' },
  { type: 'leg.dequeued', sid: SID, result: 'leave' },
  ...['completed', 'busy', 'no-answer', 'failed', 'canceled'].map((status) => ({
    type: 'leg.completed',
    sid: SID,
    status,
    durationSeconds: null,
  })),
  { type: 'claim.granted' },
  { type: 'claim.denied' },
  { type: 'call.cancel' },
  { type: 'call.hangUp' },
  { type: 'talk.over' },
] as EventObject[];
const TYPES = [...new Set(EVENTS.map((event) => event.type))];

/** A claim is answered in the turn in which it is made: nothing else can come in between. */
const eventsFor = (snapshot: AnyMachineSnapshot): EventObject[] =>
  snapshot.matches({ dialing: 'claiming' })
    ? [{ type: 'claim.granted' }, { type: 'claim.denied' }]
    : EVENTS;

/** Found when the first test asks, so that loading the file costs nothing. */
let found: Reached[] | undefined;
const reached = (): Reached[] => (found ??= reach(outboundCallMachine, INPUT, eventsFor));

test('every state answers every event, or ignores it on purpose', () => {
  expect(gaps(reached(), TYPES, CALL_IGNORES)).toEqual({ missing: [], wrong: [], idle: [] });
});

test('every state of the chart can be reached', () => {
  const names = new Set(reached().map(({ snapshot }) => nameOf(snapshot.value)));
  expect(leavesOf(outboundCallMachine).filter((leaf) => !names.has(leaf))).toEqual([]);
});

test('a call that is over has an outcome', () => {
  const over = reached().filter(({ snapshot }) => snapshot.matches('completed'));
  expect(new Set(over.map(({ snapshot }) => snapshot.context.outcome))).toEqual(
    new Set([
      'talked',
      'abandoned',
      'noAnswer',
      'busy',
      'failed',
      'canceled',
      'machine',
      'refused',
    ]),
  );
});

test('once decided, an outcome is never changed', () => {
  for (const { snapshot, persisted } of reached()) {
    const { outcome } = snapshot.context;
    if (outcome === null || snapshot.matches('completed')) continue;
    for (const event of EVENTS) {
      const after = step(outboundCallMachine, persisted, event).getSnapshot();
      expect(after.context.outcome).toBe(outcome);
    }
  }
});

/** The tags that answer one kind of request; src/dialer/replies.ts reads no others for it. */
const ANSWERS = {
  'leg.answered': [
    'twiml.enqueue',
    'twiml.notice',
    'twiml.hangUp',
    'twiml.proceed',
    'twiml.lostLine',
  ],
  'leg.waited': [
    'twiml.hold',
    'twiml.leave',
    'twiml.notice',
    'twiml.hangUp',
    'twiml.proceed',
    'twiml.lostLine',
  ],
  'leg.dequeued': ['twiml.lostLine', 'twiml.notice', 'twiml.hangUp'],
};

test('a lead that asks again hears exactly one thing, whatever state the call is in', () => {
  const odd: string[] = [];
  for (const { snapshot } of reached()) {
    const tags = ANSWERS['leg.answered'].filter((tag) => snapshot.hasTag(tag as 'twiml.hold'));
    if (tags.length !== 1) odd.push(`${nameOf(snapshot.value)}: ${tags.join(', ') || 'nothing'}`);
  }
  expect([...new Set(odd)]).toEqual([]);
});

/** States in which such a request can come: a lead waits and is dequeued only after it was given the queue. */
const COMES_IN = {
  'leg.answered': /^(dialing|queued|bridged|ending)/,
  'leg.waited': /^(queued|bridged|ending\.closing)/,
  'leg.dequeued': /^(queued|bridged|ending\.closing)/,
};

test.each(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])(
  'whatever state %s finds, the state it leaves says in exactly one way what the lead hears',
  (type) => {
    const odd: string[] = [];
    for (const { snapshot, persisted } of reached()) {
      const name = nameOf(snapshot.value);
      if (snapshot.status === 'done' || name === 'dialing.claiming' || !COMES_IN[type].test(name))
        continue;
      for (const event of EVENTS.filter((each) => each.type === type)) {
        for (const after of settled(persisted, event)) {
          const tags = ANSWERS[type].filter((tag) => after.hasTag(tag as 'twiml.hold'));
          if (tags.length !== 1) odd.push(`${name} × ${type}: ${tags.join(', ') || 'nothing'}`);
        }
      }
    }
    expect([...new Set(odd)]).toEqual([]);
  },
);

/** The state after the event; a claim is answered both ways, as the session does in the same turn. */
function settled(persisted: string, event: EventObject) {
  const actor = step(outboundCallMachine, persisted, event);
  if (!actor.getSnapshot().matches({ dialing: 'claiming' })) return [actor.getSnapshot()];
  const claiming = JSON.stringify(actor.getPersistedSnapshot());
  return ['claim.granted', 'claim.denied'].map((type) =>
    step(outboundCallMachine, claiming, { type }).getSnapshot(),
  );
}

test('no end and no look at a call is asked for before its SID is known', () => {
  const orders: string[] = [];
  const machine = outboundCallMachine.provide({
    actions: {
      order: (_, order) => {
        if ('sid' in order && order.sid === null) orders.push(order.kind);
      },
    },
  });
  reach(machine, INPUT, eventsFor);
  expect(orders).toEqual([]);
});
