import { createServer, type Server } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpTransport } from '../../src/simulator/http-transport.ts';
import type { TransportRequest } from '../../src/simulator/transport.ts';

const transport = new HttpTransport();
const open: (Server | TcpServer)[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

describe('one attempt over HTTP', () => {
  test('posts the form and reads the answer whole', async () => {
    let posted = '';
    const url = await listen(
      createServer((incoming, response) => {
        incoming.on('data', (chunk: Buffer) => (posted += chunk.toString()));
        incoming.on('end', () =>
          response.writeHead(200, { 'Content-Type': 'text/xml' }).end('<Response/>'),
        );
      }),
    );
    const response = await transport.send(request(url));

    expect(response).toMatchObject({ status: 200, body: '<Response/>' });
    expect(response.headers['content-type']).toBe('text/xml');
    expect(posted).toBe('ToCity=S%C3%A3o+Paulo&Digits=');
  });

  test('a port nobody listens on is refused', async () => {
    const server = createTcpServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));

    await expect(transport.send(request(url))).rejects.toMatchObject({ failure: 'refused' });
  });

  test('a peer that hangs up is a reset', async () => {
    const url = await listen(createTcpServer((socket) => socket.destroy()));

    await expect(transport.send(request(url))).rejects.toMatchObject({ failure: 'reset' });
  });

  test('a peer that says nothing times out', async () => {
    const url = await listen(createTcpServer());

    await expect(transport.send({ ...request(url), readTimeoutMs: 100 })).rejects.toMatchObject({
      failure: 'readTimeout',
    });
  });

  test('a host that does not exist is a matter of DNS, a plain server asked for https one of TLS', async () => {
    const url = await listen(createServer());

    await expect(transport.send(request('http://nobody.invalid/'))).rejects.toMatchObject({
      failure: 'dns',
    });
    await expect(transport.send(request(url.replace('http:', 'https:')))).rejects.toMatchObject({
      failure: 'tls',
    });
  });

  test('an answer that is no HTTP is a protocol error', async () => {
    const url = await listen(createTcpServer((socket) => socket.end('good morning\r\n\r\n')));

    await expect(transport.send(request(url))).rejects.toMatchObject({ failure: 'protocol' });
  });
});

function request(url: string): TransportRequest {
  return {
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    fields: [],
    body: () => 'ToCity=S%C3%A3o+Paulo&Digits=',
    connectTimeoutMs: 2000,
    readTimeoutMs: 5000,
  };
}

async function listen(server: Server | TcpServer): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
