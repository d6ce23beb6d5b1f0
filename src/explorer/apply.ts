import type { RestQuestion } from '../dialer/ports.ts';
import type { CallSnapshot } from '../dialer/session-host.ts';
import type { AgentCommand, CallEvent, EffectOrder, SessionEvent } from '../domain/events.ts';
import { receive, repeats } from './reception.ts';
import { endedTalks, isPhoneGone } from './reconcile.ts';
import { sessionAt, sessionOf, type Happening, type Scene } from './scene.ts';
import { Look, type ExploredSession } from './session.ts';
import { agentOfStep, type Step } from './steps.ts';
import { endByRest, endPhone, fail, make, place, send } from './twilio-model.ts';
import {
  agentAt,
  agentOf,
  callAt,
  callIdOf,
  phoneSid,
  type Click,
  type Flight,
  type Leg,
  type Request,
  type World,
} from './world.ts';

/** Makes one step: changes the world and the session. */
export function applyStep(
  world: World,
  sessions: readonly ExploredSession[],
  step: Step,
  options: { slowStore: boolean; hasty: boolean },
): Happening {
  const happening: Happening = { replies: [], orders: [], broken: [] };
  const scene: Scene = { world, sessions, happening, ...options };
  const others = looksAtOthers(scene, step);
  happen(scene, step);
  carryOut(scene);
  if (others.some((look) => !look.isSame)) {
    happening.broken.push('S14 what happened to one agent changed the session of another');
  }
  return happening;
}

/** The sessions that this step is not about. */
function looksAtOthers({ world, sessions }: Scene, step: Step): Look[] {
  const agent = sessions.length === 1 ? null : agentOfStep(world, step);
  if (agent === null) return [];
  return sessions.flatMap((session) => (session.agent === agent ? [] : new Look(session)));
}

function happen(scene: Scene, step: Step): void {
  const { world } = scene;
  switch (step.do) {
    case 'arrive':
      world.flights.splice(step.flight, 1);
      arrive(scene, step.what);
      break;
    case 'repeat':
      world.left.duplicates -= 1;
      arrive(scene, step.what);
      break;
    case 'lose':
      world.left.losses -= 1;
      world.flights.splice(step.flight, 1);
      lose(world, step.what);
      break;
    case 'loseAnswer':
      world.left.losses -= 1;
      world.flights.splice(step.flight, 1);
      receive(scene, step.what as Request, true);
      break;
    case 'click':
      agentAt(world, step.agent).clicks[step.click] -= 1;
      click(scene, step.agent, step.click);
      break;
    case 'timer':
      fire(scene, step);
      break;
    case 'reconcile':
      reconcile(scene, step.agent);
      break;
    case 'restart':
      world.left.restarts -= 1;
      restart(scene, step.inHand);
      break;
    case 'start':
    case 'ring':
    case 'answer':
    case 'noAnswer':
    case 'refuse':
    case 'leadHangsUp':
    case 'meet':
    case 'asksAgain':
    case 'bridgesAnyway':
    case 'unmade':
    case 'dialTimesOut':
      make(world, step);
  }
}

function arrive(scene: Scene, flight: Flight): void {
  const { world } = scene;
  switch (flight.kind) {
    case 'leads':
      return reserve(scene, flight.agent, flight.asked);
    case 'line':
      return startCall(scene, flight.call);
    case 'create':
      place(world, flight.call);
      return send(world, { kind: 'created', call: flight.call });
    case 'created':
      return tell(scene, flight.call, {
        type: 'twilio.created',
        sid: callAt(world, flight.call).sid,
      });
    case 'refused':
      return tell(scene, flight.call, { type: 'twilio.createFailed', code: 21211, reason: 'no' });
    case 'createLost':
      return tell(scene, flight.call, { type: 'twilio.createLost' });
    case 'lookUp':
      return lookUp(scene, flight.call);
    case 'inspect':
      return inspect(scene, flight.call, 'inspect');
    case 'fact':
      return inspect(scene, flight.call, 'end');
    case 'end':
      return endByRest(world, flight.call, flight.how);
    case 'dismiss':
      endPhone(world, flight.agent, false);
      return deliver(scene, flight.agent, { type: 'consumer.disconnected', result: null });
    case 'progress':
    case 'completed':
    case 'answer':
    case 'wait':
    case 'bridging':
    case 'dequeued':
    case 'back':
    case 'leadFallback':
    case 'agentFallback':
      return receive(scene, flight);
  }
}

function reserve(scene: Scene, agent: number, asked: number): void {
  const given = scene.world.calls.filter((call) => call.agent === null).slice(0, asked);
  for (const call of given) call.agent = agent;
  const calls = given.map(({ callId, leadId }) => ({ callId, leadId }));
  deliver(scene, agent, { type: 'leads.reserved', asked, calls });
}

/** As `Effects` starts a call: only if the chart still waits for its line. */
function startCall(scene: Scene, index: number): void {
  const { world } = scene;
  if (chartOf(scene, index)?.matches('idle') !== true) return;
  S4_onlyWhoDialsIsCalledFor(scene, index);
  tell(scene, index, { type: 'twilio.requested' });
  send(world, { kind: 'create', call: index });
}

function S4_onlyWhoDialsIsCalledFor(scene: Scene, index: number): void {
  const { snapshot } = sessionOf(scene, index);
  if (snapshot.matches('dialing') && snapshot.context.consumerSid !== null) return;
  scene.happening.broken.push('S4 a call was started for an agent who is not dialing');
}

function lookUp(scene: Scene, index: number): void {
  const call = callAt(scene.world, index);
  if (chartOf(scene, index)?.context.sid !== null) return;
  if (call.leg === 'none') return tell(scene, index, { type: 'twilio.notFound' });
  inspect(scene, index, 'find');
}

function inspect(scene: Scene, index: number, asked: RestQuestion): void {
  const { sid, leg, status } = callAt(scene.world, index);
  if (leg === 'none') return;
  tell(
    scene,
    index,
    leg === 'ended' && status !== null
      ? { type: 'leg.completed', sid, status, durationSeconds: null }
      : { type: 'leg.status', sid, status: restStatus(leg) },
    asked,
  );
}

/** As REST tells it, which has no word for a call that is dialed and does not ring yet. */
function restStatus(leg: Leg): 'queued' | 'ringing' | 'in-progress' {
  if (leg === 'queued' || leg === 'dialed') return 'queued';
  return leg === 'ringing' ? 'ringing' : 'in-progress';
}

function lose(world: World, flight: Flight): void {
  if (flight.kind === 'created' || flight.kind === 'create') {
    return send(world, { kind: 'createLost', call: flight.call });
  }
  fail(world, flight as Request); // Of what may be lost, the rest are Twilio's requests.
}

/** As `Reconciliation` asks, and `Effects` tells. */
function reconcile(scene: Scene, agent: number): void {
  const { world } = scene;
  const session = sessionAt(scene, agent);
  for (const index of endedTalks(world, session)) inspect(scene, index, 'inspect');
  if (isPhoneGone(world, session)) {
    deliver(scene, agent, { type: 'consumer.disconnected', result: null }, 'inspect');
  }
}

function click(scene: Scene, agent: number, name: Click): void {
  const session = sessionAt(scene, agent);
  switch (name) {
    case 'callLeads':
    case 'pause':
    case 'hangUp':
    case 'signOut':
      return deliver(scene, agent, { type: `agent.${name}` } satisfies AgentCommand);
    case 'dispose': {
      const callId = session.snapshot.context.wrapUp?.callId ?? callIdOf(0);
      const disposed = { type: 'agent.dispose', disposition: 'callBack', notes: '' } as const;
      return deliver(scene, agent, { ...disposed, callId });
    }
    case 'setAutoNext': {
      const on = !session.snapshot.context.autoNext;
      return deliver(scene, agent, { type: 'agent.setAutoNext', on });
    }
    case 'closePage':
      session.expires = true;
      return deliver(scene, agent, { type: 'agent.detached' });
    case 'openPage':
      session.expires = false;
      return deliver(scene, agent, { type: 'agent.attached' });
    case 'leave':
      return endPhone(scene.world, agent, true);
    case 'dialIn':
      return dialIn(scene, agent);
  }
}

function dialIn(scene: Scene, agent: number): void {
  const her = agentAt(scene.world, agent);
  const session = sessionAt(scene, agent);
  her.phones += 1;
  const sid = phoneSid(agent, her.phones);
  const key = { kind: 'codeKeyed', id: sid, step: 1 } as const;
  const plan = session.deliver({ type: 'consumer.connected', sid }, key);
  her.phone = plan?.plan === 'dialQueue' ? 'waiting' : 'away';
  her.session.dialStep = session.dialStep;
}

function fire(scene: Scene, { agent, call, timer }: Extract<Step, { do: 'timer' }>): void {
  const { world, happening } = scene;
  const session = sessionAt(scene, agent);
  if (timer === 'session.expired') session.expires = false;
  const wasTalking = session.snapshot.matches('bridged');
  session.fire(call === null ? null : callAt(world, call).callId, timer);
  if (wasTalking && session.snapshot.matches('completed')) {
    happening.broken.push('F18 a talk was ended because time passed');
  }
  // While they talk, or are about to, the session is kept for another while.
  const isKept = session.snapshot.matches('queued') || session.snapshot.matches('bridged');
  if (timer === 'session.expired' && isKept) session.expires = true;
}

/**
 * The process dies and comes back: its journal brings the sessions back as they were (S12 has tests of its own), and
 * whatever it waited for from REST is lost; a create may or may not have left. Every leg is asked about.
 */
function restart(scene: Scene, inHand: Extract<Step, { do: 'restart' }>['inHand']): void {
  const { world } = scene;
  if (inHand) {
    world.flights.splice(inHand.flight, 1);
    if (inHand.wasDurable) receive(scene, inHand.what, true);
    else fail(world, inHand.what);
  }
  world.flights = world.flights.map((flight) =>
    flight.kind === 'created' || flight.kind === 'refused'
      ? { kind: 'createLost', call: flight.call }
      : flight,
  );
  for (const flight of world.flights) {
    if (flight.kind === 'create') send(world, { kind: 'createLost', call: flight.call });
  }
  for (const session of scene.sessions) askAll(scene, session);
}

/** As `Reconciliation` does after a start. */
function askAll(scene: Scene, session: ExploredSession): void {
  const { world } = scene;
  reconcile(scene, session.agent);
  for (const [index, { callId }] of world.calls.entries()) {
    const sid = session.call(callId)?.context.sid ?? null;
    if (sid !== null) send(world, { kind: 'inspect', call: index });
  }
}

function tell(
  scene: Scene,
  index: number,
  event: CallEvent,
  rest: RestQuestion | null = null,
): void {
  const { callId } = callAt(scene.world, index);
  deliver(scene, agentOf(scene.world, index), { type: 'call.deliver', callId, event }, rest);
}

function deliver(
  scene: Scene,
  agent: number,
  event: SessionEvent,
  rest: RestQuestion | null = null,
): void {
  const session = sessionAt(scene, agent);
  if (!session.isClosed) session.deliver(event, null, rest);
}

/** The chart of this call, while its session has one. */
const chartOf = (scene: Scene, index: number): CallSnapshot | null =>
  sessionOf(scene, index).call(callAt(scene.world, index).callId);

/** Orders become requests on their way, notices and records; one that needs a SID must have it. */
function carryOut(scene: Scene): void {
  const { world, sessions, happening } = scene;
  for (const { agent, orders, dialStep } of sessions) {
    for (const order of orders.splice(0)) {
      happening.orders.push(order);
      carry(scene, agent, order);
    }
    agentAt(world, agent).session.dialStep = dialStep;
  }
  hurry(scene);
  forgetTheDead(scene);
}

/** What can make no difference by its order comes before anything else happens. */
function hurry(scene: Scene): void {
  const { flights } = scene.world;
  const index = flights.findIndex((flight) => comesAtOnce(scene, flight));
  const [flight] = index < 0 ? [] : flights.splice(index, 1);
  if (!flight) return;
  arrive(scene, flight);
  carryOut(scene);
}

/** The list and the line, unless they are slow; and news that a call has long learnt. */
function comesAtOnce(scene: Scene, flight: Flight): boolean {
  if (flight.kind === 'leads' || flight.kind === 'line') return !scene.slowStore;
  if (flight.kind !== 'progress' && flight.kind !== 'created') return false;
  const call = chartOf(scene, flight.call);
  if (flight.kind === 'progress' && flight.status !== 'ringing') {
    return call === null || call.context.sid !== null; // All that these two can tell is the SID.
  }
  if (!scene.hasty || repeats(scene.world)) return false;
  if (call === null || call.context.sid === null) return false;
  return flight.kind === 'created' || !call.matches({ dialing: { placed: 'accepted' } });
}

/** What is on its way for a call that is over on both sides can change nothing any more, in whatever order it comes. */
function forgetTheDead(scene: Scene): void {
  const { world } = scene;
  world.flights = world.flights.filter((flight) => {
    if (!('call' in flight)) return true;
    if (repeats(world)) return true; // A late repeat still has an answer of its own.
    const { leg, outcome } = callAt(world, flight.call);
    const isOver = outcome !== null && (leg === 'ended' || flight.kind === 'progress');
    return !isOver || chartOf(scene, flight.call) !== null || flight.kind === 'create';
  });
}

function carry({ world }: Scene, agent: number, order: EffectOrder): void {
  const indexOf = (callId: string): number =>
    world.calls.findIndex((each) => each.callId === callId);
  switch (order.kind) {
    case 'placeCall':
      return send(world, { kind: 'line', call: indexOf(order.callId) });
    case 'endCall':
      return send(world, { kind: 'end', call: indexOf(order.callId), how: order.how });
    case 'inspectCall':
      return send(world, { kind: 'inspect', call: indexOf(order.callId) });
    case 'lookUpCall':
      return send(world, { kind: 'lookUp', call: indexOf(order.callId) });
    case 'reserveLeads':
      return void world.flights.push({ kind: 'leads', agent, asked: order.count });
    case 'releaseLeads':
      for (const { callId } of order.calls) callAt(world, indexOf(callId)).agent = null;
      return;
    case 'callAnswered':
      return void callAt(world, indexOf(order.callId)).notices.push('answered');
    case 'callEnded': {
      const call = callAt(world, indexOf(order.callId));
      call.notices.push('ended');
      call.outcome = order.outcome;
      return;
    }
    case 'endConsumer':
      return send(world, { kind: 'dismiss', agent });
    case 'listFinished':
    case 'recordDisposition':
    case 'ensureQueue':
    case 'deleteQueue':
    case 'inspectConsumer':
  }
}
