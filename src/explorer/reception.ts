import { readRequest, type SessionRequest } from '../dialer/requests.ts';
import type { CallSid } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { Scene } from './scene.ts';
import { fail, obey } from './twilio-model.ts';
import { callAt, phoneSid, SESSION_ID, type Request, type World } from './world.ts';

/** A request of Twilio's comes in, is answered, and its leg does as it is told; unless the answer is lost. */
export function receive(scene: Scene, flight: Request, isAnswerLost = false): void {
  const { world, happening } = scene;
  if (flight.kind === 'leadFallback' || flight.kind === 'agentFallback') {
    return obey(world, flight, { plan: 'unavailable' }); // Asked of no session.
  }
  const request = requestOf(world, flight);
  const plan = react(scene, request);
  happening.replies.push({ request, plan });
  if (scene.session.error === null && !scene.session.isClosed) {
    S8_aRepeatChangesNothing(scene, request, plan);
    S7_aStrangerChangesNothing(scene, request);
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
      sessionId: SESSION_ID,
      step: flight.dial,
      sid: phoneSid(flight.phone),
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
      const consumerSid = phoneSid(world.phones);
      const step = flight.dial;
      return { kind: 'bridging', sessionId: SESSION_ID, step, sid, consumerSid, queueSid: null };
    }
  }
}

/** As `Dialer` reacts to a request, by the same reading of it. */
function react({ session }: Scene, request: SessionRequest): TwimlPlan {
  if (session.isClosed) {
    if (request.kind === 'stopConsuming') return { plan: 'goodbye' };
    if (request.kind === 'bridging') return { plan: 'proceed' };
    return { plan: request.kind === 'callStatus' ? 'noContent' : 'unavailable' };
  }
  const reading = readRequest(session, request);
  switch (reading.kind) {
    case 'repeat':
    case 'anomaly':
      return reading.plan;
    case 'told':
      session.deliver(reading.event);
      return { plan: 'noContent' };
    case 'asked':
      return session.deliver(reading.event, reading.key) ?? { plan: 'unavailable' };
  }
}

/** Asked once more at once, the same answer and nothing changed. */
function S8_aRepeatChangesNothing(scene: Scene, request: SessionRequest, plan: TwimlPlan): void {
  const again = askedBesides(scene, request);
  if (again !== null && JSON.stringify(again) === JSON.stringify(plan)) return;
  scene.happening.broken.push('S8 a repeated request was answered or changed something');
}

/** The same path, from a leg that is none of hers: it gets a safe answer and changes nothing. */
function S7_aStrangerChangesNothing(scene: Scene, request: SessionRequest): void {
  if ('callId' in request && scene.session.call(request.callId)?.context.sid === null) return; // The first is believed.
  const answer = askedBesides(scene, { ...request, sid: STRANGER });
  if (answer !== null && SAFE.includes(answer.plan)) return;
  scene.happening.broken.push('S7 a leg that is nobody’s was served, or changed something');
}

/** A leg that is not in any story. */
const STRANGER = `CA${'f'.repeat(32)}` as CallSid;
const SAFE: readonly TwimlPlan['plan'][] = ['unavailable', 'goodbye', 'proceed', 'noContent'];

/** The answer to a request that must change nothing; null if it does. */
function askedBesides(scene: Scene, request: SessionRequest): TwimlPlan | null {
  const { session } = scene;
  const before = session.identity();
  const orders = session.orders.length;
  const told = session.told.length;
  const plan = react(scene, request);
  const after = session.identity();
  session.told.length = told;
  const isSame =
    session.orders.length === orders &&
    after.length === before.length &&
    after.every((part, index) => part === before[index]);
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
