import type { CallId, CallSid, SessionId } from './ids.ts';

/**
 * What a leg shall do next, before it is written as TwiML. The dialer chooses a plan from the state of its
 * machines; src/twilio/twiml.ts is the one place that writes XML.
 */
export type TwimlPlan =
  /** Ask the agent for her access code. `after` says what she has just heard: nothing, a wrong code, or silence. */
  | { plan: 'promptCode'; sid: CallSid; step: number; after: 'greeting' | 'wrong' | 'silence' }
  /** Three tries were wrong or silent: end the agent's call politely. */
  | { plan: 'dismiss'; after: 'wrong' | 'silence' }
  /** The agent's leg becomes (or stays) the consumer of her queue. */
  | { plan: 'dialQueue'; sessionId: SessionId; step: number; greet: boolean; pauseSeconds: number }
  /** The agent's web session is over. */
  | { plan: 'goodbye' }
  /** The lead waits in the agent's queue. */
  | { plan: 'enqueue'; sessionId: SessionId; callId: CallId }
  /** The lead keeps waiting; `step` is the next one to ask with. */
  | { plan: 'hold'; callId: CallId; step: number }
  /** The lead has waited long enough: out of the queue, to Enqueue's action. */
  | { plan: 'leave' }
  /** A person answered and no agent is free: the courtesy notice (47 CFR 64.1200(a)(7)(i)). */
  | { plan: 'notice' }
  /** The talk is over for the lead who is still on the line. */
  | { plan: 'lostLine' }
  /** Anything we cannot place: a sentence, then the end. */
  | { plan: 'unavailable' }
  | { plan: 'hangUp' }
  /** Nothing to do, go on: `<Response/>`. */
  | { plan: 'proceed' }
  /** A pure callback: no document at all. */
  | { plan: 'noContent' };
