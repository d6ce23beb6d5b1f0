import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a thread on a module beside the one that asks, named without its extension. Built code runs as it is; from
 * sources, a thread of Node 20 must be told how to read TypeScript.
 */
export function startThread(besides: string, module: string, options: WorkerOptions = {}): Worker {
  if (!besides.endsWith('.ts')) return new Worker(new URL(`${module}.js`, besides), options);
  // `require` finds the CommonJS twin, which cannot register in a thread.
  const found = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const { href: loader } = pathToFileURL(found);
  const worker = new URL(`${module}.ts`, besides);
  const boot = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(worker.href)});`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(boot)}`);
  return new Worker(url, { ...options, execArgv: [] });
}
