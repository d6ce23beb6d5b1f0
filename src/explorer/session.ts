import { createActor, type Actor } from 'xstate';
import type { AgentSessionInput } from '../../machines/agent-session.ts';
import { composeSession, type OrderSink, type SessionMachine } from '../dialer/compose.ts';
import type { ReplyKey, RestQuestion } from '../dialer/ports.ts';
import { planFor, type AnsweringSession } from '../dialer/replies.ts';
import type { AskedSession } from '../dialer/requests.ts';
import type { CallSnapshot, SessionSnapshot } from '../dialer/session-host.ts';
import type { ViewedSession } from '../dialer/view.ts';
import type { EffectOrder, SessionEvent } from '../domain/events.ts';
import type { AgentId, CallId, CallSid, SessionId } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { sessionIdOf, type SavedSession } from './world.ts';

/** A clock on which nothing ever fires: timers are steps of the exploration. So no actor needs to be stopped. */
const STOPPED = { setTimeout: () => 0, clearTimeout: () => {} };

/** The charts as the product composes them, and the sink that their orders run into. */
export interface ExploredStage {
  machine: SessionMachine;
  sink: OrderSink;
  /** The same for every agent, but for whose it is. */
  settings: SessionSettings;
}

export type SessionSettings = Omit<AgentSessionInput, 'sessionId' | 'agentId'>;

export const inputOf = ({ settings }: ExploredStage, agent: number): AgentSessionInput => ({
  ...settings,
  sessionId: sessionIdOf(agent),
  agentId: `agent-${agent + 1}` as AgentId,
});

/** What a session was told, as its journal would have it; a timer by its event's name. */
export type Told =
  | { event: SessionEvent; reply: ReplyKey | null; rest: RestQuestion | null }
  | { timer: string };

export function exploredStage(settings: SessionSettings): ExploredStage {
  const sink: OrderSink = { take: () => {} };
  return { machine: composeSession(sink), sink, settings };
}

/** One session, restored for a step: the product's charts and reply code, without its clock, journal and effects. */
export class ExploredSession implements AskedSession, AnsweringSession, ViewedSession {
  readonly agent: number;
  readonly sessionId: SessionId;
  readonly opening: ViewedSession['opening'];
  /** What a page shows besides is of no order: nobody has a name, nothing has a time. */
  readonly leads: ViewedSession['leads'] = new Map();
  readonly recent: ViewedSession['recent'] = [];
  readonly listFinished = false;
  readonly anomalyAt = null;
  dialStep = 0;
  expires = false;
  readonly orders: EffectOrder[] = [];
  readonly told: Told[] = [];
  error: unknown = null;
  readonly #stage: ExploredStage;
  readonly #actor: Actor<SessionMachine>;
  readonly #replies: Map<string, TwimlPlan>;

  constructor(stage: ExploredStage, agent: number, saved: SavedSession | null) {
    const clock = STOPPED as never;
    const { machine } = stage;
    const input = inputOf(stage, agent);
    this.#stage = stage;
    this.agent = agent;
    this.sessionId = input.sessionId;
    this.opening = { ...input, agentName: '' };
    this.#actor = createActor(
      machine,
      saved ? { input, clock, snapshot: JSON.parse(saved.persisted) as never } : { input, clock },
    );
    this.#replies = new Map(saved?.replies);
    this.dialStep = saved?.dialStep ?? 0;
    this.expires = saved?.expires ?? false;
    this.#actor.subscribe({ error: (error) => (this.error = error) });
    this.#step(() => void this.#actor.start());
  }

  get snapshot(): SessionSnapshot {
    return this.#actor.getSnapshot();
  }

  get isClosed(): boolean {
    return this.snapshot.hasTag('closed');
  }

  call(callId: CallId): CallSnapshot | null {
    return this.snapshot.children[callId]?.getSnapshot() ?? null;
  }

  ended(): null {
    return null;
  }

  since(): number {
    return 0;
  }

  callOfLeg(sid: CallSid): CallId | null {
    return this.snapshot.context.open.find((id) => this.call(id)?.context.sid === sid) ?? null;
  }

  replyTo(key: ReplyKey): TwimlPlan | null {
    return this.#replies.get(keyOf(key)) ?? null;
  }

  /** `rest`: the question to Twilio whose answer this is. */
  deliver(
    event: SessionEvent,
    key: ReplyKey | null = null,
    rest: RestQuestion | null = null,
  ): TwimlPlan | null {
    this.told.push({ event, reply: key, rest });
    this.#step(() => this.#actor.send(event));
    if (!key) return null;
    const plan = planFor(this, key, event);
    this.#replies.set(keyOf(key), plan);
    return plan;
  }

  /** Lets a timer of the session or of one of its calls fire. */
  fire(callId: CallId | null, type: string): void {
    this.told.push({ timer: type });
    const event = { type } as never;
    this.#step(() => {
      if (callId === null) this.#actor.send(event);
      else this.snapshot.children[callId]?.send(event);
    });
  }

  /** The sink is shared by all sessions, as a dialer's is: what one session orders in its step is its own. */
  #step(run: () => void): void {
    this.#stage.sink.take = (order) => void this.orders.push(order);
    run();
  }

  /** Objects that stay the same exactly as long as nothing changes: the session's context and state, its calls' snapshots. */
  identity(): unknown[] {
    const { snapshot } = this;
    const calls = Object.values(snapshot.children).map((child) => child?.getSnapshot());
    return [snapshot.context, JSON.stringify(snapshot.value), ...calls];
  }

  get replies(): [key: string, plan: TwimlPlan][] {
    return [...this.#replies];
  }

  get persisted(): unknown {
    return this.#actor.getPersistedSnapshot();
  }

  save(keepReplies: boolean): SavedSession {
    return {
      persisted: JSON.stringify(this.persisted),
      dialStep: this.dialStep,
      replies: keepReplies ? this.replies : [],
      expires: this.expires,
    };
  }
}

/** A session as it is now: whether anything has changed since. */
export class Look {
  readonly session: ExploredSession;
  readonly told: number;
  readonly #identity: unknown[];
  readonly #orders: number;

  constructor(session: ExploredSession) {
    this.session = session;
    this.told = session.told.length;
    this.#identity = session.identity();
    this.#orders = session.orders.length;
  }

  get isSame(): boolean {
    const identity = this.session.identity();
    return (
      this.session.orders.length === this.#orders &&
      identity.length === this.#identity.length &&
      identity.every((part, index) => part === this.#identity[index])
    );
  }
}

const keyOf = ({ kind, id, sid, step }: ReplyKey): string => `${kind}/${id}/${sid ?? ''}/${step}`;
