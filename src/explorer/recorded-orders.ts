import type { SessionHost } from '../dialer/session-host.ts';
import { interpret } from '../replay/interpret.ts';
import { OurInvariants, type Break } from '../replay/our-invariants.ts';
import type { Recording } from '../replay/recording.ts';
import { replay, type Replayed } from '../replay/replayer.ts';
import type { Script, Step } from '../replay/script.ts';
import type { Row } from '../replay/timeline.ts';
import { TwimlText } from '../replay/twiml-text.ts';
import { causesOf, toldBy, type Told } from './causes.ts';

/** An order of the recording's events that breaks an invariant; the events up to the break. */
export interface BrokenOrder {
  broken: string[];
  rows: readonly Row[];
}

export interface OrdersExplored {
  recording: string;
  /** Ways to tell what was told; of several sessions, together. An approximation above 2^53. */
  orders: number;
  states: number;
  replays: number;
  seconds: number;
  events: number;
  /** So many events from the beginning on were told in every order; all of them where it is complete. */
  depth: number;
  isComplete: boolean;
  violations: BrokenOrder[];
}

/** Delays are invented here: seconds that the law grants are not judged. */
const isOfTime = ({ invariant, detail }: Break): boolean =>
  invariant === 'L2' && detail.includes(' waits for ');

/**
 * Every order of a recording's events within cause and effect, through the real dialer. An event comes when it was recorded, or
 * later: when what now comes before it has come. Sessions share nothing and are explored one by one. Breadth first, so the
 * first violation is one of the shortest.
 */
export async function exploreRecording(
  recording: Recording,
  statesAtMost: number,
): Promise<OrdersExplored> {
  const began = performance.now();
  const script = interpret(recording);
  const { rows } = await replay(script);
  const found: OrdersExplored = {
    recording: recording.file,
    orders: 1,
    states: 0,
    replays: 0,
    seconds: 0,
    events: 0,
    depth: 0,
    isComplete: true,
    violations: [],
  };
  for (const told of bySession(toldBy(rows))) {
    const search = new OrderSearch(script, told, statesAtMost - found.states);
    await search.run();
    found.states += search.states;
    found.replays += search.replays;
    found.events += told.length;
    found.depth += search.depth;
    found.orders *= Math.max(1, search.orders);
    found.isComplete &&= search.isComplete;
    found.violations.push(...search.violations);
    if (found.violations.length > 0) break;
  }
  found.seconds = (performance.now() - began) / 1000;
  return found;
}

/** The steps of each session; what belongs to none (a stranger at the code prompt) goes with the first. */
function bySession(all: readonly Told[]): Told[][] {
  const ofLeg = new Map<string, string>();
  const ofCall = new Map<string, string>();
  const owner = ({ step, leg, call }: Told): string | null => {
    const named = 'sessionId' in step ? step.sessionId : null;
    const opened = step.step === 'webhook' ? (step.opens ?? step.params['session'] ?? null) : null;
    return named ?? opened ?? ofCall.get(call ?? '') ?? ofLeg.get(leg ?? '') ?? null;
  };
  // Twice: what comes first may be named by what comes later.
  for (const one of [...all, ...all]) {
    const session = owner(one);
    if (session === null) continue;
    if (one.leg !== null) ofLeg.set(one.leg, session);
    if (one.call !== null) ofCall.set(one.call, session);
    for (const order of one.orders) {
      if (order.startsWith('place ')) ofCall.set(order.slice('place '.length), session);
    }
  }
  const sessions = new Map<string, Told[]>();
  for (const one of all) if (one.step.step === 'signIn') sessions.set(one.step.sessionId, []);
  const [first] = sessions.keys();
  for (const one of all) {
    if (one.step.step === 'restart' || one.step.step === 'leadsAdded') {
      for (const steps of sessions.values()) steps.push(one);
    } else sessions.get(owner(one) ?? first ?? '')?.push(one);
  }
  return [...sessions.values()];
}

interface Node {
  /** Places of the steps that have happened, in order. */
  path: readonly number[];
  /** Ways that lead here. */
  ways: number;
}

class OrderSearch {
  readonly violations: BrokenOrder[] = [];
  states = 1;
  replays = 0;
  orders = 0;
  depth = 0;
  isComplete = true;
  readonly #script: Script;
  readonly #told: readonly Told[];
  readonly #causes: readonly number[][];
  readonly #statesAtMost: number;

  constructor(script: Script, told: readonly Told[], statesAtMost: number) {
    this.#script = script;
    this.#told = told;
    this.#causes = causesOf(told);
    this.#statesAtMost = statesAtMost;
  }

  /** One event further at a time: what has happened and where everything stands is one state, whatever the order was. */
  async run(): Promise<void> {
    let nodes: Node[] = [{ path: [], ways: 1 }];
    for (let length = 0; length < this.#told.length; length++) {
      const next = new Map<string, Node>();
      for (const node of nodes) {
        for (const place of this.#possible(node.path)) {
          this.isComplete &&= this.states + next.size <= this.#statesAtMost;
          if (this.isComplete) await this.#take(node, place, next);
          if (this.violations.length > 0) return;
        }
      }
      nodes = [...next.values()];
      this.states += nodes.length;
      this.orders = nodes.reduce((sum, { ways }) => sum + ways, 0);
      if (!this.isComplete) return;
      this.depth = length + 1;
    }
  }

  #possible(path: readonly number[]): number[] {
    const done = new Set(path);
    return this.#causes.flatMap((causes, place) =>
      !done.has(place) && causes.every((cause) => done.has(cause)) ? place : [],
    );
  }

  async #take(from: Node, place: number, next: Map<string, Node>): Promise<void> {
    const path = [...from.path, place];
    const ran = await this.#replay(path);
    if (ran.broken.length > 0) {
      this.violations.push(ran);
      return;
    }
    const key = `${path.toSorted((a, b) => a - b).join()} ${ran.state}`;
    const known = next.get(key);
    if (known) known.ways += from.ways;
    else next.set(key, { path, ways: from.ways });
  }

  async #replay(path: readonly number[]): Promise<BrokenOrder & { state: string }> {
    this.replays += 1;
    let now = 0;
    const steps = path.flatMap((place): Step[] => {
      const step = this.#told[place]?.step;
      if (!step) return [];
      now = Math.max(now, step.at);
      return [{ ...step, at: now }];
    });
    const ours = new OurInvariants(new TwimlText(this.#script.publicBaseUrl));
    let state = '';
    const replayed = await replay(
      { ...this.#script, steps },
      {
        row(row: Row, host: SessionHost | null): void {
          ours.row(row, host);
          if (row.step === steps.at(-1)) state = stateOf(host, row.at);
        },
      },
    );
    if (path.length === this.#told.length) ours.finish(replayed);
    const broken = ours.breaks.filter((found) => !isOfTime(found));
    return {
      broken: broken.map(({ invariant, detail }: Break) => `${invariant} ${detail}`),
      rows: rowsUpTo(replayed, steps.at(-1)),
      state: `${state} ${JSON.stringify(replayed.calls)}`,
    };
  }
}

const rowsUpTo = ({ rows }: Replayed, step: Step | undefined): Row[] =>
  rows.slice(0, rows.findIndex((row) => row.step === step) + 1);

/** Where a session stands, without what only tells when it came there. */
function stateOf(host: SessionHost | null, now: number): string {
  if (!host) return 'over';
  const { session, calls, timers, replies, listFinished, dialStep } = host.state as {
    timers: { due: number }[];
  } & Record<string, unknown>;
  const due = timers.map((timer) => timer.due - now);
  return JSON.stringify([session, calls, due, replies, listFinished, dialStep]);
}
