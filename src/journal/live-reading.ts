import type Database from 'libsql';
import { entryChecksum, entryText, type EntryRow } from './entry-rows.ts';
import { oneValue } from './open-database.ts';
import { damaged } from './store-failure.ts';

/** Entries per step: large enough to be fast, small enough that a group need not wait long behind it. */
const ENTRIES_PER_STEP = 2000;

/** An entry's columns as one text: values are what costs time between SQLite and JavaScript (3 times faster). */
export const PACKED_ENTRY = `e.session || ' ' || e.checksum || ' ' || coalesce(e.seq, '') || ' ' || e.at
  || ' ' || e.kind || ' ' || e.data`;

export interface PackedEntry extends EntryRow {
  /** Whether the entry is what was written. */
  holds: boolean;
}

/**
 * Reads the entries of the sessions that were live when it began, as JSON: one session after another, of each the
 * opening, and all from the last checkpoint on.
 * The journal is read back as it was written, or not at all: each entry has a checksum, a session's order has no
 * gap, and no entry that the index names is missing.
 */
export class LiveReading {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #table: string;
  readonly #next: Database.Statement;
  readonly #sessions = new Map<string, string>();
  readonly #checker: EntryChecker;
  readonly #total: number;
  #read = 0;

  constructor(db: Database.Database, path: string, cursor: number) {
    this.#db = db;
    this.#path = path;
    this.#table = `temp.live_${cursor}`;
    this.#checker = new EntryChecker();
    db.exec(
      `CREATE TEMP TABLE live_${cursor} AS
       SELECT s.id AS session, min(i.id) AS id FROM main.session s CROSS JOIN main.entry_index i
       WHERE s.closed_at IS NULL AND i.session = s.id AND s.replay_from IS NOT NULL GROUP BY s.id
       UNION
       SELECT s.id, i.id FROM main.session s CROSS JOIN main.entry_index i
       WHERE s.closed_at IS NULL AND i.session = s.id AND i.id >= coalesce(s.replay_from, 0)
       UNION
       SELECT s.id, e.id FROM main.session s CROSS JOIN main.entry e
       WHERE e.id > (SELECT up_to FROM main.indexed) AND e.session = s.id
         AND s.closed_at IS NULL
         AND (e.id >= coalesce(s.replay_from, 0) OR e.kind = 'opened')
       ORDER BY 1, 2`,
    );
    const names = db.prepare('SELECT id, session_id FROM session WHERE closed_at IS NULL');
    for (const [id, name] of names.raw().all() as [number, string][]) {
      this.#sessions.set(String(id), name);
    }
    this.#total = Number(oneValue(db, `SELECT count(*) FROM ${this.#table}`));
    this.#next = db
      .prepare(
        `SELECT l.rowid, ${PACKED_ENTRY} FROM ${this.#table} l CROSS JOIN main.entry e
         WHERE l.rowid > ? AND e.id = l.id ORDER BY l.rowid LIMIT ${ENTRIES_PER_STEP}`,
      )
      .raw();
  }

  /** The next entries as the text of a JSON array; null at the end. */
  next(): string | null {
    if (this.#read === this.#total) return null;
    const rows = this.#next.all([this.#read]) as [number, string | null][];
    if (rows.length === 0) this.#fail(`live entry ${this.#read + 1} is missing`);
    const parts: string[] = [];
    for (const [place, packed] of rows) parts.push(',', ...this.#textOf(place, packed));
    parts[0] = '[';
    parts.push(']');
    return parts.join('');
  }

  stop(): void {
    this.#db.exec(`DROP TABLE ${this.#table}`);
  }

  #textOf(place: number, packed: string | null): [string, string] {
    if (place !== this.#read + 1) this.#fail(`live entry ${this.#read + 1} is missing`);
    this.#read = place;
    const entry = packed === null ? null : unpackEntry(packed, this.#sessions);
    if (!entry) return this.#fail(`live entry ${place} cannot be read`);
    const finding = this.#checker.check(entry);
    return finding === null ? entryText(entry) : this.#fail(finding);
  }

  #fail(place: string): never {
    throw damaged(this.#path, place);
  }
}

/** Looks at entries, those of one session in the order of arrival; tells what is wrong with one, or null. */
export class EntryChecker {
  readonly #lastSeq = new Map<string, number>();

  check(entry: PackedEntry): string | null {
    const { sessionId, seq, kind } = entry;
    const last = this.#lastSeq.get(sessionId);
    if (seq !== null) this.#lastSeq.set(sessionId, seq);
    if (!entry.holds) {
      return `entry ${seq ?? ''} (${kind}) of session ${sessionId} is not what was written`;
    }
    return seq === null || last === undefined || seq === last + 1
      ? null
      : `session ${sessionId} goes from entry ${last} to entry ${seq}`;
  }
}

/** Null where the text is not what `PACKED_ENTRY` makes, or the session is unknown. */
export function unpackEntry(
  packed: string,
  sessions: ReadonlyMap<string, string>,
): PackedEntry | null {
  const a = packed.indexOf(' ');
  const b = packed.indexOf(' ', a + 1);
  const c = packed.indexOf(' ', b + 1);
  const d = packed.indexOf(' ', c + 1);
  const e = packed.indexOf(' ', d + 1);
  const sessionId = sessions.get(packed.slice(0, a));
  if (sessionId === undefined || e < 0) return null;
  const seq = packed.slice(b + 1, c);
  return {
    sessionId,
    seq: seq === '' ? null : Number(seq),
    at: Number(packed.slice(c + 1, d)),
    kind: packed.slice(d + 1, e),
    data: packed.slice(e + 1),
    holds: entryChecksum(sessionId, packed.slice(b + 1)) === Number(packed.slice(a + 1, b)),
  };
}
