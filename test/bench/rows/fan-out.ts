import { WebSocket } from 'ws';
import { Contestant } from '../contestant.ts';
import type { Given, Ready } from '../contestants/auto-connect.ts';
import { inFolder } from '../folder.ts';
import { atLeast, atMost, percentile, ratio, spread, type Effort, type Row } from '../result.ts';

const PER_SECOND = 20;
/** Sign-ins and views that a page gets when it opens must have come before anything is counted. */
const SETTLE_MS = 500;

/** What came in over all sockets of one contestant. */
class Audience {
  received = 0;
  bytes = 0;
  latenciesMs: number[] = [];
  #wanted = Infinity;
  #reached: () => void = () => {};

  hear(data: Buffer): void {
    this.received += 1;
    this.bytes = data.length;
    const at = data.indexOf('"since":');
    const sentAt = Number.parseFloat(data.toString('latin1', at + 8, at + 28));
    this.latenciesMs.push(Number(process.hrtime.bigint()) / 1e6 - sentAt);
    if (this.received >= this.#wanted) this.#reached();
  }

  /** Resolves when so many more have come. */
  more(count: number): Promise<void> {
    this.#wanted = this.received + count;
    return new Promise((resolve) => (this.#reached = resolve));
  }
}

interface Crowd {
  name: string;
  contestant: Contestant<{ port: number }>;
  audience: Audience;
  sockets: WebSocket[];
  given: object;
  rates: number[];
  cpuUs: number[];
  p99s: number[];
}

/** Views to a thousand open pages: all that the sockets take, and twenty a second each. */
export const fanOut: Row = {
  name: 'fan-out',
  run: (effort) =>
    inFolder(async (file) => {
      const pages = effort.isQuick ? 200 : 1000;
      const ours = await ourPages(file('store.db'), pages);
      const raw = await rawSockets(pages, ours.audience.bytes);
      for (let round = 0; round < effort.rounds; round++) {
        for (const crowd of round % 2 ? [ours, raw] : [raw, ours]) {
          await saturate(crowd, effort);
          await atRate(crowd, effort);
        }
      }
      for (const crowd of [ours, raw]) {
        for (const socket of crowd.sockets) socket.terminate();
        await crowd.contestant.end();
      }
      return {
        row: 'fan-out',
        notes: [
          `${pages.toLocaleString('en')} sockets in the driver, messages of ${ours.audience.bytes} bytes. Deliveries/s: the next round to all when the last has arrived. p99: ${PER_SECOND} rounds a second, from before the first is encoded.`,
          'Ours: each page has a session and a view of its own, so every message is projected and encoded for one page; the raw one is encoded once as a Buffer for all. A message that is the same for many pages does not exist in the product yet.',
        ],
        lines: [raw, ours].map((crowd) => ({
          contestant: crowd.name,
          figures: {
            'deliveries/s': spread(crowd.rates),
            'CPU µs/delivery': spread(crowd.cpuUs),
            'p99 ms': spread(crowd.p99s),
          },
        })),
        aims: [
          atLeast('≥ 0.9 of raw ws', 0.9, ratio(ours.rates, raw.rates)),
          atMost(`p99 ≤ 25 ms at ${PER_SECOND}/s`, 25, spread(ours.p99s)),
        ],
      };
    }),
};

async function saturate({ contestant, audience, sockets, given, ...crowd }: Crowd, effort: Effort) {
  const cpuBefore = await contestant.cpuUs();
  const startedAt = performance.now();
  let rounds = 0;
  while (performance.now() - startedAt < effort.seconds * 1000) {
    const all = audience.more(sockets.length);
    await contestant.ask('publish', given);
    await all;
    rounds += 1;
  }
  const deliveries = rounds * sockets.length;
  crowd.rates.push((deliveries / (performance.now() - startedAt)) * 1000);
  crowd.cpuUs.push(((await contestant.cpuUs()) - cpuBefore) / deliveries);
}

async function atRate({ contestant, audience, sockets, given, p99s }: Crowd, effort: Effort) {
  const rate = { perSecond: PER_SECOND, seconds: effort.seconds };
  audience.latenciesMs = [];
  const all = audience.more(sockets.length * rate.perSecond * rate.seconds);
  await contestant.ask('publishAtRate', { ...given, ...rate });
  await all;
  p99s.push(
    percentile(
      audience.latenciesMs.toSorted((a, b) => a - b),
      0.99,
    ),
  );
}

async function ourPages(storePath: string, pages: number): Promise<Crowd> {
  const given: Given = { storePath, sessions: pages, lines: 3, leads: pages * 3 };
  const contestant = await Contestant.spawn<Ready>('auto-connect.ts', given);
  const audience = new Audience();
  const { port, sessions } = contestant.ready;
  const sockets = await openAll(pages, port, 'agent', audience, (socket, index) => {
    const params = { name: `agent-${index}` };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'agent.signIn', params }));
  });
  const sessionIds = sessions.map(({ sessionId }) => sessionId);
  return crowd('auto-connect, a view for each page', contestant, audience, sockets, { sessionIds });
}

async function rawSockets(pages: number, bytes: number): Promise<Crowd> {
  const contestant = await Contestant.spawn<{ port: number }>('raw-ws.ts');
  const audience = new Audience();
  const sockets = await openAll(pages, contestant.ready.port, '', audience, () => {});
  return crowd('raw ws, one Buffer', contestant, audience, sockets, { bytes });
}

const crowd = (
  name: string,
  contestant: Contestant<{ port: number }>,
  audience: Audience,
  sockets: WebSocket[],
  given: object,
): Crowd => ({ name, contestant, audience, sockets, given, rates: [], cpuUs: [], p99s: [] });

async function openAll(
  count: number,
  port: number,
  path: string,
  audience: Audience,
  greet: (socket: WebSocket, index: number) => void,
): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`, {
      origin: `http://127.0.0.1:${port}`,
      perMessageDeflate: false,
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (data: Buffer) => audience.hear(data));
    greet(socket, index);
    sockets.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return sockets;
}
