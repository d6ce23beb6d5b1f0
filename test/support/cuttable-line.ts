import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A network between browser and server that a test can cut, and mend. */
export interface CuttableLine {
  url: string;
  /** Where the line ends; set once the server is there. */
  leadTo: (url: string) => void;
  /** Every connection breaks without a word, and none is made. */
  cut: () => void;
  mend: () => void;
}

export async function cuttableLine(): Promise<CuttableLine> {
  let port = 0;
  let isCut = false;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.pipe(other);
      // What breaks one side breaks the other.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const breakAll = () => {
    for (const socket of open) socket.destroy();
  };
  onTestFinished(() => {
    breakAll();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    leadTo: (url) => (port = Number(new URL(url).port)),
    cut: () => {
      isCut = true;
      breakAll();
    },
    mend: () => (isCut = false),
  };
}
