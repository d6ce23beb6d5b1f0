import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import Papa from 'papaparse';
import {
  LEAD_FILE_LIMITS,
  type FileProblem,
  type ImportPreview,
  type Mapping,
  type RowProblem,
} from '../domain/lead-import.ts';

/** A file that cannot be read at all. */
export class LeadFileError extends Error {
  readonly problem: FileProblem;
  readonly line: number | null;

  constructor(problem: FileProblem, line: number | null = null) {
    super(`${problem}${line === null ? '' : ` in line ${line}`}`);
    this.problem = problem;
    this.line = line;
  }
}

interface FileRow {
  line: number;
  cells: string[];
}

/** The columns by their names, and the rows with the lines that they begin in. */
export interface ParsedFile {
  columns: string[];
  rows: FileRow[];
}

export interface GoodRow {
  line: number;
  name: string;
  /** E.164. */
  phone: string;
  cells: string[];
}

export interface ReadFile {
  mapping: Mapping;
  good: GoodRow[];
  problems: { line: number; reason: RowProblem; text: string }[];
}

const SAMPLE_ROWS = 5;
/** Rows that are looked at to tell which column holds the numbers. */
const GUESS_ROWS = 50;
const PROGRESS_EVERY_ROWS = 1000;
const PHONE_HEADERS = [
  /^(phone|telephone|tel|mobile|cell|telefon|phone ?(number|no\.?))$/i,
  /phone|mobile|cell|\btel/i,
];
const NAME_HEADERS = [/^(full ?)?name$/i, /^(first|given) ?name$|^first$/i, /name|contact|lead/i];
const SURNAME_HEADERS = [/^(last|family|sur) ?name$|^last$/i];

/** UTF-8, with or without a byte order mark. */
export function decodeLeadFile(bytes: Uint8Array): string {
  if (bytes.byteLength > LEAD_FILE_LIMITS.maxBytes) throw new LeadFileError('tooBig');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new LeadFileError('notText'); // The decoder's own words say no more.
  }
}

/** RFC 4180 with any delimiter that papaparse knows; empty lines do not count. */
export function parseLeadFile(text: string): ParsedFile {
  let columns: string[] | null = null;
  const rows: FileRow[] = [];
  let line = 1;
  let place = 0;
  let openQuote: number | null = null;
  Papa.parse<string[]>(text, {
    step: ({ data, errors, meta }, parser) => {
      const startsAt = line;
      line += linesIn(text, place, meta.cursor);
      place = meta.cursor;
      if (errors.some(({ code }) => code === 'MissingQuotes')) {
        openQuote = startsAt;
        return parser.abort();
      }
      if (data.every((cell) => cell.trim() === '')) return;
      if (columns === null) columns = namesOf(data);
      else rows.push({ line: startsAt, cells: data });
      if (rows.length > LEAD_FILE_LIMITS.maxRows) parser.abort();
    },
  });
  if (openQuote !== null) throw new LeadFileError('openQuote', openQuote);
  if (columns === null) throw new LeadFileError('empty');
  if (rows.length === 0) throw new LeadFileError('noRows');
  if (rows.length > LEAD_FILE_LIMITS.maxRows) throw new LeadFileError('tooManyRows');
  return { columns, rows };
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) {
    lines += 1;
  }
  return lines;
}

/** Every column has a name of its own, so that none is lost. */
function namesOf(header: readonly string[]): string[] {
  const names: string[] = [];
  for (const [index, cell] of header.entries()) {
    const base = cell.trim().slice(0, 100) || `Column ${index + 1}`;
    let name = base;
    for (let twin = 2; names.includes(name); twin++) name = `${base} (${twin})`;
    names.push(name);
  }
  return names;
}

/** By the names of the columns; where no name says "phone", by what stands in them. */
export function guessMapping({ columns, rows }: ParsedFile, country: CountryCode): Mapping {
  const named = (patterns: readonly RegExp[], taken: readonly (number | null)[] = []) => {
    for (const pattern of patterns) {
      const found = columns.findIndex(
        (name, index) => pattern.test(name) && !taken.includes(index),
      );
      if (found !== -1) return found;
    }
    return null;
  };
  const phone = named(PHONE_HEADERS) ?? columnOfNumbers({ columns, rows }, country);
  const surname = named(SURNAME_HEADERS, [phone]);
  const name = named(NAME_HEADERS, [phone, surname]);
  return name === null ? { phone, name: surname, surname: null } : { phone, name, surname };
}

function columnOfNumbers({ columns, rows }: ParsedFile, country: CountryCode): number | null {
  const sample = rows.slice(0, GUESS_ROWS);
  const share = columns.map(
    (_, index) =>
      sample.filter(({ cells }) => 'phone' in readPhone(cells[index] ?? '', country)).length,
  );
  const best = share.indexOf(Math.max(...share));
  return (share[best] ?? 0) * 2 > sample.length ? best : null;
}

/**
 * A number as people write it, to E.164. Refused: numbers that ring nobody, ask for an extension, or cost whoever
 * phones them (premium and shared cost: threat T10).
 */
export function readPhone(
  text: string,
  country: CountryCode,
): { phone: string } | { problem: RowProblem } {
  if (text.trim() === '') return { problem: 'noPhone' };
  const parsed = parsePhoneNumberFromString(text.trim(), {
    defaultCountry: country,
    extract: false,
  });
  if (!parsed?.isValid()) return { problem: 'notAPhone' };
  if (parsed.ext !== undefined) return { problem: 'extension' };
  const type = parsed.getType();
  if (type === 'PREMIUM_RATE' || type === 'SHARED_COST') return { problem: 'premium' };
  return { phone: parsed.number };
}

/** Every row, good or with what is wrong with it. Without a phone column there are neither. */
export function readRows(
  { rows }: ParsedFile,
  mapping: Mapping,
  country: CountryCode,
  onProgress: (done: number, total: number) => void = () => {},
): ReadFile {
  const read: ReadFile = { mapping, good: [], problems: [] };
  const { phone } = mapping;
  if (phone === null) return read;
  const seen = new Set<string>();
  for (const [index, { line, cells }] of rows.entries()) {
    if (index % PROGRESS_EVERY_ROWS === 0) onProgress(index, rows.length);
    const text = cells[phone] ?? '';
    const reading = readRow(cells, text, country, seen);
    if ('problem' in reading) {
      read.problems.push({ line, reason: reading.problem, text: text.slice(0, 60) });
    } else {
      seen.add(reading.phone);
      read.good.push({
        line,
        name: nameOf(cells, mapping) || reading.phone,
        phone: reading.phone,
        cells,
      });
    }
  }
  onProgress(rows.length, rows.length);
  return read;
}

function readRow(
  cells: readonly string[],
  text: string,
  country: CountryCode,
  seen: ReadonlySet<string>,
): { phone: string } | { problem: RowProblem } {
  if (cells.some(isTooLong)) return { problem: 'cellTooLong' };
  const reading = readPhone(text, country);
  return 'phone' in reading && seen.has(reading.phone) ? { problem: 'twiceInFile' } : reading;
}

/** A character is at most three bytes of UTF-8 for each UTF-16 unit: most cells need no counting. */
const isTooLong = (cell: string): boolean =>
  cell.length * 3 > LEAD_FILE_LIMITS.maxCellBytes &&
  Buffer.byteLength(cell) > LEAD_FILE_LIMITS.maxCellBytes;

function nameOf(cells: readonly string[], { name, surname }: Mapping): string {
  const parts = [name, surname].map((index) => (index === null ? '' : (cells[index] ?? '').trim()));
  return parts.filter(Boolean).join(' ');
}

/** `known`: numbers of this file that are in the list already. */
export function previewOf(
  { columns, rows }: ParsedFile,
  { mapping, good, problems }: ReadFile,
  known: ReadonlySet<string>,
): ImportPreview {
  const inList = good.filter(({ phone }) => known.has(phone));
  const twice = problems.filter(({ reason }) => reason === 'twiceInFile').length;
  const all = [
    ...problems,
    ...inList.map(({ line, phone }) => ({ line, reason: 'inList' as const, text: phone })),
  ];
  return {
    columns,
    mapping,
    rows: rows.length,
    good: good.length - inList.length,
    bad: problems.length - twice,
    duplicates: twice + inList.length,
    problems: all.toSorted((a, b) => a.line - b.line).slice(0, LEAD_FILE_LIMITS.maxProblems),
    sample: rows.slice(0, SAMPLE_ROWS).map(({ cells }) => columns.map((_, i) => cells[i] ?? '')),
  };
}

/** Every column of the row as it stands there; cells beyond the header are kept too. */
export function columnsOf(columns: readonly string[], cells: readonly string[]) {
  const entries = cells.map((cell, index): [string, string] => [
    columns[index] ?? `Column ${index + 1}`,
    cell,
  ]);
  return Object.fromEntries(entries);
}
