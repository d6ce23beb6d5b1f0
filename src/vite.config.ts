import { defineConfig } from 'vite';

/** Packages that stay as they are: with native code, or so large that reading one file of all would cost what it saves. */
const LEFT_OUT = ['libsql', 'twilio', 'state-machine-cat', 'pino'];

/**
 * The server in a few files: Node finds, reads and links some two thousand modules one by one, which was half of a
 * start. Types are checked by `npm run check`.
 */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  ssr: { target: 'node', noExternal: true, external: LEFT_OUT },
  build: {
    ssr: true,
    outDir: '../dist/src',
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    rolldownOptions: {
      input: {
        main: 'src/main.ts',
        'store-worker': 'src/journal/store-worker.ts',
        'lead-file-worker': 'src/leads/lead-file-worker.ts',
        'replay-worker': 'src/replay/replay-worker.ts',
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});
