import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const TEXT = 1;
const PING = 9;
const PONG = 10;

/** Everybody reads into it, one after the other: a buffer for each read would be half of what the driver does. */
const buffer = Buffer.alloc(65_536);

/**
 * A WebSocket that hands on the text that it hears and does no more: a thousand of them in one process must cost less
 * than what they listen to. Messages are those of a server: unmasked, in one frame, shorter than 64 kB.
 */
export class Listener {
  readonly #socket: Socket;
  readonly #hear: (text: Buffer) => void;
  /** Called with the answer to the request for a WebSocket; from then on there are frames. */
  #onHead: ((head: string) => void) | null;
  #rest: Buffer | null = null;

  private constructor(
    port: number,
    hear: (text: Buffer) => void,
    onHead: (head: string) => void,
    onError: (error: Error) => void,
  ) {
    this.#hear = hear;
    this.#onHead = onHead;
    const callback = (bytes: number): boolean => {
      this.#read(buffer.subarray(0, bytes));
      return true;
    };
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer, callback },
    });
    this.#socket.on('error', onError);
  }

  /** What `hear` is given is good until it returns. */
  static async open(port: number, path: string, hear: (text: Buffer) => void): Promise<Listener> {
    let listener: Listener | undefined;
    const head = await new Promise<string>((resolve, reject) => {
      listener = new Listener(port, hear, resolve, reject);
      listener.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
          'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
    });
    if (!listener || !head.startsWith('HTTP/1.1 101')) throw new Error(`${path}: ${head}`);
    listener.#socket.on('error', (error) => {
      throw error;
    });
    return listener;
  }

  say(text: string): void {
    this.#send(TEXT, Buffer.from(text));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    const at = this.#onHead ? this.#readHead(all) : this.#readFrames(all, 0);
    this.#rest = at < all.length ? Buffer.from(all.subarray(at)) : null;
  }

  #readHead(all: Buffer): number {
    const end = all.indexOf(HEAD_END);
    if (end < 0) return 0;
    this.#onHead?.(all.toString('latin1', 0, end));
    this.#onHead = null;
    return this.#readFrames(all, end + HEAD_END.length);
  }

  /** Where the first frame begins that is not whole yet. */
  #readFrames(all: Buffer, from: number): number {
    let at = from;
    while (all.length - at >= 2) {
      const isLong = all[at + 1] === 126;
      if (isLong && all.length - at < 4) break;
      const start = at + (isLong ? 4 : 2);
      const end = start + (isLong ? all.readUInt16BE(at + 2) : (all[at + 1] ?? 0));
      if (end > all.length) break;
      this.#take((all[at] ?? 0) & 15, all.subarray(start, end));
      at = end;
    }
    return at;
  }

  #take(kind: number, content: Buffer): void {
    if (kind === TEXT) this.#hear(content);
    else if (kind === PING) this.#send(PONG, content);
    else throw new Error(`the server sent a frame of kind ${kind}`);
  }

  /** Masked, as a client must, with zeros. */
  #send(kind: number, content: Buffer): void {
    if (content.length > 125) throw new Error('too long for a short frame');
    const head = Buffer.from([128 | kind, 128 | content.length, 0, 0, 0, 0]);
    this.#socket.write(Buffer.concat([head, content]));
  }
}
