import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pinDriver } from './contestant.ts';
import { describeMachine } from './machine.ts';
import { markdown } from './report.ts';
import type { Effort, Row, RowResult } from './result.ts';
import { bridge } from './rows/bridge.ts';
import { fanOut } from './rows/fan-out.ts';
import { memory } from './rows/memory.ts';
import { flatness } from './rows/flatness.ts';
import { journal } from './rows/journal.ts';
import { leadImport, network, replay } from './rows/commands.ts';
import { recovery } from './rows/recovery.ts';
import { start } from './rows/start.ts';
import { webhook } from './rows/webhook.ts';

const ROWS: readonly Row[] = [
  webhook,
  flatness,
  bridge,
  fanOut,
  journal,
  start,
  memory,
  recovery,
  replay,
  network,
  leadImport,
];
const PAGE = fileURLToPath(new URL('../../docs/benchmark.md', import.meta.url));

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true, default: [] },
  },
});
const unknown = values.row.filter((name) => ROWS.every((row) => row.name !== name));
if (unknown.length > 0) {
  process.stderr.write(
    `no row ${unknown.join(', ')}; there are ${ROWS.map((row) => row.name).join(', ')}\n`,
  );
  process.exit(2);
}

/** Far more than any row takes. */
const ROW_WITHIN_MS = values.quick ? 120_000 : 15 * 60_000;

async function overdue(): Promise<never> {
  await wait(ROW_WITHIN_MS, null, { ref: false });
  throw new Error(`not done after ${ROW_WITHIN_MS / 1000} s`);
}

/** One row that cannot be measured must not cost the others. */
async function run(row: Row): Promise<RowResult> {
  try {
    return await Promise.race([row.run(effort), overdue()]);
  } catch (error) {
    process.exitCode = 1;
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${row.name} failed: ${reason}\n`);
    return { row: row.name, notes: [`Failed: ${reason.split('\n', 1)[0]}`], lines: [], aims: [] };
  }
}

const effort: Effort = values.quick
  ? { isQuick: true, rounds: 2, seconds: 0.5 }
  : { isQuick: false, rounds: 5, seconds: 3 };
const machine = describeMachine();
pinDriver();
const results: RowResult[] = [];
for (const row of ROWS) {
  if (values.row.length > 0 && !values.row.includes(row.name)) continue;
  process.stderr.write(`${row.name} …\n`);
  results.push(await run(row));
}
const how = values.quick ? 'a quick run, no figures to quote' : `${effort.rounds} rounds`;
const page = markdown(machine, how, results);
// A run of some rows, or a quick one, must not take the place of a whole one.
if (!values.quick && values.row.length === 0) writeFileSync(PAGE, page);
process.stdout.write(
  values.json ? `${JSON.stringify({ machine, results }, null, 2)}\n` : `${page}\n`,
);
// The contestants of a row that failed may still be there; they end when the driver does.
process.exit();
