import type { AnyStateMachine } from 'xstate';
import { deadlineOf } from './deadline.ts';

/** What an action does, as far as anybody outside the chart can tell. */
export type Deed =
  /** An effect: the dialer carries it out. `detail` tells two of a kind apart. */
  | { kind: 'order'; order: string; detail: string | null }
  /** An attempt's word to its session. */
  | { kind: 'tell'; message: string }
  /** The outcome is decided. */
  | { kind: 'settle'; outcome: string }
  /** The chart sends itself an event, later. */
  | { kind: 'remind'; event: string; after: string; ms: number }
  /** Keeps or forgets something inside the chart, or passes something on to an attempt. */
  | { kind: 'note'; action: string };

interface RaiseLater {
  type?: string;
  event?: { type: string };
  delay?: string | number;
}

/** Reads named actions; a param that depends on context and event is asked with a stand-in for both. */
export function describeActions(
  machine: AnyStateMachine,
  actions: readonly unknown[],
  context: object,
): Deed[] {
  return actions.filter(isOurs).map((action) => describe(machine, action, context));
}

/** XState starts and stops the timers of `after` by actions of its own. */
const isOurs = (action: unknown): boolean =>
  !['xstate.raise', 'xstate.cancel'].includes((action as { type?: string }).type ?? '');

function describe(machine: AnyStateMachine, action: unknown, context: object): Deed {
  const { type, params } = (typeof action === 'string' ? { type: action } : action) as {
    type: string;
    params?: unknown;
  };
  const known = paramsOf(params);
  if (type === 'order') {
    const { kind, how } = known;
    return { kind: 'order', order: String(kind), detail: typeof how === 'string' ? how : null };
  }
  if (type === 'tellSession') return { kind: 'tell', message: String(known['type']) };
  if (type === 'settle') return { kind: 'settle', outcome: String(known['outcome']) };
  const { event, delay } = (machine.implementations.actions[type] ?? {}) as RaiseLater;
  if (event && delay !== undefined) {
    const { name, ms } = deadlineOf(machine, delay, context);
    return { kind: 'remind', event: event.type, after: name, ms };
  }
  return { kind: 'note', action: type };
}

const paramsOf = (params: unknown): Record<string, unknown> =>
  ((typeof params === 'function' ? params({ context: anything, event: anything }) : params) ??
    {}) as Record<string, unknown>;

/** Answers whatever it is asked, with itself; as a number it is 0. */
const anything: unknown = new Proxy(() => {}, {
  get: (_, key) => {
    if (key === Symbol.toPrimitive) return () => 0;
    return key === Symbol.iterator ? () => [][Symbol.iterator]() : anything;
  },
  apply: () => anything,
});
