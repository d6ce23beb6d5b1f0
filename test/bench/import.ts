// Imports 100,000 rows into a fresh store and looks at them: tsx test/bench/import.ts [ROWS]. The goal is 10 s.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/journal/sqlite-store.ts';
import { readLeadFile } from '../../src/leads/lead-file-thread.ts';
import { fictionalList } from './fictional-numbers.ts';

const rows = Number(process.argv[2] ?? 100_000);
const text = fictionalList(rows);
const bytes = new TextEncoder().encode(text);
const store = await openStore(join(mkdtempSync(join(tmpdir(), 'auto-connect-')), 'store.db'));

async function timed<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  let slowestTurnMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    slowestTurnMs = Math.max(slowestTurnMs, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  const startedAt = performance.now();
  const result = await act();
  const tookMs = performance.now() - startedAt;
  clearInterval(watch);
  console.log(
    `${what.padEnd(36)} ${(tookMs / 1000).toFixed(2)} s, server held up for at most ${slowestTurnMs.toFixed(0)} ms`,
  );
  return result;
}

console.log(`${rows} rows, ${(bytes.length / 1e6).toFixed(1)} MB`);
const file = await timed('read, normalise, compare', () =>
  readLeadFile({ bytes, mapping: null, country: 'US' }, (phones) => store.book.known(phones)),
);
const added = await timed('into the store', () => store.book.import(file.importId, file.batches));
const all = { search: '', state: null, offset: 0, limit: 100 };
await timed('first window', () => store.book.page(all));
await timed('last window', () => store.book.page({ ...all, offset: rows - 100 }));
await timed('search', () => store.book.page({ ...all, search: 'company 42' }));
await timed('the same file again', () =>
  readLeadFile({ bytes, mapping: null, country: 'US' }, (phones) => store.book.known(phones)),
);
console.log(`${added} added, ${file.preview.bad} bad, ${file.preview.duplicates} duplicates`);
await store.close();
