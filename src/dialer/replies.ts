import type { SessionEvent } from '../domain/events.ts';
import type { CallId } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { ReplyKey } from './ports.ts';
import type { CallSnapshot, SessionHost } from './session-host.ts';

/** What a session must show for its reply to be chosen; its count of dials goes up with each one. */
export type AnsweringSession = Pick<SessionHost, 'sessionId' | 'snapshot' | 'call' | 'dialStep'>;

/** Results of `<Dial><Queue>` that are ordinary; after any other the leg waits a moment before it dials again. */
const ORDINARY_RESULTS: readonly (string | null)[] = ['bridged', 'queue-empty', null];

/** What the leg that asked shall do next: chosen by the tags of the state that the request left behind. */
export function planFor(host: AnsweringSession, key: ReplyKey, event: SessionEvent): TwimlPlan {
  switch (key.kind) {
    case 'codeKeyed':
      return dialQueue(host, true, 0);
    case 'stopConsuming':
      return consumerPlan(host, event);
    case 'enqueue':
      return answerPlan(host, key.id as CallId);
    case 'waiting':
      return waitingPlan(host.call(key.id as CallId), key);
    case 'onDequeue':
      return leavingPlan(host.call(key.id as CallId));
    case 'bridging':
      return { plan: 'proceed' };
    case 'consume':
    case 'callStatus':
    case 'fallback':
      return { plan: 'noContent' };
  }
}

function consumerPlan(host: AnsweringSession, event: SessionEvent): TwimlPlan {
  if (event.type === 'consumer.disconnected') return { plan: 'proceed' };
  if (!host.snapshot.hasTag('twiml.dialQueue')) return { plan: 'goodbye' };
  const result = event.type === 'consumer.returned' ? event.result : null;
  return dialQueue(host, false, ORDINARY_RESULTS.includes(result) ? 0 : 1);
}

function dialQueue(host: AnsweringSession, greet: boolean, pauseSeconds: number): TwimlPlan {
  host.dialStep += 1;
  return { plan: 'dialQueue', sessionId: host.sessionId, step: host.dialStep, greet, pauseSeconds };
}

function answerPlan(host: AnsweringSession, callId: CallId): TwimlPlan {
  const call = host.call(callId);
  if (call?.hasTag('twiml.enqueue')) return { plan: 'enqueue', sessionId: host.sessionId, callId };
  if (call?.hasTag('twiml.notice')) return { plan: 'notice' };
  return { plan: 'hangUp' };
}

function waitingPlan(call: CallSnapshot | null, key: ReplyKey): TwimlPlan {
  if (call?.hasTag('twiml.hold') || call?.hasTag('twiml.proceed')) {
    return { plan: 'hold', callId: key.id as CallId, step: key.step + 1 };
  }
  return { plan: 'leave' };
}

function leavingPlan(call: CallSnapshot | null): TwimlPlan {
  if (call?.hasTag('twiml.lostLine')) return { plan: 'lostLine' };
  if (call?.hasTag('twiml.notice')) return { plan: 'notice' };
  return { plan: 'hangUp' };
}
