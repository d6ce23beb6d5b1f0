import type { AnyStateMachine } from 'xstate';

/** A delay of a chart with what it is in a server that was configured with nothing. */
export interface Deadline {
  name: string;
  ms: number;
}

/** `context` holds the numbers that the delays of the chart are functions of. */
export function deadlineOf(machine: AnyStateMachine, delay: unknown, context: object): Deadline {
  const name = String(delay);
  const given: unknown = typeof delay === 'string' ? machine.implementations.delays[delay] : delay;
  const ms: unknown = typeof given === 'function' ? given({ context }) : given;
  if (typeof ms !== 'number') throw new Error(`delay ${name} of ${machine.id} has no number`);
  return { name, ms };
}

/** Minutes, seconds, milliseconds: the largest that divides it evenly. */
export function spokenTime(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms % 100 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
