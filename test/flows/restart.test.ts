import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SIMULATED_ACCOUNT, TIMINGS } from '../../src/simulator/options.ts';
import { serveNetwork, type RunningNetwork } from '../../src/simulator/serve.ts';
import { AgentClient } from '../support/agent-client.ts';
import { dialIn } from '../support/product.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';

interface Floor {
  network: RunningNetwork;
  server: ServerProcess;
  page: AgentClient;
  token: string;
}

/** A server process of its own on a network that outlives it, and an agent who is on the phone. */
async function openFloor(answerAfterMs = 50): Promise<Floor> {
  const network = await serveNetwork({
    numbers: [{ phoneNumber: '+13155550100' }],
    callsPerSecond: 100,
    timings: TIMINGS.brisk,
    people: {
      mix: {
        weights: { person: 1, machine: 0, busy: 0, noAnswer: 0, unreachable: 0, rejects: 0 },
        answerAfterMs: [answerAfterMs, answerAfterMs],
        talkMs: [60_000, 60_000],
      },
    },
  });
  onTestFinished(() => network.close());
  const server = new ServerProcess(await freePort(), {
    SIMULATOR_URL: network.url,
    STORE: join(mkdtempSync(join(tmpdir(), 'auto-connect-')), 'store.db'),
    LINES: '1',
    CALLS_PER_SECOND: '100',
  });
  onTestFinished(async () => void (await server.end('SIGKILL')));
  await server.start();
  const page = await AgentClient.open(server.url);
  onTestFinished(() => page.close());
  const { token } = await page.request('agent.signIn', { name: 'Grace' });
  await page.untilState('idle');
  await dialIn(page);
  return { network, server, page, token };
}

async function resume({ server, token }: Floor): Promise<AgentClient> {
  const page = await AgentClient.open(server.url);
  onTestFinished(() => page.close());
  await page.request('agent.resume', { token });
  await page.until('a view', () => page.view !== null);
  return page;
}

test.for(['SIGKILL', 'SIGTERM'] as const)(
  'after %s in mid-talk the talk has gone on, the page is right again, and the outcome is asked for',
  async (signal) => {
    const floor = await openFloor();
    await floor.page.request('agent.callLeads', {});
    await floor.page.untilState('bridged');
    const talk = floor.page.view?.talk;
    const code = await floor.server.end(signal);
    expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
    expect(floor.network.network.ledger.liveCalls()).toHaveLength(2);

    await floor.server.start();
    const page = await resume(floor);
    expect(page.view).toMatchObject({ state: 'bridged', phoneConnected: true });
    expect(page.view?.talk).toEqual(talk);
    await page.request('agent.hangUp', {});
    await page.untilState('consumerConnected', 'wrappingUp');
    await page.request('agent.dispose', {
      callId: talk?.callId ?? '',
      disposition: 'interested',
      notes: '',
    });
    await page.request('agent.callLeads', {});
    await page.untilState('bridged');
    const { calls } = floor.network.network.ledger;
    expect(
      calls.filter((call) => call.direction === 'inbound'),
      'dialed in once',
    ).toHaveLength(1);
  },
);

test('a lead that hung up while the server was away: the agent owes the disposition at once', async () => {
  const floor = await openFloor();
  await floor.page.request('agent.callLeads', {});
  await floor.page.untilState('bridged');
  await floor.server.end('SIGKILL');
  const lead = floor.network.network.ledger
    .liveCalls()
    .find((call) => call.direction === 'outbound-api');
  const ended = await fetch(
    `${floor.network.url}/2010-04-01/Accounts/${SIMULATED_ACCOUNT.accountSid}/Calls/${lead?.callSid}.json`,
    {
      method: 'POST',
      body: new URLSearchParams({ Status: 'completed' }),
      headers: {
        authorization: `Basic ${btoa(`${SIMULATED_ACCOUNT.accountSid}:${SIMULATED_ACCOUNT.authToken}`)}`,
      },
    },
  );
  expect(ended.status).toBe(200);

  await floor.server.start();
  const page = await resume(floor);
  await page.until('the disposition owed', () => page.view?.mode === 'wrappingUp');
  expect(page.view?.recent[0]?.outcome).toBe('talked');
});

test('killed while phones ring: nobody is dialed twice, and no call is left without an owner', async () => {
  const floor = await openFloor(8000); // Long enough for a start on a busy machine.
  await floor.page.request('agent.callLeads', {});
  await floor.page.until('ringing', () => floor.page.view?.calls[0]?.phase === 'ringing');
  await floor.server.end('SIGKILL');
  await floor.server.start();
  const page = await resume(floor);
  await page.untilState('bridged');
  const dialed = floor.network.network.ledger.calls.filter((c) => c.direction === 'outbound-api');
  expect(dialed).toHaveLength(1);
});

test('an acknowledged disposition survives kill -9', async () => {
  const floor = await openFloor();
  await floor.page.request('agent.callLeads', {});
  await floor.page.untilState('bridged');
  const callId = floor.page.view?.talk?.callId ?? '';
  await floor.page.request('agent.hangUp', {});
  await floor.page.untilState('consumerConnected', 'wrappingUp');
  await floor.page.request('agent.dispose', { callId, disposition: 'doNotCall', notes: 'never' });
  await floor.server.end('SIGKILL');
  await floor.server.start();
  const page = await resume(floor);
  expect(page.view?.recent.find((call) => call.callId === callId)?.disposition).toBe('doNotCall');
  expect(page.view?.mode).not.toBe('wrappingUp');
});
