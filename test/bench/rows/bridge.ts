import { setTimeout as wait } from 'node:timers/promises';
import type { View } from '../../../src/protocol/messages.ts';
import { AgentClient } from '../../support/agent-client.ts';
import { Contestant } from '../contestant.ts';
import type { Given, Ready } from '../contestants/auto-connect.ts';
import { driverShare } from '../driver-share.ts';
import { inFolder } from '../folder.ts';
import { Connection } from '../load.ts';
import { atMost, percentile, spread, type Effort, type Row } from '../result.ts';
import { agentFields, leadFields, signedPost, statusFields } from '../traffic.ts';

const AGENTS = 60;
/** What Twilio's top self-serve rate of 30 calls a second makes. */
const WEBHOOKS_PER_SECOND = 300;
const WEBHOOKS_PER_TALK = 8;
/** Rounds are longer than elsewhere by this: of 112 talks the second slowest would be their p99. */
const LONGER = 3;

/** Milliseconds of every talk of one round. */
interface Waits {
  twiml: number[];
  shown: number[];
  answered: number[];
}

/** One agent at her page, with her phone, and a connection on which Twilio asks for her. */
interface Desk {
  client: AgentClient;
  connection: Connection;
  sessionId: string;
  consumerSid: string;
  step: number;
}

/** How soon an answered lead hears what to do, and how soon the agent sees it, while all the others work too. */
export const bridge: Row = {
  name: 'bridge',
  run: (effort) =>
    inFolder(async (file) => {
      const given: Given = { storePath: file('store.db'), sessions: 0, lines: 1, leads: 100_000 };
      const contestant = await Contestant.spawn<Ready>('auto-connect.ts', given);
      const desks: Desk[] = [];
      for (let index = 0; index < AGENTS; index++) desks.push(await openDesk(contestant, index));
      await oneRound(desks, effort.seconds);
      const share = driverShare();
      const rounds: Waits[] = [];
      for (let round = 0; round < effort.rounds; round++) {
        rounds.push(await oneRound(desks, LONGER * effort.seconds));
      }
      const driver = share();
      for (const { client, connection } of desks) {
        client.close();
        connection.close();
      }
      await contestant.end();
      return summary(rounds, driver, effort);
    }),
};

function summary(rounds: readonly Waits[], driver: number, effort: Effort) {
  const of = (kind: keyof Waits, share: number) =>
    spread(
      rounds.map((round) =>
        percentile(
          round[kind].toSorted((a, b) => a - b),
          share,
        ),
      ),
    );
  const line = (contestant: string, kind: keyof Waits) => ({
    contestant,
    figures: { 'p50 ms': of(kind, 0.5), 'p99 ms': of(kind, 0.99), 'slowest ms': of(kind, 1) },
  });
  return {
    row: 'bridge',
    notes: [
      `${AGENTS} agents, each with an open page; whole talks (initiated, ringing, answered, waiting, bridging, on-dequeue, completed, stop-consuming, then wrap-up and the next call) begin on a fixed schedule that makes ${WEBHOOKS_PER_SECOND} webhooks a second, whether or not earlier ones were slow. ${effort.rounds} rounds of ${LONGER * effort.seconds} s, ${rounds[0]?.twiml.length ?? 0} talks each.`,
      `Measured in the driver, so the way over loopback and the driver’s own delay are in the figures; it used ${driver.toFixed(2)} of its core.`,
    ],
    lines: [
      line('answered → TwiML received', 'twiml'),
      line('answered → page shows the lead in the queue', 'shown'),
      line('bridging → page has “answered”', 'answered'),
    ],
    aims: [
      atMost('answered → TwiML p99 ≤ 10 ms', 10, of('twiml', 0.99)),
      atMost('answered → page p99 ≤ 20 ms', 20, of('shown', 0.99)),
    ],
  };
}

async function openDesk(contestant: Contestant<Ready>, index: number): Promise<Desk> {
  const { port } = contestant.ready;
  const { sessionId, consumerSid } = await contestant.ask<{
    sessionId: string;
    consumerSid: string;
  }>('connect', { index });
  const client = await AgentClient.open(`http://127.0.0.1:${port}/`);
  await client.request('agent.signIn', { name: `agent-${index}` });
  await client.untilState('consumerConnected', 'ready');
  const connection = await Connection.open(port);
  return { client, connection, sessionId, consumerSid, step: 1 };
}

async function oneRound(desks: readonly Desk[], seconds: number): Promise<Waits> {
  const waits: Waits = { twiml: [], shown: [], answered: [] };
  const apartMs = (1000 * WEBHOOKS_PER_TALK) / WEBHOOKS_PER_SECOND;
  const talks: Promise<void>[] = [];
  const idle = [...desks];
  const startedAt = performance.now();
  for (let index = 0; index * apartMs < seconds * 1000; index++) {
    const dueInMs = startedAt + index * apartMs - performance.now();
    if (dueInMs > 0) await wait(dueInMs);
    // Whoever has waited longest: one agent after another at one page would be a flood of clicks, and is refused as one.
    const desk = idle.shift();
    if (!desk) throw new Error('every agent is talking: the server does not keep up');
    talks.push(talk(desk, waits).then(() => void idle.push(desk)));
  }
  await Promise.all(talks);
  return waits;
}

const isQueued = (view: View | null): boolean => view?.state === 'queued';

async function talk(desk: Desk, waits: Waits): Promise<void> {
  const { client, connection } = desk;
  client.notices.length = 0;
  await client.request('agent.callLeads', {});
  await client.until('a placed call', () => client.view?.calls[0]?.phase === 'placed');
  const callId = client.view?.calls[0]?.callId ?? '';
  const callSid = `CA${Buffer.from(callId, 'base64url').toString('hex').padStart(32, '0')}`;
  const ask = async (path: string, form: Record<string, string>): Promise<void> => {
    const status = await connection.ask(signedPost(path, form));
    if (status > 299) throw new Error(`${path} was answered ${status}`);
  };
  const status = (word: string, sequence: number): Promise<void> =>
    ask(`/call-status-event/${callId}`, statusFields(callSid, word, sequence));
  const form = leadFields(callSid, 'in-progress');
  await status('initiated', 0);
  await status('ringing', 1);

  const answeredAt = performance.now();
  const shown = client
    .until('a queued lead', () => isQueued(client.view))
    .then(() => waits.shown.push(performance.now() - answeredAt));
  await ask(`/enqueue/${callId}/1`, form);
  waits.twiml.push(performance.now() - answeredAt);
  await shown;
  await ask(`/waiting/${callId}/1`, form);

  const bridgingAt = performance.now();
  const told = client.until('an answer', () => client.noticesOf('call.answered').length > 0);
  await ask(`/bridging/${desk.sessionId}/${desk.step}`, {
    ...form,
    DequeingCallSid: desk.consumerSid,
  });
  await told;
  waits.answered.push(performance.now() - bridgingAt);
  await ask(`/on-dequeue/${callId}/1`, { ...form, QueueResult: 'bridged' });
  await status('completed', 3);
  await ask(`/stop-consuming/${desk.sessionId}/${desk.step}`, {
    ...agentFields(desk.consumerSid, 'in-progress'),
    DialCallStatus: 'completed',
    DequeueResult: 'bridged',
  });
  desk.step += 1;
  await client.until('a talk to wrap up', () => client.view?.wrapUp?.callId === callId);
  await client.request('agent.dispose', { callId, disposition: 'interested', notes: '' });
  await client.untilState('consumerConnected', 'ready');
}
