import type { AddressInfo } from 'node:net';
import { httpServer } from './http-server.ts';
import { parseFaults, type FaultRule } from './faults.ts';
import { HttpTransport } from './http-transport.ts';
import { Network, type NetworkSettings } from './network.ts';

export { SIMULATED_ACCOUNT } from './options.ts';

export interface NetworkOptions extends NetworkSettings {
  /** Default 127.0.0.1: the network is for this machine. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
}

export interface RunningNetwork {
  /** Base URL of REST and control API; set the SDK's `client.api.baseUrl` to it. */
  url: string;
  network: Network;
  close(): Promise<void>;
}

/**
 * Starts a network on loopback: Twilio's REST API, webhooks over HTTP, and the control API under `/control`.
 * Faults come from the options, else from the environment's NETWORK_FAULTS.
 */
export async function serveNetwork(options: NetworkOptions): Promise<RunningNetwork> {
  const transport = new HttpTransport();
  const environment = process.env['NETWORK_FAULTS'];
  const faults = options.faults ?? (environment === undefined ? undefined : faultsOf(environment));
  const network = new Network({ ...options, ...(faults && { faults }), transport: transport.send });
  const server = httpServer(network);
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
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

function faultsOf(environment: string): Record<string, FaultRule> {
  try {
    return parseFaults(environment);
  } catch (error) {
    throw new Error(`NETWORK_FAULTS: ${(error as Error).message}`, { cause: error });
  }
}
