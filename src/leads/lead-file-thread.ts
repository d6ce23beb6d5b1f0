import type { FileProblem, ImportPreview, Mapping } from '../domain/lead-import.ts';
import { startThread } from '../start-thread.ts';
import { LeadFileError } from './lead-file.ts';

export interface FileRequest {
  bytes: Uint8Array;
  /** Null: the thread guesses. */
  mapping: Mapping | null;
  /** Country of numbers without one, as ISO 3166-1 names it. */
  country: string;
}

export type ToThread = { kind: 'read'; request: FileRequest } | { kind: 'known'; known: string[] };

export type FromThread =
  | { kind: 'progress'; done: number; total: number }
  /** The numbers of the file, as texts of JSON arrays: which of them does the list have? */
  | { kind: 'phones'; phones: string[] }
  /** `batches`: see `LeadBook.import`; rows that the list has are not among them. */
  | { kind: 'read'; importId: string; preview: ImportPreview; batches: string[] }
  | { kind: 'failed'; problem: FileProblem; line: number | null };

export interface LeadFile {
  importId: string;
  preview: ImportPreview;
  batches: string[];
}

/**
 * Reads a lead file in a thread of its own: 100,000 numbers take seconds, and no call waits for them.
 * Rejects with a `LeadFileError` for a file that cannot be read at all.
 */
export async function readLeadFile(
  request: FileRequest,
  findKnown: (phones: string) => Promise<string[]>,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<LeadFile> {
  const worker = startThread(import.meta.url, './lead-file-worker');
  try {
    return await new Promise<LeadFile>((resolve, reject) => {
      const send = (message: ToThread): void =>
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage(message);
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('the thread that reads lead files has ended')));
      worker.on('message', (message: FromThread) => {
        switch (message.kind) {
          case 'progress':
            return onProgress(message.done, message.total);
          case 'phones':
            return void Promise.all(message.phones.map(findKnown)).then(
              (known) => send({ kind: 'known', known: known.flat() }),
              reject,
            );
          case 'read':
            return resolve(message);
          case 'failed':
            return reject(new LeadFileError(message.problem, message.line));
        }
      });
      send({ kind: 'read', request });
    });
  } finally {
    await worker.terminate();
  }
}
