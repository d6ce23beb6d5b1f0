import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

test('a drawing is all that the command prints, without a warning of Node’s', () => {
  const args = [MAIN, 'machine', 'export', 'access-gate', '--svg'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.trim()).toMatch(/^<svg[^]*<\/svg>$/);
});
