import type { TerminalStatus } from '../domain/call-status.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { callAt, isLive, type Flight, type World } from './world.ts';

/**
 * Twilio's side as far as orders of events go: what its legs do, and which requests that puts on their way. Facts and
 * their sources are in twilio-docs voice/twiml/{dial,queue,enqueue}; timing is not modelled, only order.
 */

/** Lets a flight leave, unless the very same is on its way: one request per leg and purpose at a time. */
export function send(world: World, flight: Flight): void {
  const text = JSON.stringify(flight);
  if (!world.flights.some((other) => JSON.stringify(other) === text)) world.flights.push(flight);
}

export function ring(world: World, index: number): void {
  callAt(world, index).leg = 'ringing';
  send(world, { kind: 'ringing', call: index });
}

export function answer(world: World, index: number): void {
  const call = callAt(world, index);
  call.leg = 'asking';
  call.answered = true;
  send(world, { kind: 'answer', call: index });
}

/** The leg is over, whoever ended it; the party on the other side is told by its own requests. */
export function endLeg(world: World, index: number, status: TerminalStatus): void {
  const call = callAt(world, index);
  if (!isLive(call)) return;
  const { leg } = call;
  call.leg = 'ended';
  call.status = status;
  if (leg === 'waiting') send(world, { kind: 'dequeued', call: index, result: 'hangup' });
  if (leg === 'whisper') {
    send(world, { kind: 'dequeued', call: index, result: 'hangup' });
    freePhone(world, 'error');
  }
  if (leg === 'bridged') {
    send(world, { kind: 'dequeued', call: index, result: 'bridged' });
    freePhone(world, 'bridged');
  }
  send(world, { kind: 'completed', call: index, status });
}

/** Her Dial has ended and she is still there: its action is asked. */
function freePhone(world: World, result: string): void {
  world.phone = 'asking';
  world.partner = null;
  back(world, false, result);
}

function back(world: World, gone: boolean, result: string | null): void {
  const { phones: phone } = world;
  send(world, { kind: 'back', dial: world.session.dialStep, phone, gone, result });
}

/** She hangs up, or is hung up on. Twilio asks for the Dial action all the same, unless REST replaced the document. */
export function endPhone(world: World, asksAction: boolean): void {
  const { phone, partner } = world;
  if (phone === 'away') return;
  world.phone = 'away';
  world.partner = null;
  if (partner !== null) {
    callAt(world, partner).leg = 'leaving';
    const result = phone === 'bridged' ? 'bridged' : 'bridging-in-process';
    send(world, { kind: 'dequeued', call: partner, result });
  }
  if (asksAction) back(world, true, phone === 'bridged' ? 'bridged' : null);
}

/** Six hundred seconds in an empty queue. */
export function timeOutDial(world: World): void {
  freePhone(world, 'queue-empty');
}

/** The head of the queue and the agent's Dial have met: the whisper is asked for. */
export function match(world: World, index: number): void {
  const call = callAt(world, index);
  call.leg = 'whisper';
  call.handedOver = true;
  world.phone = 'whisper';
  world.partner = index;
  send(world, { kind: 'bridging', call: index, dial: world.session.dialStep });
}

/** The two hear each other, if both are still there. */
export function bridge(world: World, index: number): void {
  const call = callAt(world, index);
  if (call.leg !== 'whisper') return;
  call.leg = 'bridged';
  call.bridged = true;
  world.phone = 'bridged';
}

/** What a lead's leg does with the document that one of its requests was answered with. */
export function obeyAsLead(world: World, flight: Flight & { call: number }, plan: TwimlPlan): void {
  const call = callAt(world, flight.call);
  const asks: Partial<Record<Flight['kind'], string>> = {
    answer: 'asking',
    wait: 'waiting',
    bridging: 'whisper',
    dequeued: 'leaving',
  };
  if (call.leg !== asks[flight.kind]) return; // The leg has gone on or is over: the answer is dropped.
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

/** What the agent's leg does with the answer to its Dial action. */
export function obeyAsAgent(world: World, plan: TwimlPlan): void {
  if (world.phone !== 'asking') return;
  if (plan.plan === 'dialQueue') world.phone = 'waiting';
  else endPhone(world, false);
}
