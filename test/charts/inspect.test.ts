import { onTestFinished, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../../src/config.ts';
import { NUMBER_OR_SID } from '../support/personal-data.ts';
import { startProduct } from '../support/product.ts';

const REAL = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a token that is long enough'.replaceAll(' ', '-'),
  TWILIO_NUMBER: '+13155550100',
  PUBLIC_BASE_URL: 'https://dialer.example.com',
  SIGN_IN_PASSPHRASE: 'correct horse',
};

test('an inspector is off unless asked for, and refused beside real credentials', () => {
  expect(readConfig({}).isInspected).toBe(false);
  expect(readConfig(REAL).isInspected).toBe(false);
  expect(readConfig({ INSPECT: '1' }).isInspected).toBe(true);
  expect(() => readConfig({ ...REAL, INSPECT: '1' })).toThrow(/INSPECT: not with real calls/);
});

interface Told {
  type: string;
  name?: string;
  event?: { type: string };
  snapshot?: { value?: unknown };
}

/** Connects as a tool of this machine does; resolves with what is told until `isEnough`. */
async function inspect(url: string, isEnough: (told: Told[]) => boolean, origin?: string) {
  const socket = new WebSocket(
    new URL('/inspect', url).href.replace('http', 'ws'),
    origin ? { origin } : {},
  );
  onTestFinished(() => socket.close());
  const told: Told[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      told.push(JSON.parse(data.toString()) as Told);
      if (isEnough(told)) resolve();
    });
  });
  return told;
}

const TALKS = { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 } as const;

test('an inspector is told of one session in Stately’s words, from its opening to now, without personal data', async () => {
  const product = await startProduct([TALKS], { env: { LINES: '1', INSPECT: '1' } });
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  const told = await inspect(product.server.url, (so) =>
    so.some(({ snapshot }) => snapshot?.value === 'bridged'),
  );
  expect(told[0]).toMatchObject({ type: '@xstate.actor', name: 'agentSession', _version: '0.7.2' });
  expect(told.filter(({ type }) => type === '@xstate.actor')).toHaveLength(2);
  expect(told.map(({ event }) => event?.type)).toContain('call.claimed');
  expect(JSON.stringify(told)).not.toMatch(NUMBER_OR_SID);
  expect(JSON.stringify(told)).not.toMatch(/grace/i);
});

test('a server that was not asked to be inspected has no such door, and no foreign page comes in', async () => {
  const closed = await startProduct([]);
  await expect(inspect(closed.server.url, () => true)).rejects.toThrow('404');
  const open = await startProduct([], { env: { INSPECT: '1' } });
  await expect(inspect(open.server.url, () => true, 'https://stately.ai')).rejects.toThrow('403');
});
