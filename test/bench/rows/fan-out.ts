import { setTimeout as wait } from 'node:timers/promises';
import { Contestant } from '../contestant.ts';
import type { Given, Ready } from '../contestants/auto-connect.ts';
import { driverShare } from '../driver-share.ts';
import { inFolder } from '../folder.ts';
import { Listener } from '../listener.ts';
import {
  atLeast,
  atMost,
  percentile,
  ratio,
  spread,
  type Effort,
  type Row,
  type Spread,
} from '../result.ts';

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
  /** When the round that is on its way should have been sent. */
  dueAt = 0;
  latenciesMs: number[] = [];
  #wanted = Infinity;
  #reached: () => void = () => {};

  hear(data: Buffer): void {
    if (data.length < SHORT_BYTES) return;
    this.received += 1;
    this.bytes = data.length;
    this.latenciesMs.push(performance.now() - this.dueAt);
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
  sockets: Listener[];
  /** What the contestant is asked for, to send one message to each socket. */
  round: [name: string, given?: object];
  turns: (Saturated & { p99Ms: number })[];
}

interface Saturated {
  perSecond: number;
  cpuUs: number;
  driverShare: number;
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
      for (const crowd of crowds) await saturate(crowd, effort); // Warm.
      for (let round = 0; round < effort.rounds; round++) {
        for (const crowd of round % 2 ? crowds.toReversed() : crowds) {
          const saturated = await saturate(crowd, effort);
          crowd.turns.push({ ...saturated, p99Ms: await p99AtRate(crowd, effort) });
        }
      }
      for (const crowd of crowds) {
        for (const socket of crowd.sockets) socket.close();
        await crowd.contestant.end();
      }
      return {
        row: 'fan-out',
        notes: [
          `${pages.toLocaleString('en')} sockets in the driver. Deliveries/s: the next round to all when the last has arrived. p99: ${PER_SECOND} rounds a second, from when the round was due until each message is there. The driver only counts frames; near 1 of its core it would be what is measured.`,
          'The floor is the message that is the same for many pages: encoded once, with each page’s number put before it, and without its pause of 500 ms between two pictures. A view is projected and encoded for one page; it is the last line’s ratio that says what this costs.',
        ],
        lines: crowds.map((crowd) => ({
          contestant: crowd.name,
          figures: {
            'deliveries/s': spread(of(crowd, 'perSecond')),
            'CPU µs/delivery': spread(of(crowd, 'cpuUs')),
            'driver’s core': spread(of(crowd, 'driverShare')),
            'p99 ms': spread(of(crowd, 'p99Ms')),
          },
        })),
        aims: [
          atLeast('the floor ≥ 0.9 of raw ws', 0.9, rate(floor, rawFloor)),
          atLeast('a view for each page ≥ 0.9 of raw ws', 0.9, rate(views, rawViews)),
          atMost(`the floor p99 ≤ 25 ms at ${PER_SECOND}/s`, 25, spread(of(floor, 'p99Ms'))),
          atMost(`views p99 ≤ 25 ms at ${PER_SECOND}/s`, 25, spread(of(views, 'p99Ms'))),
        ],
      };
    }),
};

const of = (crowd: Crowd, figure: keyof Crowd['turns'][number]): number[] =>
  crowd.turns.map((turn) => turn[figure]);

const rate = (one: Crowd, to: Crowd): Spread => ratio(of(one, 'perSecond'), of(to, 'perSecond'));

/** A round is on its way only when the one before has arrived: two pictures of the floor in one would be one. */
async function sendRound({ contestant, audience, sockets, round }: Crowd): Promise<void> {
  const all = audience.more(sockets.length);
  await contestant.ask(...round);
  await all;
}

async function saturate(crowd: Crowd, effort: Effort): Promise<Saturated> {
  const { contestant, sockets } = crowd;
  const cpuBefore = await contestant.cpuUs();
  const share = driverShare();
  const startedAt = performance.now();
  let deliveries = 0;
  while (performance.now() - startedAt < effort.seconds * 1000) {
    await sendRound(crowd);
    deliveries += sockets.length;
  }
  return {
    perSecond: (deliveries / (performance.now() - startedAt)) * 1000,
    driverShare: share(),
    cpuUs: ((await contestant.cpuUs()) - cpuBefore) / deliveries,
  };
}

/** A round that is late because of those before it has waited since it was due. */
async function p99AtRate(crowd: Crowd, effort: Effort): Promise<number> {
  const { audience } = crowd;
  audience.latenciesMs = [];
  const startedAt = performance.now();
  for (let at = 0; at < PER_SECOND * effort.seconds; at++) {
    audience.dueAt = startedAt + (at * 1000) / PER_SECOND;
    await wait(Math.max(0, audience.dueAt - performance.now()));
    await sendRound(crowd);
  }
  const sorted = audience.latenciesMs.toSorted((a, b) => a - b);
  return percentile(sorted, 0.99);
}

async function watchersOfFloor(storePath: string, pages: number): Promise<Crowd> {
  const agents = AGENTS_ON_FLOOR;
  const given: Given = { storePath, sessions: agents, lines: 3, leads: agents * 3 };
  const contestant = await Contestant.spawn<Ready>('auto-connect.ts', given);
  const audience = new Audience();
  const { port } = contestant.ready;
  const sockets = await openAll(pages, port, 'agent', audience, (socket) => {
    socket.say(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'floor.watch', params: {} }));
  });
  return crowd('auto-connect, the floor for all', contestant, audience, sockets, ['floor']);
}

async function pagesOfAgents(storePath: string, pages: number): Promise<Crowd> {
  const given: Given = { storePath, sessions: pages, lines: 3, leads: pages * 3 };
  const contestant = await Contestant.spawn<Ready>('auto-connect.ts', given);
  const audience = new Audience();
  const { port, sessions } = contestant.ready;
  const sockets = await openAll(pages, port, 'agent', audience, (socket, index) => {
    const params = { name: `agent-${index}` };
    socket.say(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'agent.signIn', params }));
  });
  const sessionIds = sessions.map(({ sessionId }) => sessionId);
  const round: Crowd['round'] = ['views', { sessionIds }];
  return crowd('auto-connect, a view for each page', contestant, audience, sockets, round);
}

async function rawSockets(pages: number, bytes: number): Promise<Crowd> {
  const contestant = await Contestant.spawn<{ port: number }>('raw-ws.ts');
  const audience = new Audience();
  const sockets = await openAll(pages, contestant.ready.port, '', audience, () => {});
  const name = `raw ws, one Buffer of ${bytes} bytes`;
  return crowd(name, contestant, audience, sockets, ['publish', { bytes }]);
}

const crowd = (
  name: string,
  contestant: Contestant<{ port: number }>,
  audience: Audience,
  sockets: Listener[],
  round: Crowd['round'],
): Crowd => ({ name, contestant, audience, sockets, round, turns: [] });

async function openAll(
  count: number,
  port: number,
  path: string,
  audience: Audience,
  greet: (socket: Listener, index: number) => void,
): Promise<Listener[]> {
  const sockets: Listener[] = [];
  for (let index = 0; index < count; index++) {
    const socket = await Listener.open(port, `/${path}`, (text) => audience.hear(text));
    greet(socket, index);
    sockets.push(socket);
  }
  await wait(SETTLE_MS);
  return sockets;
}
