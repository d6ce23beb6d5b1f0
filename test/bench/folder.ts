import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for stores, removed at the end. */
export async function inFolder<T>(run: (file: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'auto-connect-bench-'));
  try {
    return await run((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
