import { expect } from 'vitest';
import { createActor, fromTransition, SimulatedClock } from 'xstate';
import { agentSessionMachine } from '../../../machines/agent-session.ts';
import type { outboundCallMachine } from '../../../machines/outbound-call.ts';
import type {
  CallMessage,
  EffectOrder,
  PlannedCall,
  SessionEvent,
} from '../../../src/domain/events.ts';
import type { AgentId, CallId, CallSid, LeadId, SessionId } from '../../../src/domain/ids.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { nameOf } from './reach.ts';

export const planned = (n: number): PlannedCall => ({
  callId: `call-${n}` as CallId,
  leadId: `lead-${n}` as LeadId,
});

export const callLeads: SessionEvent = { type: 'agent.callLeads' };
export const pause: SessionEvent = { type: 'agent.pause' };
export const hangUp: SessionEvent = { type: 'agent.hangUp' };
export const signOut: SessionEvent = { type: 'agent.signOut' };
export const detached: SessionEvent = { type: 'agent.detached' };
export const attached: SessionEvent = { type: 'agent.attached' };
export const connected: SessionEvent = { type: 'consumer.connected', sid: 'CA1' as CallSid };
export const disconnected: SessionEvent = { type: 'consumer.disconnected', result: null };
export const returned = (result: string | null): SessionEvent => ({
  type: 'consumer.returned',
  result,
});
export const lines = (count: number): SessionEvent => ({ type: 'agent.setLines', lines: count });
export const autoNext = (on: boolean): SessionEvent => ({ type: 'agent.setAutoNext', on });
export const dispose = (n: number): SessionEvent => ({
  type: 'agent.dispose',
  callId: planned(n).callId,
  disposition: 'callBack',
  notes: 'Tuesday',
});
export const reserved = (asked: number, ...calls: number[]): SessionEvent => ({
  type: 'leads.reserved',
  asked,
  calls: calls.map(planned),
});
export const claimed = (n: number): CallMessage => ({ type: 'call.claimed', ...planned(n) });
export const bridged = (n: number): CallMessage => ({ type: 'call.bridged', ...planned(n) });
export const closed = (n: number): CallMessage => ({ type: 'call.closed', ...planned(n) });
export const ended = (n: number, outcome: Outcome = 'busy'): CallMessage => ({
  type: 'call.ended',
  ...planned(n),
  outcome,
});

type Word = SessionEvent | CallMessage;

/** An order in words; null where the dialer carries nothing out. */
function inWords(order: EffectOrder): string | null {
  if (order.kind === 'reserveLeads') return order.count < 1 ? null : `reserve ${order.count}`;
  if (order.kind === 'endConsumer') return order.sid && `endConsumer ${order.sid}`;
  if (order.kind !== 'releaseLeads') return Object.values(order).join(' ');
  const calls = order.calls.map(({ callId, leadId }) => `${callId} of ${leadId}`);
  return calls.length === 0 ? null : `release ${calls.join(', ')}`;
}

/** One session whose calls do nothing by themselves: what it orders, and what it tells them, is written down in order. */
export function session(...words: readonly Word[]) {
  const clock = new SimulatedClock();
  const deeds: string[] = [];
  const call = fromTransition((state: null, event: { type: string }, { self }) => {
    deeds.push(`${self.id}: ${event.type}`);
    return state;
  }, null);
  const machine = agentSessionMachine.provide({
    actors: { outboundCall: call as unknown as typeof outboundCallMachine },
    actions: {
      order: (_, order) => {
        const shown = inWords(order);
        if (shown) deeds.push(shown);
      },
    },
  });
  const input = {
    sessionId: 'session-1' as SessionId,
    agentId: 'agent-1' as AgentId,
    lines: 2,
    detachedWithinMs: 120_000,
    closeWithinMs: 60_000,
    callLimits: {} as never,
  };
  const actor = createActor(machine, { input, clock }).start();
  const failures: unknown[] = [];
  actor.subscribe({ error: (error) => failures.push(error) });
  const told = (...more: readonly Word[]): string[] => {
    deeds.length = 0;
    for (const word of more) actor.send(word);
    expect(failures).toEqual([]);
    return [...deeds];
  };
  told(...words);
  return {
    told,
    after: (ms: number): void => clock.increment(ms),
    state: (): string => nameOf(actor.getSnapshot().value),
    calls: (): string[] => Object.keys(actor.getSnapshot().children),
    hears: (tag: 'twiml.dialQueue' | 'twiml.goodbye'): boolean => actor.getSnapshot().hasTag(tag),
  };
}
