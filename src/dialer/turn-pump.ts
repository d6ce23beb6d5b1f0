import type { SessionView } from '../domain/session-view.ts';
import type { SessionId } from '../domain/ids.ts';
import { DueHeap } from './due-heap.ts';
import type { Durability } from './durability.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { DialerPorts } from './ports.ts';
import type { KeyedOrder, SessionHost } from './session-host.ts';

/** What a turn of one session leaves to be done. */
export interface Turn {
  host: SessionHost;
  orders: KeyedOrder[];
  view: SessionView;
}

/** What the pump lets happen, and when is its business. */
export interface TurnWork {
  endTurn(host: SessionHost): Turn;
  carryOut(host: SessionHost, order: KeyedOrder): void;
  /** Its last turn is over. */
  closed(host: SessionHost): void;
}

/**
 * Sessions that something happened to: their orders and views leave once the journal is safe (D2), and their timers
 * fire when they are due. While the journal cannot be written both wait, as they would for a start.
 */
export class TurnPump {
  readonly #ports: DialerPorts;
  readonly #sessions: LiveSessions;
  readonly #durability: Durability;
  readonly #work: TurnWork;
  /** What each session's page may know: the last view that was durable. */
  readonly #told = new Map<SessionId, SessionView>();
  readonly #dirty = new Set<SessionHost>();
  readonly #due = new DueHeap<SessionId>();
  #pumping: Promise<void> | null = null;
  #wake: { at: number; cancel: () => void } | null = null;
  #stopped = false;

  constructor(ports: DialerPorts, sessions: LiveSessions, durability: Durability, work: TurnWork) {
    this.#ports = ports;
    this.#sessions = sessions;
    this.#durability = durability;
    this.#work = work;
  }

  /** After a turn of this session: its orders, its page and its timers are due. */
  touch(host: SessionHost | undefined): void {
    if (!host || this.#stopped) return;
    this.#dirty.add(host);
    const due = host.nextDue();
    if (due !== null) {
      this.#due.set(host.sessionId, due);
      this.#setWake();
    }
    this.#begin();
  }

  /** The last view that was durable; null if none was. */
  told({ sessionId }: SessionHost): SessionView | null {
    return this.#told.get(sessionId) ?? null;
  }

  /** The journal can be written again: whatever is due happens now. */
  goOn(): void {
    for (const host of this.#sessions.all()) this.#dirty.add(host);
    this.#runDue();
    this.#begin();
  }

  /** The session is over. */
  forget({ sessionId }: SessionHost): void {
    this.#told.delete(sessionId);
  }

  /** Another host has taken its place. */
  drop(host: SessionHost): void {
    this.#dirty.delete(host);
  }

  /** Resolves when what was begun is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.cancel();
    await this.#pumping;
  }

  #begin(): void {
    if (this.#durability.failure === null) this.#pumping ??= this.#pump();
  }

  /** Until nothing was touched meanwhile: flush, then the orders and views of what was (D2). */
  async #pump(): Promise<void> {
    await Promise.resolve(); // One turn is everything that happens in this tick.
    try {
      while (this.#dirty.size > 0) await this.#runTurn();
    } catch {
      // The journal failed and says so; what is dirty stays so until it can be written again.
    } finally {
      this.#pumping = null; // In the same tick as the last look at what is dirty: nothing slips between.
    }
  }

  async #runTurn(): Promise<void> {
    const turns = [...this.#dirty].map((host) => this.#work.endTurn(host));
    this.#dirty.clear();
    try {
      await this.#durability.flush();
    } catch (error) {
      // What the journal does not hold must not happen: the orders wait until it can be written again.
      for (const { host, orders } of turns) {
        host.putBack(orders);
        this.#dirty.add(host);
      }
      throw error;
    }
    for (const { host, orders, view } of turns) {
      for (const order of orders) this.#work.carryOut(host, order);
      this.#told.set(host.sessionId, view);
      this.#ports.notices.publish(host.sessionId, { type: 'view', view });
      // What came in during the flush has orders of its own: they are carried out before the session is closed.
      if (host.isClosed && !this.#dirty.has(host)) this.#work.closed(host);
    }
  }

  #setWake(): void {
    const at = this.#due.first?.due;
    if (at === undefined || (this.#wake && this.#wake.at <= at)) return;
    this.#wake?.cancel();
    this.#wake = { at, cancel: this.#ports.clock.wakeAt(at, () => this.#runDue()) };
  }

  #runDue(): void {
    this.#wake = null;
    if (this.#durability.failure !== null) return;
    const now = this.#ports.clock.now();
    for (let row = this.#due.first; row && row.due <= now; row = this.#due.first) {
      this.#due.pop();
      const host = this.#sessions.get(row.id);
      const due = host?.nextDue() ?? null;
      if (!host || due === null) continue;
      if (due <= now) host.runTimers(now);
      this.touch(host);
    }
    this.#setWake();
  }
}
