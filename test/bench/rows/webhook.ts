import { Connection, type LoadResult } from '../load.ts';
import { inFolder } from '../folder.ts';
import {
  atLeast,
  atMost,
  ratio,
  spread,
  type Aim,
  type Effort,
  type Line,
  type Row,
  type Spread,
} from '../result.ts';
import { measureFsyncMs } from '../machine.ts';
import { shown } from '../report.ts';
import { anySessions, signedPost, statusFields } from '../traffic.ts';
import { autoConnect, endAll, line, of, pace, race, stateless, type Racer } from './turns.ts';

/** The share of auto-connect’s own rate at which it is asked how long the slowest wait. */
const PACE = 0.55;

/** What one webhook costs, from nothing but HTTP to all that must be done before its answer may leave. */
export const webhook: Row = {
  name: 'webhook',
  run: (effort) =>
    inFolder(async (file) => {
      const bare = await stateless(
        'bare Fastify, static TwiML',
        'bare-fastify.ts',
        { kind: 'bare' },
        1,
      );
      const signed = await stateless(
        '+ form and SDK signature check',
        'bare-fastify.ts',
        { kind: 'signed' },
        1,
      );
      const registry = await oldRegistry(1);
      const registry1000 = await oldRegistry(1000);
      const whole = await autoConnect('auto-connect whole, 1 agent', file('1.db'), 1);
      const whole1000 = await autoConnect(
        'auto-connect whole, 1,000 agents',
        file('1000.db'),
        1000,
      );
      const racers = [bare, signed, registry, registry1000, whole, whole1000];
      for (const racer of racers.slice(1)) await mustCheckSignatures(racer);
      await race(racers, effort);
      const perSecond = Math.round(PACE * spread(of(whole, 'perSecond')).median);
      await pace([bare, signed, whole, whole1000], perSecond, effort);
      await endAll(racers);
      const measured = { perSecond, fsyncMs: measureFsyncMs(file('fsync')) };
      return {
        row: 'webhook',
        notes: notes(effort, { bare, whole }, measured),
        lines: racers.map((racer) => lineOf(racer, perSecond)),
        aims: aimsOf({ bare, registry, registry1000, whole, whole1000 }, measured),
      };
    }),
};

async function oldRegistry(agents: number): Promise<Racer> {
  const name = `registry of flags as in 2019, ${agents.toLocaleString('en')} agent${agents > 1 ? 's' : ''}`;
  return stateless(name, 'registry-2019.ts', { sessions: agents }, agents);
}

type Named = Record<'bare' | 'registry' | 'registry1000' | 'whole' | 'whole1000', Racer>;

interface Measured {
  /** Rate of those that are paced. */
  perSecond: number;
  fsyncMs: number;
}

const rate = (one: Racer, to: Racer): Spread => ratio(of(one, 'perSecond'), of(to, 'perSecond'));
const atRate = ({ perSecond }: Pick<Measured, 'perSecond'>): string =>
  `at ${perSecond.toLocaleString('en')}/s`;
const p99s = (loads: readonly LoadResult[]): number[] => loads.map(({ p99Ms }) => p99Ms);

/** p99 as a share of what it may be. */
const ofBound = (
  whole: readonly LoadResult[],
  bare: readonly LoadResult[],
  { fsyncMs }: Measured,
): Spread =>
  ratio(
    p99s(whole),
    p99s(bare).map((p99) => 2 * p99 + 2 * fsyncMs),
  );

function lineOf(racer: Racer, perSecond: number): Line {
  const { contestant, figures } = line(racer);
  if (racer.paced.length === 0) return { contestant, figures };
  const at = atRate({ perSecond });
  return {
    contestant,
    figures: {
      ...figures,
      [`p50 ms ${at}`]: spread(racer.paced.map(({ p50Ms }) => p50Ms)),
      [`p99 ms ${at}`]: spread(p99s(racer.paced)),
    },
  };
}

function aimsOf(racers: Named, measured: Measured): Aim[] {
  const { bare, registry, registry1000, whole, whole1000 } = racers;
  const slack = ofBound(whole.paced, bare.paced, measured);
  return [
    atLeast('requests/s ≥ 0.33 of bare Fastify', 0.33, rate(whole, bare)),
    atLeast('then ≥ 0.40 of it', 0.4, rate(whole, bare)),
    atMost(`p99 ${atRate(measured)} ≤ 1 × (2 × its p99 + 2 fsyncs)`, 1, slack),
    atLeast('≥ 2 × the registry at 1 agent', 2, rate(whole, registry)),
    atLeast('≥ 20 × the registry at 1,000 agents', 20, rate(whole1000, registry1000)),
  ];
}

/** Whoever lets a forged request in has no right to be quick. */
async function mustCheckSignatures({ name, contestant }: Racer): Promise<void> {
  const [session] = anySessions(1);
  const [call] = session?.calls ?? [];
  if (!call) throw new Error('nobody was called');
  const form = statusFields(call.sid, 'ringing', 1);
  const connection = await Connection.open(contestant.ready.port);
  const status = await connection.ask(
    signedPost(`/call-status-event/${call.callId}`, form, { token: 'another token' }),
  );
  connection.close();
  if (status !== 403) throw new Error(`${name} answers a forged request with ${status}`);
}

const notes = (
  { rounds, seconds }: Effort,
  { bare, whole }: Pick<Named, 'bare' | 'whole'>,
  measured: Measured,
): string[] => [
  `50 connections; ${rounds} rounds of ${seconds} s, contestants in turn. First as many requests as each answers: a connection asks again when it has its answer.`,
  `Then ${measured.perSecond.toLocaleString('en')} requests a second to each, ${PACE} of what auto-connect answers, evenly, whatever became of those before; what one waits is counted from when it was due.`,
  'The p99 of the aim is that at the fixed rate. Where 50 connections ask as much as is answered, each waits 50 ÷ the rate on average, whoever answers, so p99 says the rate once more; ' +
    'and a server that stops is asked nothing meanwhile, so that the stop counts 50 times and not for all who would have come. ' +
    `By that p99 the same ratio is ${shown(ofBound(whole.turns, bare.turns, measured))}.`,
  'Of four requests two are status callbacks (answered 204), one asks what a queued lead hears and one where the agent’s leg goes next (TwiML). ' +
    'Each is signed, has about 30 fields, names a live session of three calls, has not come before and is an entry in the journal.',
  'auto-connect whole: the built server with signature check, journal on disk synced before the answer, actors, TwiML; only Twilio’s REST side is a stand-in.',
  'The registry has Express 5, its body parser and the SDK.',
  `One fsync of 4 kB took ${measured.fsyncMs.toFixed(2)} ms (median) in the same run.`,
  'Driver’s core: the share of its core that the driver used; near 1 the contestant could do more.',
];
