import { WebSocketServer } from 'ws';
import type { AddressInfo } from 'node:net';
import { contest } from '../contestant.ts';

/** ws with nothing behind it: a ready-made Buffer to every socket. The stamp is the first thing in the text. */
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await new Promise((resolve) => server.once('listening', resolve));

const publish = ({ bytes }: { bytes: number }): void => {
  const stamp = Number(process.hrtime.bigint()) / 1e6;
  const text = JSON.stringify({ params: { view: { since: stamp } } });
  const message = Buffer.from(text.padEnd(bytes));
  for (const socket of server.clients) socket.send(message, { binary: false });
};

contest(
  { port: (server.address() as AddressInfo).port },
  {
    publish,
    publishAtRate: async (rate: { bytes: number; perSecond: number; seconds: number }) => {
      const startedAt = performance.now();
      for (let round = 0; round < rate.perSecond * rate.seconds; round++) {
        const dueInMs = startedAt + (round * 1000) / rate.perSecond - performance.now();
        if (dueInMs > 0) await new Promise((resolve) => setTimeout(resolve, dueInMs));
        publish(rate);
      }
    },
  },
);
