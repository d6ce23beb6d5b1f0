import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openLoop } from './load.ts';

const HELD_MS = 60;

test('who would have come while the server stood still has waited since then', async () => {
  let heldUntil = 0;
  const answer = (socket: Socket): void => {
    heldUntil ||= performance.now() + HELD_MS;
    const leftMs = heldUntil - performance.now();
    if (leftMs > 0) setTimeout(() => answer(socket), leftMs);
    else socket.write('HTTP/1.1 204 No Content\r\n\r\n');
  };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');

  const load = await openLoop({
    port: (server.address() as AddressInfo).port,
    connections: 1,
    seconds: 0.04,
    perSecond: 1000,
    next: () => Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  });

  // The last of the forty was due 39 ms after the first, which was answered after 60.
  expect(load.requests).toBe(40);
  expect(load.p50Ms).toBeGreaterThan(HELD_MS - 25);
});
