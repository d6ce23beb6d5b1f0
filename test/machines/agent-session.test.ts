import { expect, test } from 'vitest';
import { createMachine, type AnyMachineSnapshot, type EventObject } from 'xstate';
import { agentSessionMachine, type AgentSessionContext } from '../../machines/agent-session.ts';
import type { outboundCallMachine } from '../../machines/outbound-call.ts';
import { SESSION_IGNORES } from '../../src/charts/ignored.ts';
import { gaps, leavesOf, nameOf, reach, step, type Reached } from './support/reach.ts';

const INPUT = {
  sessionId: 'session-1',
  agentId: 'agent-1',
  lines: 2,
  detachedWithinMs: 120_000,
  closeWithinMs: 60_000,
  callLimits: {},
};

/** A call that does nothing by itself: the test speaks for it. */
const silentCall = createMachine({}) as unknown as typeof outboundCallMachine;
const orders: { kind: string; [detail: string]: unknown }[] = [];
const session = agentSessionMachine.provide({
  actors: { outboundCall: silentCall },
  actions: { order: (_, order) => void orders.push(order) },
});

const TYPES = [
  'agent.callLeads',
  'agent.pause',
  'agent.hangUp',
  'agent.setLines',
  'agent.dispose',
  'agent.signOut',
  'agent.correct',
  'agent.setAutoNext',
  'agent.attached',
  'agent.detached',
  'leads.added',
  'leads.reserved',
  'consumer.connected',
  'consumer.returned',
  'consumer.disconnected',
  'call.deliver',
  'call.claimed',
  'call.bridged',
  'call.ended',
  'call.closed',
  'session.expired',
];

const results = (type: string): EventObject[] =>
  [null, 'bridged', 'queue-empty', 'queue-not-found'].map((result) => ({ type, result }) as never);

/** What a call may say now: each word once, an end before the leg is gone. */
function wordsOf(context: AgentSessionContext): EventObject[] {
  const { winner, hoping, open, wrapUp } = context;
  const calls = [...open].map((callId) => ({ callId, leadId: `lead of ${callId}` }));
  return calls.flatMap((call) => {
    const { callId } = call;
    if (callId === winner?.callId) {
      const bridged = wrapUp?.callId === callId ? [] : [{ type: 'call.bridged', ...call }];
      return [...bridged, { type: 'call.ended', ...call, outcome: 'talked' }];
    }
    const claims = [{ type: 'call.claimed', ...call }];
    return hoping.includes(callId)
      ? [...claims, { type: 'call.ended', ...call, outcome: 'busy' }]
      : [...claims, { type: 'call.closed', ...call }];
  });
}

function eventsFor(snapshot: AnyMachineSnapshot): EventObject[] {
  const context = snapshot.context as AgentSessionContext;
  const { reserving, open, wrapUp, lines } = context;
  const fresh = ['call-1', 'call-2'].filter((id) => !open.some((callId) => callId === id));
  const calls = fresh.map((callId) => ({ callId, leadId: `lead of ${callId}` }));
  return [
    { type: 'agent.callLeads' },
    { type: 'agent.pause' },
    { type: 'agent.hangUp' },
    { type: 'agent.setLines', lines: 3 - lines },
    {
      type: 'agent.dispose',
      callId: wrapUp?.callId ?? 'no call',
      disposition: 'callBack',
      notes: '',
    },
    { type: 'agent.signOut' },
    { type: 'agent.setAutoNext', on: true },
    { type: 'agent.attached' },
    { type: 'agent.detached' },
    ...(reserving > 0 ? [{ type: 'leads.reserved', asked: reserving, calls }] : []),
    ...(reserving > 0 ? [{ type: 'leads.reserved', asked: reserving, calls: [] }] : []),
    { type: 'consumer.connected', sid: 'CA1' },
    ...results('consumer.returned'),
    ...results('consumer.disconnected'),
    ...wordsOf(context),
    ...(context.attached ? [] : [{ type: 'session.expired' }]),
  ] as EventObject[];
}

/** Found when the first test asks, so that loading the file costs nothing. */
let found: { reached: Reached[]; counts: unknown[] } | undefined;
function explored() {
  if (found) return found;
  const reached = reach(session, INPUT, eventsFor);
  const counts = orders.flatMap((order) => (order.kind === 'reserveLeads' ? order['count'] : []));
  return (found = { reached, counts });
}
const reached = (): Reached[] => explored().reached;

test('every state answers every event, or ignores it on purpose', () => {
  expect(gaps(reached(), TYPES, SESSION_IGNORES)).toEqual({ missing: [], wrong: [], idle: [] });
});

test('every state of the chart can be reached', () => {
  const names = new Set(reached().map(({ snapshot }) => nameOf(snapshot.value)));
  expect(leavesOf(agentSessionMachine).filter((leaf) => !names.has(leaf))).toEqual([]);
});

test('every state says in at most one way what her leg hears, and where she is connected, exactly one', () => {
  const tags = ['twiml.dialQueue', 'twiml.goodbye'] as const;
  for (const { snapshot } of reached()) {
    const heard = tags.filter((tag) => snapshot.hasTag(tag));
    expect(heard).toHaveLength(snapshot.matches('idle') ? 0 : 1);
  }
});

/** The states in which something does not hold, by name. */
const statesWhere = (breaks: (snapshot: AnyMachineSnapshot) => boolean): string[] =>
  reached()
    .filter(({ snapshot }) => breaks(snapshot))
    .map(({ snapshot }) => nameOf(snapshot.value));

const contextOf = (snapshot: AnyMachineSnapshot) => snapshot.context as AgentSessionContext;

test('while she is dialing nobody has her yet; while one is queued or talks, exactly one has', () => {
  const odd = statesWhere((snapshot) => {
    const isTaken = snapshot.matches('queued') || snapshot.matches('bridged');
    return (
      (isTaken && contextOf(snapshot).winner === null) ||
      (snapshot.matches('dialing') && contextOf(snapshot).winner !== null)
    );
  });
  expect(odd).toEqual([]);
});

test('her phone is known exactly where she is on it', () => {
  const odd = statesWhere(
    (snapshot) =>
      !snapshot.matches('completed') &&
      (contextOf(snapshot).consumerSid === null) !== snapshot.matches('idle'),
  );
  expect(odd).toEqual([]);
});

test('nobody hopes for an agent who is not dialing', () => {
  const odd = statesWhere(
    (snapshot) => !snapshot.matches('dialing') && contextOf(snapshot).hoping.length > 0,
  );
  expect(odd).toEqual([]);
});

test('every open attempt has its actor, and no actor is left of one that is over', () => {
  const odd = statesWhere(
    (snapshot) =>
      Object.keys(snapshot.children).toSorted().join() !==
      contextOf(snapshot).open.toSorted().join(),
  );
  expect(odd).toEqual([]);
});

test('a session that is closed stays closed, and gives no order again', () => {
  const reopened: string[] = [];
  for (const { snapshot, persisted } of reached()) {
    if (!snapshot.hasTag('closed')) continue;
    for (const type of ['agent.signOut', 'session.expired']) {
      orders.length = 0;
      const after = step(session, persisted, { type }).getSnapshot();
      reopened.push(...(after.hasTag('closed') ? [] : [type]), ...orders.map(({ kind }) => kind));
    }
  }
  expect(reopened).toEqual([]);
});

test('leads are only ever asked for by the handful that she has lines', () => {
  const { counts } = explored();
  expect(counts.length).toBeGreaterThan(0);
  for (const count of counts) expect(count).toBeLessThanOrEqual(2);
});
