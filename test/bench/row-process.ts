import { fork } from 'node:child_process';
import { once } from 'node:events';
import { reasonOf } from './failure.ts';
import type { RowResult } from './result.ts';

/** What a row's process says at its end. */
export type RowWord = { result: RowResult } | { failure: string };

/**
 * Runs a script that measures one row, in a process of its own: the next row finds neither its heap nor anything
 * that it has started. When `givenUp` is aborted, all of them end.
 */
export async function runRow(
  script: string,
  args: readonly string[],
  givenUp: AbortSignal,
): Promise<RowWord> {
  const row = fork(script, args, {
    detached: true, // A process group of its own, so that all it started can be named.
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced', // Figures may be NaN.
  });
  const endAll = (): void => {
    try {
      if (row.pid !== undefined) process.kill(-row.pid, 'SIGKILL');
    } catch {
      // Everybody has gone.
    }
  };
  let word: RowWord | null = null;
  row.on('message', (said: RowWord) => (word = said));
  givenUp.addEventListener('abort', endAll);
  process.prependOnceListener('exit', endAll);
  // What it said last may come after its end, but not after that of the channel.
  const [[code]] = await Promise.all([once(row, 'exit'), once(row, 'disconnect')]);
  endAll();
  givenUp.removeEventListener('abort', endAll);
  process.off('exit', endAll);
  if (word) return word;
  return { failure: givenUp.aborted ? reasonOf(givenUp.reason) : `its process ended with ${code}` };
}
