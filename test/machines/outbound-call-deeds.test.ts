import { expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { outboundCallMachine, type CallLimits } from '../../machines/outbound-call.ts';
import type { CallEvent } from '../../src/domain/events.ts';
import type { CallId, CallSid, LeadId } from '../../src/domain/ids.ts';
import { LIMITS } from './support/limits.ts';
import { nameOf } from './support/reach.ts';

const SID = `CA${'1'.repeat(32)}` as CallSid;

const requested: CallEvent = { type: 'twilio.requested' };
const created: CallEvent = { type: 'twilio.created', sid: SID };
const lost: CallEvent = { type: 'twilio.createLost' };
const notFound: CallEvent = { type: 'twilio.notFound' };
const createFailed: CallEvent = { type: 'twilio.createFailed', code: 21211, reason: 'refused' };
const cancel: CallEvent = { type: 'call.cancel' };
const hangUp: CallEvent = { type: 'call.hangUp' };
const talkOver: CallEvent = { type: 'talk.over' };
const granted: CallEvent = { type: 'claim.granted' };
const denied: CallEvent = { type: 'claim.denied' };
const bridged: CallEvent = { type: 'leg.bridged', sid: SID };
const initiated: CallEvent = { type: 'leg.status', sid: SID, status: 'initiated' };
const ringing: CallEvent = { type: 'leg.status', sid: SID, status: 'ringing' };
const byPerson: CallEvent = { type: 'leg.answered', sid: SID, answeredBy: 'person' };
const byMachine: CallEvent = { type: 'leg.answered', sid: SID, answeredBy: 'machine' };
const dequeued = (result: string): CallEvent => ({ type: 'leg.dequeued', sid: SID, result });
const completed = (status: 'completed' | 'failed' | 'canceled'): CallEvent => ({
  type: 'leg.completed',
  sid: SID,
  status,
  durationSeconds: null,
});

/** One attempt by itself: what it orders of the world and tells its session is written down, in order. */
function attempt(events: readonly CallEvent[], limits: Partial<CallLimits> = {}) {
  const clock = new SimulatedClock();
  const deeds: string[] = [];
  const machine = outboundCallMachine.provide({
    actions: {
      order: (_, order) => {
        const how = order.kind === 'endCall' ? [order.how] : [];
        const sid = 'sid' in order ? [order.sid === SID ? 'SID' : order.sid] : [];
        deeds.push([order.kind, ...how, ...sid].join(' '));
      },
      tellSession: ({ context }, { type }) => {
        deeds.push(type === 'call.ended' ? `${type} ${context.outcome}` : type);
      },
    },
  });
  const input = {
    callId: 'call-1' as CallId,
    leadId: 'lead-1' as LeadId,
    limits: { ...LIMITS, ...limits },
  };
  const actor = createActor(machine, { input, clock }).start();
  const told = (...more: readonly CallEvent[]): string[] => {
    deeds.length = 0;
    for (const event of more) actor.send(event);
    return [...deeds];
  };
  const after = (ms: number): string[] => {
    deeds.length = 0;
    clock.increment(ms);
    return [...deeds];
  };
  const atStart = [...deeds];
  const before = told(...events);
  return {
    atStart,
    before,
    told,
    after,
    state: () => nameOf(actor.getSnapshot().value),
    sid: () => actor.getSnapshot().context.sid,
  };
}

test('an attempt asks to be placed once, and waits for its line', () => {
  const call = attempt([]);
  expect(call.atStart).toEqual(['placeCall']);
  expect(call.state()).toBe('idle');
  expect(call.told(requested)).toEqual([]);
  expect(call.state()).toBe('dialing.requesting');
});

test('an attempt that may not be dialed is refused: told once, and closed', () => {
  expect(attempt([createFailed]).before).toEqual(['call.ended refused', 'call.closed']);
});

test('an attempt withdrawn before it left was canceled: told once, and closed', () => {
  expect(attempt([cancel]).before).toEqual(['call.ended canceled', 'call.closed']);
});

const REQUESTING = [requested];
const UNCONFIRMED = [requested, lost];
const RINGING = [requested, created, ringing];
const WAITING = [requested, created, byPerson, granted];
const GONE = [...WAITING, completed('completed')];
const TALKING = [...WAITING, bridged];

test.each([
  ['a create that Twilio refuses', REQUESTING, createFailed, 'refused'],
  ['a lost create that Twilio refuses after all', UNCONFIRMED, createFailed, 'refused'],
  ['a lost create that nobody finds', UNCONFIRMED, notFound, 'failed'],
  ['an end as failed before the reply', REQUESTING, completed('failed'), 'failed'],
  ['a canceled create that is refused', [requested, cancel], createFailed, 'canceled'],
  ['a canceled create that nobody finds', [requested, cancel], notFound, 'canceled'],
  ['the end of a canceled call', [...RINGING, cancel], completed('canceled'), 'canceled'],
  ['a lead who has left the queue unheard', GONE, dequeued('hangup'), 'abandoned'],
  ['the end of the leg in mid-talk', TALKING, completed('completed'), 'talked'],
] as const)('%s is told once, with its outcome, and closes the attempt', (_, path, event, as) => {
  expect(attempt(path).told(event)).toEqual([`call.ended ${as}`, 'call.closed']);
});

test.each([
  ['a lost create that nobody names', UNCONFIRMED, 120_000, 'failed'],
  ['a canceled create that nobody names', [requested, cancel], 120_000, 'canceled'],
  ['a leg that is gone without a word of the queue', GONE, 1500, 'abandoned'],
] as const)('%s is over when its time is, not before', (_, path, ms, outcome) => {
  const call = attempt(path);
  expect(call.after(ms - 1)).toEqual([]);
  expect(call.after(1)).toEqual([`call.ended ${outcome}`, 'call.closed']);
});

test.each([
  ['the queue', dequeued('bridged')],
  ['her side', talkOver],
] as const)('a bridge that %s tells of when the leg is gone is told before its end', (_, event) => {
  expect(attempt(GONE).told(event)).toEqual(['call.bridged', 'call.ended talked', 'call.closed']);
});

test('the word that a bridge is being made, when the leg is gone, decides nothing: the queue will say', () => {
  const call = attempt(GONE);
  expect(call.told(bridged, completed('completed'))).toEqual([]);
  expect(call.state()).toBe('queued.gone');
});

test.each([
  ['the reply', created],
  ['a callback', initiated],
] as const)('a call that %s proves is placed, and does not ring yet', (_, event) => {
  for (const path of [REQUESTING, UNCONFIRMED]) {
    const call = attempt([...path, event]);
    expect(call.state()).toBe('dialing.placed.accepted');
    expect(call.sid()).toBe(SID);
  }
});

test('only the word that it rings makes a placed call ring', () => {
  const call = attempt([requested, created, initiated]);
  expect(call.state()).toBe('dialing.placed.accepted');
  call.told(ringing);
  expect(call.state()).toBe('dialing.placed.ringing.early');
});

test.each([
  ['a reply', created],
  ['a callback', initiated],
  ['an answer', byPerson],
  ['an answer by a machine', byMachine],
  ['an end', completed('failed')],
] as const)('the SID is learnt from %s that comes first, canceled or not', (_, event) => {
  expect(attempt([requested, event]).sid()).toBe(SID);
  expect(attempt([requested, cancel, event]).sid()).toBe(SID);
});

test('a create without a reply is looked up when its time is over; so is one that was canceled, when it is lost', () => {
  const call = attempt(REQUESTING);
  expect(call.after(19_999)).toEqual([]);
  expect(call.after(1)).toEqual(['lookUpCall']);
  expect(attempt([requested, cancel]).told(lost)).toEqual(['lookUpCall']);
});

test('a lost create that is canceled waits for its SID, and is ended by whoever names it', () => {
  for (const naming of [created, initiated]) {
    const call = attempt(UNCONFIRMED);
    expect(call.told(cancel)).toEqual([]);
    expect(call.told(naming)).toEqual(['endCall cancel SID']);
  }
});

test('a call that rings may be ended at once where no law wants it to ring on', () => {
  const call = attempt(RINGING, { ringAtLeastMs: 0 });
  expect(call.told(cancel)).toEqual(['endCall cancel SID']);
});

test('where the law wants it to ring on, a loser rings until its time is over, and one that has rung is ended at once', () => {
  const loser = attempt(RINGING);
  expect(loser.told(cancel, cancel)).toEqual([]);
  expect(loser.after(14_999)).toEqual([]);
  expect(loser.after(1)).toEqual(['endCall cancel SID']);

  const late = attempt(RINGING);
  expect(late.after(15_000)).toEqual([]);
  expect(late.told(cancel)).toEqual(['endCall cancel SID']);
});

test('Twilio is asked about a call that is overdue, again and again, and it goes on all the while', () => {
  const call = attempt([requested, created]);
  expect(call.after(45_000)).toEqual(['inspectCall SID']);
  expect(call.after(15_000)).toEqual(['inspectCall SID']);
  expect(call.after(15_000)).toEqual(['inspectCall SID']);
  expect(call.told(byPerson)).toEqual(['call.claimed']);
});

test('Twilio is asked about a lead of whom the queue says nothing, again and again', () => {
  const call = attempt(WAITING);
  expect(call.after(1500)).toEqual([]);
  expect(call.after(15_000)).toEqual(['inspectCall SID']);
  expect(call.after(15_000)).toEqual(['inspectCall SID']);
  expect(call.after(15_000)).toEqual(['inspectCall SID']);
});

test.each([
  ['a person who hears the notice', [requested, byPerson, denied], 120_000],
  ['a machine that is hung up on', [requested, byMachine], 15_000],
  ['a lead who hears that the line was lost', [...TALKING, talkOver], 15_000],
] as const)('the leg of %s is ended by REST if nobody tells of its end', (_, path, ms) => {
  const call = attempt(path);
  expect(call.after(ms - 1)).toEqual([]);
  expect(call.after(1)).toEqual(['endCall complete SID']);
  expect(call.after(15_000)).toEqual(['endCall complete SID']);
  expect(call.told(completed('completed'))).toEqual(['call.closed']);
});

test.each([
  ['she has left', cancel],
  ['she wants nobody now', hangUp],
] as const)(
  'a lead whom nobody attends because %s is ended by REST if it asks no more',
  (_, event) => {
    const call = attempt([...WAITING, event]);
    for (let asked = 0; asked < 3; asked++) {
      expect(call.after(14_999)).toEqual([]);
      expect(call.told(cancel, hangUp)).toEqual([]);
      expect(call.after(1)).toEqual(['endCall complete SID']);
    }
  },
);

test('an end that the agent wants is asked for until Twilio confirms it', () => {
  const call = attempt(TALKING);
  expect(call.told(hangUp)).toEqual(['call.ended talked', 'endCall complete SID']);
  expect(call.after(15_000)).toEqual(['endCall complete SID']);
  expect(call.after(15_000)).toEqual(['endCall complete SID']);
});

test('a cancel that does not end the call is insisted on until it has ended', () => {
  const call = attempt([...RINGING, cancel], { ringAtLeastMs: 0 });
  expect(call.after(15_000)).toEqual(['endCall complete SID']);
  expect(call.after(15_000)).toEqual(['endCall complete SID']);
});
