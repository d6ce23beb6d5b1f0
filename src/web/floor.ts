import type { Floor } from '../protocol/messages.ts';
import { Connection, type Answer, type Link } from './connection.ts';
import type { Welcome } from './results.ts';
import type { TokenStore } from './tab-store.ts';

export interface FloorState {
  link: Link;
  floor: Floor | null;
  /** Server's milliseconds since 1970 minus this page's `performance.now()`. */
  serverOffsetMs: number;
  /** Whether the server has said that it wants a passphrase. */
  isClosed: boolean;
}

/** The supervisor's model: the server's last picture of the floor. It orders nothing. */
export class FloorModel {
  #state: FloorState = {
    link: { kind: 'connecting' },
    floor: null,
    serverOffsetMs: 0,
    isClosed: false,
  };
  readonly #listeners = new Set<() => void>();
  readonly #connection: Connection;

  constructor(openSocket: () => WebSocket, tokens: TokenStore) {
    this.#connection = new Connection({
      role: 'floor',
      openSocket,
      tokens,
      onLink: (link) => this.#set({ link }),
      onWelcome: () => this.#set({ isClosed: false }),
      onNotification: ({ method, params }) => {
        if (method !== 'floor.view') return;
        this.#set({ floor: params.floor, serverOffsetMs: params.now - performance.now() });
      },
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): FloorState => this.#state;

  /** Looks; a server with a passphrase lets in who says it. */
  async watch(passphrase: string | null): Promise<Answer<Welcome>> {
    const answer = await this.#connection.watch(passphrase);
    if (!answer.ok) this.#set({ isClosed: true });
    return answer;
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  #set(change: Partial<FloorState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
