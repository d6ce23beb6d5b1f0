import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Contestant } from '../contestant.ts';
import type { Given, Ready } from '../contestants/auto-connect.ts';
import { inFolder } from '../folder.ts';
import { atLeast, atMost, percentile, ratio, spread, type Effort, type Row } from '../result.ts';

const PER_SECOND = 20;
/** Sign-ins and views that a page gets when it opens must have come before anything is counted. */
const SETTLE_MS = 500;
/** A small floor, so that its picture is about as long as a view. */
const AGENTS_ON_FLOOR = 3;

/** Answers and heartbeats are shorter, views and floors longer. */
const SHORT_BYTES = 300;

/** What came in over all sockets of one contestant. */
class Audience {
  received = 0;
  bytes = 0;
  latenciesMs: number[] = [];
  readonly #stamp: string;
  #wanted = Infinity;
  #reached: () => void = () => {};

  constructor(stamp: string) {
    this.#stamp = `"${stamp}":`;
  }

  hear(data: Buffer): void {
    if (data.length < SHORT_BYTES) return;
    this.received += 1;
    this.bytes = data.length;
    const at = data.indexOf(this.#stamp) + this.#stamp.length;
    this.latenciesMs.push(Date.now() - Number.parseInt(data.toString('latin1', at, at + 16), 10));
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
  /** What the contestant is asked for, to send one message to each socket. */
  round: [name: string, given?: object];
  rates: number[];
  cpuUs: number[];
  p99s: number[];
}

/** To a thousand open pages: all that the sockets take, and twenty messages a second each. */
export const fanOut: Row = {
  name: 'fan-out',
  run: (effort) =>
    inFolder(async (file) => {
      const pages = effort.isQuick ? 200 : 1000;
      const floor = await watchersOfFloor(file('floor.db'), pages);
      const views = await pagesOfAgents(file('views.db'), pages);
      const rawFloor = await rawSockets(pages, floor.audience.bytes);
      const rawViews = await rawSockets(pages, views.audience.bytes);
      const crowds = [rawFloor, floor, rawViews, views];
      for (let round = 0; round < effort.rounds; round++) {
        for (const crowd of round % 2 ? crowds.toReversed() : crowds) {
          await saturate(crowd, effort);
          await atRate(crowd, effort);
        }
      }
      for (const crowd of crowds) {
        for (const socket of crowd.sockets) socket.terminate();
        await crowd.contestant.end();
      }
      return {
        row: 'fan-out',
        notes: [
          `${pages.toLocaleString('en')} sockets in the driver. Deliveries/s: the next round to all when the last has arrived. p99: ${PER_SECOND} rounds a second, from before the first is encoded.`,
          'The floor is the message that is the same for many pages: encoded once, with each page’s number put before it, and without its pause of 500 ms between two pictures. A view is projected and encoded for one page; it is the last line’s ratio that says what this costs.',
        ],
        lines: crowds.map((crowd) => ({
          contestant: crowd.name,
          figures: {
            'deliveries/s': spread(crowd.rates),
            'CPU µs/delivery': spread(crowd.cpuUs),
            'p99 ms': spread(crowd.p99s),
          },
        })),
        aims: [
          atLeast('the floor ≥ 0.9 of raw ws', 0.9, ratio(floor.rates, rawFloor.rates)),
          atLeast('a view for each page ≥ 0.9 of raw ws', 0.9, ratio(views.rates, rawViews.rates)),
          atMost(`the floor p99 ≤ 25 ms at ${PER_SECOND}/s`, 25, spread(floor.p99s)),
          atMost(`views p99 ≤ 25 ms at ${PER_SECOND}/s`, 25, spread(views.p99s)),
        ],
      };
    }),
};

async function saturate({ contestant, audience, sockets, round, ...crowd }: Crowd, effort: Effort) {
  const cpuBefore = await contestant.cpuUs();
  const startedAt = performance.now();
  let rounds = 0;
  while (performance.now() - startedAt < effort.seconds * 1000) {
    const all = audience.more(sockets.length);
    await contestant.ask(...round);
    await all;
    rounds += 1;
  }
  const deliveries = rounds * sockets.length;
  crowd.rates.push((deliveries / (performance.now() - startedAt)) * 1000);
  crowd.cpuUs.push(((await contestant.cpuUs()) - cpuBefore) / deliveries);
}

async function atRate({ contestant, audience, sockets, round, p99s }: Crowd, effort: Effort) {
  const rounds = PER_SECOND * effort.seconds;
  audience.latenciesMs = [];
  const all = audience.more(sockets.length * rounds);
  const startedAt = performance.now();
  for (let at = 0; at < rounds; at++) {
    await wait(Math.max(0, startedAt + (at * 1000) / PER_SECOND - performance.now()));
    await contestant.ask(...round);
  }
  await all;
  const sorted = audience.latenciesMs.toSorted((a, b) => a - b);
  p99s.push(percentile(sorted, 0.99));
}

async function watchersOfFloor(storePath: string, pages: number): Promise<Crowd> {
  const agents = AGENTS_ON_FLOOR;
  const given: Given = { storePath, sessions: agents, lines: 3, leads: agents * 3 };
  const contestant = await Contestant.spawn<Ready>('auto-connect.ts', given);
  const audience = new Audience('now');
  const { port } = contestant.ready;
  const sockets = await openAll(pages, port, 'agent', audience, (socket) => {
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'floor.watch', params: {} }));
  });
  return crowd('auto-connect, the floor for all', contestant, audience, sockets, ['floor']);
}

async function pagesOfAgents(storePath: string, pages: number): Promise<Crowd> {
  const given: Given = { storePath, sessions: pages, lines: 3, leads: pages * 3 };
  const contestant = await Contestant.spawn<Ready>('auto-connect.ts', given);
  const audience = new Audience('since');
  const { port, sessions } = contestant.ready;
  const sockets = await openAll(pages, port, 'agent', audience, (socket, index) => {
    const params = { name: `agent-${index}` };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'agent.signIn', params }));
  });
  const sessionIds = sessions.map(({ sessionId }) => sessionId);
  const round: Crowd['round'] = ['views', { sessionIds }];
  return crowd('auto-connect, a view for each page', contestant, audience, sockets, round);
}

async function rawSockets(pages: number, bytes: number): Promise<Crowd> {
  const contestant = await Contestant.spawn<{ port: number }>('raw-ws.ts');
  const audience = new Audience('now');
  const sockets = await openAll(pages, contestant.ready.port, '', audience, () => {});
  const name = `raw ws, one Buffer of ${bytes} bytes`;
  return crowd(name, contestant, audience, sockets, ['publish', { bytes }]);
}

const crowd = (
  name: string,
  contestant: Contestant<{ port: number }>,
  audience: Audience,
  sockets: WebSocket[],
  round: Crowd['round'],
): Crowd => ({ name, contestant, audience, sockets, round, rates: [], cpuUs: [], p99s: [] });

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
  await wait(SETTLE_MS);
  return sockets;
}
