import { connect, type Socket } from 'node:net';
import { driverShare } from './driver-share.ts';
import { percentile } from './result.ts';

export interface LoadResult {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  driverShare: number;
}

export interface LoadOptions {
  port: number;
  connections: number;
  seconds: number;
  /** The next request, whole, as it goes over the wire. */
  next: () => Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One keep-alive connection, one request at a time. Written here because autocannon 9 needs more time for a request
 * than a bare server does, so that all fast servers would look alike (docs/performance.md), and because its rate
 * mode sends in bursts.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer | null = null;
  #settle: ((status: number) => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#hear(chunk));
    socket.on('error', (error) => {
      throw error;
    });
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    return new Connection(socket);
  }

  /** `settle` is called with the status when the whole answer is there. */
  send(request: Buffer, settle: (status: number) => void): void {
    this.#settle = settle;
    this.#socket.write(request);
  }

  ask(request: Buffer): Promise<number> {
    return new Promise((resolve) => this.send(request, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(chunk: Buffer): void {
    const all = this.#received ? Buffer.concat([this.#received, chunk]) : chunk;
    const headEnd = all.indexOf(HEAD_END);
    if (headEnd < 0 || all.length < headEnd + 4 + bodyLength(all, headEnd)) {
      this.#received = all;
      return;
    }
    this.#received = null;
    const settle = this.#settle;
    this.#settle = null;
    settle?.(Number(all.toString('latin1', 9, 12)));
  }
}

function bodyLength(answer: Buffer, headEnd: number): number {
  const head = answer.toString('latin1', 0, headEnd).toLowerCase();
  const at = head.indexOf('content-length:');
  return at < 0 ? 0 : Number.parseInt(head.slice(at + 15, at + 30), 10);
}

/** As many requests as the server answers: each connection sends the next one when it has its answer. */
export function closedLoop(options: LoadOptions): Promise<LoadResult> {
  const { seconds, next } = options;
  return underLoad(options, async (connections, answered) => {
    const until = performance.now() + seconds * 1000;
    const run = (connection: Connection): Promise<void> =>
      new Promise((resolve) => {
        let sentAt = 0;
        const send = (): void => {
          sentAt = performance.now();
          connection.send(next(), settle);
        };
        const settle = (status: number): void => {
          if (answered(status, sentAt) < until) send();
          else resolve();
        };
        send();
      });
    await Promise.all(connections.map(run));
  });
}

/**
 * So many requests a second, evenly, whatever becomes of those before. What one waits is counted from when it was due,
 * be it that no connection was free or that the driver was late: a server that stops for a while answers for
 * all who would have come meanwhile.
 */
export function openLoop(options: LoadOptions & { perSecond: number }): Promise<LoadResult> {
  const { seconds, next, perSecond } = options;
  const total = Math.ceil(perSecond * seconds);
  return underLoad(options, (connections, answered) => {
    const idle = [...connections];
    const startedAt = performance.now();
    let [sent, settled] = [0, 0];
    return new Promise((resolve) => {
      const sendDue = (): void => {
        const now = performance.now();
        for (; sent < total; sent += 1) {
          const due = startedAt + (sent * 1000) / perSecond;
          const connection = due <= now ? idle.pop() : undefined;
          if (!connection) break;
          connection.send(next(), (status) => {
            answered(status, due);
            settled += 1;
            idle.push(connection);
          });
        }
        // Timers are too coarse: the driver, which has a core of its own, looks at the clock all the time.
        if (settled < total) setImmediate(sendDue);
        else resolve();
      };
      sendDue();
    });
  });
}

type Answered = (status: number, since: number) => number;

/** Notes each answer; how long it was waited for is told from `since`. */
async function underLoad(
  { port, connections: count }: LoadOptions,
  run: (connections: readonly Connection[], answered: Answered) => Promise<void>,
): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(port)));
  const waits: number[] = [];
  let refused = 0;
  const share = driverShare();
  const startedAt = performance.now();
  await run(connections, (status, since) => {
    const now = performance.now();
    waits.push(now - since);
    if (status < 200 || status > 299) refused += 1;
    return now;
  });
  const tookMs = performance.now() - startedAt;
  const shareOfDriver = share();
  for (const connection of connections) connection.close();
  if (refused > 0) throw new Error(`${refused} of ${waits.length} requests were refused`);
  const sorted = waits.toSorted((a, b) => a - b);
  return {
    requests: waits.length,
    perSecond: (waits.length / tookMs) * 1000,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    driverShare: shareOfDriver,
  };
}
