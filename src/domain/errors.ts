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
