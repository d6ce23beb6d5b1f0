import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CompiledModules } from '../src/compiled-modules.ts';
import { testFolder } from './journal/folder.ts';

const file = testFolder();

/** Two files as the build writes them, compiled and kept. */
function built(): string {
  const folder = file('.');
  writeFileSync(file('first.js'), `exports.sum = () => require('./second.js').two() + 1;`);
  writeFileSync(file('second.js'), `exports.two = () => 2;`);
  const modules = new CompiledModules(folder);
  expect(sumOf(modules)).toBe(3);
  expect(modules.compiledAnew).toEqual(['first.js', 'second.js']);
  modules.keep();
  return folder;
}

const sumOf = (modules: CompiledModules): number =>
  (modules.require('./first.js') as { sum: () => number }).sum();

test('what was kept is used by the next start', () => {
  const modules = new CompiledModules(built());
  expect(sumOf(modules)).toBe(3);
  expect(modules.compiledAnew).toEqual([]);
});

test('a file of the same length that has changed runs as it is now', () => {
  const folder = built();
  writeFileSync(file('second.js'), `exports.two = () => 5;`);
  const modules = new CompiledModules(folder);
  expect(sumOf(modules)).toBe(6);
  expect(modules.compiledAnew).toEqual(['second.js']);
});

test.each([
  ['of another file', () => copyFileSync(file('first.js.compiled'), file('second.js.compiled'))],
  ['empty', () => writeFileSync(file('second.js.compiled'), '')],
  ['cut off', () => writeFileSync(file('second.js.compiled'), kept().subarray(0, -10))],
  ['damaged', () => writeFileSync(file('second.js.compiled'), flipped(kept()))],
])('what was kept and is %s is compiled anew', (_, spoil) => {
  const folder = built();
  spoil();
  const modules = new CompiledModules(folder);
  expect(sumOf(modules)).toBe(3);
  expect(modules.compiledAnew).toEqual(['second.js']);
});

const kept = (): Buffer => readFileSync(file('second.js.compiled'));

function flipped(bytes: Buffer): Buffer {
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  return bytes;
}
