/** The limits of a lead file; past them nothing is read. */
export const LEAD_FILE_LIMITS = {
  maxBytes: 10 * 1024 * 1024,
  maxRows: 100_000,
  maxCellBytes: 1024,
  /** Problems that are listed one by one; the rest is counted. */
  maxProblems: 50,
} as const;

/** Which column is what, by its position from 0. */
export interface Mapping {
  phone: number | null;
  name: number | null;
  /** Put behind the name, where a list has two columns for it. */
  surname: number | null;
}

/** Why a row is left out. The first five are bad rows; the last two are duplicates. */
export const ROW_PROBLEMS = [
  'noPhone',
  'notAPhone',
  'extension',
  'premium',
  'cellTooLong',
  'twiceInFile',
  'inList',
] as const;
export type RowProblem = (typeof ROW_PROBLEMS)[number];

/** What is in a lead file, and what an import of it would do. */
export interface ImportPreview {
  columns: string[];
  mapping: Mapping;
  rows: number;
  good: number;
  bad: number;
  duplicates: number;
  /** `line`: of the file, from 1, which is the header's; `text`: what stands in the phone column. */
  problems: { line: number; reason: RowProblem; text: string }[];
  /** The first rows as they stand there. */
  sample: string[][];
}

/** Why a file is not taken at all. */
export const FILE_PROBLEMS = [
  'notText',
  'empty',
  'noRows',
  'tooManyRows',
  'tooBig',
  'openQuote',
  'noPhoneColumn',
  'badRows',
] as const;
export type FileProblem = (typeof FILE_PROBLEMS)[number];
