import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startProduct, type Product } from '../support/product.ts';

/** A socket that asks to become a WebSocket, and then says nothing any more. */
async function silentPage({ server }: Product, path: string, origin: string) {
  const { host, hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Origin: ${origin}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${btoa('0123456789abcdef')}`,
      '\r\n',
    ].join('\r\n'),
  );
  const [reply] = (await once(socket, 'data')) as [Buffer];
  return { socket, reply: reply.toString() };
}

test.for([
  ['/agent', 'http://evil.example', '403'],
  ['/elsewhere', 'http://evil.example', '404'],
] as const)(
  'a socket that is refused at %s is closed by the server',
  async ([path, origin, code]) => {
    const product = await startProduct([]);
    const { socket, reply } = await silentPage(product, path, origin);
    expect(reply).toContain(` ${code} `);
    socket.resume();
    await once(socket, 'end');
  },
);

test('a page that does not answer does not hold up the end of the server', async () => {
  const product = await startProduct([]);
  const { reply } = await silentPage(product, '/agent', new URL(product.server.url).origin);
  expect(reply).toContain(' 101 ');
  const startedAt = performance.now();
  await product.server.close();
  // Left to itself, ws waits 30 s for the page's reply.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});
