/** What an operator must mend, with what to do about it. */
export abstract class AutoConnectError extends Error {
  /** Stable; documented in docs/operations.md. */
  abstract readonly code: string;
  /** Exit code of the process, see docs/operations.md. */
  abstract readonly exitCode: number;
}

/** One line per problem: the key, what is wrong, and the remedy; never the value. */
export class ConfigError extends AutoConnectError {
  readonly code = 'CONFIG';
  readonly exitCode = 4;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * What is wrong with the store. `locked`: another process has it. `unreadable`: cannot be opened at all.
 * `foreign`: a file, but not ours. `futureVersion`: written by a newer release. `readOnly`: file or folder may not
 * be written. `damaged`: its content contradicts itself. `readFailed`: the disk did not give it back. `diskFull`,
 * `unwritable`: a write failed; it may work again.
 * `stopped`: the thread that owns it is gone, or it was closed.
 */
export type JournalProblem =
  | 'locked'
  | 'unreadable'
  | 'foreign'
  | 'futureVersion'
  | 'readOnly'
  | 'damaged'
  | 'readFailed'
  | 'diskFull'
  | 'unwritable'
  | 'stopped';

/** The store cannot be opened, read or written. The message holds what is wrong and the remedy. */
export class JournalError extends AutoConnectError {
  readonly code = 'JOURNAL';
  readonly exitCode = 6;
  readonly problem: JournalProblem;
  readonly what: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;

  constructor(problem: JournalProblem, what: string, remedy: string, options?: ErrorOptions) {
    super(`${what}; ${remedy}`, options);
    this.problem = problem;
    this.what = what;
    this.remedy = remedy;
  }
}
