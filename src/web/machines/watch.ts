// The page's second socket: it looks, and can do nothing else.
//   L1. One socket while the page of the charts is open, none otherwise.
//   L2. A lost socket is replaced after a second; what was followed is followed again from its journal.
//   L3. What does not fit the schema is not shown: the page says that it is out of date.
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import {
  WATCH_NOTIFICATIONS,
  WATCH_RESULTS,
  type FloorAnomaly,
  type FloorEvent,
  type FloorSession,
  type Moment,
  type Step,
  type WatchMethod,
  type WatchNotification,
  type WatchParams,
  type WatchResult,
} from '../../protocol/machines.ts';

export interface WatchState {
  link: 'connecting' | 'open' | 'lost' | 'refused' | 'mismatch';
  sessions: readonly FloorSession[];
  unlisted: number;
  /** Newest first. */
  events: readonly FloorEvent[];
  anomalies: readonly FloorAnomaly[];
  /** The session that is followed, oldest step first. */
  followed: { sessionId: string; cut: number; steps: readonly Step[] } | null;
}

const EVENTS_SHOWN = 40;
const STEPS_KEPT = 2000;
const RETRY_AFTER_MS = 1000;
const NOTHING: WatchState = {
  link: 'connecting',
  sessions: [],
  unlisted: 0,
  events: [],
  anomalies: [],
  followed: null,
};

interface Waiting {
  method: WatchMethod;
  settle: (result: unknown) => void;
}

export class Watch {
  #state = NOTHING;
  #socket: WebSocket | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #nextId = 1;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<() => void>();
  readonly #readToken: () => string | null;

  constructor(readToken: () => string | null) {
    this.#readToken = readToken;
  }

  readonly read = (): WatchState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Opens the socket; returns how to close it (L1). */
  open(): () => void {
    this.#connect();
    return () => {
      if (this.#retry) clearTimeout(this.#retry);
      const socket = this.#socket;
      this.#socket = null;
      socket?.close();
    };
  }

  async follow(sessionId: string | null): Promise<void> {
    this.#set({ followed: sessionId === null ? null : { sessionId, cut: 0, steps: [] } });
    const result = await this.#ask('machines.session', { sessionId });
    const { followed } = this.#state;
    if (!result || sessionId === null || followed?.sessionId !== sessionId) return;
    const last = result.steps.at(-1)?.seq ?? -2;
    const later = followed.steps.filter(({ seq }) => seq > last);
    this.#set({ followed: { sessionId, cut: result.cut, steps: [...result.steps, ...later] } });
  }

  /** Null where the server cannot say. */
  at(sessionId: string, seq: number): Promise<Moment | null> {
    return this.#ask('machines.at', { sessionId, seq });
  }

  #connect(): void {
    const url = new URL('watch', document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener('open', () => void this.#enter());
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#hear(String(data));
    });
    socket.addEventListener('close', () => {
      if (socket !== this.#socket) return;
      for (const { settle } of this.#waiting.values()) settle(null);
      this.#waiting.clear();
      if (this.#state.link === 'mismatch') return;
      this.#set({ link: this.#state.link === 'refused' ? 'refused' : 'lost' });
      this.#retry = setTimeout(() => this.#connect(), RETRY_AFTER_MS);
    });
  }

  async #enter(): Promise<void> {
    const token = this.#readToken();
    const result = token === null ? null : await this.#ask('machines.watch', { token });
    this.#set({ link: result ? 'open' : 'refused' });
    const { followed } = this.#state;
    if (result && followed) await this.follow(followed.sessionId);
  }

  #ask<M extends WatchMethod>(method: M, params: WatchParams<M>): Promise<WatchResult<M> | null> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      // #answered has checked the result of this very method.
      const settle = (result: unknown): void => resolve(result as WatchResult<M> | null);
      this.#waiting.set(id, { method, settle });
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  #hear(text: string): void {
    const message = JSON.parse(text) as Record<string, unknown>;
    if (typeof message['id'] === 'number') return this.#answered(message['id'], message['result']);
    const { method, params } = message;
    if (typeof method !== 'string' || !(method in WATCH_NOTIFICATIONS)) return;
    const schema: TSchema = WATCH_NOTIFICATIONS[method as keyof typeof WATCH_NOTIFICATIONS];
    if (!Value.Check(schema, params)) return this.#misunderstood();
    if (method === 'machines.floor') this.#floor(params as WatchNotification<'machines.floor'>);
    else this.#step(params as WatchNotification<'machines.step'>);
  }

  #answered(id: number, result: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!waiting) return;
    const schema: TSchema = WATCH_RESULTS[waiting.method];
    if (result !== undefined && !Value.Check(schema, result)) this.#misunderstood();
    waiting.settle(result ?? null);
  }

  #floor(floor: WatchNotification<'machines.floor'>): void {
    const { sessions, unlisted } = floor;
    const events = [...floor.events.toReversed(), ...this.#state.events].slice(0, EVENTS_SHOWN);
    const anomalies = [...floor.anomalies.toReversed(), ...this.#state.anomalies];
    this.#set({ sessions, unlisted, events, anomalies: anomalies.slice(0, EVENTS_SHOWN) });
  }

  #step({ sessionId, step }: WatchNotification<'machines.step'>): void {
    const { followed } = this.#state;
    if (followed?.sessionId !== sessionId) return;
    const steps = [...followed.steps, step].slice(-STEPS_KEPT);
    this.#set({ followed: { ...followed, steps } });
  }

  #misunderstood(): void {
    this.#set({ link: 'mismatch' });
    this.#socket?.close();
  }

  #set(change: Partial<WatchState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
