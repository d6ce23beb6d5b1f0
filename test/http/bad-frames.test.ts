import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startProduct } from '../support/product.ts';

/** More than is on its way at once: a server that hangs up on it breaks the connection in the middle. */
const LONG = 'x'.repeat(16 * 1024 * 1024);

test.for(['/agent', '/watch', '/inspect'])(
  'a frame that is too long is heard out, and closes the socket at %s with 1009',
  async (path) => {
    const product = await startProduct([], { env: { INSPECT: '1' } });
    const { server, reports } = product;
    await product.signIn(); // Or there is nothing to inspect.
    const { origin, host } = new URL(server.url);
    const socket = new WebSocket(`ws://${host}${path}`, { origin });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    socket.on('error', () => {});
    socket.pause(); // Or the goodbye may just be read before the connection breaks.
    const failure = await new Promise<unknown>((resolve) => socket.send(LONG, resolve));
    expect(failure ?? null).toBeNull();
    socket.resume();
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
    expect(reports.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  },
);
