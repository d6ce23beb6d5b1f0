import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Records test/recordings/*.ndjson anew: `npx vitest run --config test/recordings/record/vitest.config.ts`. */
export default defineConfig({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  test: {
    include: ['test/recordings/record/*.scenario.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
