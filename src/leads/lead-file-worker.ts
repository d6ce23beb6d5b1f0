// The thread that reads lead files: see lead-file-thread.ts. Lives for one file.
import { randomUUID } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { CountryCode } from 'libphonenumber-js/max';
import {
  columnsOf,
  decodeLeadFile,
  guessMapping,
  LeadFileError,
  parseLeadFile,
  previewOf,
  readRows,
  type GoodRow,
  type ParsedFile,
  type ReadFile,
} from './lead-file.ts';
import type { FileRequest, FromThread, ToThread } from './lead-file-thread.ts';

/** About 20 ms of the store's one thread. */
const ROWS_PER_BATCH = 1000;
const PHONES_PER_QUESTION = 20_000;

let parsed: ParsedFile | null = null;
let read: ReadFile | null = null;

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const send = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToThread) => {
  try {
    if (message.kind === 'read') begin(message.request);
    else finish(message.known);
  } catch (error) {
    if (!(error instanceof LeadFileError)) throw error;
    send({ kind: 'failed', problem: error.problem, line: error.line });
  }
});

function begin({ bytes, mapping, country }: FileRequest): void {
  const code = country as CountryCode; // The configuration has checked it.
  parsed = parseLeadFile(decodeLeadFile(bytes));
  read = readRows(parsed, mapping ?? guessMapping(parsed, code), code, (done, total) =>
    send({ kind: 'progress', done, total }),
  );
  send({
    kind: 'phones',
    phones: inBatches(read.good, PHONES_PER_QUESTION, ({ phone }) => phone),
  });
}

function finish(numbers: readonly string[]): void {
  if (!parsed || !read) return;
  const { columns } = parsed;
  const known = new Set(numbers);
  const fresh = read.good.filter(({ phone }) => !known.has(phone));
  const file = randomUUID();
  const rowOf = ({ line, name, phone, cells }: GoodRow) => [
    `${file}-${line}`,
    name,
    phone,
    JSON.stringify(columnsOf(columns, cells)),
  ];
  send({
    kind: 'read',
    importId: file,
    preview: previewOf(parsed, read, known),
    batches: inBatches(fresh, ROWS_PER_BATCH, rowOf),
  });
}

/** Texts of JSON arrays: a thread passes on a text much faster than what it stands for. */
function inBatches<Item>(
  items: readonly Item[],
  size: number,
  write: (item: Item) => unknown,
): string[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    JSON.stringify(items.slice(index * size, (index + 1) * size).map(write)),
  );
}
