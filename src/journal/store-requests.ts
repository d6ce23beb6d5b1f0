import type { JournalProblem } from '../domain/errors.ts';

/** What SQLite takes and gives; all our columns are integers or text. */
export type Value = string | number | null;

export interface Statement {
  sql: string;
  params: readonly Value[];
}

/** One row per array; values in the order of the columns. */
export type Rows = readonly (readonly Value[])[];

/** Journal entries as five values each, one after another: kind, session id, seq, at, data. */
export type EntryValues = Value[];
export const VALUES_PER_ENTRY = 5;

/** What goes into one transaction: the entries, then the writes in order. The reads follow after its end. */
export interface Group {
  entries: EntryValues;
  writes: readonly (readonly Statement[])[];
  reads: readonly Statement[];
}

/** A `JournalError` on its way between threads. */
export interface Failure {
  problem: JournalProblem;
  what: string;
  remedy: string;
}

export type Outcome<Result> = { result: Result } | { failure: Failure };

export interface GroupReply {
  /** Null: everything is durable. Otherwise nothing of the group is, and the writes are void. */
  failure: Failure | null;
  /** Per write, the rows of each of its statements. One that failed alone has left nothing behind. */
  writes: readonly Outcome<readonly Rows[]>[];
  reads: readonly Outcome<Rows>[];
  commitMs: number;
}

/** Leads that a fresh store begins with, as rows of the table `lead`. */
export type SeedRow = readonly [leadId: string, name: string, phone: string, columns: string];

export interface OpenRequest {
  path: string;
  seed: readonly SeedRow[];
}

export interface Opened {
  tokenKey: string;
  /** Whether the store was made just now. */
  isFresh: boolean;
  /** How long the check after an unclean end took; null where the last end was clean. */
  checkMs: number | null;
}

export type StoreRequest =
  | { kind: 'open'; open: OpenRequest }
  | { kind: 'group'; group: Group }
  | { kind: 'startReading' }
  /** The next live entries as the text of a JSON array; null at the end. */
  | { kind: 'readNext'; cursor: number }
  | { kind: 'stopReading'; cursor: number }
  | { kind: 'close' };

export interface StoreReplies {
  open: Opened;
  group: GroupReply;
  startReading: number;
  readNext: string | null;
  stopReading: null;
  close: null;
}

export type RequestMessage = { id: number; request: StoreRequest };
export type ReplyMessage = { id: number; outcome: Outcome<StoreReplies[StoreRequest['kind']]> };
