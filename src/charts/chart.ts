import type { AnyStateMachine, StateNode } from 'xstate';
import { deadlineOf, type Deadline } from './deadline.ts';
import { describeActions, type Deed } from './deeds.ts';

/** One way out of a state, or one event that it takes without leaving. */
export interface Arrow {
  /** The same for the chart that is drawn and the transition that an actor takes: see `arrowId`. */
  id: string;
  from: string;
  /** Null: the event is taken and the state stays. */
  to: string | null;
  /** Null for what happens at once (`always`) or in time (`deadline`). */
  event: string | null;
  deadline: Deadline | null;
  guard: string | null;
  deeds: readonly Deed[];
  why: string | null;
}

export interface ChartState {
  /** Keys from the root, joined by dots; '' is the root. */
  path: string;
  key: string;
  parent: string | null;
  isFinal: boolean;
  why: string | null;
  tags: readonly string[];
  entry: readonly Deed[];
  /** Path of the state that is entered first; null for a state without states. */
  initial: string | null;
  children: readonly string[];
  arrows: readonly Arrow[];
}

/** A machine as it stands, made readable: nothing in it is written by hand a second time. */
export interface Chart {
  id: string;
  states: ReadonlyMap<string, ChartState>;
}

/** What is read of a transition, so that an actor's own transitions can be named too. */
export interface AnyTransition {
  source: { path: readonly string[]; transitions: ReadonlyMap<string, readonly unknown[]> };
  eventType: string;
}

const pathOf = (node: { path: readonly string[] }): string => node.path.join('.');

/** Names a transition by its state, its event, and its place among the arrows of that event. */
export function arrowId(transition: AnyTransition): string {
  const { source, eventType } = transition;
  const place = source.transitions.get(eventType)?.indexOf(transition) ?? 0;
  return `${pathOf(source)}|${eventType}|${Math.max(0, place)}`;
}

/** Reads a chart. `context` holds the numbers that its delays are functions of. */
export function readChart(machine: AnyStateMachine, context: object): Chart {
  const states = new Map<string, ChartState>();
  const visit = (node: StateNode): void => {
    states.set(pathOf(node), readState(machine, node, context));
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return { id: machine.id, states };
}

function readState(machine: AnyStateMachine, node: StateNode, context: object): ChartState {
  const children = Object.values(node.states).map(pathOf);
  const delayOf = new Map(node.after.map(({ eventType, delay }) => [eventType, delay]));
  const transitions = [...node.transitions.values()].flat().concat(node.always ?? []);
  return {
    path: pathOf(node),
    key: node.key,
    parent: node.parent ? pathOf(node.parent) : null,
    isFinal: node.type === 'final',
    why: node.description ?? null,
    tags: node.tags,
    entry: describeActions(machine, node.entry, context),
    initial: children.length > 0 ? pathOf(node.initial.target[0] ?? node) : null,
    children,
    arrows: transitions.map((transition) => {
      const { eventType, guard, target, actions, description } = transition;
      const delay = delayOf.get(eventType);
      return {
        id: arrowId(transition),
        from: pathOf(node),
        to: target?.[0] ? pathOf(target[0]) : null,
        event: delay !== undefined || eventType === '' ? null : eventType,
        deadline: delay === undefined ? null : deadlineOf(machine, delay, context),
        guard: guardName(guard),
        deeds: describeActions(machine, actions, context),
        why: description ?? null,
      };
    }),
  };
}

function guardName(guard: unknown): string | null {
  if (guard === undefined || guard === null) return null;
  if (typeof guard === 'string') return guard;
  const { type, name } = guard as { type?: string; name?: string };
  return type ?? name ?? 'guard';
}

/** The state and the states around it, from the inside out. */
export function around(chart: Chart, path: string): ChartState[] {
  const found: ChartState[] = [];
  for (let state = chart.states.get(path); state;) {
    found.push(state);
    state = state.parent === null ? undefined : chart.states.get(state.parent);
  }
  return found;
}

export const leavesOf = (chart: Chart): ChartState[] =>
  [...chart.states.values()].filter(({ children }) => children.length === 0);

/** The path of the innermost active state: charts of this product have no parallel states. */
export function leafPath(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[key, inner] = ['', '']] = Object.entries(value);
  return `${key}.${leafPath(inner)}`;
}
