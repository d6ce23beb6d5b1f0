import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { Listener } from './listener.ts';

test('a listener hears each message once, however they are cut, and answers a ping', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  onTestFinished(() => server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const heard: number[] = [];
  let all: (() => void) | undefined;
  const heardAll = new Promise<void>((resolve) => (all = resolve));
  const listener = await Listener.open((server.address() as AddressInfo).port, '/', (text) => {
    heard.push(text.length);
    if (heard.length === 400) all?.();
  });
  onTestFinished(() => listener.close());
  const [socket] = await connected;

  const lengths = Array.from(
    { length: 400 },
    (_, index) => [125, 126, 1259, 40_000][index % 4] ?? 0,
  );
  for (const length of lengths) socket.send('x'.repeat(length));
  await heardAll;
  expect(heard).toEqual(lengths);

  const answered = once(socket, 'pong') as Promise<[Buffer]>;
  socket.ping('still there');
  expect(String((await answered)[0])).toBe('still there');

  const said = once(socket, 'message') as Promise<[Buffer]>;
  listener.say('hello');
  expect(String((await said)[0])).toBe('hello');
});
