import type { TerminalStatus } from '../domain/call-status.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import {
  agentAt,
  agentOf,
  callAt,
  isLive,
  type Flight,
  type ModelAgent,
  type ModelCall,
  type Request,
  type World,
} from './world.ts';

/**
 * Twilio's side as far as orders of events go: what its legs do, and which requests that puts on their way. Facts and
 * their sources are in twilio-docs voice/twiml/{dial,queue,enqueue}; timing is not modelled, only order.
 */

/** Lets a flight leave, unless the very same is on its way: one request per leg and purpose at a time. */
export function send(world: World, flight: Flight): void {
  const text = JSON.stringify(flight);
  if (!world.flights.some((other) => JSON.stringify(other) === text)) world.flights.push(flight);
}

/** What Twilio's side, or a person on it, may do by itself. */
export type Move =
  | { do: 'refuse' | 'start' | 'ring' | 'answer' | 'noAnswer'; call: number }
  | { do: 'leadHangsUp' | 'meet' | 'asksAgain' | 'bridgesAnyway'; call: number }
  | { do: 'unmade'; call: number; request: 'wait' | 'bridging' }
  | { do: 'dialTimesOut'; agent: number };

/** What may happen to this lead's leg next, whatever arrives. */
export const movesOf = (world: World, index: number): Move[] => [
  ...legMoves(world, index),
  ...unmadeOf(world, index),
];

/**
 * A request that its leg was about to make when it was taken elsewhere or ended: it is on its way, or is never made. A
 * member may be taken before it has asked for music, and a side may be gone before the whisper is asked for.
 */
function unmadeOf(world: World, index: number): Move[] {
  const { leg } = callAt(world, index);
  return world.flights.flatMap((flight): Move[] => {
    if (!('call' in flight) || flight.call !== index) return [];
    const isUnmade =
      (flight.kind === 'wait' && leg !== 'waiting') ||
      (flight.kind === 'bridging' && leg !== 'whisper');
    return isUnmade ? [{ do: 'unmade', call: index, request: flight.kind }] : [];
  });
}

function legMoves(world: World, index: number): Move[] {
  const call = callAt(world, index);
  switch (call.leg) {
    case 'queued':
      return [{ do: 'start', call: index }];
    case 'dialed':
      return [
        { do: 'ring', call: index },
        { do: 'noAnswer', call: index }, // A number that cannot be reached never rings.
      ];
    case 'ringing':
      return [
        { do: 'answer', call: index },
        { do: 'noAnswer', call: index },
      ];
    case 'waiting':
      return [
        { do: 'leadHangsUp', call: index },
        ...(herOf(world, index).phone === 'waiting' ? [{ do: 'meet', call: index } as const] : []),
        ...(call.hearsMusic ? [] : [{ do: 'asksAgain', call: index } as const]),
      ];
    case 'whisper':
      return [
        { do: 'leadHangsUp', call: index },
        ...(isWhispering(world, index) ? [] : [{ do: 'bridgesAnyway', call: index } as const]),
      ];
    case 'asking':
    case 'bridged':
    case 'leaving':
    case 'stranded':
      return [{ do: 'leadHangsUp', call: index }];
    case 'none':
    case 'ended':
      return [];
  }
}

const herOf = (world: World, call: number): ModelAgent => agentAt(world, agentOf(world, call));

/** The whisper is still to be asked for; else the request or its answer is lost. */
const isWhispering = ({ flights }: World, index: number): boolean =>
  flights.some((flight) => flight.kind === 'bridging' && flight.call === index);

export function make(world: World, move: Move): void {
  switch (move.do) {
    case 'start':
      callAt(world, move.call).leg = 'dialed';
      return send(world, { kind: 'progress', call: move.call, status: 'initiated' });
    case 'ring':
      callAt(world, move.call).leg = 'ringing';
      return send(world, { kind: 'progress', call: move.call, status: 'ringing' });
    case 'answer':
      return answer(world, move.call);
    case 'noAnswer':
      return endLeg(world, move.call, 'no-answer');
    case 'leadHangsUp':
      return endLeg(world, move.call, 'completed');
    case 'meet':
      return match(world, move.call);
    case 'bridgesAnyway':
      return bridge(world, move.call);
    case 'asksAgain':
      return send(world, { kind: 'wait', call: move.call, step: 2 });
    case 'unmade':
      world.flights = world.flights.filter(
        (flight) =>
          flight.kind !== move.request || !('call' in flight) || flight.call !== move.call,
      );
      return;
    case 'dialTimesOut':
      return freePhone(world, move.agent, 'queue-empty'); // Six hundred seconds in an empty queue.
    case 'refuse':
      take(world, { kind: 'create', call: move.call });
      return send(world, { kind: 'refused', call: move.call });
  }
}

/** Removes a flight that something else has happened to. */
function take(world: World, flight: Flight): void {
  const text = JSON.stringify(flight);
  const index = world.flights.findIndex((other) => JSON.stringify(other) === text);
  if (index >= 0) world.flights.splice(index, 1);
}

/** A create is carried out: the call stands in the account's queue. */
export function place(world: World, index: number): void {
  const call = callAt(world, index);
  call.creates += 1;
  call.leg = 'queued';
}

function answer(world: World, index: number): void {
  const call = callAt(world, index);
  call.leg = 'asking';
  call.answered = true;
  send(world, { kind: 'progress', call: index, status: 'in-progress' });
  send(world, { kind: 'answer', call: index });
}

/**
 * REST was asked to end a call: `cancel` ends it only before an answer. The reply tells the end, too, and it alone does
 * of a call that was still in the account's queue (twilio-docs voice/api/call-resource).
 */
export function endByRest(world: World, index: number, how: 'cancel' | 'complete'): void {
  const call = callAt(world, index);
  if (call.leg === 'queued') {
    call.leg = 'ended';
    call.status = 'canceled';
  }
  if (call.leg === 'dialed' || call.leg === 'ringing') endLeg(world, index, 'canceled');
  else if (how === 'complete') endLeg(world, index, 'completed');
  if (call.status !== null) send(world, { kind: 'fact', call: index, status: call.status });
}

/** The leg is over, whoever ended it; the party on the other side is told by its own requests. */
function endLeg(world: World, index: number, status: TerminalStatus): void {
  const call = callAt(world, index);
  if (!isLive(call)) return;
  const { leg } = call;
  call.leg = 'ended';
  call.status = status;
  if (leg === 'waiting') send(world, { kind: 'dequeued', call: index, result: 'hangup' });
  if (leg === 'whisper') {
    send(world, { kind: 'dequeued', call: index, result: 'hangup' });
    freePhone(world, agentOf(world, index), 'hangup');
  }
  if (leg === 'bridged') {
    send(world, { kind: 'dequeued', call: index, result: 'bridged' });
    freePhone(world, agentOf(world, index), 'bridged');
  }
  send(world, { kind: 'completed', call: index, status });
}

/** Her Dial has ended and she is still there: its action is asked. */
function freePhone(world: World, agent: number, result: string): void {
  const her = agentAt(world, agent);
  const lead = her.partner;
  her.phone = 'asking';
  her.partner = null;
  back(world, agent, { gone: false, result, lead });
}

/** Of the results without a bridge or an empty queue no list is known; `hangup` stands for all. */
function back(
  world: World,
  agent: number,
  told: Pick<Extract<Flight, { kind: 'back' }>, 'gone' | 'result' | 'lead'>,
): void {
  const { phones: phone, session } = agentAt(world, agent);
  send(world, { kind: 'back', agent, dial: session.dialStep, phone, ...told });
}

/** Whether her leg is in its `<Dial>`: while it asks for another document Twilio tells nobody of its end. */
export const isInDial = ({ phone }: ModelAgent): boolean =>
  phone === 'waiting' || phone === 'whisper' || phone === 'bridged';

/** She hangs up, or is hung up on. Twilio asks for the Dial action all the same, unless REST replaced the document. */
export function endPhone(world: World, agent: number, asksAction: boolean): void {
  const her = agentAt(world, agent);
  const { phone, partner } = her;
  if (phone === 'away') return;
  const isTold = asksAction && isInDial(her);
  her.phone = 'away';
  her.partner = null;
  if (partner !== null) {
    callAt(world, partner).leg = 'leaving';
    const result = phone === 'bridged' ? 'bridged' : 'bridging-in-process';
    send(world, { kind: 'dequeued', call: partner, result });
  }
  if (!isTold) return;
  const isTalk = phone === 'bridged';
  const lead = isTalk ? partner : null;
  back(world, agent, { gone: true, result: isTalk ? 'bridged' : 'hangup', lead });
}

/** The head of the queue and the agent's Dial have met: the whisper is asked for. */
function match(world: World, index: number): void {
  const call = callAt(world, index);
  const her = herOf(world, index);
  call.leg = 'whisper';
  call.handedOver = true;
  her.phone = 'whisper';
  her.partner = index;
  send(world, { kind: 'bridging', call: index, dial: her.session.dialStep });
}

/** The two hear each other, if both are still there. */
function bridge(world: World, index: number): void {
  const call = callAt(world, index);
  if (call.leg !== 'whisper') return;
  call.leg = 'bridged';
  call.bridged = true;
  herOf(world, index).phone = 'bridged';
}

/** What a lead's leg does while it waits for the answer to each of its requests. */
const ASKS: Partial<Record<Flight['kind'], ModelCall['leg']>> = {
  answer: 'asking',
  wait: 'waiting',
  bridging: 'whisper',
  dequeued: 'leaving',
  leadFallback: 'stranded',
};

/** The legs do as the answer to one of their requests tells them. */
export function obey(world: World, flight: Request, plan: TwimlPlan): void {
  if (flight.kind === 'back' || flight.kind === 'agentFallback') {
    if (isAwaitedByHer(world, flight)) obeyAsAgent(world, flight.agent, plan);
  } else if (flight.kind !== 'progress' && flight.kind !== 'completed') {
    obeyAsLead(world, flight, plan);
  }
}

/** Whether the agent's leg that asks is there, and waits for the answer. */
export function isAwaitedByHer(
  world: World,
  flight: Extract<Flight, { kind: 'back' | 'agentFallback' }>,
): boolean {
  const { phone, phones } = agentAt(world, flight.agent);
  return phones === flight.phone && phone === (flight.kind === 'back' ? 'asking' : 'stranded');
}

/** Whether the lead's leg waits for the answer to this request. */
export const isAwaitedByLead = (world: World, flight: Flight & { call: number }): boolean =>
  callAt(world, flight.call).leg === ASKS[flight.kind];

/**
 * A document that a leg waits for does not come, because the request or its answer is lost: Twilio asks the fallback URL,
 * bridges without the whisper, plays its own music to who waits (twilio-docs voice/api/call-resource, usage/availability).
 */
export function fail(world: World, flight: Request): void {
  if (flight.kind === 'agentFallback') return;
  if (flight.kind === 'back') {
    const { agent, phone } = flight;
    if (!isAwaitedByHer(world, flight)) return;
    agentAt(world, agent).phone = 'stranded';
    return send(world, { kind: 'agentFallback', agent, phone });
  }
  if (!isAwaitedByLead(world, flight)) return;
  const call = callAt(world, flight.call);
  if (flight.kind === 'bridging') return; // For as long as it waits for the answer; then it bridges anyway.
  if (flight.kind === 'wait') {
    call.hearsMusic = true;
    return;
  }
  call.leg = 'stranded';
  send(world, { kind: 'leadFallback', call: flight.call });
}

/** What a lead's leg does with the document that one of its requests was answered with. */
function obeyAsLead(world: World, flight: Flight & { call: number }, plan: TwimlPlan): void {
  const call = callAt(world, flight.call);
  if (!isAwaitedByLead(world, flight)) return; // The leg has gone on or is over: the answer is dropped.
  switch (plan.plan) {
    case 'enqueue':
      call.leg = 'waiting';
      return send(world, { kind: 'wait', call: flight.call, step: 1 });
    case 'hold':
      return;
    case 'leave':
      call.leg = 'leaving';
      return send(world, { kind: 'dequeued', call: flight.call, result: 'leave' });
    case 'proceed':
      if (flight.kind !== 'bridging') return endLeg(world, flight.call, 'completed');
      return bridge(world, flight.call);
    case 'notice':
    case 'lostLine':
    case 'unavailable': // Once they are said the leg ends; nothing that happens meanwhile matters.
    case 'hangUp':
    case 'promptCode':
    case 'dismiss':
    case 'dialQueue':
    case 'goodbye':
    case 'noContent':
      return endLeg(world, flight.call, 'completed');
  }
}

/** What the agent's leg does with the document that it has waited for. */
function obeyAsAgent(world: World, agent: number, plan: TwimlPlan): void {
  if (plan.plan === 'dialQueue') agentAt(world, agent).phone = 'waiting';
  else endPhone(world, agent, false);
}
