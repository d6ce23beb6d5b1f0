import { startThread } from '../start-thread.ts';
import type { Selection } from './export-recording.ts';

export type Job =
  | { kind: 'export'; storePath: string; selection: Selection }
  | { kind: 'replay'; name: string; bytes: Uint8Array };

/** `refused`: the input is to blame, and the text says why. */
export type Done = { text: string } | { refused: string };

/** A file that keeps the machines busy for longer is not for a page. */
const DONE_WITHIN_MS = 60_000;
const HEAP_MB_MAX = 1024;

/** Exports or replays in a thread of its own, which ends with it: no call waits for a look at the past. */
export async function inReplayThread(job: Job): Promise<Done> {
  const worker = startThread(import.meta.url, './replay-worker', {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  });
  try {
    return await new Promise<Done>((resolve, reject) => {
      const late = setTimeout(
        () => resolve({ refused: 'it takes too long; use the command line: auto-connect replay' }),
        DONE_WITHIN_MS,
      ).unref();
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('the thread that replays has ended')));
      worker.on('message', (done: Done) => {
        clearTimeout(late);
        resolve(done);
      });
    });
  } finally {
    await worker.terminate();
  }
}
