import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { include: ['test/mutation/quick-tests.ts'], maxWorkers: 1, testTimeout: 20_000 },
});
