import { WebSocketServer } from 'ws';
import type { AddressInfo } from 'node:net';
import { contest } from '../contestant.ts';

/** ws with nothing behind it: a ready-made Buffer to every socket. The stamp is the first thing in the text. */
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await new Promise((resolve) => server.once('listening', resolve));

const publish = ({ bytes }: { bytes: number }): void => {
  const text = JSON.stringify({ params: { now: Date.now() } });
  const message = Buffer.from(text.padEnd(bytes));
  for (const socket of server.clients) socket.send(message, { binary: false });
};

contest({ port: (server.address() as AddressInfo).port }, { publish });
