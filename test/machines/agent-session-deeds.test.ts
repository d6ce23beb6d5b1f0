import { expect, test } from 'vitest';
import type { SessionEvent } from '../../src/domain/events.ts';
import {
  attached,
  autoNext,
  bridged,
  callLeads,
  claimed,
  closed,
  connected,
  detached,
  disconnected,
  dispose,
  ended,
  hangUp,
  lines,
  pause,
  planned,
  reserved,
  returned,
  session,
  signOut,
} from './support/session-deeds.ts';

const leftAfterBridge: SessionEvent = { type: 'consumer.disconnected', result: 'bridged' };

const READY = [connected];
const PAUSED = [connected, pause];
const ASKING = [connected, callLeads];
const DIALING = [...ASKING, reserved(2, 1, 2)];
const QUEUED = [...DIALING, claimed(1)];
const TALKING = [...QUEUED, bridged(1)];
const WRAPPING_UP = [...TALKING, ended(1, 'talked')];
/** She left while her lead was being handed over, and is back before it has left the queue. */
const BACK = [...QUEUED, disconnected, connected];

test('each lead is given to an attempt of its own, and news of its leg reaches it while it is open', () => {
  const agent = session(...DIALING);
  expect(agent.calls()).toEqual(['call-1', 'call-2']);
  const news: SessionEvent = {
    type: 'call.deliver',
    callId: planned(1).callId,
    event: { type: 'twilio.requested' },
  };
  expect(agent.told(news)).toEqual(['call-1: twilio.requested']);
  agent.told(ended(1), closed(1));
  expect(agent.told(news)).toEqual([]);
  expect(agent.calls()).toEqual(['call-2']);
});

test('the first who claims her gets her, and the others are ended', () => {
  expect(session(...DIALING).told(claimed(1))).toEqual([
    'call-1: claim.granted',
    'call-2: call.cancel',
  ]);
});

test.each([
  ['she pauses', [...DIALING, pause]],
  ['she is free again', [...DIALING, hangUp]],
  ['another is handed over', QUEUED],
  ['she talks', TALKING],
  ['she wraps up', WRAPPING_UP],
  ['she has left', [...DIALING, disconnected]],
  ['she has left with a disposition owed', [...WRAPPING_UP, disconnected]],
  ['she has signed out', [...DIALING, signOut]],
] as const)('a lead who answers when %s is denied her', (_, path) => {
  expect(session(...path).told(claimed(2))).toEqual(['call-2: claim.denied']);
});

test('calling is stopped by a pause, a click and a hang-up alike: phones that ring are ended', () => {
  for (const [stop, state] of [
    [pause, 'consumerConnected.paused'],
    [hangUp, 'consumerConnected.ready'],
    [disconnected, 'idle.clear'],
  ] as const) {
    const agent = session(...DIALING);
    expect(agent.told(stop)).toEqual(['call-1: call.cancel', 'call-2: call.cancel']);
    expect(agent.state()).toBe(state);
    if (stop === disconnected) agent.told(connected);
    expect(agent.told(callLeads)).toEqual(['reserve 2']);
  }
});

test('a line that is free again is filled, and no lead is asked for twice', () => {
  const agent = session(...DIALING);
  expect(agent.told(lines(3))).toEqual(['reserve 1']);
  expect(agent.told(ended(1))).toEqual(['callEnded call-1 lead-1 busy', 'reserve 1']);
  expect(agent.told(lines(3))).toEqual([]);
  expect(agent.told(lines(4))).toEqual(['reserve 1']);
  expect(agent.told(lines(4), detached, attached)).toEqual([]);
});

test('a page that is back has the lines filled that became free without it, once', () => {
  const agent = session(...DIALING, lines(3), detached);
  expect(agent.told(ended(1))).toEqual(['callEnded call-1 lead-1 busy']);
  expect(agent.told(attached)).toEqual(['reserve 1']);
  expect(agent.told(detached, attached)).toEqual([]);
});

test('a page that is gone and back while she is ready counts as there when she calls', () => {
  const agent = session(...READY, detached, attached, callLeads, reserved(2, 1, 2));
  expect(agent.told(ended(1))).toEqual(['callEnded call-1 lead-1 busy', 'reserve 1']);
});

test('leads for lines that were taken back meanwhile go back to the list', () => {
  const agent = session(...ASKING, reserved(2, 1), lines(3), lines(2));
  expect(agent.told(reserved(2, 2, 3))).toEqual(['release call-3 of lead-3']);
  expect(agent.calls()).toEqual(['call-1', 'call-2']);
});

test('leads that come when nobody is called any more go back to the list, and are asked for again next time', () => {
  const agent = session(...ASKING, pause);
  expect(agent.told(reserved(2, 1, 2))).toEqual(['release call-1 of lead-1, call-2 of lead-2']);
  expect(agent.calls()).toEqual([]);
  expect(agent.told(callLeads)).toEqual(['reserve 2']);
});

test('the list is finished when nobody is left to call, no phone rings and nothing more is on its way', () => {
  const agent = session(...ASKING, lines(3));
  expect(agent.told(reserved(2))).toEqual([]);
  expect(agent.state()).toBe('dialing');
  expect(agent.told(reserved(1))).toEqual(['listFinished']);
  expect(agent.state()).toBe('consumerConnected.ready');
  expect(agent.told(callLeads)).toEqual(['reserve 3']);

  const ringing = session(...ASKING, reserved(2, 1), lines(3));
  expect(ringing.told(reserved(2))).toEqual([]);
  expect(ringing.state()).toBe('dialing');
});

test('without a page leads that come go back to the list; a phone that rings goes on, then she is ready', () => {
  const agent = session(...ASKING, reserved(2, 1), lines(3), detached);
  expect(agent.told(reserved(2, 2, 3))).toEqual(['release call-2 of lead-2, call-3 of lead-3']);
  expect(agent.state()).toBe('dialing');
  expect(agent.told(ended(1))).toEqual(['callEnded call-1 lead-1 busy']);
  expect(agent.state()).toBe('consumerConnected.ready');
  expect(agent.told(attached, callLeads)).toEqual(['reserve 3']);
  agent.told(reserved(3, 2, 3, 4));
  expect(agent.calls()).toEqual(['call-1', 'call-2', 'call-3', 'call-4']);
});

test('without a page and a phone that rings she is ready when the last leads have gone back', () => {
  const agent = session(...ASKING, lines(3), detached);
  expect(agent.told(reserved(2, 1, 2))).toEqual(['release call-1 of lead-1, call-2 of lead-2']);
  expect(agent.state()).toBe('dialing');
  expect(agent.told(reserved(1, 3))).toEqual(['release call-3 of lead-3']);
  expect(agent.state()).toBe('consumerConnected.ready');
  expect(agent.told(attached, callLeads)).toEqual(['reserve 3']);
});

test('without a page the end of the last phone does not end calling while leads are on their way', () => {
  const agent = session(...ASKING, reserved(2, 1), lines(3), detached, ended(1));
  expect(agent.state()).toBe('dialing');
  agent.told(reserved(2));
  expect(agent.state()).toBe('consumerConnected.ready');
});

test('without a page the end of one phone leaves the other ringing', () => {
  const agent = session(...DIALING, detached);
  expect(agent.told(ended(1))).toEqual(['callEnded call-1 lead-1 busy']);
  expect(agent.state()).toBe('dialing');
});

test('a lead who is lost in the queue is told, and the next are called; she is free when she pauses', () => {
  const agent = session(...QUEUED);
  expect(agent.told(ended(1, 'abandoned'))).toEqual([
    'callEnded call-1 lead-1 abandoned',
    'reserve 2',
  ]);
  expect(agent.told(pause, callLeads)).toEqual([]);
  expect(agent.state()).toBe('dialing');
});

test('without a page a lead who is lost in the queue is told, and she is ready and free', () => {
  const agent = session(...QUEUED, detached);
  expect(agent.told(ended(1, 'abandoned'))).toEqual(['callEnded call-1 lead-1 abandoned']);
  expect(agent.state()).toBe('consumerConnected.ready');
  expect(agent.told(attached, callLeads)).toEqual(['reserve 2']);
});

test('the end of one who was too late is told, and changes nothing for her', () => {
  for (const page of [[], [detached]]) {
    for (const [path, state] of [
      [QUEUED, 'queued'],
      [TALKING, 'bridged'],
      [WRAPPING_UP, 'consumerConnected.wrappingUp'],
      [[...WRAPPING_UP, disconnected], 'idle.wrappingUp'],
      [[...TALKING, signOut], 'completed.closing'],
    ] as const) {
      const agent = session(...path, ...page);
      expect(agent.told(ended(2, 'canceled'))).toEqual(['callEnded call-2 lead-2 canceled']);
      expect(agent.state()).toBe(state);
    }
  }
});

test('a bridge is told once with its lead, wherever its word finds her; then a disposition is owed', () => {
  for (const [path, state] of [
    [QUEUED, 'bridged'],
    [BACK, 'bridged'],
    [[...QUEUED, disconnected], 'idle.wrappingUp'],
    [[...QUEUED, signOut], 'completed.closing'],
  ] as const) {
    const agent = session(...path);
    expect(agent.told(bridged(1))).toEqual(['callAnswered call-1 lead-1']);
    expect(agent.state()).toBe(state);
  }
});

test('a bridge with an attempt that has not won her is no talk of hers', () => {
  for (const path of [QUEUED, BACK, [...QUEUED, disconnected], [...QUEUED, signOut], READY, []]) {
    const agent = session(...path);
    const before = agent.state();
    expect(agent.told(bridged(2))).toEqual([]);
    expect(agent.state()).toBe(before);
  }
});

test('while the lead of an earlier connection may be bridged she calls nobody, until that lead has ended', () => {
  for (const last of [[], [pause]]) {
    const agent = session(...BACK, ...last);
    const before = agent.state();
    expect(agent.told(callLeads, ended(2), callLeads)).toEqual(['callEnded call-2 lead-2 busy']);
    expect(agent.state()).toBe(before);
    agent.told(ended(1, 'abandoned'));
    expect(agent.told(callLeads)).toEqual(['reserve 2']);
  }
});

test('a lead who ends while she is away leaves her free; one who is too late does not', () => {
  const agent = session(...QUEUED, disconnected);
  agent.told(ended(2), ended(1, 'abandoned'), connected);
  expect(agent.told(callLeads)).toEqual(['reserve 2']);

  const waiting = session(...QUEUED, disconnected, ended(2));
  expect(waiting.told(bridged(1))).toEqual(['callAnswered call-1 lead-1']);
});

test('she ends a talk or a hand-over by a click: the attempt is told', () => {
  for (const path of [QUEUED, TALKING]) {
    expect(session(...path).told(hangUp)).toEqual(['call-1: call.hangUp']);
  }
});

test('her side tells of the end of a bridge: the attempt is told that the talk is over', () => {
  expect(session(...QUEUED).told(returned('bridged'))).toEqual(['call-1: talk.over']);
  expect(session(...TALKING).told(returned('queue-empty'))).toEqual(['call-1: talk.over']);
  expect(session(...QUEUED).told(leftAfterBridge)).toEqual(['call-1: talk.over']);
  expect(session(...TALKING).told(disconnected)).toEqual(['call-1: talk.over']);
});

test('when she leaves while a lead is handed over, that lead is shown the way out', () => {
  expect(session(...QUEUED).told(disconnected)).toEqual(['call-1: call.cancel']);
});

test('a queue that is missing is asserted; any other end of her Dial asks for nothing', () => {
  for (const path of [READY, PAUSED, DIALING, QUEUED, WRAPPING_UP]) {
    const agent = session(...path);
    expect(agent.told(returned('queue-not-found'))).toEqual(['ensureQueue']);
    expect(agent.told(returned('queue-empty'), returned(null))).toEqual([]);
  }
});

test('a disposition is recorded once, and only that of the talk that owes it', () => {
  for (const [path, state] of [
    [WRAPPING_UP, 'consumerConnected.ready'],
    [[...WRAPPING_UP, disconnected], 'idle.clear'],
    [[...TALKING, disconnected, ended(1, 'talked')], 'idle.clear'],
    [[...QUEUED, disconnected, bridged(1), ended(1, 'talked')], 'idle.clear'],
  ] as const) {
    const agent = session(...path);
    const before = agent.state();
    expect(agent.told(dispose(2))).toEqual([]);
    expect(agent.state()).toBe(before);
    expect(agent.told(dispose(1))).toEqual(['recordDisposition call-1 callBack Tuesday']);
    expect(agent.state()).toBe(state);
    expect(agent.told(dispose(1))).toEqual([]);
    expect(agent.told(connected, callLeads)).toEqual(['reserve 2']);
  }
});

test('a second thought about a disposition changes the record, wherever she is', () => {
  const correct: SessionEvent = {
    type: 'agent.correct',
    callId: planned(1).callId,
    disposition: 'callBack',
    notes: 'Friday',
  };
  for (const path of [[], READY, DIALING, TALKING]) {
    expect(session(...path).told(correct)).toEqual(['recordDisposition call-1 callBack Friday']);
  }
});

test('calling goes on by itself after a disposition where she wants it, and she is free and there', () => {
  const recorded = 'recordDisposition call-1 callBack Tuesday';
  const on = session(...WRAPPING_UP, autoNext(true));
  expect(on.told(dispose(2))).toEqual([]);
  expect(on.told(dispose(1))).toEqual([recorded, 'reserve 2']);
  expect(on.state()).toBe('dialing');
  expect(on.told(pause, callLeads)).toEqual([]);
  expect(on.state()).toBe('dialing');

  for (const path of [
    [...WRAPPING_UP, autoNext(true), autoNext(false)],
    [...WRAPPING_UP, autoNext(true), detached],
    // She left in mid-talk and is back before her lead's side has told of the end.
    [...TALKING, autoNext(true), disconnected, connected],
  ]) {
    const agent = session(...path);
    expect(agent.told(dispose(1))).toEqual([recorded]);
    expect(agent.state()).toBe('consumerConnected.ready');
  }
});

test('her leg hears the queue wherever she is on the phone, and goodbye when she has signed out', () => {
  for (const path of [READY, PAUSED, DIALING, QUEUED, TALKING, WRAPPING_UP]) {
    expect(session(...path).hears('twiml.dialQueue')).toBe(true);
    const over = session(...path, signOut);
    expect([over.hears('twiml.dialQueue'), over.hears('twiml.goodbye')]).toEqual([false, true]);
  }
});

test('signing out ends every phone, hers too; the session is kept until the last leg is gone', () => {
  const agent = session(...DIALING);
  expect(agent.told(signOut)).toEqual([
    'endConsumer CA1',
    'call-1: call.cancel',
    'call-2: call.cancel',
  ]);
  expect(agent.told(signOut)).toEqual([]);
  agent.told(ended(1), closed(1), ended(2), closed(2));
  expect(agent.state()).toBe('completed.closing');
  expect(agent.told(disconnected)).toEqual(['deleteQueue']);
  expect(agent.state()).toBe('completed.closed');
});

test('signing out in mid-talk ends the talk and her leg, wherever she phoned in from', () => {
  expect(session(...TALKING).told(signOut)).toEqual(['endConsumer CA1', 'call-1: call.hangUp']);
  const back = session(...WRAPPING_UP, disconnected, connected);
  expect(back.told(signOut)).toEqual(['endConsumer CA1']);
});

test('a session whose phone is gone waits for none when it is signed out', () => {
  for (const path of [
    [...READY, disconnected],
    [...DIALING, disconnected],
    [...QUEUED, disconnected],
    [...QUEUED, leftAfterBridge],
    [...TALKING, disconnected],
    [...WRAPPING_UP, disconnected],
  ]) {
    const agent = session(...path);
    expect(agent.told(signOut)).not.toContain('endConsumer CA1');
    agent.told(ended(1), closed(1), ended(2), closed(2));
    expect(agent.state()).toBe('completed.closed');
  }
});

test('a leg whose end nobody tells keeps a session for a minute, no longer', () => {
  const agent = session(...READY, signOut);
  agent.after(59_999);
  expect(agent.state()).toBe('completed.closing');
  agent.after(1);
  expect(agent.state()).toBe('completed.closed');
});

test('without a page a session is signed out after two minutes, but not while a lead is handed over or talks', () => {
  for (const path of [READY, DIALING]) {
    const agent = session(...path, detached);
    agent.after(119_999);
    expect(agent.state()).not.toBe('completed.closing');
    agent.after(1);
    expect(agent.state()).toBe('completed.closing');
  }
  for (const path of [QUEUED, TALKING]) {
    const agent = session(...path, detached);
    const before = agent.state();
    agent.after(120_000);
    expect(agent.state()).toBe(before);
    agent.told(ended(1, 'talked'));
    agent.after(120_000);
    expect(agent.state()).toBe('completed.closing');
  }
});

test('a page that is back in time keeps the session, also while phones ring', () => {
  for (const path of [READY, DIALING]) {
    const agent = session(...path, detached);
    agent.after(119_999);
    const before = agent.state();
    agent.told(attached);
    agent.after(120_000);
    expect(agent.state()).toBe(before);
  }
});
