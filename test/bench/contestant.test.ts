import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NODE_FLAGS } from './contestant.ts';

test('contestants run with the flags of node that npm start gives the server, and no others', () => {
  const file = new URL('../../package.json', import.meta.url);
  const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts: { start: string } };
  expect(scripts.start).toBe(['node', ...NODE_FLAGS, 'dist/src/main.js serve'].join(' '));
});
