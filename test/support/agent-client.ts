import { WebSocket } from 'ws';
import type {
  Handset,
  Method,
  Notification,
  NotificationName,
  Params,
  Results,
  View,
} from '../../src/protocol/messages.ts';

type Result<M extends Method> = M extends keyof Results ? Results[M] : object;
interface RpcError {
  code: number;
  message: string;
  data?: { reason: string };
}
interface Message {
  id?: number;
  result?: unknown;
  error?: RpcError;
  method?: NotificationName;
  params?: unknown;
}

/** A condition that is not met by then has failed; real time, so generous. */
const MET_WITHIN_MS = 30_000;

/** A page without a browser: speaks the protocol and remembers everything it was told. */
export class AgentClient {
  readonly notices: { method: NotificationName; params: unknown }[] = [];
  view: View | null = null;
  handset: Handset | null = null;
  closedWith: number | null = null;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<
    number,
    { resolve: (message: Message) => void; reject: (error: Error) => void }
  >();
  readonly #watchers = new Set<() => void>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as Message));
    socket.on('close', (code) => {
      this.closedWith = code;
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`the socket was closed (${code}) before an answer came`));
      }
      this.#waiting.clear();
      this.#changed();
    });
  }

  static async open(url: string, origin = new URL(url).origin): Promise<AgentClient> {
    const socket = new WebSocket(new URL('/agent', url).href.replace('http', 'ws'), { origin });
    const client = new AgentClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Sends a request; throws what the server refuses it with. */
  async request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const message = await this.send({ jsonrpc: '2.0', id: this.#nextId++, method, params });
    if (message.error) throw Object.assign(new Error(message.error.message), message.error);
    return message.result as Result<M>;
  }

  /** Sends anything with a numeric id; resolves with the raw answer. */
  send(message: { id: number } & Record<string, unknown>): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { resolve, reject });
      this.#socket.send(JSON.stringify(message));
    });
  }

  sendRaw(text: string | Buffer): void {
    this.#socket.send(text);
  }

  /** Waits until the page has been told so; says what it saw instead when it has not. */
  async until(what: string, isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`waited for ${what}; last view: ${JSON.stringify(this.view)}`));
      }, MET_WITHIN_MS);
      const look = (): void => {
        if (!isMet()) return;
        clearTimeout(deadline);
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  untilState(state: View['state'], mode?: View['mode']): Promise<void> {
    return this.until(
      [state, mode].join(' '),
      () => this.view?.state === state && (mode === undefined || this.view.mode === mode),
    );
  }

  untilHeard(words: string): Promise<void> {
    return this.until(
      `"${words}" on the handset`,
      () => this.handset?.heard.some((line) => line.text.includes(words)) === true,
    );
  }

  noticesOf<N extends NotificationName>(method: N): Notification<N>[] {
    return this.notices
      .filter((notice) => notice.method === method)
      .map((notice) => notice.params as Notification<N>);
  }

  /** Loses the connection without a word, as a closed lid does. */
  drop(): void {
    this.#socket.terminate();
  }

  close(): void {
    this.#socket.close();
  }

  #hear(message: Message): void {
    if (message.id !== undefined && message.method === undefined) {
      this.#waiting.get(message.id)?.resolve(message);
      this.#waiting.delete(message.id);
      return;
    }
    if (!message.method) return;
    this.notices.push({ method: message.method, params: message.params });
    if (message.method === 'session.view') {
      this.view = (message.params as Notification<'session.view'>).view;
    }
    if (message.method === 'handset.changed') {
      this.handset = (message.params as Notification<'handset.changed'>).handset;
    }
    this.#changed();
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }
}
