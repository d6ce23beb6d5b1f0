import type { FastifyInstance } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import type { SessionId } from '../domain/ids.ts';
import {
  WATCH_REQUESTS,
  type WatchMethod,
  type WatchNotification,
  type WatchNotificationName,
  type WatchParams,
} from '../protocol/machines.ts';
import { CLOSE_CODES } from '../protocol/messages.ts';
import type { Following, FloorWatch } from '../watch/floor-watch.ts';
import { failures, type RpcFailure } from './json-rpc.ts';
import { refuseForeignOrigin, sendMessage, sharedNotification } from './page-sockets.ts';
import type { PageTokens } from './page-token.ts';
import { compiledLater } from './validation.ts';

export interface ChartsSocketOptions {
  watch: FloorWatch;
  tokens: PageTokens;
  /** Whether the session of a token is alive: a token outlives its session. */
  isLive: (sessionId: SessionId) => boolean;
  /** Origins of pages that may open a socket (threat T7). */
  origins: () => readonly string[];
  now: () => number;
}

/** As on the agent's socket. */
const SIGN_IN_WITHIN_MS = 5000;
const MAX_MESSAGES_PER_SECOND = 20;
/** A reader that is this far behind misses floors until it has caught up; each one is whole. */
const BEHIND_BYTES = 256 * 1024;
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const CLOSE_BINARY = 1003;
const CLOSE_POLICY = 1008;

const validators = new Map(
  Object.entries(WATCH_REQUESTS).map(([method, schema]) => [method, compiledLater(schema)]),
);

/** The live charts' way out, at `/watch`; on the scope where `@fastify/websocket` is registered. */
export function chartsSocket(app: FastifyInstance, options: ChartsSocketOptions): void {
  app.get(
    '/watch',
    {
      websocket: true,
      preValidation: refuseForeignOrigin(options.origins),
    },
    (socket) => void new ChartsPage(socket, options),
  );
}

/** One page that watches. It may only look: no request of it changes anything. */
class ChartsPage {
  readonly #socket: WebSocket;
  readonly #options: ChartsSocketOptions;
  #sessionId: SessionId | null = null;
  #stopWatching: (() => void) | null = null;
  #following: Following | null = null;
  #seq = 0;
  #recent: number[] = [];
  #isClosed = false;

  constructor(socket: WebSocket, options: ChartsSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    const impatience = setTimeout(() => {
      if (!this.#sessionId) socket.close(CLOSE_CODES.notSignedIn, 'sign in first');
    }, SIGN_IN_WITHIN_MS);
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('close', () => {
      clearTimeout(impatience);
      this.#isClosed = true;
      this.#stopWatching?.();
      this.#stopFollowing();
    });
  }

  #stopFollowing(): void {
    this.#following?.stop();
    this.#following = null;
  }

  #hear(data: RawData, isBinary: boolean): void {
    if (isBinary) return this.#socket.close(CLOSE_BINARY, 'text only');
    if (this.#isFlood()) return this.#socket.close(CLOSE_CODES.flood, 'too many messages');
    // ws gives text as one Buffer unless told otherwise.
    const request = readRequest((data as Buffer).toString('utf8'));
    if (request === null) return this.#socket.close(CLOSE_POLICY, 'not a request of this protocol');
    void this.#answer(request.method, request.params).then(
      (answer) => this.#send({ jsonrpc: '2.0', id: request.id, ...answer }),
      () => this.#send({ jsonrpc: '2.0', id: request.id, error: failures.internal }),
    );
  }

  async #answer(
    method: WatchMethod,
    params: unknown,
  ): Promise<{ result: object } | { error: RpcFailure }> {
    if (method === 'machines.watch') return this.#watch(params as WatchParams<typeof method>);
    if (!this.#sessionId) return { error: failures.notSignedIn };
    if (!this.#options.isLive(this.#sessionId)) return { error: failures.sessionOver };
    if (method === 'machines.session') return this.#follow(params as WatchParams<typeof method>);
    const { sessionId, seq } = params as WatchParams<typeof method>;
    const moment = await this.#options.watch.at(sessionId as SessionId, seq);
    return moment ? { result: moment } : { error: failures.sessionOver };
  }

  #watch({ token }: WatchParams<'machines.watch'>): { result: object } | { error: RpcFailure } {
    const sessionId = this.#options.tokens.read(token);
    if (!sessionId || !this.#options.isLive(sessionId)) return { error: failures.sessionOver };
    this.#sessionId = sessionId;
    // After the answer, so that a page hears that it is let in first.
    setImmediate(() => {
      if (this.#isClosed) return;
      this.#stopWatching ??= this.#options.watch.watch((floor) => {
        if (!this.#isStillLetIn() || this.#socket.bufferedAmount > BEHIND_BYTES) return;
        this.#send(sharedNotification('machines.floor', ++this.#seq, floor));
      });
    });
    return { result: {} };
  }

  /** Who has signed out sees no more. */
  #isStillLetIn(): boolean {
    const isLive = this.#sessionId !== null && this.#options.isLive(this.#sessionId);
    if (!isLive) this.#socket.close(CLOSE_CODES.notSignedIn, 'the session is over');
    return isLive;
  }

  async #follow({ sessionId }: WatchParams<'machines.session'>): Promise<{ result: object }> {
    this.#stopFollowing();
    if (sessionId === null) return { result: { cut: 0, steps: [] } };
    const id = sessionId as SessionId;
    const following = await this.#options.watch.session(id, (step) => {
      if (this.#isStillLetIn()) this.#notify('machines.step', { sessionId: id, step });
    });
    // Another was asked for meanwhile, or the page has gone.
    this.#stopFollowing();
    this.#following = following;
    if (this.#isClosed) this.#stopFollowing();
    return { result: { cut: following.cut, steps: following.steps } };
  }

  #notify<N extends WatchNotificationName>(
    method: N,
    params: Omit<WatchNotification<N>, 'seq'>,
  ): void {
    this.#send({ jsonrpc: '2.0', method, params: { seq: ++this.#seq, ...params } });
  }

  #send(message: object | Buffer): void {
    sendMessage(this.#socket, message, MAX_BUFFERED_BYTES);
  }

  #isFlood(): boolean {
    const now = this.#options.now();
    this.#recent = [...this.#recent.filter((at) => now - at < 1000), now];
    return this.#recent.length > MAX_MESSAGES_PER_SECOND;
  }
}

function readRequest(text: string): { id: number; method: WatchMethod; params: unknown } | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    // Not JSON: the caller closes the socket.
    return null;
  }
  if (typeof message !== 'object' || message === null) return null;
  const { jsonrpc, id, method, params } = message as Record<string, unknown>;
  if (jsonrpc !== '2.0' || typeof id !== 'number' || typeof method !== 'string') return null;
  if (validators.get(method)?.().Check(params) !== true) return null;
  return { id, method: method as WatchMethod, params };
}
