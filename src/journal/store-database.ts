import type Database from 'libsql';
import { checkedText, entryChecksum } from './entry-rows.ts';
import { LiveReading } from './live-reading.ts';
import { openForWriting, prepareFile, setSetting } from './open-database.ts';
import { failureOf, journalError } from './store-failure.ts';
import { StoreLock } from './store-lock.ts';
import {
  VALUES_PER_ENTRY,
  type EntryValues,
  type Failure,
  type Group,
  type GroupReply,
  type Opened,
  type OpenRequest,
  type Outcome,
  type Rows,
  type Statement,
  type Value,
} from './store-requests.ts';

/** Entries after which the index of sessions follows: a step takes a few milliseconds, a start scans the rest. */
const ENTRIES_PER_INDEX_STEP = 4096;

/**
 * The one connection to the store; lives in the store's thread.
 *   S1. A group is one transaction: all of it is durable, or nothing.
 *   S2. A write that fails for a reason of its own takes nothing else of its group with it.
 */
export class StoreDatabase {
  readonly opened: Opened;
  readonly #path: string;
  readonly #lock: StoreLock;
  readonly #db: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();
  /** Row of each session that was written to lately. */
  readonly #sessionRows = new Map<string, number>();
  readonly #readings = new Map<number, LiveReading>();
  #cursors = 0;
  /** Entries that the index of sessions does not know yet; after a start at least those since. */
  #unindexed = 0;

  constructor(request: OpenRequest) {
    this.#path = request.path;
    let lock: StoreLock | null = null;
    try {
      prepareFile(request.path);
      lock = StoreLock.acquire(request.path, process.pid);
      const { db, opened } = openForWriting(request);
      this.#lock = lock;
      this.#db = db;
      this.opened = opened;
    } catch (error) {
      lock?.release();
      throw journalError(error, request.path);
    }
  }

  commit(group: Group): GroupReply {
    const startedAt = performance.now();
    const { failure, writes } = this.#transact(group);
    const commitMs = performance.now() - startedAt;
    const reads = group.reads.map((statement) => this.#outcome(() => this.#run(statement)));
    return { failure, writes, reads, commitMs };
  }

  /** Fixes which entries will be read: those of all sessions that are live now. */
  startReading(): number {
    const cursor = ++this.#cursors;
    this.#readings.set(cursor, new LiveReading(this.#db, this.#path, cursor));
    return cursor;
  }

  readNext(cursor: number): string | null {
    return this.#readings.get(cursor)?.next() ?? null;
  }

  stopReading(cursor: number): void {
    this.#readings.get(cursor)?.stop();
    this.#readings.delete(cursor);
  }

  /** Marks the end as clean and puts everything into the one file. */
  close(): void {
    try {
      setSetting(this.#db, 'shutdown', 'clean');
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.#prepared.clear();
      this.#db.close();
      this.#lock.release();
    }
  }

  failureOf(error: unknown): Failure {
    return failureOf(error, this.#path);
  }

  #transact(group: Group): Pick<GroupReply, 'failure' | 'writes'> {
    if (group.entries.length === 0 && group.writes.length === 0)
      return { failure: null, writes: [] };
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      this.#insert(group.entries);
      const indexed = this.#unindexed >= ENTRIES_PER_INDEX_STEP;
      if (indexed) this.#index();
      const writes = group.writes.map((write) => this.#write(write));
      this.#db.exec('COMMIT');
      const added = group.entries.length / VALUES_PER_ENTRY;
      this.#unindexed = indexed ? 0 : this.#unindexed + added;
      return { failure: null, writes };
    } catch (error) {
      this.#sessionRows.clear();
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      return { failure: this.failureOf(error), writes: [] };
    }
  }

  #insert(entries: EntryValues): void {
    const insert = this.#prepare(
      'INSERT INTO entry (session, seq, at, kind, data, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (let i = 0; i < entries.length; i += VALUES_PER_ENTRY) {
      const [kind, sessionId, seq, at, data] = entries.slice(i, i + VALUES_PER_ENTRY) as [
        string,
        string,
        number | null,
        number,
        string,
      ];
      const checksum = entryChecksum(sessionId, checkedText({ seq, at, kind, data }));
      insert.run([this.#sessionRow(sessionId), seq, at, kind, data, checksum]);
      if (kind === 'opened' || kind === 'closed') this.#note(kind, sessionId, at, data);
      if (kind === 'checkpoint') {
        this.#prepare('UPDATE session SET replay_from = last_insert_rowid() WHERE id = ?').run([
          this.#sessionRow(sessionId),
        ]);
      }
    }
  }

  #index(): void {
    this.#db.exec(
      `INSERT INTO entry_index (session, id) SELECT session, id FROM entry
         WHERE id > (SELECT up_to FROM indexed) ORDER BY session, id;
       UPDATE indexed SET up_to = (SELECT max(id) FROM entry)`,
    );
  }

  #note(kind: 'opened' | 'closed', sessionId: string, at: number, data: string): void {
    const row = this.#sessionRow(sessionId);
    if (kind === 'opened') {
      this.#prepare(
        `UPDATE session SET opened_at = ?, chart_version = json_extract(?, '$.version') WHERE id = ?`,
      ).run([at, data, row]);
    } else {
      this.#prepare('UPDATE session SET closed_at = ? WHERE id = ?').run([at, row]);
      this.#sessionRows.delete(sessionId);
    }
  }

  #sessionRow(sessionId: string): number {
    const known = this.#sessionRows.get(sessionId);
    if (known !== undefined) return known;
    this.#prepare('INSERT INTO session (session_id) VALUES (?) ON CONFLICT DO NOTHING').run([
      sessionId,
    ]);
    const [found] = this.#run({
      sql: 'SELECT id FROM session WHERE session_id = ?',
      params: [sessionId],
    });
    const row = Number(found?.[0]);
    this.#sessionRows.set(sessionId, row);
    return row;
  }

  #write(statements: readonly Statement[]): Outcome<readonly Rows[]> {
    this.#db.exec('SAVEPOINT one_write');
    const outcome = this.#outcome(() => statements.map((statement) => this.#run(statement)));
    if (!this.#db.inTransaction) throw new Error('the transaction was rolled back by a write');
    if ('failure' in outcome) this.#db.exec('ROLLBACK TO one_write');
    this.#db.exec('RELEASE one_write');
    return outcome;
  }

  #run({ sql, params }: Statement): Rows {
    const statement = this.#prepare(sql);
    if (statement.reader) return statement.raw().all([...params]) as Value[][];
    statement.run([...params]);
    return [];
  }

  #outcome<Result>(act: () => Result): Outcome<Result> {
    try {
      return { result: act() };
    } catch (error) {
      return { failure: this.failureOf(error) };
    }
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
