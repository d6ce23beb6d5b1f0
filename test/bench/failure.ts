import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Why a row failed, in one line and without the paths of this machine: benchmark.md is read elsewhere. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text
    .replaceAll(`file://${ROOT}`, '')
    .replaceAll(ROOT, '')
    .replaceAll(`${tmpdir()}/`, '')
    .split('\n');
  // What a process writes when it dies begins with the place; what was wrong comes after it.
  const said = lines.find((line) => SAYS_ERROR.test(line)) ?? lines[0] ?? '';
  return said.replace(SAYS_ERROR, '').trim();
}

const SAYS_ERROR = /^\w*Error(?: \[\w+\])?: /;
