import type { Answering } from '../dialer/answering.ts';
import type { SessionRequest } from '../dialer/requests.ts';
import type { CallId, CallSid } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { deskOf } from './desk.ts';
import { sessionAt, type Scene } from './scene.ts';
import { Look } from './session.ts';
import { fail, obey } from './twilio-model.ts';
import {
  agentAt,
  agentOf,
  agentOfFlight,
  callAt,
  phoneSid,
  sessionIdOf,
  type Request,
  type World,
} from './world.ts';

/** A request of Twilio's comes in, is answered, and its leg does as it is told; unless the answer is lost. */
export function receive(scene: Scene, flight: Request, isAnswerLost = false): void {
  const { world, happening } = scene;
  if (flight.kind === 'leadFallback' || flight.kind === 'agentFallback') {
    return obey(world, flight, { plan: 'unavailable' }); // Asked of no session.
  }
  const request = requestOf(world, flight);
  const desk = deskOf(scene);
  const plan = desk.answer(request);
  happening.replies.push({ request, plan });
  const session = sessionAt(scene, agentOfFlight(world, flight));
  if (session.error === null && !session.isClosed) {
    S8_aRepeatChangesNothing(scene, desk, request, plan);
    S7_aStrangerChangesNothing(scene, desk, request);
    if (repeats(world)) S8_aLateRepeatGetsTheSame(scene, request, plan);
  }
  if (isAnswerLost) fail(world, flight);
  else obey(world, flight, plan);
}

type SessionFlight = Exclude<Request, { kind: 'leadFallback' | 'agentFallback' }>;

/** The request as src/twilio/webhook-forms.ts would have read it. */
function requestOf(world: World, flight: SessionFlight): SessionRequest {
  if (flight.kind === 'back') {
    return {
      kind: 'stopConsuming',
      sessionId: sessionIdOf(flight.agent),
      step: flight.dial,
      sid: phoneSid(flight.agent, flight.phone),
      callStatus: flight.gone ? 'completed' : 'in-progress',
      result: flight.result,
      leadSid: flight.lead === null ? null : callAt(world, flight.lead).sid,
    };
  }
  const { callId, sid } = callAt(world, flight.call);
  const callback = {
    kind: 'callStatus',
    callId,
    sid,
    sequence: null,
    durationSeconds: null,
  } as const;
  switch (flight.kind) {
    case 'progress':
    case 'completed':
      return { ...callback, status: flight.status };
    case 'answer':
      return { kind: 'enqueue', callId, step: 1, sid, answeredBy: null };
    case 'wait':
      return { kind: 'waiting', callId, step: flight.step, sid };
    case 'dequeued':
      return { kind: 'onDequeue', callId, step: 1, sid, result: flight.result };
    case 'bridging': {
      const agent = agentOf(world, flight.call);
      const consumerSid = phoneSid(agent, agentAt(world, agent).phones);
      const named = { sessionId: sessionIdOf(agent), step: flight.dial };
      return { kind: 'bridging', ...named, sid, consumerSid, queueSid: null };
    }
  }
}

/** Asked once more at once, the same answer and nothing changed. */
function S8_aRepeatChangesNothing(
  scene: Scene,
  desk: Answering,
  request: SessionRequest,
  plan: TwimlPlan,
): void {
  const again = askedBesides(scene, desk, request);
  if (again !== null && JSON.stringify(again) === JSON.stringify(plan)) return;
  scene.happening.broken.push('S8 a repeated request was answered or changed something');
}

/** The same path, from a leg that is none of hers: it gets a safe answer and changes nothing. */
function S7_aStrangerChangesNothing(scene: Scene, desk: Answering, request: SessionRequest): void {
  if ('callId' in request && isFirstBelieved(scene, request.callId)) return;
  const answer = askedBesides(scene, desk, { ...request, sid: STRANGER });
  if (answer !== null && SAFE.includes(answer.plan)) return;
  scene.happening.broken.push('S7 a leg that is nobody’s was served, or changed something');
}

/** Whoever names a SID first is believed. */
const isFirstBelieved = ({ sessions }: Scene, callId: CallId): boolean =>
  sessions.some((session) => session.call(callId)?.context.sid === null);

/** A leg that is not in any story. */
const STRANGER = `CA${'f'.repeat(32)}` as CallSid;
const SAFE: readonly TwimlPlan['plan'][] = ['unavailable', 'goodbye', 'proceed', 'noContent'];

/** The answer to a request that must change nothing; null if it does. */
function askedBesides(scene: Scene, desk: Answering, request: SessionRequest): TwimlPlan | null {
  const looks = scene.sessions.map((session) => new Look(session));
  const plan = desk.answer(request);
  const isSame = looks.every((look) => look.isSame);
  for (const { session, told } of looks) session.told.length = told;
  return isSame ? plan : null;
}

/** Asked once more much later, still the same answer; a session that is gone has a safe one. */
function S8_aLateRepeatGetsTheSame(
  { world, happening }: Scene,
  request: SessionRequest,
  plan: TwimlPlan,
): void {
  const key = JSON.stringify(request);
  const answer = JSON.stringify(plan);
  const earlier = (world.said[key] ??= answer);
  if (earlier !== answer) happening.broken.push('S8 a late repeat was answered differently');
}

/** Whether requests may come again, or one has. */
export const repeats = ({ left, said }: World): boolean =>
  left.duplicates > 0 || Object.keys(said).length > 0;
