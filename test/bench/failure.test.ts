import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reasonOf } from './failure.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('a failed row says what was wrong, not where on this machine it was found', () => {
  const stack = [
    `${root}src/simulator/handset.ts:40`,
    "    throw new Error('two phones have one number');",
    '          ^',
    '',
    'Error: two phones have one number',
    `    at dial (file://${root}src/simulator/handset.ts:40:11)`,
  ].join('\n');
  expect(reasonOf(stack)).toBe('two phones have one number');
  expect(reasonOf(new Error(`cannot open ${join(tmpdir(), 'store.db')}`))).toBe(
    'cannot open store.db',
  );
  expect(reasonOf(new Error(`no such file ${root}dist/src/main.js`))).toBe(
    'no such file dist/src/main.js',
  );
});
