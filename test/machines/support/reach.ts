import {
  createActor,
  getStateNodes,
  SimulatedClock,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  type Snapshot,
  type StateNode,
} from 'xstate';

/** One state of one chart, reached by really sending events. */
export interface Reached {
  snapshot: AnyMachineSnapshot;
  persisted: string;
}

const LIMIT = 20_000;

/**
 * Every state that a chart reaches by the events that `eventsFor` gives, timers included. Actors are real and restored for
 * each step; their clock stands still, so a timer fires only as the event it sends.
 */
export function reach(
  machine: AnyStateMachine,
  input: unknown,
  eventsFor: (snapshot: AnyMachineSnapshot) => EventObject[],
): Reached[] {
  const start = createActor(machine, { input, clock: new SimulatedClock() }).start();
  const reached = new Map<string, Reached>();
  const todo = [remember(reached, start)];
  for (let next = todo.shift(); next; next = todo.shift()) {
    if (next.snapshot.status !== 'active') continue;
    for (const event of [...eventsFor(next.snapshot), ...timersOf(next.snapshot)]) {
      const found = remember(reached, step(machine, next.persisted, event));
      if (found) todo.push(found);
    }
    if (reached.size > LIMIT) throw new Error(`more than ${LIMIT} states: bound the events`);
  }
  return [...reached.values()];
}

/** The actor after one more event. */
export function step(machine: AnyStateMachine, persisted: string, event: EventObject) {
  const actor = createActor(machine, {
    snapshot: JSON.parse(persisted) as Snapshot<unknown>,
    clock: new SimulatedClock(),
  });
  let failure: unknown = null;
  actor.subscribe({ error: (error) => (failure = error) });
  actor.start();
  actor.send(event);
  if (failure) throw new Error(`${event.type} breaks the actor`, { cause: failure });
  return actor;
}

function remember(
  reached: Map<string, Reached>,
  actor: ReturnType<typeof step>,
): Reached | undefined {
  const persisted = JSON.stringify(actor.getPersistedSnapshot());
  const snapshot = actor.getSnapshot() as AnyMachineSnapshot;
  actor.stop();
  if (reached.has(persisted)) return undefined;
  const found = { snapshot, persisted };
  reached.set(persisted, found);
  return found;
}

type AnyNode = StateNode;

/** The nodes that are active in a state, the root included. */
export const activeNodes = ({ machine, value }: AnyMachineSnapshot): AnyNode[] =>
  getStateNodes((machine as AnyStateMachine).root, value) as AnyNode[];

/** The timers that may be running in a state, as the events that they send. */
const timersOf = (snapshot: AnyMachineSnapshot): EventObject[] =>
  snapshot.status === 'active'
    ? activeNodes(snapshot).flatMap((node) =>
        node.after.map(({ eventType }) => ({ type: eventType })),
      )
    : [];

/** Names a state by its path: `dialing.placed.ringing.early`. */
export function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([key, inner]) => `${key}.${nameOf(inner)}`)
    .join(' ');
}

/** Every leaf of a chart, by its path. */
export function leavesOf(machine: AnyStateMachine): string[] {
  const walk = (node: AnyNode, path: string): string[] => {
    const children = Object.values(node.states);
    return children.length === 0
      ? [path]
      : children.flatMap((child) => walk(child, `${path}${path && '.'}${child.key}`));
  };
  return walk(machine.root, '');
}

/** The events that a state answers on purpose, itself or through the states around it. */
export const named = (snapshot: AnyMachineSnapshot): Set<string> =>
  new Set(activeNodes(snapshot).flatMap((node) => Object.keys(node.config.on ?? {})));

/** An event that is left unanswered on purpose, where, and why. */
export interface Ignore {
  events: readonly string[];
  /** Beginnings of the names of states; `''` is everywhere. */
  in: readonly string[];
  why: string;
}

/** What nobody has thought of, and what the list calls ignored although it is answered. */
export function gaps(
  reached: readonly Reached[],
  events: readonly string[],
  ignores: readonly Ignore[],
): { missing: string[]; wrong: string[]; idle: string[] } {
  const missing = new Set<string>();
  const wrong = new Set<string>();
  const used = new Set<Ignore>();
  for (const { snapshot } of reached) {
    if (snapshot.status !== 'active') continue;
    const state = nameOf(snapshot.value);
    const answered = named(snapshot);
    for (const event of events) {
      const rules = ignores.filter(
        (rule) => rule.events.includes(event) && rule.in.some((prefix) => state.startsWith(prefix)),
      );
      for (const rule of rules) used.add(rule);
      if (!answered.has(event) && rules.length === 0) missing.add(`${state} × ${event}`);
      if (answered.has(event) && rules.length > 0) wrong.add(`${state} × ${event}`);
    }
  }
  return {
    missing: [...missing],
    wrong: [...wrong],
    idle: ignores.filter((rule) => !used.has(rule)).map((rule) => rule.why),
  };
}
