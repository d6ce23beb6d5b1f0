import type { AddressInfo } from 'node:net';
import { httpServer } from '../simulator/http-server.ts';
import { HttpTransport } from '../simulator/http-transport.ts';
import { Network, type NetworkSettings } from '../simulator/network.ts';

/** A moment of the conversation between server and network at which the server may die. */
export type Moment =
  | 'create.arrives'
  | 'create.placed'
  | 'create.answered'
  | 'rest.arrives'
  | 'rest.answered'
  | 'webhook.leaves'
  | 'webhook.answered';

export interface Hooks {
  /** Called in the tick of the moment; `detail` is the path of the webhook or of the REST request. */
  reached(moment: Moment, detail: string): void;
  /** Whether a create that has just arrived is lost on the way in. */
  losesCreate(): boolean;
}

export interface HookedNetwork {
  url: string;
  network: Network;
  close(): Promise<void>;
}

/** The simulated network over HTTP, which tells of every word it exchanges with the server. */
export async function serveHookedNetwork(
  settings: NetworkSettings,
  hooks: Hooks,
): Promise<HookedNetwork> {
  const transport = new HttpTransport();
  const network = new Network({
    ...settings,
    transport: async (request) => {
      const path = new URL(request.url).pathname;
      const sending = transport.send(request);
      hooks.reached('webhook.leaves', path);
      const response = await sending;
      hooks.reached('webhook.answered', path);
      return response;
    },
  });
  const unhooked = network.request.bind(network);
  network.request = async (request) => {
    const isCreate = request.method === 'POST' && /\/Calls(\.json)?$/.test(request.target);
    hooks.reached(isCreate ? 'create.arrives' : 'rest.arrives', request.target);
    if (isCreate && hooks.losesCreate()) return { kind: 'reset' };
    const outcome = await unhooked(request);
    if (isCreate) hooks.reached('create.placed', request.target);
    setImmediate(() => hooks.reached(isCreate ? 'create.answered' : 'rest.answered', ''));
    return outcome;
  };
  const server = httpServer(network);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  network.exchange.baseUrl = url;
  return {
    url,
    network,
    close: async () => {
      network.hangUpAll();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      transport.close();
    },
  };
}
