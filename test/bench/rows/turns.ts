import { Contestant } from '../contestant.ts';
import type { Given, Ready } from '../contestants/auto-connect.ts';
import { closedLoop, openLoop, type LoadResult } from '../load.ts';
import { spread, type Effort, type Line } from '../result.ts';
import { anySessions, Traffic } from '../traffic.ts';

export const CONNECTIONS = 50;
/** More than any contestant answers in a turn of ours; past it requests are signed as they are sent. */
const PREPARED_PER_SECOND = 16_000;
const ENDLESS = 20_000;

export interface Turn extends LoadResult {
  cpuUs: number;
}

/** A server under load, and the requests that it gets. */
export interface Racer {
  name: string;
  contestant: Contestant<{ port: number }>;
  traffic: Traffic | null;
  next: () => Buffer;
  /** As much as it answers. */
  turns: Turn[];
  /** At a rate that is given. */
  paced: LoadResult[];
}

export async function stateless(name: string, file: string, given: object, sessions: number) {
  const contestant = await Contestant.spawn<{ port: number }>(file, given);
  const next = Traffic.endless(anySessions(sessions), ENDLESS);
  return { name, contestant, traffic: null, next, turns: [], paced: [] } satisfies Racer;
}

export async function autoConnect(
  name: string,
  storePath: string,
  sessions: number,
): Promise<Racer & { traffic: Traffic }> {
  const lines = 3;
  const given: Given = { storePath, sessions, lines, leads: sessions * lines };
  const contestant = await Contestant.spawn<Ready>('auto-connect.ts', given);
  const traffic = new Traffic(contestant.ready.sessions);
  return { name, contestant, traffic, next: traffic.next, turns: [], paced: [] };
}

/** As many requests as each answers. */
export async function race(racers: readonly Racer[], effort: Effort): Promise<void> {
  await inTurns(racers, effort, async (racer, seconds) => {
    const turn = await takeTurn(racer, seconds);
    return () => racer.turns.push(turn);
  });
}

/** So many requests a second to each, fewer than any of them could answer. */
export async function pace(
  racers: readonly Racer[],
  perSecond: number,
  effort: Effort,
): Promise<void> {
  await inTurns(racers, effort, async (racer, seconds) => {
    racer.traffic?.prepare(perSecond * seconds);
    const { port } = racer.contestant.ready;
    const load = { port, connections: CONNECTIONS, seconds, next: racer.next };
    const paced = await openLoop({ ...load, perSecond });
    return () => racer.paced.push(paced);
  });
}

/** In another order each round; the first round is not counted, because code is still being compiled. */
async function inTurns(
  racers: readonly Racer[],
  effort: Effort,
  take: (racer: Racer, seconds: number) => Promise<() => void>,
): Promise<void> {
  for (const racer of racers) await take(racer, effort.seconds);
  for (let round = 0; round < effort.rounds; round++) {
    const order = racers.map((_, at) => racers[(at + round) % racers.length]);
    for (const racer of order) if (racer) (await take(racer, effort.seconds))();
  }
}

async function takeTurn({ contestant, traffic, next }: Racer, seconds: number): Promise<Turn> {
  traffic?.prepare(PREPARED_PER_SECOND * seconds);
  const cpuBefore = await contestant.cpuUs();
  const { port } = contestant.ready;
  const load = await closedLoop({ port, connections: CONNECTIONS, seconds, next });
  const cpuUs = ((await contestant.cpuUs()) - cpuBefore) / load.requests;
  return { ...load, cpuUs };
}

export const of = (racer: Racer, figure: keyof Turn): number[] =>
  racer.turns.map((turn) => turn[figure]);

export const line = (racer: Racer): Line => ({
  contestant: racer.name,
  figures: {
    'requests/s': spread(of(racer, 'perSecond')),
    'CPU µs/request': spread(of(racer, 'cpuUs')),
    'p50 ms': spread(of(racer, 'p50Ms')),
    'p99 ms': spread(of(racer, 'p99Ms')),
    'driver’s core': spread(of(racer, 'driverShare')),
  },
});

export const endAll = (racers: readonly Racer[]): Promise<unknown> =>
  Promise.all(racers.map((racer) => racer.contestant.end()));
