import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const BUILT = new URL('../../../dist/web/', import.meta.url);

/** Compressed JavaScript of the built page that comes before anything is seen: the entry, and what it preloads. */
export async function firstLoadBytes(): Promise<number> {
  const html = await readFile(new URL('index.html', BUILT), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, path]) => path ?? '');
  if (scripts.length === 0) throw new Error('index.html names no script');
  const sizes = await Promise.all(
    scripts.map(async (path) => gzipSync(await readFile(new URL(path, BUILT))).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
