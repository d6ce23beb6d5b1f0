import { createActor, type Actor, type AnyActorRef, type InspectionEvent } from 'xstate';
import { arrowId, leafPath } from '../charts/chart.ts';
import { composeSession, type OrderSink, type SessionMachine } from '../dialer/compose.ts';
import { JournalClock } from '../dialer/journal-clock.ts';
import type { HostCheckpoint, SessionOpening } from '../dialer/ports.ts';
import type { HostEntry, SessionSnapshot } from '../dialer/session-host.ts';
import type { CallId, LeadId } from '../domain/ids.ts';
import { describeEntry } from './entry-words.ts';

/** One arrow that an actor took. `callId`: of the attempt; null for the session itself. */
export interface Taken {
  callId: CallId | null;
  arrow: string;
  event: string;
  from: string;
  to: string;
}

/** One journal entry and all that followed from it in the same turn. */
export interface TraceStep {
  /** Of the journal entry; -1 for the opening. */
  seq: number;
  at: number;
  event: string;
  detail: string | null;
  callId: CallId | null;
  taken: Taken[];
  /** Kinds of the effects that were ordered, in order. */
  orders: string[];
  /** Where everything stands now. */
  session: string;
  calls: { callId: CallId; leadId: LeadId; state: string }[];
}

export interface Place {
  /** Null from the opening on. */
  from?: HostCheckpoint | undefined;
  opening: SessionOpening;
  at: number;
  /** For an inspector: everything that XState says of the actors. */
  inspect?: (event: InspectionEvent) => void;
}

/**
 * Actors of our own that take the steps of one session from its journal: nothing of the running session is touched, so
 * looking at it changes nothing.
 */
export class Trace {
  readonly first: TraceStep;
  readonly #clock = new JournalClock();
  readonly #actor: Actor<SessionMachine>;
  readonly #leaf = new Map<string, string>();
  #taken: Taken[] = [];
  #orders: string[] = [];

  constructor({ opening, at, from, inspect }: Place) {
    const sink: OrderSink = { take: (order) => this.#orders.push(order.kind) };
    this.#clock.restore(at, from?.nextTimer ?? 0);
    const { agentName: _agentName, ...input } = opening; // The charts hold no names.
    this.#actor = createActor(composeSession(sink), {
      clock: this.#clock,
      input,
      ...(from ? { snapshot: from.snapshot as SessionSnapshot } : {}),
      inspect: (event) => {
        this.#see(event);
        inspect?.(event);
      },
    });
    this.#actor.start();
    this.first = this.#step((from?.seq ?? 0) - 1, at, {
      event: from ? 'checkpoint' : 'opened',
      detail: null,
      callId: null,
    });
  }

  apply(entry: HostEntry): TraceStep {
    this.#clock.now = entry.at;
    if ('timer' in entry) this.#clock.fire(entry.timer);
    else this.#actor.send(entry.event);
    return this.#step(entry.seq, entry.at, describeEntry(entry));
  }

  stop(): void {
    this.#actor.stop();
  }

  #see(event: InspectionEvent): void {
    if (event.type !== '@xstate.microstep' && event.type !== '@xstate.snapshot') return;
    const { rootId } = event;
    const actorRef = event.actorRef as AnyActorRef; // Charts only: both are whole actors.
    const isRoot = actorRef.sessionId === rootId;
    if (!('value' in event.snapshot)) return;
    const id = isRoot ? '' : actorRef.id;
    const to = leafPath(event.snapshot.value);
    const from = this.#leaf.get(id) ?? to;
    this.#leaf.set(id, to);
    if (event.type !== '@xstate.microstep') return;
    const callId = isRoot ? null : (actorRef.id as CallId);
    // oxlint-disable-next-line no-underscore-dangle -- XState's name for it, in its types
    for (const transition of event._transitions) {
      const arrow = arrowId(transition);
      this.#taken.push({ callId, arrow, event: event.event.type, from, to });
    }
  }

  #step(seq: number, at: number, words: ReturnType<typeof describeEntry>): TraceStep {
    const { value, children } = this.#actor.getSnapshot();
    const calls = Object.entries(children).flatMap(([id, child]) => {
      const snapshot = child?.getSnapshot();
      if (!snapshot) return [];
      return {
        callId: id as CallId,
        leadId: snapshot.context.leadId,
        state: leafPath(snapshot.value),
      };
    });
    const step = {
      seq,
      at,
      ...words,
      taken: this.#taken,
      orders: this.#orders,
      session: leafPath(value),
      calls,
    };
    this.#taken = [];
    this.#orders = [];
    return step;
  }
}
