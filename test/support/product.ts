import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { Lead } from '../../src/domain/lead.ts';
import type { LeadId } from '../../src/domain/ids.ts';
import { PhoneNumber } from '../../src/domain/phone-number.ts';
import { startServer, type RunningServer } from '../../src/server.ts';
import type { Overrides } from '../../src/server-parts.ts';
import type { RunningNetwork } from '../../src/simulator/serve.ts';
import { TIMINGS } from '../../src/simulator/options.ts';
import type { PersonScript } from '../../src/simulator/person.ts';
import { AgentClient } from './agent-client.ts';

export interface Product {
  server: RunningServer;
  network: RunningNetwork;
  reports: Record<string, unknown>[];
  /** A page that has signed in. */
  signIn(name?: string): Promise<AgentClient>;
  /** The same, with her phone connected. */
  connect(name?: string): Promise<AgentClient>;
}

/** Numbers of the leads that a test scripts, in the order in which they are called. */
export const leadNumber = (index: number): string =>
  `+1212555${String(100 + index).padStart(4, '0')}`;

export function lead(index: number): Lead {
  const phone = PhoneNumber.parse(leadNumber(index));
  if (!phone) throw new Error('test lead without a number');
  return {
    leadId: `lead-${index}` as LeadId,
    name: `Lead ${index}`,
    phone,
    columns: { index: `${index}` },
  };
}

/** The whole product on loopback: real server, real SDK over HTTP, simulated network; quick, and closed with the test. */
export async function startProduct(
  scripts: PersonScript[],
  overrides: Overrides & { env?: Record<string, string> } = {},
): Promise<Product> {
  const reports: Record<string, unknown>[] = [];
  const config = readConfig({
    PORT: '0',
    CALLS_PER_SECOND: '100',
    STORE: join(mkdtempSync(join(tmpdir(), 'auto-connect-')), 'store.db'),
    ...overrides.env,
  });
  const server = await startServer(config, {
    logger: pino(
      { level: 'debug' },
      { write: (line: string) => void reports.push(JSON.parse(line) as Record<string, unknown>) },
    ),
    leads: scripts.map((_, index) => lead(index)),
    webRoot: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    ...overrides,
    network: {
      timings: TIMINGS.brisk,
      people: {
        scripts: Object.fromEntries(scripts.map((script, index) => [leadNumber(index), script])),
      },
      ...overrides.network,
    },
  });
  onTestFinished(() => server.close());
  const { network } = server;
  if (!network) throw new Error('the product under test must not speak to Twilio');
  const signIn = async (name = 'Grace'): Promise<AgentClient> => {
    const client = await AgentClient.open(server.url);
    onTestFinished(() => client.close());
    await client.request('agent.signIn', { name });
    await client.untilState('idle');
    return client;
  };
  return {
    server,
    network,
    reports,
    signIn,
    async connect(name) {
      const client = await signIn(name);
      await dialIn(client);
      return client;
    },
  };
}

/** Phones in with the built-in handset and keys the code that the page shows. */
export async function dialIn(client: AgentClient): Promise<void> {
  await client.request('handset.dial', {});
  await client.untilHeard('Enter your access code.');
  const code = client.view?.dialIn.accessCode ?? '';
  await client.request('handset.press', { digits: code });
  await client.untilHeard('hold music');
}
