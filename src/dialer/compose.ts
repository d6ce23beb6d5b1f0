import { sendParent } from 'xstate';
import { agentSessionMachine } from '../../machines/agent-session.ts';
import { outboundCallMachine, type OutboundCallContext } from '../../machines/outbound-call.ts';
import type { CallMessage, EffectOrder } from '../domain/events.ts';

/** Takes the orders of whichever session is being stepped: actors run one at a time, to the end of their turn. */
export interface OrderSink {
  take(order: EffectOrder): void;
}

function message(type: CallMessage['type'], context: OutboundCallContext): CallMessage {
  const { callId, leadId, outcome } = context;
  // `call.ended` is only told after `settle`; an undecided outcome is a bug that must not look like a talk.
  return type === 'call.ended'
    ? { type, callId, leadId, outcome: outcome ?? 'failed' }
    : { type, callId, leadId };
}

const isEmpty = (order: EffectOrder): boolean =>
  (order.kind === 'reserveLeads' && order.count < 1) ||
  (order.kind === 'releaseLeads' && order.calls.length === 0) ||
  (order.kind === 'endConsumer' && order.sid === null);

/**
 * Puts the two charts together: a session that spawns real attempts, attempts that speak to it, and orders of
 * both that go to the sink. Once per dialer: `provide` copies a whole chart.
 */
export function composeSession(sink: OrderSink) {
  const order = (_: unknown, wanted: EffectOrder): void => {
    if (!isEmpty(wanted)) sink.take(wanted);
  };
  const outboundCall = outboundCallMachine.provide({
    actions: {
      order,
      tellSession: sendParent(({ context }, { type }: { type: CallMessage['type'] }) =>
        message(type, context),
      ),
    },
  });
  return agentSessionMachine.provide({ actors: { outboundCall }, actions: { order } });
}

export type SessionMachine = ReturnType<typeof composeSession>;
