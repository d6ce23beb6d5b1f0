import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { beside } from '../../src/journal/check-store.ts';
import { storedSessions } from '../../src/journal/stored-sessions.ts';
import { exportRecording, type Selection } from '../../src/replay/export-recording.ts';
import { isNobodys, numbersIn } from '../../src/replay/numbers.ts';
import { parseRecording } from '../../src/replay/read-recording.ts';
import { nameOf } from '../../src/replay/timeline.ts';
import { judge, type Verdict } from '../../src/replay/verdict.ts';
import type { PersonScript } from '../../src/simulator/person.ts';
import type { RequestRecord } from '../../src/simulator/webhooks.ts';
import type { AgentClient } from '../support/agent-client.ts';
import { leadNumber, startProduct, type Product } from '../support/product.ts';

const PATIENT: PersonScript = { answers: 'person', answerAfterMs: 60, hangsUpAfterMs: 60_000 };
const SLOW: PersonScript = { ...PATIENT, answerAfterMs: 30_000 };

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

const newStore = (): string =>
  join(mkdtempSync(join(tmpdir(), 'auto-connect-export-')), 'store.db');

interface Shift {
  product: Product;
  agent: AgentClient;
  store: string;
  session: string;
}

async function startShift(people: PersonScript[]): Promise<Shift> {
  const store = newStore();
  const product = await startProduct(people, { env: { STORE: store, LINES: '2' } });
  const agent = await product.connect('Grace Hopper');
  return { product, agent, store, session: agent.view?.sessionId ?? '' };
}

async function talk({ agent }: Shift): Promise<void> {
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
}

const exported = (store: string, selection: Selection, isRaw = false): string =>
  exportRecording(store, selection, isRaw);

const replayed = (text: string): Promise<Verdict> => judge(parseRecording('export', text));

/** What reached the session, in order, as the store has it; timers fire by themselves. */
const journaled = (store: string, session: string): string[] =>
  beside(store, (db) => storedSessions(db, 's.session_id = ?', [session]))
    .flatMap(({ entries }) => entries)
    .flatMap((entry) => nameOf(entry) ?? [])
    .filter((name) => name !== 'timer');

const happened = ({ rows }: Verdict): string[] =>
  rows.flatMap(({ event, followedBy }) => [event, ...followedBy].filter(isTold));
const isTold = (name: string | null): name is string => name !== null && name !== 'timer';

const verbs = (body: string | null): string[] => body?.match(/<\w+/g) ?? [];

/** In the same order, without so many requests that named nothing any more and are in no journal. */
function expectAllBut(anomalies: number, all: string[][], some: string[][]): void {
  const left = [...all];
  for (const one of some) {
    const index = left.findIndex((other) => other.join() === one.join());
    expect([one, index >= 0]).toEqual([one, true]);
    left.splice(0, index + 1);
  }
  expect(all.length - some.length).toBe(anomalies);
}

/** What Twilio was answered, without the gate, which no journal holds. */
async function answers({ product }: Shift): Promise<string[][]> {
  const response = await fetch(`${product.network.url}/control/requests`);
  const requests = (await response.json()) as RequestRecord[];
  return requests
    .filter(({ url }) => /enqueue|waiting|bridging|on-dequeue|stop-consuming/.test(url))
    .map(({ url, responseBody }) => [url.split('/')[4] ?? '', ...verbs(responseBody)]);
}

const replies = ({ rows, text }: Verdict): string[][] =>
  rows.flatMap(({ step, plan }) => {
    if (step?.step !== 'webhook' || !plan || !step.recorded) return [];
    const folder = step.recorded.path.split('/')[2] ?? '';
    if (folder === 'consume' || folder === 'call-status-event') return [];
    return [[folder, ...verbs(text.of(plan))]];
  });

test('what the store holds of a shift replays to the same events, replies and states', async () => {
  const shift = await startShift([PATIENT, SLOW, { answers: 'busy', answerAfterMs: 60 }]);
  const { agent, store, session } = shift;
  await talk(shift);
  await agent.request('agent.hangUp', {});
  await agent.untilState('consumerConnected', 'wrappingUp');
  const callId = agent.view?.wrapUp?.callId ?? '';
  await agent.request('agent.dispose', {
    callId,
    disposition: 'interested',
    notes: 'said "call my cousin Eve"',
  });
  await agent.request('agent.callLeads', {});
  const outcomes = (): string[] =>
    agent.noticesOf('call.ended').map(({ outcome }) => outcome as string);
  await agent.until('the third to be busy', () => outcomes().includes('busy'));
  await agent.request('agent.pause', {});
  await agent.until('every leg to be gone', () => agent.view?.calls.length === 0);

  const text = exported(store, { session });
  const verdict = await replayed(text);
  expect(happened(verdict)).toEqual(journaled(store, session));
  const anomalies = shift.product.reports.filter(
    ({ report, webhook }) => report === 'anomaly' && webhook !== 'callStatus',
  ).length;
  expectAllBut(anomalies, await answers(shift), replies(verdict));
  expect(verdict.replayed.sessions).toMatchObject([{ state: agent.view?.state }]);
  const outcomesOf = verdict.replayed.calls.map(({ outcome }) => outcome);
  expect(new Set(outcomesOf)).toEqual(new Set(outcomes()));
  expect(outcomesOf).toHaveLength(outcomes().length);
  expect(verdict.breaks).toEqual([]);
  expect(verdict.differences).toEqual([]);
});

test('a session that was signed out in a talk replays to its end, in the words of REST', async () => {
  const shift = await startShift([PATIENT]);
  await talk(shift);
  await shift.agent.request('agent.signOut', {});
  const isOver = (): boolean =>
    journaled(shift.store, shift.session).includes('consumer.disconnected') &&
    journaled(shift.store, shift.session).includes('leg.completed');
  await expect.poll(isOver, { timeout: 10_000 }).toBe(true);

  const verdict = await replayed(exported(shift.store, { session: shift.session }));
  expect(happened(verdict)).toEqual(journaled(shift.store, shift.session));
  expect(verdict.replayed.sessions).toMatchObject([{ state: 'completed' }]);
  expect(verdict.replayed.calls).toMatchObject([{ outcome: 'talked', state: 'completed' }]);
});

test('no number, name, note or id of the store is in what is exported; raw, the loader refuses it', async () => {
  const shift = await startShift([PATIENT]);
  await talk(shift);
  const { store, session, agent } = shift;
  const callId = agent.view?.talk?.callId ?? '';
  const sid = shift.product.network.network.ledger.calls.at(-1)?.callSid ?? '';

  const safe = exported(store, { session });
  // Its number is one of 555-01xx already, and keeps it.
  for (const secret of [session, callId, sid, 'Grace', 'lead-0', 'Lead 0']) {
    expect(safe).not.toContain(secret);
  }
  expect(numbersIn(safe).every(({ digits }) => isNobodys(digits))).toBe(true);
  expect(safe).toMatch(/"call":"id-0{18}\d"/);

  const raw = exported(store, { session }, true);
  for (const kept of [session, callId, sid, 'Grace Hopper', 'lead-0', leadNumber(0)]) {
    expect(raw).toContain(kept);
  }
  const real = raw.replaceAll(leadNumber(0), ['+1', '315', '867', '5309'].join(''));
  expect(() => parseRecording('export', real)).toThrow(/not 555-01xx/);
});

test('a call is exported with its session up to its end; an agent and a time find the same', async () => {
  const shift = await startShift([PATIENT]);
  const { agent, store, session } = shift;
  await talk(shift);
  const callId = agent.view?.talk?.callId ?? '';
  await agent.request('agent.hangUp', {});
  await agent.untilState('consumerConnected', 'wrappingUp');
  await agent.request('agent.dispose', { callId, disposition: 'interested', notes: '' });
  await agent.request('agent.pause', {});

  const { replayed: ofCall } = await replayed(exported(store, { call: callId }));
  expect(ofCall.calls).toMatchObject([{ outcome: 'talked' }]);
  expect(exported(store, { call: callId })).not.toContain('agent.pause');
  const whole = exported(store, { session });
  expect(whole).toContain('agent.pause');
  expect(exported(store, { agent: 'grace  hopper', from: 0, to: Date.now() + 1000 })).toBe(whole);
  expect(() => exported(store, { agent: 'Ada' })).toThrow(/nothing in/);
  expect(() => exported(store, { from: 0, to: 1 })).toThrow(/nothing in/);
});

test('the command exports beside the running server; who names nothing, or nothing that is there, is told', async () => {
  const { store, session } = await startShift([PATIENT]);
  const file = `${store}.ndjson`;
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, 'recording', 'export', '--store', store, ...args], {
      encoding: 'utf8',
    });
  expect(run('--session', session, '-o', file).status).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(exported(store, { session }));
  expect(run().status).toBe(2);
  expect(run('--session', 'x'.repeat(22))).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('nothing in'),
  });
  expect(run('--from', 'yesterday').status).toBe(2);
});
