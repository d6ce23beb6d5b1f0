import { parseArgs } from 'node:util';
import { hunt, type Catch } from './hunt.ts';
import { plantedBugs, type PlantedBug } from './planted-bug.ts';

/** docs/operations.md: a check failed; wrong usage. */
const EXIT_CHECK_FAILED = 1;
const EXIT_USAGE = 2;

/** Some invariants quote whole states. */
const SHOWN = 160;

interface Row {
  name: string;
  bug: string;
  seconds: number;
  found: Catch;
  /** Caught, and soon enough. */
  isCaught: boolean;
}

async function hunted(bug: PlantedBug): Promise<Row> {
  const began = performance.now();
  const found = await hunt(bug);
  const seconds = (performance.now() - began) / 1000;
  const isCaught = found.kind === 'caught' && (bug.within === null || found.after <= bug.within);
  return { name: bug.name, bug: bug.bug, seconds, found, isCaught };
}

function asLine({ name, found, isCaught, seconds }: Row, { within }: PlantedBug): string {
  const head = `${isCaught ? 'caught' : 'MISSED'}  ${name.padEnd(36)}`;
  if (found.kind === 'missed') return `${head} ${found.reason}`;
  const unit = found.tool === 'explorer' ? 'states' : 'seeds';
  const limit = within === null ? '' : ` (at most ${within})`;
  const after = `${found.tool} after ${found.after} ${unit}${limit}`;
  return `${head} ${after}, ${seconds.toFixed(1)} s: ${found.invariant.slice(0, SHOWN)}`;
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const all = plantedBugs();
const unknown = values.only.filter((name) => all.every((bug) => bug.name !== name));
if (unknown.length > 0) {
  process.stderr.write(`no bug ${unknown.join(', ')}; there are:\n`);
  for (const { name, bug } of all) process.stderr.write(`  ${name}: ${bug}\n`);
  process.exit(EXIT_USAGE);
}

const rows: Row[] = [];
for (const bug of all) {
  if (values.only.length > 0 && !values.only.includes(bug.name)) continue;
  const row = await hunted(bug);
  rows.push(row);
  if (!values.json) process.stdout.write(`${asLine(row, bug)}\n`);
}
const caught = rows.filter(({ isCaught }) => isCaught).length;
process.stdout.write(
  values.json
    ? `${JSON.stringify({ bugs: rows.length, caught, rows })}\n`
    : `${caught} of ${rows.length} caught\n`,
);
if (caught < rows.length) process.exitCode = EXIT_CHECK_FAILED;
