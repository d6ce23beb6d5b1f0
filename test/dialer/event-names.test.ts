import { expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { composeSession } from '../../src/dialer/compose.ts';
import type { AgentId, CallId, CallSid, LeadId, SessionId } from '../../src/domain/ids.ts';
import { LIMITS } from '../machines/support/limits.ts';

test('no event is named after a call: XState keeps what it has found for each name for ever', () => {
  const names = new Set<string>();
  const session = createActor(composeSession({ take: () => {} }), {
    clock: new SimulatedClock(),
    input: {
      sessionId: 'session-1' as SessionId,
      agentId: 'agent-1' as AgentId,
      lines: 1,
      detachedWithinMs: 1000,
      closeWithinMs: 1000,
      callLimits: LIMITS,
    },
    inspect: (seen) => {
      if (seen.type === '@xstate.event') names.add(seen.event.type);
    },
  }).start();
  const callId = 'call-1' as CallId;

  session.send({ type: 'consumer.connected', sid: 'CA1' as CallSid });
  session.send({ type: 'agent.callLeads' });
  session.send({
    type: 'leads.reserved',
    asked: 1,
    calls: [{ callId, leadId: 'lead-1' as LeadId }],
  });
  session.send({ type: 'call.deliver', callId, event: { type: 'call.cancel' } });

  expect(session.getSnapshot().children).toEqual({});
  expect(names).toContain('call.closed');
  expect([...names].filter((name) => name.includes(callId))).toEqual([]);
});
