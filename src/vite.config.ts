import { defineConfig, type Plugin } from 'vite';

/**
 * Packages that stay as they are: with native code, with an `await` at the top, or never loaded (Fastify's own
 * compilers: src/http/validation.ts).
 */
const LEFT_OUT = [
  'libsql',
  'state-machine-cat',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
];

/** One letter that is not Latin makes V8 keep a whole file at two bytes a letter: some MB of a server’s memory. */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replaceAll(NOT_ASCII, escaped);
    }
  },
};
// oxlint-disable-next-line no-control-regex -- all of ASCII
const NOT_ASCII = /[^\x00-\x7f]/g;
/** Unit by unit: what is read as a pair is written as one. */
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Marks the files as CommonJS: only of scripts can V8 keep what it has compiled (docs/decisions/0012). */
const commonJs: Plugin = {
  name: 'common-js',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/**
 * The server in a few files: Node finds, reads and links some two thousand modules one by one, which was half of a
 * start. Types are checked by `npm run check`.
 */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [asciiOnly, commonJs],
  ssr: { target: 'node', noExternal: true, external: LEFT_OUT },
  build: {
    ssr: true,
    outDir: '../dist/src',
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    rolldownOptions: {
      input: {
        main: 'src/built-main.ts',
        program: 'src/main.ts',
        'compile-ahead': 'src/compile-ahead.ts',
        'store-worker': 'src/journal/store-worker.ts',
        'lead-file-worker': 'src/leads/lead-file-worker.ts',
        'replay-worker': 'src/replay/replay-worker.ts',
      },
      output: { format: 'cjs', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});
