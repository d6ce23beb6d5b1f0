import { getStateNodes, type AnyStateNode } from 'xstate';
import type { ExploredSession } from './session.ts';
import { isInDial, movesOf, type Move } from './twilio-model.ts';
import { hasNews } from './reconcile.ts';
import { callAt, isLive, type Click, type Flight, type World } from './world.ts';

/** One thing that can happen next. */
export type Step =
  | { do: 'arrive' | 'repeat' | 'lose' | 'loseAnswer'; flight: number; what: Flight }
  | Move
  | { do: 'click'; click: Click }
  | { do: 'timer'; call: number | null; timer: string }
  | { do: 'reconcile' }
  | { do: 'restart' };

export interface StepOptions {
  timers: boolean;
  refusals: boolean;
}

/** Everything that can happen next in this world. */
export function stepsOf(
  world: World,
  session: ExploredSession,
  { timers, refusals }: StepOptions,
): Step[] {
  return [
    ...world.flights.flatMap((flight, index) => flightSteps(world, flight, index, refusals)),
    ...world.calls.flatMap((_, index) => legSteps(world, session, index)),
    ...(timers && world.phone === 'waiting' ? [{ do: 'dialTimesOut' } as const] : []),
    ...clickSteps(world, session, timers),
    ...timerSteps(world, session).filter((step) => timers || isShortWait(step)),
    ...(timers && hasNews(world, session) ? [{ do: 'reconcile' } as const] : []),
    ...(world.left.restarts > 0 ? [{ do: 'restart' } as const] : []),
  ];
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
function isAnswerAwaited({ calls, phone, phones }: World, what: Flight): boolean {
  if (what.kind === 'back') return !what.gone && phone === 'asking' && what.phone === phones;
  if (!('call' in what)) return false;
  const leg = calls[what.call]?.leg;
  return (
    (what.kind === 'answer' && leg === 'asking') ||
    (what.kind === 'wait' && leg === 'waiting') ||
    (what.kind === 'bridging' && leg === 'whisper') ||
    (what.kind === 'dequeued' && leg === 'leaving')
  );
}

/** A create that Twilio has not seen yet: a search for its call goes on until it has, or has given up. */
const isComing = (world: World, call: number): boolean =>
  callAt(world, call).leg === 'none' &&
  world.flights.some((flight) => flight.kind === 'create' && flight.call === call);

const legSteps = (world: World, session: ExploredSession, index: number): Step[] =>
  movesOf(world, index).filter(
    (move) => move.do !== 'asksAgain' || asksAgain(world, session, index),
  );

/** A waiting lead asks every second and a half; only a request that would be answered differently is a step. */
function asksAgain(world: World, session: ExploredSession, index: number): boolean {
  const isAsking = world.flights.some((flight) => flight.kind === 'wait' && flight.call === index);
  const call = session.call(callAt(world, index).callId);
  return !isAsking && call?.hasTag('twiml.hold') !== true;
}

function clickSteps(world: World, session: ExploredSession, timers: boolean): Step[] {
  const { snapshot } = session;
  if (snapshot.matches('completed')) return [];
  const { attached, wrapUp, consumerSid } = snapshot.context;
  const fits: Record<Click, boolean> = {
    callLeads: attached && snapshot.can({ type: 'agent.callLeads' }),
    pause: attached && snapshot.can({ type: 'agent.pause' }),
    hangUp: attached && snapshot.can({ type: 'agent.hangUp' }),
    dispose: attached && wrapUp !== null,
    setAutoNext: attached,
    signOut: attached,
    closePage: timers && attached,
    openPage: timers && !attached,
    leave: isInDial(world) || (timers && world.phone !== 'away'),
    dialIn: world.phone === 'away' && consumerSid === null,
  };
  return (Object.keys(fits) as Click[])
    .filter((click) => fits[click] && world.left.clicks[click] > 0)
    .map((click) => ({ do: 'click', click }));
}

/** The wait for the queue's word on a leg that is gone: an answer that never took effect has no other end. */
const isShortWait = (step: Step): boolean =>
  step.do === 'timer' && step.timer.includes('queued.gone');

function timerSteps(world: World, session: ExploredSession): Step[] {
  const own = timersOf(session.snapshot).map(
    (timer) => ({ do: 'timer', call: null, timer }) as const,
  );
  const expiry = session.expires
    ? [{ do: 'timer', call: null, timer: 'session.expired' } as const]
    : [];
  const calls = world.calls.flatMap((call, index) => {
    const snapshot = session.call(call.callId);
    if (snapshot?.status !== 'active') return [];
    return timersOf(snapshot).map((timer) => ({ do: 'timer', call: index, timer }) as const);
  });
  return [...own, ...expiry, ...calls].filter((step) => isPlausible(world, step.call, step.timer));
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
function isPlausible(world: World, index: number | null, timer: string): boolean {
  if (timer.includes('closeWithin')) return world.flights.length === 0;
  if (timer.includes('queued.gone')) {
    return !world.flights.some(({ kind }) => kind === 'dequeued' || kind === 'back');
  }
  if (index === null || !timer.includes('lookUpWithin')) return true;
  return (
    !isLive(callAt(world, index)) &&
    !world.flights.some((each) => 'call' in each && each.call === index)
  );
}
