import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: flows start servers, so files run side by side but never more than there are cores.
    maxWorkers: 2,
    // Bounds a hang, not the speed: a machine that others use too may be ten times slower.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
