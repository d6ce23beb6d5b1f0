import { applyStep } from './apply.ts';
import { canonical } from './canonical.ts';
import { brokenBy, S12_restoredIsLive, unsettled } from './invariants.ts';
import { ExploredSession, exploredStage, type ExploredStage } from './session.ts';
import { stepsOf, type Step } from './steps.ts';
import {
  agentAt,
  callAt,
  isQuiet,
  modelCall,
  phoneSid,
  type Click,
  type SavedSession,
  type World,
} from './world.ts';

export interface ExploreOptions {
  /** One to three; they share the list, the line and the way in for requests. */
  agents: number;
  leads: number;
  /** Leads rung at once by one agent; as many as there are leads if not said. */
  lines?: number;
  duplicates: number;
  losses: number;
  restarts: number;
  timers: boolean;
  /** Timers, and what else takes long, wait until nothing is on its way. */
  patient: boolean;
  /** Whether Twilio may refuse a create. */
  refusals: boolean;
  /** Losers ring for 15 s before they are ended (16 CFR 310.4(b)(4)(ii)). */
  ringOut: boolean;
  /** The list and the line take their time, so that everything else may overtake them. */
  slowStore: boolean;
  /** News that a call has long learnt comes at once, not in every order: seven times fewer states with two leads. */
  hasty: boolean;
  /** How often she may do each thing. */
  clicks: Record<Click, number>;
  /** Explores no further than this; the result then says that it is not complete. */
  statesAtMost: number;
  /** Stops at the first violation, which is one of the shortest. */
  stopAtFirst: boolean;
}

/** Every order of clicks that a shift has, each thing once. */
export const EVERY_CLICK: Record<Click, number> = {
  callLeads: 1,
  pause: 1,
  hangUp: 1,
  dispose: 1,
  setAutoNext: 1,
  signOut: 1,
  closePage: 1,
  openPage: 1,
  leave: 1,
  dialIn: 1,
};

export const DEFAULTS: ExploreOptions = {
  agents: 1,
  leads: 2,
  duplicates: 0,
  losses: 0,
  restarts: 0,
  timers: false,
  patient: false,
  refusals: true,
  ringOut: false,
  slowStore: false,
  hasty: false,
  clicks: EVERY_CLICK,
  statesAtMost: 2_000_000,
  stopAtFirst: true,
};

export interface Violation {
  /** `id: what is wrong`. */
  broken: string[];
  /** The shortest way there. */
  steps: Step[];
}

export interface Exploration {
  states: number;
  edges: number;
  /** Ways from the beginning to an end, each one order of events; an approximation above 2^53. */
  paths: number;
  seconds: number;
  isComplete: boolean;
  violations: Violation[];
}

interface Node {
  /** The world, dropped once its steps have been taken. */
  world: KeptWorld | null;
  parent: number;
  step: Step | null;
  next: number[];
  /** The same for what a person would have to do of their own accord, short of ending a talk. */
  helped: number[];
  isAtRest: boolean;
}

/** A world as JSON, but for the snapshots of its sessions: many worlds have those in common. */
interface KeptWorld {
  text: string;
  persisted: string[];
}

function keep(world: World): KeptWorld {
  const persisted = world.agents.map(({ session }) => session.persisted);
  for (const { session } of world.agents) session.persisted = '';
  return { text: JSON.stringify(world), persisted };
}

function worldOf({ text, persisted }: KeptWorld): World {
  const world = JSON.parse(text) as World;
  for (const [agent, { session }] of world.agents.entries()) {
    session.persisted = persisted[agent] ?? '';
  }
  return world;
}

/** Breadth first over every order of what can happen: the first violation found is one of the shortest. */
export function explore(options: ExploreOptions): Exploration {
  const began = performance.now();
  const search = new Search(options);
  search.run();
  const violations = [...search.violations, ...search.L10_restIsWithinReach()];
  search.stage.sink.take = () => {};
  return {
    states: search.nodes.length,
    edges: search.edges,
    paths: search.countPaths(),
    seconds: (performance.now() - began) / 1000,
    isComplete: search.isComplete,
    violations,
  };
}

class Search {
  readonly nodes: Node[] = [];
  readonly violations: Violation[] = [];
  edges = 0;
  isComplete = true;
  readonly stage: ExploredStage;
  readonly #options: ExploreOptions;
  readonly #known = new Map<string, number>();
  readonly #keepsReplies: boolean;
  readonly #persisted = new Map<string, string>();
  readonly #restored = new Set<string>();

  constructor(options: ExploreOptions) {
    this.#options = options;
    this.#keepsReplies = options.duplicates > 0;
    this.stage = stageOf(options);
    const { world, sessions } = beginning(this.stage, options);
    this.#add(world, sessions, -1, null, world);
  }

  run(): void {
    for (let index = 0; index < this.nodes.length; index++) {
      if (this.nodes.length > this.#options.statesAtMost) {
        this.isComplete = false;
        return;
      }
      this.#expand(index);
      if (this.#options.stopAtFirst && this.violations.length > 0) return;
    }
  }

  #expand(index: number): void {
    const node = this.nodes[index];
    const kept = node?.world;
    if (!node || !kept) return;
    node.world = null;
    const world = worldOf(kept);
    const steps = stepsOf(world, sessionsOf(this.stage, world), this.#options);
    for (const step of steps) this.#take(index, world, kept, step);
  }

  #take(from: number, before: World, kept: KeptWorld, step: Step): void {
    const world = worldOf(kept);
    const sessions = sessionsOf(this.stage, world);
    const happening = applyStep(world, sessions, step, this.#options);
    this.edges += 1;
    const broken = brokenBy({
      before,
      world,
      sessions,
      happening,
      isFaultless: isFaultless(this.#options),
    });
    if (broken.length > 0) this.violations.push({ broken, steps: [...this.stepsTo(from), step] });
    else this.#add(world, sessions, from, step, before);
  }

  #add(
    world: World,
    sessions: readonly ExploredSession[],
    from: number,
    step: Step | null,
    before: World,
  ): void {
    const key = canonical(world, sessions, this.#keepsReplies);
    const known = this.#known.get(key);
    const index = known ?? this.nodes.length;
    const isHelp = step !== null && isHelpOf(step, before);
    this.nodes[from]?.[isHelp ? 'helped' : 'next'].push(index);
    if (known !== undefined) return;
    this.#known.set(key, index);
    for (const session of sessions) {
      const saved = session.save(this.#keepsReplies);
      saved.persisted = this.#interned(saved.persisted);
      agentAt(world, session.agent).session = saved;
      const differs = this.#restores(session, saved);
      const steps = [...this.stepsTo(from), ...(step ? [step] : [])];
      if (differs) this.violations.push({ broken: [differs], steps });
    }
    const isAtRest =
      isQuiet(world) && sessions.every((session) => unsettled(world, session) === null);
    this.nodes.push({ world: keep(world), parent: from, step, next: [], helped: [], isAtRest });
  }

  #interned(persisted: string): string {
    const known = this.#persisted.get(persisted);
    if (known === undefined) this.#persisted.set(persisted, persisted);
    return known ?? persisted;
  }

  /** Many worlds have the same session: each is restored once. */
  #restores(session: ExploredSession, saved: SavedSession): string | null {
    if (this.#restored.has(saved.persisted)) return null;
    this.#restored.add(saved.persisted);
    return S12_restoredIsLive(this.stage, session, saved);
  }

  stepsTo(index: number): Step[] {
    const steps: Step[] = [];
    for (let at = this.nodes[index]; at?.step; at = this.nodes[at.parent]) steps.unshift(at.step);
    return steps;
  }

  L10_restIsWithinReach(): Violation[] {
    if (!this.isComplete || this.violations.length > 0) return [];
    const back: number[][] = this.nodes.map(() => []);
    this.nodes.forEach((node, index) => {
      for (const next of node.next) back[next]?.push(index);
    });
    const reaches = new Set(this.nodes.flatMap((node, index) => (node.isAtRest ? index : [])));
    for (const index of reaches) for (const from of back[index] ?? []) reaches.add(from);
    const stuck = this.nodes.findIndex((_, index) => !reaches.has(index));
    return stuck < 0
      ? []
      : [{ broken: ['L10: from here nothing leads to rest'], steps: this.stepsTo(stuck) }];
  }

  /** Counts orders of events without walking them; states that lead back to themselves count once. */
  countPaths(): number {
    const counts = new Float64Array(this.nodes.length).fill(-1);
    const open: number[] = [0];
    while (open.length > 0) {
      const at = open.at(-1) ?? 0;
      const unknown =
        counts[at] === -1 ? this.#after(at).filter((next) => counts[next] === -1) : [];
      if (counts[at] === -1) counts[at] = -2;
      if (unknown.length > 0) {
        open.push(...unknown);
        continue;
      }
      open.pop();
      if ((counts[at] ?? 0) >= 0) continue;
      const next = this.#after(at);
      counts[at] =
        next.length === 0 ? 1 : next.reduce((sum, to) => sum + Math.max(0, counts[to] ?? 0), 0);
    }
    return Math.max(1, counts[0] ?? 0);
  }

  #after(index: number): number[] {
    const { next = [], helped = [] } = this.nodes[index] ?? {};
    return helped.length > 0 ? [...next, ...helped] : next;
  }
}

/** Nobody must have to hang up or click for all to be settled, but for those who talk. */
function isHelpOf(step: Step, before: World): boolean {
  return step.do === 'leadHangsUp' && callAt(before, step.call).leg !== 'bridged';
}

const isFaultless = ({ losses, restarts, timers }: ExploreOptions): boolean =>
  losses === 0 && restarts === 0 && !timers;

export function stageOf({ leads, lines = leads, ringOut }: ExploreOptions): ExploredStage {
  return exploredStage({
    lines,
    detachedWithinMs: 120_000,
    closeWithinMs: 60_000,
    callLimits: {
      createWithinMs: 20_000,
      ringAtLeastMs: ringOut ? 15_000 : 0,
      ringAtMostMs: 45_000,
      bridgeWithinMs: 1500,
      askAgainAfterMs: 15_000,
      lookUpWithinMs: 120_000,
    },
  });
}

/** The sessions of a world, each restored from what was kept of it. */
export const sessionsOf = (stage: ExploredStage, { agents }: World): ExploredSession[] =>
  agents.map(({ session }, agent) => new ExploredSession(stage, agent, session));

/** Every agent has signed in, and her phone waits in her queue. */
export function beginning(
  stage: ExploredStage,
  options: ExploreOptions,
): { world: World; sessions: ExploredSession[] } {
  const { duplicates, losses, restarts, clicks } = options;
  const sessions = Array.from({ length: options.agents }, (_, agent) => {
    const session = new ExploredSession(stage, agent, null);
    const sid = phoneSid(agent, 1);
    session.deliver({ type: 'consumer.connected', sid }, { kind: 'codeKeyed', id: sid, step: 1 });
    session.orders.length = 0;
    return session;
  });
  const world: World = {
    agents: sessions.map((session) => ({
      session: session.save(false),
      phone: 'waiting',
      phones: 1,
      partner: null,
      clicks: { ...clicks },
    })),
    calls: Array.from({ length: options.leads }, (_, index) => modelCall(index)),
    flights: [],
    said: {},
    left: { duplicates, losses, restarts },
  };
  return { world, sessions };
}
