// The page's one socket to the server: owns it from the first word to the last.
//   C1. One socket at a time; what an older one still says is not heard.
//   C2. The first message on a socket is agent.signIn or agent.resume; nothing else goes out before its answer.
//   C3. `seq` grows by one on each socket. A gap means that a message is lost: the socket is dropped, the session resumed.
//   C4. A lost socket is replaced (0.2 s doubling to 5 s, jittered) unless the server said that it must not be.
//   C5. Every request ends: with its result, the server's error, or `lost`.
//   C7. The server says something every 15 s. After 35 s of silence the socket is lost, whatever it says itself.
//   C6. No command is ever sent twice. What became of a lost one is told by the next view.
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import {
  CLOSE_CODES,
  ERROR_CODES,
  NOTIFICATIONS,
  type Method,
  type Notification,
  type NotificationName,
  type Params,
} from '../protocol/messages.ts';
import { parseResult, type Result, type Welcome } from './results.ts';
import type { TokenStore } from './tab-store.ts';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5_000;
/** The server answers from memory and one fsync: past this the socket is taken for dead. */
const ANSWER_WITHIN_MS = 5_000;
/** Two beats of the server, and some patience with the network. */
const SILENT_AFTER_MS = 35_000;
/** RFC 6455: the server restarts. */
const CLOSE_RESTART = 1012;
/** A page that sends nothing sensible any more would only be told so again: 4000 is ours, the server ignores it. */
const CLOSE_BY_PAGE = 4000;

export type Link =
  | { kind: 'signedOut'; reason: 'fresh' | 'ended' | 'left' }
  | { kind: 'connecting' }
  | { kind: 'open' }
  | { kind: 'lost'; attempt: number; isRestart: boolean }
  | { kind: 'replaced' }
  /** The server speaks a version of the protocol that this page does not. */
  | { kind: 'mismatch' };

export interface Refusal {
  kind: 'refused' | 'lost';
  code: number;
  message: string;
  reason: string | null;
}
export type Answer<T> = { ok: true; result: T } | { ok: false; refusal: Refusal };

export type AnyNotification = {
  [N in NotificationName]: { method: N; params: Notification<N> };
}[NotificationName];

export interface ConnectionOptions {
  /** An agent’s page has a session; a supervisor’s only watches. */
  role: 'agent' | 'floor';
  openSocket: () => WebSocket;
  tokens: TokenStore;
  onLink: (link: Link) => void;
  onWelcome: (welcome: Welcome) => void;
  onNotification: (notification: AnyNotification) => void;
}

interface Waiting {
  method: Method;
  settle: (answer: Answer<unknown>) => void;
  deadline: ReturnType<typeof setTimeout>;
}

/** The session is over, or the passphrase is another one now. */
const ENDED: ReadonlySet<number> = new Set([ERROR_CODES.notSignedIn, ERROR_CODES.wrongPassphrase]);

const LOST: Answer<never> = {
  ok: false,
  refusal: { kind: 'lost', code: 0, message: 'connection lost', reason: null },
};

export class Connection {
  readonly #options: ConnectionOptions;
  #link: Link = { kind: 'signedOut', reason: 'fresh' };
  #socket: WebSocket | null = null;
  #welcomed = false;
  #nextId = 1;
  #lastSeq = 0;
  #attempt = 0;
  #isRestart = false;
  #silence: ReturnType<typeof setTimeout> | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  readonly #waiting = new Map<number, Waiting>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Resumes the session this tab had, if it had one. */
  start(): void {
    if (this.#options.tokens.read() === null) return;
    this.#setLink({ kind: 'connecting' });
    this.#resume();
  }

  /** A fresh socket for each try: the server gives a silent one only 5 s. */
  signIn(name: string, passphrase: string | null): Promise<Answer<Welcome>> {
    return this.#enter('agent.signIn', passphrase === null ? { name } : { name, passphrase });
  }

  /** The floor: let in by the token of this tab, or the passphrase where there is one. */
  watch(passphrase: string | null): Promise<Answer<Welcome>> {
    const token = this.#options.tokens.read();
    if (passphrase !== null) return this.#enter('floor.watch', { passphrase });
    return this.#enter('floor.watch', token === null ? {} : { token });
  }

  async #enter<M extends 'agent.signIn' | 'floor.watch'>(
    method: M,
    params: Params<M>,
  ): Promise<Answer<Welcome>> {
    const socket = this.#open();
    const answer = await new Promise<Answer<Welcome>>((resolve) => {
      socket.addEventListener('open', () => {
        resolve(this.#send(method, params));
      });
      socket.addEventListener('close', () => resolve(LOST));
    });
    if (answer.ok) this.#admit(answer.result);
    else this.#drop();
    return answer;
  }

  request<M extends Method>(method: M, params: Params<M>): Promise<Answer<Result<M>>> {
    return this.#welcomed ? this.#send(method, params) : Promise.resolve(LOST);
  }

  /** "Use it here", after another tab has replaced this one. */
  takeOver(): void {
    if (this.#link.kind !== 'replaced') return;
    this.#setLink({ kind: 'connecting' });
    this.#resume();
  }

  /** The network is back, or the agent has asked: no need to sit the delay out. */
  retryNow(): void {
    if (this.#link.kind !== 'lost' || this.#socket !== null) return;
    this.#resume();
  }

  /** The session is over, by the agent's word or the server's. */
  leave(reason: 'ended' | 'left'): void {
    this.#options.tokens.clear();
    this.#drop();
    this.#setLink({ kind: 'signedOut', reason });
  }

  #resume(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    const token = this.#options.tokens.read();
    if (token === null) return this.leave('ended');
    const socket = this.#open();
    socket.addEventListener('open', () => void this.#introduce(socket, token));
  }

  async #introduce(socket: WebSocket, token: string): Promise<void> {
    const isAgent = this.#options.role === 'agent';
    const answer: Answer<Welcome> = isAgent
      ? await this.#send('agent.resume', { token })
      : await this.#send('floor.watch', { token });
    if (socket !== this.#socket) return;
    if (answer.ok) this.#admit(answer.result);
    else if (ENDED.has(answer.refusal.code)) this.leave('ended');
    else this.#lose();
  }

  #admit(welcome: Welcome): void {
    this.#welcomed = true;
    this.#attempt = 0;
    this.#isRestart = false;
    this.#hearAnything();
    this.#options.tokens.write(welcome.token);
    this.#options.onWelcome(welcome);
    this.#setLink({ kind: 'open' });
  }

  #open(): WebSocket {
    this.#drop();
    const socket = this.#options.openSocket();
    this.#socket = socket;
    this.#lastSeq = 0;
    socket.addEventListener('message', ({ data }) => {
      if (socket !== this.#socket) return;
      if (this.#welcomed) this.#hearAnything();
      this.#hear(data);
    });
    socket.addEventListener('close', ({ code }) => {
      if (socket === this.#socket) this.#closed(code);
    });
    return socket;
  }

  #closed(code: number): void {
    if (code === CLOSE_CODES.replaced) {
      this.#drop();
      this.#setLink({ kind: 'replaced' });
    } else if (this.#link.kind === 'signedOut') {
      this.#drop();
    } else if (code === CLOSE_CODES.notSignedIn) {
      this.leave('ended');
    } else {
      this.#isRestart ||= code === CLOSE_RESTART;
      this.#lose();
    }
  }

  /** C7. */
  #hearAnything(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), SILENT_AFTER_MS);
  }

  /** C4. */
  #lose(): void {
    this.#drop();
    if (this.#link.kind === 'signedOut') return;
    const fullMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#setLink({ kind: 'lost', attempt: this.#attempt, isRestart: this.#isRestart });
    this.#retry = setTimeout(() => this.#resume(), fullMs * (0.5 + Math.random() / 2));
  }

  /** C1 and C5: the socket is forgotten at once, however long its closing takes. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = null;
    socket?.close(CLOSE_BY_PAGE);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { settle, deadline } of waiting) {
      clearTimeout(deadline);
      settle(LOST);
    }
  }

  #send<M extends Method>(method: M, params: Params<M>): Promise<Answer<Result<M>>> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, {
        method,
        // parseResult has checked the result of this very method.
        settle: (answer) => resolve(answer as Answer<Result<M>>),
        deadline: setTimeout(() => this.#lose(), ANSWER_WITHIN_MS),
      });
      this.#socket?.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  #hear(data: unknown): void {
    const message = parseObject(data);
    if (message === null) return this.#misunderstood();
    if (typeof message['method'] === 'string') return this.#notified(message);
    const waiting = typeof message['id'] === 'number' ? this.#waiting.get(message['id']) : null;
    if (!waiting) return;
    this.#waiting.delete(message['id'] as number);
    clearTimeout(waiting.deadline);
    if ('error' in message)
      return waiting.settle({ ok: false, refusal: refusal(message['error']) });
    const result = parseResult(waiting.method, message['result']);
    if (result !== null) return waiting.settle({ ok: true, result });
    waiting.settle(LOST);
    this.#misunderstood();
  }

  /** C3. A notification this page does not know is a newer server's: it counts, and is passed over. */
  #notified(message: Record<string, unknown>): void {
    const params = message['params'] as { seq?: unknown } | undefined;
    if (params?.seq !== this.#lastSeq + 1) return this.#lose();
    this.#lastSeq += 1;
    const method = message['method'] as string;
    if (!(method in NOTIFICATIONS)) return;
    const schema: TSchema = NOTIFICATIONS[method as NotificationName];
    if (!Value.Check(schema, params)) return this.#misunderstood();
    this.#options.onNotification({ method, params } as AnyNotification);
  }

  #misunderstood(): void {
    this.#drop();
    this.#setLink({ kind: 'mismatch' });
  }

  #setLink(link: Link): void {
    this.#link = link;
    this.#options.onLink(link);
  }
}

function parseObject(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Not JSON: the caller says what that means.
    return null;
  }
}

function refusal(error: unknown): Refusal {
  const { code, message, data } = (error ?? {}) as {
    code?: unknown;
    message?: unknown;
    data?: { reason?: unknown };
  };
  return {
    kind: 'refused',
    code: typeof code === 'number' ? code : 0,
    message: typeof message === 'string' ? message : '',
    reason: typeof data?.reason === 'string' ? data.reason : null,
  };
}
