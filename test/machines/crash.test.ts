import { expect, test } from 'vitest';
import { createActor, sendParent, SimulatedClock } from 'xstate';
import { agentSessionMachine } from '../../machines/agent-session.ts';
import { outboundCallMachine } from '../../machines/outbound-call.ts';
import type { CallMessage, EffectOrder } from '../../src/domain/events.ts';

const SID = `CA${'0'.repeat(32)}`;

/** What a call orders when it is told to hang up does not work. */
const order = (_: unknown, wanted: EffectOrder): void => {
  if (wanted.kind === 'endCall' && wanted.how === 'complete') throw new Error('a bug');
};

/** A session whose calls have a bug: they fail when they are told to hang up. */
function faultySession() {
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
      actions: { order: () => {} },
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
  return { actor, send };
}

test('a bug in an attempt is the failure of its session, which is then rebuilt: nothing is dropped in silence', () => {
  const { actor, send } = faultySession();
  const errors: unknown[] = [];
  actor.subscribe({ error: (error) => errors.push(error) });
  expect(actor.getSnapshot().value).toBe('bridged');

  send({ type: 'agent.hangUp' });

  expect(actor.getSnapshot().status).toBe('error');
  expect(errors).toEqual([new Error('a bug')]);
});
