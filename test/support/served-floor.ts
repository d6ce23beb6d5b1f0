import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SIMULATED_ACCOUNT, TIMINGS } from '../../src/simulator/options.ts';
import { serveNetwork, type RunningNetwork } from '../../src/simulator/serve.ts';
import { AgentClient } from './agent-client.ts';
import { dialIn } from './product.ts';
import { freePort, ServerProcess } from './server-process.ts';

export interface ServedFloor {
  network: RunningNetwork;
  server: ServerProcess;
  page: AgentClient;
  token: string;
}

/** A server process of its own on a network that outlives it, and an agent who is on the phone. */
export async function openServedFloor(answerAfterMs = 50): Promise<ServedFloor> {
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

/** The same agent's page, opened anew. */
export async function resume({ server, token }: ServedFloor): Promise<AgentClient> {
  const page = await AgentClient.open(server.url);
  onTestFinished(() => page.close());
  await page.request('agent.resume', { token });
  await page.until('a view', () => page.view !== null);
  return page;
}

/** Ends the lead's leg at the network, without the server's doing. */
export async function leadHangsUp({ network }: Pick<ServedFloor, 'network'>): Promise<void> {
  const lead = network.network.ledger.liveCalls().find((call) => call.direction === 'outbound-api');
  const ended = await fetch(
    `${network.url}/2010-04-01/Accounts/${SIMULATED_ACCOUNT.accountSid}/Calls/${lead?.callSid}.json`,
    {
      method: 'POST',
      body: new URLSearchParams({ Status: 'completed' }),
      headers: {
        authorization: `Basic ${btoa(`${SIMULATED_ACCOUNT.accountSid}:${SIMULATED_ACCOUNT.authToken}`)}`,
      },
    },
  );
  if (ended.status !== 200) throw new Error(`the network answered ${ended.status}`);
}
