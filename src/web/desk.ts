import type { Handset, Method, Params, View } from '../protocol/messages.ts';
import {
  Connection,
  type AnyNotification,
  type Answer,
  type Link,
  type Refusal,
} from './connection.ts';
import { pageFetch } from './page-fetch.ts';
import type { Result, Welcome } from './results.ts';
import type { TokenStore } from './tab-store.ts';

/** A result without a view that follows it: the click changed nothing to be shown. */
const VIEW_FOLLOWS_WITHIN_MS = 1_000;

const RECENTLY_MS = 10_000;

/** All that the page knows. The view is the server's last word; `link` tells whether it still is. */
export interface DeskState {
  link: Link;
  simulated: boolean;
  view: View | null;
  /** Server's milliseconds since 1970 minus this page's `performance.now()`. */
  serverOffsetMs: number;
  handset: Handset | null;
  /** Sent, and neither refused nor followed by a view yet. */
  pending: ReadonlySet<Method>;
}

/** What happens once and is not state: the bridge (for the cue) and refused commands (for the message). */
export interface DeskEvents {
  answered: () => void;
  refused: (method: Method, refusal: Refusal) => void;
  /** A call was not placed: the telephone network did not take the number. */
  notPlaced: (name: string) => void;
  /** The telephone network asked something that did not fit. */
  anomaly: () => void;
  leadsChanged: () => void;
  importing: (done: number, total: number) => void;
}

const EMPTY: DeskState = {
  link: { kind: 'signedOut', reason: 'fresh' },
  simulated: false,
  view: null,
  serverOffsetMs: 0,
  handset: null,
  pending: new Set(),
};

/** The page's model: the connection's words made into one state that components subscribe to. */
export class Desk {
  #state = EMPTY;
  #viewsSeen = 0;
  #isLeaving = false;
  /** Commands whose result is here; the next view takes them out of `pending`. */
  readonly #carriedOut = new Set<Method>();
  readonly #listeners = new Set<() => void>();
  readonly #eventListeners: { [E in keyof DeskEvents]: Set<DeskEvents[E]> } = {
    answered: new Set(),
    refused: new Set(),
    notPlaced: new Set(),
    anomaly: new Set(),
    leadsChanged: new Set(),
    importing: new Set(),
  };
  readonly #tokens: TokenStore;
  readonly #connection: Connection;

  constructor(openSocket: () => WebSocket, tokens: TokenStore) {
    this.#tokens = tokens;
    this.#connection = new Connection({
      role: 'agent',
      openSocket,
      tokens,
      onLink: (link) => this.#linked(link),
      onWelcome: ({ simulated = false }) => this.#set({ simulated }),
      onNotification: (notification) => this.#notified(notification),
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): DeskState => this.#state;

  on<E extends keyof DeskEvents>(event: E, listener: DeskEvents[E]): () => void {
    this.#eventListeners[event].add(listener);
    return () => this.#eventListeners[event].delete(listener);
  }

  start(): void {
    this.#connection.start();
  }
  signIn(name: string, passphrase: string | null): Promise<Answer<Welcome>> {
    return this.#connection.signIn(name, passphrase);
  }
  takeOver(): void {
    this.#connection.takeOver();
  }
  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Asks without marking anything as pending: for lists and for keys pressed one after the other. */
  ask<M extends Method>(method: M, params: Params<M>): Promise<Answer<Result<M>>> {
    return this.#connection.request(method, params);
  }

  /** Asks the server over HTTP, as this session: for files, in and out. */
  fetch(path: string, init: { method: 'GET' | 'POST'; body?: Blob }): Promise<Response> {
    return pageFetch(this.#tokens, path, { ...init, type: 'text/csv' });
  }

  /** Sends a command once; further clicks wait until the server has spoken. */
  async command<M extends Method>(method: M, params: Params<M>): Promise<boolean> {
    if (this.#state.pending.has(method)) return false;
    this.#setPending(method, true);
    const viewsBefore = this.#viewsSeen;
    const answer = await this.#connection.request(method, params);
    if (!answer.ok) {
      this.#setPending(method, false);
      for (const listener of this.#eventListeners.refused) listener(method, answer.refusal);
      return false;
    }
    if (this.#viewsSeen > viewsBefore) this.#setPending(method, false);
    else this.#awaitView(method);
    return true;
  }

  /** However the server says goodbye (result, last view or close code), it was the agent's wish. */
  async signOut(): Promise<void> {
    this.#isLeaving = true;
    const answer = await this.#connection.request('agent.signOut', {});
    if (answer.ok) this.#connection.leave('left');
    this.#isLeaving = false;
    if (answer.ok || this.#state.link.kind === 'signedOut') return;
    for (const listener of this.#eventListeners.refused) listener('agent.signOut', answer.refusal);
  }

  #notified({ method, params }: AnyNotification): void {
    switch (method) {
      case 'session.view':
        this.#viewsSeen += 1;
        if (params.view.state === 'completed') {
          return this.#connection.leave('ended');
        }
        for (const carriedOut of this.#carriedOut) this.#setPending(carriedOut, false);
        this.#noteAnomaly(params.view, params.now);
        return this.#set({
          view: params.view,
          serverOffsetMs: params.now - performance.now(),
        });
      case 'handset.changed':
        return this.#set({ handset: params.handset });
      case 'call.answered':
        for (const listener of this.#eventListeners.answered) listener();
        return;
      case 'leads.changed':
        for (const listener of this.#eventListeners.leadsChanged) listener();
        return;
      case 'leads.importing':
        for (const listener of this.#eventListeners.importing) listener(params.done, params.total);
        return;
      case 'call.ended':
        if (params.outcome === 'refused') this.#noteNotPlaced(params.leadId);
        return;
      case 'floor.view':
      case 'server.beat':
      case 'list.finished':
        // The view says the same, and says it again after a reload.
        return;
    }
  }

  /** Only what has just happened: the same view comes again after every reload. */
  #noteAnomaly({ anomalyAt }: View, now: number): void {
    const before = this.#state.view?.anomalyAt ?? null;
    if (anomalyAt === null || anomalyAt === before || now - anomalyAt > RECENTLY_MS) return;
    for (const listener of this.#eventListeners.anomaly) listener();
  }

  #noteNotPlaced(leadId: string): void {
    const { calls = [], recent = [] } = this.#state.view ?? {};
    const call = [...calls, ...recent].find(({ lead }) => lead.leadId === leadId);
    for (const listener of this.#eventListeners.notPlaced) listener(call?.lead.name ?? '');
  }

  #linked(link: Link): void {
    if (link.kind !== 'signedOut') return this.#set({ link });
    const reason = this.#isLeaving ? 'left' : link.reason;
    this.#set({ ...EMPTY, link: { kind: 'signedOut', reason } });
  }

  #awaitView(method: Method): void {
    this.#carriedOut.add(method);
    setTimeout(() => {
      if (this.#carriedOut.has(method)) this.#setPending(method, false);
    }, VIEW_FOLLOWS_WITHIN_MS);
  }

  #setPending(method: Method, isPending: boolean): void {
    this.#carriedOut.delete(method);
    if (this.#state.pending.has(method) === isPending) return;
    const pending = new Set(this.#state.pending);
    if (isPending) pending.add(method);
    else pending.delete(method);
    this.#set({ pending });
  }

  #set(change: Partial<DeskState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
