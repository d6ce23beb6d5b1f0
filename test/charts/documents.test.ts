import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documents } from '../../src/charts/documents.ts';

const FOLDER = new URL('../../docs/machines/', import.meta.url);

test('the pages and drawings of the charts are what the machines are: else npm run docs:machines', async () => {
  const wanted = await documents();
  const stale = [...wanted].filter(
    ([file, text]) => readFileSync(new URL(file, FOLDER), 'utf8') !== text,
  );
  expect(stale.map(([file]) => file)).toEqual([]);
});

test('nothing is left in the folder of a chart or a state that is no more', async () => {
  const wanted = new Set([...(await documents()).keys(), 'README.md']);
  expect(readdirSync(FOLDER).filter((file) => !wanted.has(file))).toEqual([]);
});
