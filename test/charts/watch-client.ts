import { WebSocket } from 'ws';
import type {
  FloorEvent,
  Step,
  WatchMethod,
  WatchNotification,
  WatchParams,
  WatchResult,
} from '../../src/protocol/machines.ts';

interface Message {
  id?: number;
  result?: unknown;
  error?: { code: number; message: string };
  method?: string;
  params?: unknown;
}

const MET_WITHIN_MS = 30_000;

/** A page of live charts without a browser. */
export class WatchClient {
  floor: WatchNotification<'machines.floor'> | null = null;
  readonly events: FloorEvent[] = [];
  readonly steps: Step[] = [];
  /** Everything that was told, as it came. */
  heard = '';
  closedWith: number | null = null;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #watchers = new Set<() => void>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#hear(data.toString()));
    socket.on('close', (code) => {
      this.closedWith = code;
      for (const look of this.#watchers) look();
    });
  }

  static async open(url: string, origin = new URL(url).origin): Promise<WatchClient> {
    const socket = new WebSocket(new URL('/watch', url).href.replace('http', 'ws'), { origin });
    const client = new WatchClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  async request<M extends WatchMethod>(method: M, params: WatchParams<M>): Promise<WatchResult<M>> {
    const id = this.#nextId++;
    const message = await new Promise<Message>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
    if (message.error) throw Object.assign(new Error(message.error.message), message.error);
    return message.result as WatchResult<M>;
  }

  async until(what: string, isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(
        () => reject(new Error(`waited for ${what}; last floor: ${JSON.stringify(this.floor)}`)),
        MET_WITHIN_MS,
      );
      this.#watchers.add(() => {
        if (!isMet()) return;
        clearTimeout(deadline);
        resolve();
      });
    });
  }

  close(): void {
    this.#socket.close();
  }

  #hear(text: string): void {
    this.heard += text;
    const message = JSON.parse(text) as Message;
    if (message.method === 'machines.floor') {
      this.floor = message.params as WatchNotification<'machines.floor'>;
      this.events.push(...this.floor.events);
    } else if (message.method === 'machines.step') {
      this.steps.push((message.params as WatchNotification<'machines.step'>).step);
    } else this.#waiting.get(message.id ?? 0)?.(message);
    for (const look of this.#watchers) look();
  }
}
