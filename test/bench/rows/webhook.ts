import { Connection } from '../load.ts';
import { inFolder } from '../folder.ts';
import {
  atLeast,
  atMost,
  ratio,
  spread,
  type Aim,
  type Effort,
  type Row,
  type Spread,
} from '../result.ts';
import { measureFsyncMs } from '../machine.ts';
import { anySessions, signedPost, statusFields } from '../traffic.ts';
import { autoConnect, endAll, line, of, race, stateless, type Racer } from './turns.ts';

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
      const fsyncMs = measureFsyncMs(file('fsync'));
      const aims = aimsOf({ bare, registry, registry1000, whole, whole1000 }, fsyncMs);
      await endAll(racers);
      return {
        row: 'webhook',
        notes: notes(effort, fsyncMs),
        lines: racers.map(line),
        aims,
      };
    }),
};

async function oldRegistry(agents: number): Promise<Racer> {
  const name = `registry of flags as in 2019, ${agents.toLocaleString('en')} agent${agents > 1 ? 's' : ''}`;
  return stateless(name, 'registry-2019.ts', { sessions: agents }, agents);
}

type Named = Record<'bare' | 'registry' | 'registry1000' | 'whole' | 'whole1000', Racer>;

const rate = (one: Racer, to: Racer): Spread => ratio(of(one, 'perSecond'), of(to, 'perSecond'));

function aimsOf(racers: Named, fsyncMs: number): Aim[] {
  const { bare, registry, registry1000, whole, whole1000 } = racers;
  const slack = of(whole, 'p99Ms').map(
    (p99, round) => p99 / (2 * (of(bare, 'p99Ms')[round] ?? Number.NaN) + 2 * fsyncMs),
  );
  return [
    atLeast('requests/s ≥ 0.33 of bare Fastify', 0.33, rate(whole, bare)),
    atLeast('then ≥ 0.40 of it', 0.4, rate(whole, bare)),
    atMost('p99 ≤ 1 × (2 × its p99 + 2 fsyncs)', 1, spread(slack)),
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
    signedPost(`/call-status-event/${call.callId}`, form, 'another token'),
  );
  connection.close();
  if (status !== 403) throw new Error(`${name} answers a forged request with ${status}`);
}

const notes = (effort: Effort, fsyncMs: number): string[] => [
  `50 connections, one request each at a time; ${effort.rounds} rounds of ${effort.seconds} s, contestants in turn. p99 is at saturation.`,
  'Of four requests two are status callbacks (answered 204), one asks what a queued lead hears and one where the agent’s leg goes next (TwiML). ' +
    'Each is signed, has about 30 fields, names a live session of three calls, has not come before and is an entry in the journal.',
  'auto-connect whole: the built server with signature check, journal on disk synced before the answer, actors, TwiML; only Twilio’s REST side is a stand-in.',
  'The registry has Express 5, its body parser and the SDK.',
  `One fsync of 4 kB took ${fsyncMs.toFixed(2)} ms (median) in the same run.`,
];
