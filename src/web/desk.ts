import type { Handset, Method, Params, View } from '../protocol/messages.ts';
import {
  Connection,
  type AnyNotification,
  type Answer,
  type Link,
  type Refusal,
} from './connection.ts';
import type { Result, Welcome } from './results.ts';
import type { TokenStore } from './tab-store.ts';

/** A result without a view that follows it: the click changed nothing to be shown. */
const VIEW_FOLLOWS_WITHIN_MS = 1_000;

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
  };
  readonly #connection: Connection;

  constructor(openSocket: () => WebSocket, tokens: TokenStore) {
    this.#connection = new Connection({
      openSocket,
      tokens,
      onLink: (link) => this.#linked(link),
      onWelcome: ({ simulated }) => this.#set({ simulated }),
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
        return this.#set({
          view: params.view,
          serverOffsetMs: params.now - performance.now(),
        });
      case 'handset.changed':
        return this.#set({ handset: params.handset });
      case 'call.answered':
        for (const listener of this.#eventListeners.answered) listener();
        return;
      case 'call.ended':
      case 'list.finished':
        // The view says the same, and says it again after a reload.
        return;
    }
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
