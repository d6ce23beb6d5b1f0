import type { ExploredSession } from './session.ts';
import { agentAt, phoneSid, type Flight, type World } from './world.ts';

/**
 * The name of a state: the same for two worlds that differ only in which lead, or which agent, is which. Everything about
 * one lead is one text, and everything about one agent, her leads included; the texts are sorted.
 */
export function canonical(
  world: World,
  sessions: readonly ExploredSession[],
  keepsReplies: boolean,
): string {
  const free = world.calls.flatMap((call, index) =>
    call.agent === null ? flightsOf(world, index) : [],
  );
  const agents = sessions.map((session) => agentText(world, session, keepsReplies));
  return JSON.stringify([world.left, free.toSorted(), agents.toSorted()]);
}

function agentText(world: World, session: ExploredSession, keepsReplies: boolean): string {
  const { agent, snapshot } = session;
  const { consumerSid, attached, autoNext, reserving, lines } = snapshot.context;
  const { phone, phones, clicks } = agentAt(world, agent);
  const consumer =
    consumerSid === null ? 'none' : consumerSid === phoneSid(agent, phones) ? 'now' : 'before';
  const calls = world.calls.flatMap((call, index) =>
    call.agent === agent ? callText(world, session, index, keepsReplies) : [],
  );
  const flights = world.flights.flatMap((flight) =>
    'call' in flight || flight.agent !== agent ? [] : brief(world, flight, keepsReplies),
  );
  return JSON.stringify([
    snapshot.value,
    consumer,
    attached,
    autoNext,
    reserving,
    lines,
    session.expires,
    phone,
    phones,
    clicks,
    keepsReplies ? session.dialStep : 0,
    flights.toSorted(),
    calls.toSorted(),
  ]);
}

function callText(
  world: World,
  session: ExploredSession,
  index: number,
  keepsReplies: boolean,
): string {
  const call = world.calls[index];
  if (!call) return '';
  const { callId, leadId: _leadId, agent: _agent, sid, ...model } = call;
  const { context } = session.snapshot;
  const chart = session.call(callId);
  return JSON.stringify([
    model,
    chart && [chart.value, chart.context.sid !== null, chart.context.outcome],
    context.open.includes(callId),
    context.hoping.includes(callId),
    context.winner?.callId === callId,
    context.wrapUp?.callId === callId,
    agentAt(world, session.agent).partner === index,
    flightsOf(world, index),
    world.flights.flatMap((each) =>
      each.kind === 'back' && each.lead === index ? brief(world, each, keepsReplies) : [],
    ),
    keepsReplies ? repliesOf(session, callId, sid) : 0,
  ]);
}

/** Something on its way that is about no call. */
function brief(world: World, flight: Flight, keepsReplies: boolean): string {
  if (flight.kind === 'back') {
    const isNow = flight.phone === agentAt(world, flight.agent).phones;
    return JSON.stringify([flight.gone, flight.result, isNow, keepsReplies ? flight.dial : 0]);
  }
  return JSON.stringify('agent' in flight ? { ...flight, agent: 0 } : flight);
}

function flightsOf(world: World, index: number): string {
  const lines = world.flights.filter(({ kind }) => kind === 'line');
  return world.flights
    .flatMap((flight) => {
      if (!('call' in flight) || flight.call !== index) return [];
      if (flight.kind === 'line') return `line${lines.indexOf(flight)}`;
      const { call: _, ...rest } = flight;
      return JSON.stringify(rest);
    })
    .toSorted()
    .join();
}

function repliesOf(session: ExploredSession, callId: string, sid: string): string {
  return session.replies
    .flatMap(([key, plan]) =>
      key.includes(callId) || key.includes(sid)
        ? `${key.split('/')[0]}${key.split('/').at(-1)}${plan.plan}`
        : [],
    )
    .toSorted()
    .join();
}
