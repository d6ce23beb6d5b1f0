/** The process in which main.ts has one row measured. */
import { pinDriver } from './contestant.ts';
import { reasonOf } from './failure.ts';
import type { Effort } from './result.ts';
import { ROWS } from './row-list.ts';
import type { RowWord } from './row-process.ts';

const [, , name, effort = '{}'] = process.argv;

const say = (word: RowWord): void => void process.send?.(word, () => process.exit());

process.once('disconnect', () => process.exit(1)); // Nobody waits for it any more.
process.once('uncaughtException', (error) => say({ failure: reasonOf(error) }));
pinDriver();
try {
  const row = ROWS.find((one) => one.name === name);
  if (!row) throw new Error(`there is no row ${name}`);
  say({ result: await row.run(JSON.parse(effort) as Effort) });
} catch (error) {
  say({ failure: reasonOf(error) });
}
