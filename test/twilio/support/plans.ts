import * as fc from 'fast-check';
import type { CallId, CallSid, SessionId } from '../../../src/domain/ids.ts';
import type { TwimlPlan } from '../../../src/domain/twiml-plan.ts';

/** What the ids in a plan look like. */
export interface PlanIds {
  sid: fc.Arbitrary<CallSid>;
  sessionId: fc.Arbitrary<SessionId>;
  callId: fc.Arbitrary<CallId>;
  step: fc.Arbitrary<number>;
}

/** Every plan that has a document: all but `noContent`. */
export const documentPlan = ({ sid, sessionId, callId, step }: PlanIds): fc.Arbitrary<TwimlPlan> =>
  fc.oneof(
    fc.record({
      plan: fc.constant('promptCode' as const),
      sid,
      step,
      after: fc.constantFrom('greeting' as const, 'wrong' as const, 'silence' as const),
    }),
    fc.record({
      plan: fc.constant('dialQueue' as const),
      sessionId,
      step,
      greet: fc.boolean(),
      pauseSeconds: fc.nat(1),
    }),
    fc.record({ plan: fc.constant('enqueue' as const), sessionId, callId }),
    fc.record({ plan: fc.constant('hold' as const), callId, step }),
    fc.constant<TwimlPlan>({ plan: 'dismiss', after: 'wrong' }),
    fc.constant<TwimlPlan>({ plan: 'dismiss', after: 'silence' }),
    fc.constant<TwimlPlan>({ plan: 'goodbye' }),
    fc.constant<TwimlPlan>({ plan: 'leave' }),
    fc.constant<TwimlPlan>({ plan: 'notice' }),
    fc.constant<TwimlPlan>({ plan: 'lostLine' }),
    fc.constant<TwimlPlan>({ plan: 'unavailable' }),
    fc.constant<TwimlPlan>({ plan: 'hangUp' }),
    fc.constant<TwimlPlan>({ plan: 'proceed' }),
  );
