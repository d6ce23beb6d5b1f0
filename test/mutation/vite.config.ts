import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The quick tests in one file that can be evaluated again and again; packages stay outside, and warm. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  publicDir: false,
  ssr: { target: 'node' },
  build: {
    ssr: 'test/mutation/quick-tests.ts',
    outDir: 'coverage',
    emptyOutDir: false,
    target: 'node20',
    rolldownOptions: { output: { format: 'cjs', entryFileNames: 'quick-tests.cjs' } },
  },
});
