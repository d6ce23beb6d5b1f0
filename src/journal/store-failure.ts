import { JournalError, type JournalProblem } from '../domain/errors.ts';
import type { Failure } from './store-requests.ts';

const RESTORE =
  'stop the server, keep a copy of the file, then run "auto-connect journal repair FILE" or restore a backup';

/** What SQLite says when the disk does not give back what was written. */
const READ_ERRORS = ['SQLITE_IOERR_READ', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_IOERR_CORRUPTFS'];

/** Past these no word of the store can be trusted, however long one waits. */
const FINAL: ReadonlySet<JournalProblem> = new Set(['damaged', 'foreign', 'readFailed', 'stopped']);

export const isFinal = ({ problem }: Failure | JournalError): boolean => FINAL.has(problem);

/** What an error of SQLite or of the file system means for the operator, and what to do. */
export function journalError(error: unknown, path: string): JournalError {
  if (error instanceof JournalError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error, message);
  const [problem, what, remedy] = explain(code, path, message);
  return new JournalError(problem, what, remedy, { cause: error });
}

export function failureOf(error: unknown, path: string): Failure {
  const { problem, what, remedy } = journalError(error, path);
  return { problem, what, remedy };
}

export function errorOf({ problem, what, remedy }: Failure): JournalError {
  return new JournalError(problem, what, remedy);
}

export function damaged(path: string, place: string, cause?: unknown): JournalError {
  return new JournalError('damaged', `${path} is damaged: ${place}`, RESTORE, { cause });
}

/** libsql gives a failed open as a text that ends in SQLite's primary result code (14 is SQLITE_CANTOPEN). */
function codeOf(error: unknown, message: string): string {
  if (/Unable to open connection .*: 14/s.test(message)) return 'SQLITE_CANTOPEN';
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

function explain(
  code: string,
  path: string,
  message: string,
): [problem: JournalProblem, what: string, remedy: string] {
  const detail = `(${code || 'no code'}: ${message})`;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return ['diskFull', `the disk of ${path} is full ${detail}`, 'free some space'];
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return ['damaged', `${path} is damaged ${detail}`, RESTORE];
  }
  if (code === 'SQLITE_NOTADB') {
    return [
      'foreign',
      `${path} is not a store of auto-connect, or its first page is damaged ${detail}`,
      'name another file, or restore a backup',
    ];
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return [
      'locked',
      `another program is writing to ${path} ${detail}`,
      'stop it: only the server may write to its store',
    ];
  }
  if (code.startsWith('SQLITE_READONLY') || ['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return [
      'readOnly',
      `${path} or its folder may not be written ${detail}`,
      'give the user of this process the right to write there, or name another folder',
    ];
  }
  if (READ_ERRORS.some((readError) => code.startsWith(readError))) {
    return [
      'readFailed',
      `${path} cannot be read ${detail}`,
      'look at the disk and the system log, then restore a backup onto a sound disk',
    ];
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') {
    return [
      'unwritable',
      `${path} cannot be read or written ${detail}`,
      'look at the disk and the system log',
    ];
  }
  return [
    'unreadable',
    `${path} cannot be opened as a store ${detail}`,
    'check the path, its folder and what is there',
  ];
}
