import { expect, test } from 'vitest';
import { createActor, sendParent, SimulatedClock } from 'xstate';
import { agentSessionMachine } from '../../machines/agent-session.ts';
import { outboundCallMachine } from '../../machines/outbound-call.ts';
import type { CallMessage, EffectOrder } from '../../src/domain/events.ts';

const SID = `CA${'0'.repeat(32)}`;

/** A session whose calls have a bug: they fail when they are told to hang up. */
function faultySession() {
  const orders: EffectOrder[] = [];
  const order = (_: unknown, wanted: EffectOrder): void => {
    if (wanted.kind === 'endCall' && wanted.how === 'complete') throw new Error('a bug');
    orders.push(wanted);
  };
  const outboundCall = outboundCallMachine.provide({
    actions: {
      order,
      tellSession: sendParent(
        ({ context }, { type }: { type: CallMessage['type'] }) =>
          ({
            type,
            callId: context.callId,
            leadId: context.leadId,
            outcome: 'talked',
          }) as never,
      ),
    },
  });
  const actor = createActor(
    agentSessionMachine.provide({
      actors: { outboundCall },
      actions: { order: (_, wanted) => void orders.push(wanted) },
    }),
    {
      clock: new SimulatedClock(),
      input: {
        sessionId: 'session-1',
        agentId: 'agent-1',
        lines: 1,
        detachedWithinMs: 1,
        closeWithinMs: 1,
        callLimits: {
          createWithinMs: 1,
          ringAtLeastMs: 0,
          ringAtMostMs: 1,
          bridgeWithinMs: 1,
          askAgainAfterMs: 1,
          lookUpWithinMs: 1,
        },
      } as never,
    },
  ).start();
  const send = (event: object): void => actor.send(event as never);
  const tell = (event: object): void => send({ type: 'call.deliver', callId: 'call-1', event });
  send({ type: 'consumer.connected', sid: 'CA1' });
  send({ type: 'agent.callLeads' });
  send({ type: 'leads.reserved', asked: 1, calls: [{ callId: 'call-1', leadId: 'lead-1' }] });
  tell({ type: 'twilio.requested' });
  tell({ type: 'leg.answered', sid: SID, answeredBy: 'person' });
  tell({ type: 'leg.bridged', sid: SID });
  return { actor, send, orders };
}

test('a bug in the attempt she talks on ends that attempt, not her session', () => {
  const { actor, send, orders } = faultySession();
  expect(actor.getSnapshot().value).toBe('bridged');

  send({ type: 'agent.hangUp' });

  const { status, value, context } = actor.getSnapshot();
  expect({ status, value, open: context.open, winner: context.winner }).toEqual({
    status: 'active',
    value: { consumerConnected: 'wrappingUp' },
    open: [],
    winner: null,
  });
  expect(orders.filter((order) => order.kind === 'callEnded')).toHaveLength(1);
});

test('the leg of an attempt that failed is ended', () => {
  const { send, orders } = faultySession();
  send({ type: 'agent.hangUp' });
  expect(orders.filter((order) => order.kind === 'endCall')).toEqual([
    { kind: 'endCall', callId: 'call-1', sid: SID, how: 'complete' },
  ]);
});
