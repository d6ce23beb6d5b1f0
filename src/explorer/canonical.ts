import type { ExploredSession } from './session.ts';
import type { Flight, World } from './world.ts';

/**
 * The name of a state: the same for two worlds that differ only in which lead is which. Everything about one lead is one
 * text; the texts are sorted.
 */
export function canonical(world: World, session: ExploredSession, keepsReplies: boolean): string {
  const { snapshot } = session;
  const { context } = snapshot;
  const calls = world.calls.map((call, index) => {
    const { callId, leadId: _leadId, sid: _sid, ...model } = call;
    const chart = session.call(callId);
    return JSON.stringify([
      model,
      chart && [chart.value, chart.context.sid !== null, chart.context.outcome],
      context.open.includes(callId),
      context.hoping.includes(callId),
      context.winner?.callId === callId,
      context.wrapUp?.callId === callId,
      world.partner === index,
      flightsOf(world, index),
      world.flights.flatMap((each) =>
        each.kind === 'back' && each.lead === index ? brief(each) : [],
      ),
      keepsReplies ? repliesOf(session, callId, call.sid) : 0,
    ]);
  });
  const consumer = context.consumerSid === null ? 0 : 1;
  return JSON.stringify([
    snapshot.value,
    consumer,
    context.attached,
    context.autoNext,
    context.reserving,
    context.lines,
    session.expires,
    world.phone,
    world.phones,
    world.left,
    keepsReplies ? session.dialStep : 0,
    world.flights
      .filter((flight) => !('call' in flight))
      .map(brief)
      .toSorted(),
    calls.toSorted(),
  ]);

  function brief(flight: Flight): string {
    if (flight.kind !== 'back') return JSON.stringify(flight);
    const isNow = flight.phone === world.phones;
    return JSON.stringify([flight.gone, flight.result, isNow, keepsReplies ? flight.dial : 0]);
  }
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
