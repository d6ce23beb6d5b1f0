import { WebSocket } from 'ws';
import type { Method, NotificationName, Params, View } from '../protocol/messages.ts';

interface Message {
  id?: number;
  result?: { token?: string };
  error?: { code: number; message: string; data?: { reason: string } };
  method?: NotificationName;
  params?: { view?: View; callId?: string; outcome?: string };
}

/** A request's end: acknowledged, refused in words, or nobody knows because the connection broke first. */
export type Answer =
  | { kind: 'done'; token: string | null }
  | { kind: 'refused'; code: number; reason: string }
  | { kind: 'lost' };

export interface PageEvents {
  viewed(view: View): void;
  /** The notice that an attempt is over. */
  ended(callId: string, outcome: string): void;
  answered(callId: string): void;
  /** Called for every message, in the tick in which it arrives. */
  heard(): void;
}

/** An agent's page without a browser, for as long as its socket lives. */
export class PageLink {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #nextId = 1;
  isOpen = true;

  private constructor(socket: WebSocket, events: PageEvents) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      events.heard();
      this.#hear(JSON.parse(data.toString()) as Message, events);
    });
    socket.on('close', () => this.#end());
    socket.on('error', () => this.#end());
  }

  /** Null when nobody listens there now. */
  static open(url: string, events: PageEvents): Promise<PageLink | null> {
    const socket = new WebSocket(new URL('/agent', url).href.replace('http', 'ws'), {
      origin: new URL(url).origin,
    });
    return new Promise((resolve) => {
      socket.once('open', () => resolve(new PageLink(socket, events)));
      socket.once('error', () => resolve(null));
    });
  }

  request<M extends Method>(method: M, params: Params<M>): Promise<Answer> {
    if (!this.isOpen) return Promise.resolve({ kind: 'lost' });
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  drop(): void {
    this.#socket.terminate();
    this.#end();
  }

  #end(): void {
    this.isOpen = false;
    for (const resolve of this.#waiting.values()) resolve({ kind: 'lost' });
    this.#waiting.clear();
  }

  #hear({ id, result, error, method, params }: Message, events: PageEvents): void {
    if (id !== undefined && method === undefined) {
      this.#waiting.get(id)?.(
        error
          ? { kind: 'refused', code: error.code, reason: error.data?.reason ?? error.message }
          : { kind: 'done', token: result?.token ?? null },
      );
      this.#waiting.delete(id);
      return;
    }
    if (method === 'session.view' && params?.view) events.viewed(params.view);
    if (method === 'call.ended') events.ended(params?.callId ?? '', params?.outcome ?? '');
    if (method === 'call.answered') events.answered(params?.callId ?? '');
  }
}
