import { parseArgs } from 'node:util';
import { frameFuzz } from './frame-fuzz.ts';
import { fuzz } from './fuzz.ts';
import { twimlFuzz } from './twiml-fuzz.ts';
import { webhookFuzz } from './webhook-fuzz.ts';

/** docs/operations.md: a check failed. */
const EXIT_CHECK_FAILED = 1;
/** reliability of a shift: what a million odd requests may leave behind. */
const HEAP_GROWTH_AT_MOST = 50 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);

// Three bodies to a frame and a document, as in the tests.
const runs = [
  () => fuzz(webhookFuzz, { count: Math.ceil(count * 0.6), seed }),
  () => fuzz(frameFuzz, { count: Math.ceil(count * 0.2), seed }),
  () => fuzz(twimlFuzz, { count: Math.ceil(count * 0.2), seed }),
];
for (const run of runs) {
  const { name, count: sent, seconds, heapGrowthBytes, failure } = await run();
  const grown = (heapGrowthBytes / 1024 / 1024).toFixed(1);
  process.stdout.write(`${name}: ${sent} in ${seconds.toFixed(1)} s, heap ${grown} MiB\n`);
  if (failure) {
    process.stdout.write(`  number ${failure.at}: ${failure.wrong}\n  drawn: ${failure.drawn}\n`);
    process.stdout.write(`  again: npm run -s fuzz -- --count ${count} --seed ${seed}\n`);
  }
  if (failure || heapGrowthBytes > HEAP_GROWTH_AT_MOST) process.exitCode = EXIT_CHECK_FAILED;
}
