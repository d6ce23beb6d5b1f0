import { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import type { JournalError } from './domain/errors.ts';
import { openStore } from './journal/sqlite-store.ts';
import { demoLeads } from './leads/demo-leads.ts';
import type { Metrics } from './reports/metrics.ts';
import type { Overrides } from './server-parts.ts';
import type { RunningNetwork } from './simulator/serve.ts';

export interface RunningServer {
  /** Where the page is. */
  url: string;
  /** Null where calls are real. */
  network: RunningNetwork | null;
  /** Resolves when the store can no longer be read: nothing helps but to end the process. */
  failed: Promise<JournalError>;
  /** Rejects with a `JournalError` if something could not be written any more; everything is closed all the same. */
  close(): Promise<void>;
}

/** Puts the product together: store, telephony, dialer, HTTP; then listens and recovers what was. */
export async function startServer(
  config: Config,
  overrides: Overrides = {},
): Promise<RunningServer> {
  const live: { metrics: Metrics | null } = { metrics: null };
  const trouble = new EventEmitter<{ final: [JournalError] }>();
  const failed = new Promise<JournalError>((resolve) => trouble.once('final', resolve));
  const opening = openStore(config.storePath, {
    seedLeads: overrides.leads ?? demoLeads(),
    onCommit: (commit) => live.metrics?.committed(commit),
    onFinal: (error) => trouble.emit('final', error),
  });
  opening.catch(() => {}); // Awaited below.
  // The store's thread opens the file while this one loads the rest: each is a part of a start that one would wait for.
  const { startNetwork, assemble, reachable } = await import('./server-parts.ts');
  const store = await opening;
  const closing = [() => store.close()];
  /** In reverse order of starting; what already runs would keep a process alive that has failed to start. */
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const stop of closing.splice(0).toReversed()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const network = await startNetwork(config, overrides.network);
    if (network) closing.push(() => network.close());
    const { app, dialer, metrics, listening } = await assemble(config, overrides, store, network);
    live.metrics = metrics;
    closing.push(
      () => dialer.close(),
      () => app.close(),
      () => dialer.drain(),
    );
    await app.listen({ host: config.host, port: config.port });
    const { address, port } = app.server.address() as AddressInfo;
    await listening(reachable(address), port);
    return { url: `http://${reachable(address)}:${port}/`, network, failed, close };
  } catch (error) {
    await close().catch(() => {}); // Why it did not start says more.
    throw error;
  }
}
