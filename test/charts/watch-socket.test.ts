import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_DEADLINES } from '../../src/charts/catalogue.ts';
import type { SessionId } from '../../src/domain/ids.ts';
import { openStore } from '../../src/journal/sqlite-store.ts';
import { CLOSE_CODES, ERROR_CODES } from '../../src/protocol/messages.ts';
import { readPast } from '../../src/watch/session-journal.ts';
import { AgentClient } from '../support/agent-client.ts';
import { NUMBER_OR_SID } from '../support/personal-data.ts';
import { dialIn, startProduct, type Product } from '../support/product.ts';
import { WatchClient } from './watch-client.ts';

const TALKS = { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 } as const;

async function openWatch(product: Product, token: string | null): Promise<WatchClient> {
  const watch = await WatchClient.open(product.server.url);
  onTestFinished(() => watch.close());
  if (token !== null) await watch.request('machines.watch', { token });
  return watch;
}

/** A page that has signed in, and its token. */
async function signIn(product: Product) {
  const agent = await AgentClient.open(product.server.url);
  onTestFinished(() => agent.close());
  const { token } = await agent.request('agent.signIn', { name: 'Grace' });
  await agent.untilState('idle');
  await dialIn(agent);
  return { agent, token };
}

test('whoever watches sees where the actors are, and the arrows of the chart that they take', async () => {
  const product = await startProduct([TALKS], { env: { LINES: '1' } });
  const { agent, token } = await signIn(product);
  const watch = await openWatch(product, token);
  await watch.until('ready', () => watch.floor?.sessions[0]?.state === 'consumerConnected.ready');
  await agent.request('agent.callLeads', {});
  await watch.until('the talk', () => watch.floor?.sessions[0]?.state === 'bridged');
  const arrows = watch.events.flatMap((event) => [...event.sessionArrows, ...event.callArrows]);
  expect(arrows).toEqual(
    expect.arrayContaining([
      'consumerConnected.ready|agent.callLeads|0',
      'dialing|call.claimed|0',
      'queued|leg.bridged|0',
    ]),
  );
  expect(watch.floor?.sessions[0]).toMatchObject({
    agent: 'Grace',
    calls: [{ state: 'bridged', lead: 'Lead 0' }],
  });
});

test('a session is followed step by step, and any of its past moments can be asked for', async () => {
  const product = await startProduct([TALKS], { env: { LINES: '1' } });
  const { agent, token } = await signIn(product);
  const watch = await openWatch(product, token);
  const sessionId = agent.view?.sessionId ?? '';
  const { steps } = await watch.request('machines.session', { sessionId });
  expect(steps.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['opened', 'consumer.connected']),
  );
  await agent.request('agent.callLeads', {});
  await watch.until('the bridge', () => watch.steps.some(({ session }) => session === 'bridged'));
  const seqs = [...steps, ...watch.steps].map(({ seq }) => seq);
  expect(seqs, 'no step is missing and none is told twice').toEqual(
    seqs.map((_, index) => index - 1),
  );
  for (const step of [...steps, ...watch.steps]) {
    const moment = await watch.request('machines.at', { sessionId, seq: step.seq });
    expect(moment.session).toBe(step.session);
  }
});

test('nothing that is told has a number, a code or a SID in it', async () => {
  const product = await startProduct([TALKS], { env: { LINES: '1' } });
  const { agent, token } = await signIn(product);
  const watch = await openWatch(product, token);
  await watch.request('machines.session', { sessionId: agent.view?.sessionId ?? '' });
  await agent.request('agent.callLeads', {});
  await watch.until('the talk', () => watch.floor?.sessions[0]?.state === 'bridged');
  expect(watch.heard).not.toMatch(NUMBER_OR_SID);
});

test('only a page of ours that has signed in may look, and only while its session lives', async () => {
  const product = await startProduct([]);
  const { agent, token } = await signIn(product);
  await expect(WatchClient.open(product.server.url, 'http://evil.example')).rejects.toThrow('403');
  const stranger = await openWatch(product, null);
  const refused = { code: ERROR_CODES.notSignedIn };
  await expect(stranger.request('machines.session', { sessionId: null })).rejects.toMatchObject(
    refused,
  );
  await expect(stranger.request('machines.watch', { token: `${token}x` })).rejects.toMatchObject(
    refused,
  );
  const watch = await openWatch(product, token);
  await agent.request('agent.signOut', {});
  await watch.until('closed', () => watch.closedWith !== null);
  expect(watch.closedWith).toBe(CLOSE_CODES.notSignedIn);
  await expect(openWatch(product, token)).rejects.toMatchObject(refused);
});

test('the numbers on the charts’ pages are those of a server that was configured with nothing', async () => {
  const storePath = join(mkdtempSync(join(tmpdir(), 'auto-connect-')), 'store.db');
  const product = await startProduct([], { env: { STORE: storePath } });
  const { agent } = await signIn(product);
  const sessionId = (agent.view?.sessionId ?? '') as SessionId;
  await product.server.close();
  const store = await openStore(storePath, { seedLeads: [] });
  onTestFinished(() => store.close());
  const past = await readPast(store.journal, sessionId);
  expect(past?.opening).toMatchObject({
    detachedWithinMs: DEFAULT_DEADLINES.detachedWithinMs,
    closeWithinMs: DEFAULT_DEADLINES.closeWithinMs,
    callLimits: DEFAULT_DEADLINES.limits,
  });
});
