import { crc32 } from 'node:zlib';
import type { JournalEntry } from '../dialer/ports.ts';
import type { Value } from './store-requests.ts';

/** One stored entry: its columns, and `data`, the rest of it as the text of a JSON object. */
export interface EntryRow {
  sessionId: string;
  seq: number | null;
  at: number;
  kind: string;
  data: string;
}

/** The columns of an entry, in the order that `EntryValues` has them. */
export function entryValues(entry: JournalEntry): [string, string, Value, number, string] {
  const seq = 'seq' in entry ? entry.seq : null;
  return [entry.kind, entry.sessionId, seq, entry.at, dataOf(entry)];
}

function dataOf(entry: JournalEntry): string {
  switch (entry.kind) {
    case 'opened':
      return JSON.stringify({ version: entry.version, opening: entry.opening });
    case 'event': {
      const { event, reply, rest } = entry;
      return JSON.stringify({ event, reply, rest }); // What is undefined is not written.
    }
    case 'timer':
      return `{"timer":${entry.timer}}`;
    case 'effect':
      return JSON.stringify({ key: entry.key, state: entry.state });
    case 'checkpoint':
      return JSON.stringify({ state: entry.state });
    case 'closed':
      return '{}';
  }
}

/**
 * The entry as JSON text in two parts, put together without parsing or copying: reading back is the slowest part
 * of a start.
 */
export function entryText(row: EntryRow): [head: string, tail: string] {
  const seq = row.seq === null ? '' : `,"seq":${row.seq}`;
  const head = `{"kind":"${row.kind}","sessionId":${JSON.stringify(row.sessionId)}${seq},"at":${row.at}`;
  return row.data.length > 2 ? [`${head},`, row.data.slice(1)] : [head, '}'];
}

/** What a checksum covers besides the session: the same text as in `PACKED_ENTRY`. */
export function checkedText({ seq, at, kind, data }: Omit<EntryRow, 'sessionId'>): string {
  return `${seq ?? ''} ${at} ${kind} ${data}`;
}

/** SQLite checks its trees, not what is in them: a flipped bit in an entry is found by this. */
export function entryChecksum(sessionId: string, text: string): number {
  return crc32(text, crc32(sessionId));
}
