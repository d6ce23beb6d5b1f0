import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** A folder per test, gone after it. */
export function testFolder(): (name?: string) => string {
  let folder: string | null = null;
  afterEach(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
    folder = null;
  });
  return (name = 'store.db') => {
    folder ??= mkdtempSync(join(tmpdir(), 'auto-connect-'));
    return join(folder, name);
  };
}
