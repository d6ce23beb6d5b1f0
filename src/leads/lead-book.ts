import type { AgentId, CallId, LeadId } from '../domain/ids.ts';
import type { Disposition, Outcome } from '../domain/outcome.ts';
import type { LeadDatabase } from './sqlite-leads.ts';

type Value = string | number | null;

export interface BookRow {
  leadId: LeadId;
  name: string;
  phone: string;
  state: 'waiting' | 'reserved' | 'done';
  outcome: Outcome | null;
  disposition: Disposition | null;
  endedAt: number | null;
}

export interface BookQuery {
  search: string;
  state: BookRow['state'] | null;
  offset: number;
  limit: number;
}

export interface BookPage {
  rows: BookRow[];
  total: number;
  counts: Record<BookRow['state'], number>;
}

export interface Attempt {
  callId: CallId;
  endedAt: number;
  outcome: Outcome | null;
  disposition: Disposition | null;
  notes: string;
}

export interface ExportedLead {
  id: number;
  name: string;
  phone: string;
  columns: Record<string, string>;
  state: BookRow['state'];
  outcome: Outcome | null;
  disposition: Disposition | null;
  notes: string;
  endedAt: number | null;
  attempts: number;
}

export interface AgentFigures {
  calls: number;
  talks: number;
  talkMs: number;
  abandoned: number;
  dispositions: Record<string, number>;
}

/** Attempts that a person answered, in one stretch of time. */
export interface Stretch {
  at: number;
  answered: number;
  abandoned: number;
  waitedMs: number | null;
  waitedMostMs: number | null;
}

/** Earlier calls that are shown of one number. */
const ATTEMPTS_SHOWN = 20;

/** About 20 ms of the store's one thread. */
const ROWS_PER_CLEARING = 2000;

/** The leads as people look at them: windows, searches, figures, imports. Nothing here decides who is dialed. */
export class LeadBook {
  readonly #db: LeadDatabase;

  constructor(db: LeadDatabase) {
    this.#db = db;
  }

  /**
   * A window of the list, in the order in which it was added, and how many rows there are behind it. A search reads
   * every row (about 60 ms for 100,000); without one the index answers.
   */
  async page(query: BookQuery): Promise<BookPage> {
    const { where, params } = condition(query);
    const [rows, totals, counts] = await Promise.all([
      this.#db.read({
        sql: `SELECT l.lead_id, l.name, l.phone, l.state, a.outcome, a.disposition, a.ended_at
              FROM (SELECT * FROM lead l ${where} ORDER BY l.id LIMIT ? OFFSET ?) l
              LEFT JOIN attempt a ON a.call_id = l.last_call_id ORDER BY l.id`,
        params: [...params, query.limit, query.offset],
      }),
      query.search.trim() === ''
        ? null
        : this.#db.read({ sql: `SELECT count(*) FROM lead l ${where}`, params }),
      this.#db.read({ sql: 'SELECT state, count(*) FROM lead GROUP BY state', params: [] }),
    ]);
    const found = Object.fromEntries(counts) as Partial<Record<BookRow['state'], number>>;
    const { waiting = 0, reserved = 0, done = 0 } = found;
    const all = { waiting, reserved, done };
    const inState = query.state === null ? waiting + reserved + done : all[query.state];
    return {
      rows: rows.map(bookRow),
      total: totals === null ? inState : Number(totals[0]?.[0] ?? 0),
      counts: all,
    };
  }

  /** A draft; once the outcome is recorded its notes stand, however late a draft comes. */
  async saveNotes(callId: CallId, notes: string): Promise<void> {
    await this.#db.write([
      {
        sql: `INSERT INTO attempt (call_id, notes) VALUES (?, ?)
              ON CONFLICT (call_id) DO UPDATE SET notes = excluded.notes WHERE disposition IS NULL`,
        params: [callId, notes],
      },
    ]);
  }

  async notesOf(callId: CallId): Promise<{ notes: string; disposition: Disposition | null }> {
    const rows = await this.#db.read({
      sql: 'SELECT notes, disposition FROM attempt WHERE call_id = ?',
      params: [callId],
    });
    const [notes = '', disposition = null] = rows[0] ?? [];
    return { notes: String(notes), disposition: disposition as Disposition | null };
  }

  /** Earlier calls to this number, newest first. */
  async attempts(phone: string, except: CallId): Promise<Attempt[]> {
    const rows = await this.#db.read({
      sql: `SELECT call_id, ended_at, outcome, disposition, notes FROM attempt
            WHERE phone = ? AND call_id <> ? AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?`,
      params: [phone, except, ATTEMPTS_SHOWN],
    });
    return rows.map(([callId, endedAt, outcome, disposition, notes]) => ({
      callId: callId as CallId,
      endedAt: Number(endedAt),
      outcome: outcome as Outcome | null,
      disposition: disposition as Disposition | null,
      notes: String(notes),
    }));
  }

  async figures(agentId: AgentId, since: number): Promise<AgentFigures> {
    const rows = await this.#db.read({
      sql: `SELECT outcome, disposition, count(*), coalesce(sum(talk_ms), 0) FROM attempt
            WHERE agent_id = ? AND ended_at >= ? GROUP BY outcome, disposition`,
      params: [agentId, since],
    });
    const figures: AgentFigures = { calls: 0, talks: 0, talkMs: 0, abandoned: 0, dispositions: {} };
    for (const [outcome, disposition, count, talkMs] of rows) {
      figures.calls += Number(count);
      figures.talkMs += Number(talkMs);
      if (outcome === 'talked') figures.talks += Number(count);
      if (outcome === 'abandoned') figures.abandoned += Number(count);
      if (typeof disposition !== 'string') continue;
      figures.dispositions[disposition] = (figures.dispositions[disposition] ?? 0) + Number(count);
    }
    return figures;
  }

  /** Stretches from `since` until now, oldest first; those in which nobody answered are left out. */
  async stretches(since: number, stretchMs: number): Promise<Stretch[]> {
    const rows = await this.#db.read({
      sql: `SELECT (ended_at / ?1) * ?1 AS at, count(*), sum(outcome = 'abandoned'),
              avg(waited_ms), max(waited_ms)
            FROM attempt WHERE ended_at >= ?2 AND outcome IN ('talked', 'abandoned')
            GROUP BY at ORDER BY at`,
      params: [stretchMs, since],
    });
    return rows.map(([at, answered, abandoned, waitedMs, waitedMostMs]) => ({
      at: Number(at),
      answered: Number(answered),
      abandoned: Number(abandoned),
      waitedMs: waitedMs === null ? null : Math.round(Number(waitedMs)),
      waitedMostMs: waitedMostMs === null ? null : Number(waitedMostMs),
    }));
  }

  /** Which of these numbers the list has already. `phones`: the text of a JSON array. */
  async known(phones: string): Promise<string[]> {
    const rows = await this.#db.read({
      sql: `SELECT DISTINCT value FROM json_each(?) WHERE value IN (SELECT phone FROM lead)`,
      params: [phones],
    });
    return rows.map(([phone]) => String(phone));
  }

  /**
   * Puts leads at the end of the list, all or none, but for numbers that it has. Each batch is the text of a JSON
   * array of [leadId, name, phone, columns as JSON]. Every batch is a transaction of its own, so that no call waits
   * for a long one; they are in the list from the moment when the last one closes the import. Tells how many.
   */
  async import(
    importId: string,
    batches: readonly string[],
    onProgress: (done: number) => void = () => {},
  ): Promise<number> {
    let added = 0;
    try {
      await this.#db.write([{ sql: 'INSERT INTO import_open VALUES (?)', params: [importId] }]);
      for (const [index, batch] of batches.entries()) {
        const [rows] = await this.#db.write([insertBatch(importId, batch)]);
        added += rows?.length ?? 0;
        onProgress(index + 1);
      }
      await this.#db.write([
        { sql: 'DELETE FROM import_open WHERE import_id = ?', params: [importId] },
      ]);
      return added;
    } catch (error) {
      // A store that cannot be written now is tidied up by the next start.
      await this.discardUnfinished().catch(() => {});
      throw error;
    }
  }

  /** Leads of imports that a crash or a full disk cut short. */
  async discardUnfinished(): Promise<void> {
    const open = await this.#db.read({ sql: 'SELECT import_id FROM import_open', params: [] });
    if (open.length === 0) return;
    await this.#db.write([
      {
        sql: 'DELETE FROM lead WHERE import_id IN (SELECT import_id FROM import_open)',
        params: [],
      },
      { sql: 'DELETE FROM import_open', params: [] },
    ]);
  }

  /** Takes everybody off the list who is not being called, a part at a time. What became of their calls is kept. */
  async clear(): Promise<number> {
    for (let removed = 0; ;) {
      const [rows = []] = await this.#db.write([
        {
          sql: `DELETE FROM lead WHERE id IN
                  (SELECT id FROM lead WHERE state <> 'reserved' LIMIT ?) RETURNING 1`,
          params: [ROWS_PER_CLEARING],
        },
      ]);
      removed += rows.length;
      if (rows.length < ROWS_PER_CLEARING) return removed;
    }
  }

  /** Everybody who is done waits again, in the old order. */
  async startOver(): Promise<number> {
    const [waiting] = await this.#db.write([
      {
        sql: `UPDATE lead SET state = 'waiting', turn = (SELECT coalesce(max(turn), 0) FROM lead) + id
              WHERE state = 'done' RETURNING 1`,
        params: [],
      },
    ]);
    return waiting?.length ?? 0;
  }

  /** The next leads after this row number, with what became of them. */
  async export(after: number, limit: number): Promise<ExportedLead[]> {
    const rows = await this.#db.read({
      sql: `SELECT l.id, l.name, l.phone, l.columns, l.state, a.outcome, a.disposition,
              coalesce(a.notes, ''), a.ended_at,
              (SELECT count(*) FROM attempt t WHERE t.lead_id = l.lead_id AND t.outcome IS NOT NULL)
            FROM lead l LEFT JOIN attempt a ON a.call_id = l.last_call_id
            WHERE l.id > ? ORDER BY l.id LIMIT ?`,
      params: [after, limit],
    });
    return rows.map((row) => ({
      id: Number(row[0]),
      name: String(row[1]),
      phone: String(row[2]),
      columns: JSON.parse(String(row[3])) as Record<string, string>,
      state: row[4] as BookRow['state'],
      outcome: row[5] as Outcome | null,
      disposition: row[6] as Disposition | null,
      notes: String(row[7]),
      endedAt: row[8] as number | null,
      attempts: Number(row[9]),
    }));
  }

  /** Names of all columns in the list, those of the leads added first in front. */
  async columnNames(): Promise<string[]> {
    const rows = await this.#db.read({
      sql: `SELECT c.key, min(l.id * 1000 + c.id) FROM lead l, json_each(l.columns) c GROUP BY c.key ORDER BY 2`,
      params: [],
    });
    return rows.map(([name]) => String(name));
  }
}

const insertBatch = (importId: string, batch: string) => ({
  sql: `INSERT INTO lead (lead_id, name, phone, columns, turn, import_id)
        SELECT value->>0, value->>1, value->>2, value->>3,
          (SELECT coalesce(max(turn), 0) + 1 FROM lead) + key, ?
        FROM json_each(?)
        WHERE NOT EXISTS (SELECT 1 FROM lead WHERE phone = value->>2) RETURNING 1`,
  params: [importId, batch],
});

/** A number is found however it is written; everything else in whatever case. */
function condition({ search, state }: BookQuery): { where: string; params: Value[] } {
  const parts: string[] = [];
  const params: Value[] = [];
  const word = search.trim().toLowerCase();
  if (state !== null) {
    parts.push('l.state = ?');
    params.push(state);
  }
  if (word !== '') {
    const digits = /^[\d\s()+.-]+$/.test(word) ? word.replaceAll(/\D/g, '') : '';
    parts.push(
      digits === ''
        ? `instr(lower(l.name || char(10) || l.phone || char(10) || l.columns), ?) > 0`
        : '(instr(l.phone, ?) > 0 OR instr(l.columns, ?) > 0)',
    );
    params.push(...(digits === '' ? [word] : [digits, word]));
  }
  return { where: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, params };
}

function bookRow(row: readonly Value[]): BookRow {
  const [leadId, name, phone, state, outcome, disposition, endedAt] = row;
  return {
    leadId: leadId as LeadId,
    name: String(name),
    phone: String(phone),
    state: state as BookRow['state'],
    outcome: (outcome ?? null) as Outcome | null,
    disposition: (disposition ?? null) as Disposition | null,
    endedAt: (endedAt ?? null) as number | null,
  };
}
