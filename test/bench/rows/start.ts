import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { SIMULATED_ACCOUNT } from '../../../src/simulator/options.ts';
import { freePort, ServerProcess } from '../../support/server-process.ts';
import { NODE_FLAGS, onAllCores } from '../contestant.ts';
import { inFolder } from '../folder.ts';
import { Connection } from '../load.ts';
import { atMost, spread, type Row } from '../result.ts';
import { agentFields, sid, signedPost } from '../traffic.ts';

const IDLE_AFTER_MS = 2000;

/** From nothing to the first answered webhook, with an empty store; and what the process then keeps. */
export const start: Row = {
  name: 'start',
  run: (effort) =>
    inFolder(async (file) => {
      const [starts, memory]: [number[], number[]] = [[], []];
      const bare: number[] = [];
      for (let round = 0; round < effort.rounds; round++) {
        bare.push(await emptyNode());
        const { readyMs, residentMb } = await oneStart(file(`${round}.db`));
        starts.push(readyMs);
        memory.push(residentMb);
      }
      const [ms, mb] = [spread(starts), spread(memory)];
      return {
        row: 'start',
        notes: [
          'auto-connect serve as it comes, with the simulated telephone network in the same process: real calls need less.',
          'Resident memory 2 s after the first answer.',
        ],
        lines: [
          { contestant: 'node that does nothing', figures: { 'ms to the answer': spread(bare) } },
          {
            contestant: 'auto-connect serve',
            figures: { 'ms to the answer': ms, 'resident MB': mb },
          },
        ],
        aims: [
          atMost('first webhook answered ≤ 500 ms', 500, ms),
          atMost('idle resident ≤ 120 MB', 120, mb),
        ],
      };
    }),
};

async function emptyNode(): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['-e', '0']);
  onAllCores(child.pid);
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - startedAt;
}

async function oneStart(storePath: string): Promise<{ readyMs: number; residentMb: number }> {
  const server = new ServerProcess(
    await freePort(),
    { STORE: storePath, LOG_LEVEL: 'warn' },
    NODE_FLAGS,
  );
  const startedAt = performance.now();
  try {
    // It is asked when it says that it may be: asking all the time would take a core from it.
    const starting = server.start();
    onAllCores(server.pid);
    await starting;
    const status = await dialIn(server.url);
    if (status !== 200) throw new Error(`the first webhook was answered with ${status}`);
    const readyMs = performance.now() - startedAt;
    await wait(IDLE_AFTER_MS);
    const memory = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    const residentMb = Number(/VmRSS:\s+(\d+) kB/.exec(memory)?.[1]) / 1024;
    return { readyMs, residentMb };
  } finally {
    await server.end('SIGKILL');
  }
}

/** An agent dials in; the server's own URL is what its simulated network would sign. */
async function dialIn(url: string): Promise<number> {
  const { accountSid, authToken } = SIMULATED_ACCOUNT;
  const form = { ...agentFields(sid('a', 1), 'ringing'), AccountSid: accountSid };
  const { origin, port } = new URL(url);
  const connection = await Connection.open(Number(port));
  const request = signedPost('/consume', form, { token: authToken, baseUrl: origin });
  const status = await connection.ask(request);
  connection.close();
  return status;
}
