import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runRow } from './row-process.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

test('a row that is given up ends with everything that it has started, and says why', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const late = new AbortController();
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const row = runRow(script('stuck-row.ts'), [`${port}`], late.signal);

  const [socket] = await connected;
  const gone = once(socket.on('error', () => {}).resume(), 'close');
  late.abort('it was not done after 1 s');

  expect(await row).toEqual({ failure: 'it was not done after 1 s' });
  await gone;
});

test('a row that fails says why', async () => {
  const args = ['no such row'];
  expect(await runRow(script('one-row.ts'), args, new AbortController().signal)).toEqual({
    failure: 'there is no row no such row',
  });
});
