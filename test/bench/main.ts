import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { markdown } from './report.ts';
import type { Effort, RowResult } from './result.ts';
import { ROWS } from './row-list.ts';
import { runRow } from './row-process.ts';

const PAGE = fileURLToPath(new URL('../../docs/benchmark.md', import.meta.url));
const ONE_ROW = fileURLToPath(new URL('one-row.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true, default: [] },
    /** Seconds after which a row is given up; without it, far more than any takes. */
    within: { type: 'string' },
  },
});
const unknown = values.row.filter((name) => ROWS.every((row) => row.name !== name));
if (unknown.length > 0) {
  process.stderr.write(
    `no row ${unknown.join(', ')}; there are ${ROWS.map((row) => row.name).join(', ')}\n`,
  );
  process.exit(2);
}
const withinSeconds = Number(values.within ?? (values.quick ? 120 : 15 * 60));
if (!(withinSeconds > 0)) {
  process.stderr.write(`--within takes seconds, not ${values.within}\n`);
  process.exit(2);
}
const effort: Effort = values.quick
  ? { isQuick: true, rounds: 2, seconds: 0.5 }
  : { isQuick: false, rounds: 5, seconds: 3 };

/** One row that cannot be measured must not cost the others. */
async function measure(name: string): Promise<RowResult> {
  process.stderr.write(`${name} …\n`);
  const late = new AbortController();
  const reason = `it was not done after ${withinSeconds} s`;
  const timer = setTimeout(() => late.abort(reason), withinSeconds * 1000);
  const word = await runRow(ONE_ROW, [name, JSON.stringify(effort)], late.signal);
  clearTimeout(timer);
  if ('result' in word) return word.result;
  return { row: name, failure: word.failure, notes: [], lines: [], aims: [] };
}

// A row that is given up cannot remove its stores itself.
const folder = mkdtempSync(join(tmpdir(), 'auto-connect-bench-'));
process.env['TMPDIR'] = folder;
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

// Nobody is measured with settings of the one who measures.
for (const name of ['NODE_OPTIONS', 'NODE_ENV', 'UV_THREADPOOL_SIZE']) delete process.env[name];

const machine = describeMachine();
const results: RowResult[] = [];
for (const { name } of ROWS) {
  if (values.row.length === 0 || values.row.includes(name)) results.push(await measure(name));
}
const how = values.quick ? 'a quick run, no figures to quote' : `${effort.rounds} rounds`;
const page = markdown(machine, how, results);
// A run of some rows, or a quick one, must not take the place of a whole one.
if (!values.quick && values.row.length === 0) writeFileSync(PAGE, page);
process.stdout.write(
  values.json ? `${JSON.stringify({ machine, results }, null, 2)}\n` : `${page}\n`,
);
for (const { row, failure } of results) {
  if (failure === undefined) continue;
  process.exitCode = 1;
  process.stderr.write(`failed: ${row}: ${failure}\n`);
}
