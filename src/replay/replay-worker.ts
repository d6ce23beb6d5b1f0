// The thread that exports and replays for a page: see replay-thread.ts. Lives for one job.
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { exportRecording, NothingSelectedError } from './export-recording.ts';
import { decodeText, parseRecording } from './read-recording.ts';
import { RecordingError } from './recording.ts';
import type { Done, Job } from './replay-thread.ts';
import { judge, toJson } from './verdict.ts';

const job = workerData as Job;

async function work(): Promise<string> {
  if (job.kind === 'export') return exportRecording(job.storePath, job.selection, false);
  const name = basename(job.name);
  const verdict = await judge(parseRecording(name, decodeText(name, job.bytes)));
  return JSON.stringify(toJson(verdict));
}

async function done(): Promise<Done> {
  try {
    return { text: await work() };
  } catch (error) {
    const isTheirs = error instanceof RecordingError || error instanceof NothingSelectedError;
    if (!isTheirs) throw error;
    return { refused: error.message };
  }
}

// A bug is an unhandled rejection: it ends the thread, which its owner hears of.
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
void done().then((outcome) => parentPort?.postMessage(outcome));
