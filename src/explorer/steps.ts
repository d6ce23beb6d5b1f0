import { getStateNodes, type AnyStateNode } from 'xstate';
import type { ExploredSession } from './session.ts';
import { sessionOf, type Scene } from './scene.ts';
import { isAwaitedByHer, isAwaitedByLead, isInDial, movesOf, type Move } from './twilio-model.ts';
import { hasNews } from './reconcile.ts';
import {
  agentAt,
  agentOf,
  agentOfFlight,
  callAt,
  isLive,
  type Click,
  type Flight,
  type Request,
  type World,
} from './world.ts';

/** One thing that can happen next. */
export type Step =
  | { do: 'arrive' | 'repeat' | 'lose' | 'loseAnswer'; flight: number; what: Flight }
  | Move
  | { do: 'click'; agent: number; click: Click }
  | { do: 'timer'; agent: number; call: number | null; timer: string }
  | { do: 'reconcile'; agent: number }
  /** `inHand`: a request that was being answered. What followed from it was durable, or it never happened. */
  | { do: 'restart'; inHand: { flight: number; what: Request; wasDurable: boolean } | null };

/** Whom a step is about; null for what happens to all. */
export function agentOfStep(world: World, step: Step): number | null {
  if (step.do === 'restart') return null;
  if ('agent' in step) return step.agent;
  return 'what' in step ? agentOfFlight(world, step.what) : agentOf(world, step.call);
}

export interface StepOptions {
  timers: boolean;
  patient: boolean;
  refusals: boolean;
}

/** Everything that can happen next in this world. */
export function stepsOf(
  world: World,
  sessions: readonly ExploredSession[],
  options: StepOptions,
): Step[] {
  const { refusals } = options;
  const timers = options.timers && !(options.patient && world.flights.length > 0);
  return [
    ...world.flights.flatMap((flight, index) => flightSteps(world, flight, index, refusals)),
    ...world.calls.flatMap((_, index) => legSteps({ world, sessions }, index)),
    ...sessions.flatMap((session) => agentSteps(world, session, timers)),
    ...(world.left.restarts > 0 ? restartSteps(world) : []),
  ];
}

function agentSteps(world: World, session: ExploredSession, timers: boolean): Step[] {
  const { agent } = session;
  const firing = timerSteps(world, session);
  if (!timers) return [...clickSteps(world, session, timers), ...firing.filter(isShortWait)];
  const { phone } = agentAt(world, agent);
  return [
    ...(phone === 'waiting' ? [{ do: 'dialTimesOut', agent } as const] : []),
    ...clickSteps(world, session, timers),
    ...firing,
    ...(hasNews(world, session) ? [{ do: 'reconcile', agent } as const] : []),
  ];
}

/** Nothing leaves the process before it is durable: a request whose entry is lost with it was never heard. */
function restartSteps(world: World): Step[] {
  const inHand = world.flights.flatMap((what, flight) => {
    if (!isSessionRequest(what) || tellsSidOnly(what)) return [];
    const lost = { flight, what, wasDurable: false };
    return isAnswerAwaited(world, what) ? [lost, { ...lost, wasDurable: true }] : [lost];
  });
  return [null, ...inHand].map((each) => ({ do: 'restart', inHand: each }));
}

/** Requests of Twilio's that may come twice (a retry, a second callback). */
const REPEATABLE: readonly Flight['kind'][] = [
  'progress',
  'answer',
  'completed',
  'wait',
  'bridging',
  'dequeued',
  'back',
];
/** What may never arrive: a request of Twilio's, a create or the reply to it. */
const LOSABLE: readonly Flight['kind'][] = [...REPEATABLE, 'created', 'create'];

const isSessionRequest = (flight: Flight): flight is Request => REPEATABLE.includes(flight.kind);

/** Callbacks that can tell a SID and nothing else: to be lost, or to come late once more, is to come last. */
const tellsSidOnly = (flight: Flight): boolean =>
  flight.kind === 'progress' && flight.status !== 'ringing';

function flightSteps(world: World, what: Flight, flight: number, refusals: boolean): Step[] {
  if (what.kind === 'lookUp' && isComing(world, what.call)) return [];
  // Lines are given in the order in which they were asked for.
  if (what.kind === 'line' && world.flights.find(({ kind }) => kind === 'line') !== what) return [];
  const steps: Step[] = [{ do: 'arrive', flight, what }];
  if (what.kind === 'create' && refusals) steps.push({ do: 'refuse', call: what.call });
  if (world.left.duplicates > 0 && REPEATABLE.includes(what.kind) && !tellsSidOnly(what)) {
    steps.push({ do: 'repeat', flight, what });
  }
  if (world.left.losses > 0 && LOSABLE.includes(what.kind) && !tellsSidOnly(what)) {
    steps.push({ do: 'lose', flight, what });
    if (isAnswerAwaited(world, what)) steps.push({ do: 'loseAnswer', flight, what });
  }
  return steps;
}

/** Whether a leg waits for the answer. */
const isAnswerAwaited = (world: World, what: Flight): boolean =>
  what.kind === 'back'
    ? !what.gone && isAwaitedByHer(world, what)
    : 'call' in what && what.kind !== 'leadFallback' && isAwaitedByLead(world, what);

/** A create that Twilio has not seen yet: a search for its call goes on until it has, or has given up. */
const isComing = (world: World, call: number): boolean =>
  callAt(world, call).leg === 'none' &&
  world.flights.some((flight) => flight.kind === 'create' && flight.call === call);

const legSteps = (scene: Pick<Scene, 'world' | 'sessions'>, index: number): Step[] =>
  movesOf(scene.world, index).filter((move) => move.do !== 'asksAgain' || asksAgain(scene, index));

/** A waiting lead asks every second and a half; only a request that would be answered differently is a step. */
function asksAgain(scene: Pick<Scene, 'world' | 'sessions'>, index: number): boolean {
  const { world } = scene;
  const isAsking = world.flights.some((flight) => flight.kind === 'wait' && flight.call === index);
  const call = sessionOf(scene, index).call(callAt(world, index).callId);
  return !isAsking && call?.hasTag('twiml.hold') !== true;
}

function clickSteps(world: World, session: ExploredSession, timers: boolean): Step[] {
  const { agent, snapshot } = session;
  if (snapshot.matches('completed')) return [];
  const { attached, wrapUp, consumerSid } = snapshot.context;
  const her = agentAt(world, agent);
  const fits: Record<Click, boolean> = {
    callLeads: attached && snapshot.can({ type: 'agent.callLeads' }),
    pause: attached && snapshot.can({ type: 'agent.pause' }),
    hangUp: attached && snapshot.can({ type: 'agent.hangUp' }),
    dispose: attached && wrapUp !== null,
    setAutoNext: attached,
    signOut: attached,
    closePage: timers && attached,
    openPage: timers && !attached,
    leave: isInDial(her) || (timers && her.phone !== 'away'),
    dialIn: her.phone === 'away' && consumerSid === null,
  };
  return (Object.keys(fits) as Click[])
    .filter((click) => fits[click] && her.clicks[click] > 0)
    .map((click) => ({ do: 'click', agent, click }));
}

/** The wait for the queue's word on a leg that is gone: an answer that never took effect has no other end. */
const isShortWait = ({ timer }: TimerStep): boolean => timer.includes('queued.gone');

type TimerStep = Extract<Step, { do: 'timer' }>;

function timerSteps(world: World, session: ExploredSession): TimerStep[] {
  const { agent } = session;
  const own = timersOf(session.snapshot).map(
    (timer) => ({ do: 'timer', agent, call: null, timer }) as const,
  );
  const expiry = session.expires
    ? [{ do: 'timer', agent, call: null, timer: 'session.expired' } as const]
    : [];
  const calls = world.calls.flatMap((call, index) => {
    const snapshot = session.call(call.callId);
    if (snapshot?.status !== 'active') return [];
    return timersOf(snapshot).map((timer) => ({ do: 'timer', agent, call: index, timer }) as const);
  });
  return [...own, ...expiry, ...calls].filter((step) => isPlausible(world, step));
}

function timersOf(snapshot: { machine: unknown; value: unknown; status: string }): string[] {
  if (snapshot.status !== 'active') return [];
  const { root } = snapshot.machine as { root: AnyStateNode };
  return getStateNodes(root, snapshot.value as string).flatMap((node) =>
    node.after.map(({ eventType }) => eventType),
  );
}

/**
 * Two minutes are longer than any create takes to be answered or found, and a minute longer than any request of
 * Twilio's is on its way: those timers fire only when there is nothing left to wait for. The wait for the queue's word on
 * a leg that is gone is short, but that word leaves together with the callback that began it.
 */
function isPlausible(world: World, { agent, call, timer }: TimerStep): boolean {
  const hers = world.flights.filter((flight) => agentOfFlight(world, flight) === agent);
  if (timer.includes('closeWithin')) return hers.length === 0;
  if (timer.includes('queued.gone')) {
    return !hers.some(({ kind }) => kind === 'dequeued' || kind === 'back');
  }
  if (call === null || !timer.includes('lookUpWithin')) return true;
  return !isLive(callAt(world, call)) && !hers.some((each) => 'call' in each && each.call === call);
}
