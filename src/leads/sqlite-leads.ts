import type { Leads } from '../dialer/ports.ts';
import type { AgentId, CallId, LeadId, SessionId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import type { Disposition, Outcome } from '../domain/outcome.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import type { LeadRecord } from './lead-record.ts';

type Value = string | number | null;
type Rows = readonly (readonly Value[])[];
interface Statement {
  sql: string;
  params: readonly Value[];
}

/** The store's file, as the leads see it. A write is one transaction, durable when it resolves. */
export interface LeadDatabase {
  write(statements: readonly Statement[]): Promise<readonly Rows[]>;
  read(statement: Statement): Promise<Rows>;
}

const COLUMNS = 'lead_id, name, phone, columns';
const NEXT_TURN = '(SELECT coalesce(max(turn), 0) + 1 FROM lead)';

/**
 * The leads in the store's file, in the same transactions as the journal.
 *   L1. A lead is reserved by one statement: whoever asks at the same time, and whatever dies when, gets another one.
 *   L2. The first outcome of a call stands. After a restart an outcome may come again; by then the lead may be
 *       reserved for another call, which the repeat must not touch.
 */
export class SqliteLeads implements Leads {
  readonly #db: LeadDatabase;

  constructor(db: LeadDatabase) {
    this.#db = db;
  }

  async reserve(sessionId: SessionId, count: number): Promise<Lead[]> {
    if (count <= 0) return [];
    const [rows] = await this.#db.write([
      {
        sql: `UPDATE lead SET state = 'reserved', session_id = ? WHERE id IN
                (SELECT id FROM lead WHERE state = 'waiting'
                   AND (import_id IS NULL OR import_id NOT IN (SELECT import_id FROM import_open))
                 ORDER BY turn LIMIT ?)
              RETURNING turn, ${COLUMNS}`,
        params: [sessionId, count],
      },
    ]);
    // RETURNING promises no order.
    const inTurn = (rows ?? []).toSorted((a, b) => Number(a[0]) - Number(b[0]));
    return inTurn.map(([, ...row]) => leadOf(row));
  }

  async release(leadIds: readonly LeadId[]): Promise<void> {
    if (leadIds.length > 0) await this.#db.write(leadIds.map(giveBack));
  }

  /** In the order asked for; ids of no lead are left out. */
  async find(leadIds: readonly LeadId[]): Promise<Lead[]> {
    const rows = await this.#db.read({
      sql: `SELECT ${COLUMNS} FROM json_each(?) wanted JOIN lead ON lead_id = wanted.value
            ORDER BY wanted.key`,
      params: [JSON.stringify(leadIds)],
    });
    return rows.map(leadOf);
  }

  async recordOutcome(record: {
    leadId: LeadId;
    callId: CallId;
    outcome: Outcome;
    at: number;
    agentId?: AgentId;
    talkMs?: number | null;
    waitedMs?: number | null;
  }): Promise<void> {
    const { leadId, callId, outcome, at, agentId = null, talkMs = null, waitedMs = null } = record;
    const isOver = outcome !== 'canceled';
    const attempt = {
      sql: `INSERT INTO attempt (call_id, lead_id, outcome, ended_at, agent_id, talk_ms, waited_ms, phone)
            VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT phone FROM lead WHERE lead_id = ?))
            ON CONFLICT (call_id) DO UPDATE
              SET lead_id = excluded.lead_id, outcome = excluded.outcome, ended_at = excluded.ended_at,
                agent_id = excluded.agent_id, talk_ms = excluded.talk_ms,
                waited_ms = excluded.waited_ms, phone = excluded.phone
              WHERE outcome IS NULL`,
      params: [callId, leadId, outcome, at, agentId, talkMs, waitedMs, leadId],
    };
    // changes() is that of the statement before: a repeat has changed nothing (L2), so this changes nothing either.
    const lead = {
      sql: isOver
        ? `UPDATE lead SET state = 'done', session_id = NULL, last_call_id = ?
           WHERE lead_id = ? AND changes() > 0`
        : `UPDATE lead SET last_call_id = ?, session_id = NULL,
             turn = CASE state WHEN 'reserved' THEN ${NEXT_TURN} ELSE turn END,
             state = CASE state WHEN 'reserved' THEN 'waiting' ELSE state END
           WHERE lead_id = ? AND changes() > 0`,
      params: [callId, leadId],
    };
    await this.#db.write([attempt, lead]);
  }

  /** Kept even if the outcome of the call is not known yet. The last disposition of a call stands. */
  async recordDisposition(record: {
    callId: CallId;
    disposition: Disposition;
    notes: string;
    at: number;
  }): Promise<void> {
    const { callId, disposition, notes, at } = record;
    await this.#db.write([
      {
        sql: `INSERT INTO attempt (call_id, disposition, notes, disposed_at) VALUES (?, ?, ?, ?)
              ON CONFLICT (call_id) DO UPDATE SET disposition = excluded.disposition,
                notes = excluded.notes, disposed_at = excluded.disposed_at`,
        params: [callId, disposition, notes, at],
      },
    ]);
  }

  /** Every lead with what became of its last call, in the order in which they were added. */
  async list(): Promise<LeadRecord[]> {
    const rows = await this.#db.read({
      sql: `SELECT l.lead_id, l.name, l.phone, l.columns, l.state, l.last_call_id,
              a.outcome, a.disposition, coalesce(a.notes, '')
            FROM lead l LEFT JOIN attempt a ON a.call_id = l.last_call_id ORDER BY l.id`,
      params: [],
    });
    return rows.map((row) => ({
      lead: leadOf(row),
      state: row[4] as LeadRecord['state'],
      callId: row[5] as CallId | null,
      outcome: row[6] as Outcome | null,
      disposition: row[7] as Disposition | null,
      notes: String(row[8]),
    }));
  }

  /** Leads that are reserved, and by whom: a start compares them with the calls that its sessions know of. */
  async reserved(): Promise<{ leadId: LeadId; sessionId: SessionId }[]> {
    const rows = await this.#db.read({
      sql: `SELECT lead_id, session_id FROM lead WHERE state = 'reserved' ORDER BY turn`,
      params: [],
    });
    return rows.map(([leadId, sessionId]) => ({
      leadId: leadId as LeadId,
      sessionId: sessionId as SessionId,
    }));
  }

  /** Puts leads at the end of the list, all or none; one whose id is known already stays as it is. Tells how many are new. */
  async add(leads: readonly Lead[]): Promise<number> {
    const rows = leads.map(({ leadId, name, phone, columns }) => [
      leadId,
      name,
      phone.e164,
      JSON.stringify(columns),
    ]);
    const [added] = await this.#db.write([
      {
        sql: `INSERT INTO lead (${COLUMNS}, turn)
              SELECT value->>0, value->>1, value->>2, value->>3, ${NEXT_TURN} + key FROM json_each(?)
              WHERE true ON CONFLICT (lead_id) DO NOTHING RETURNING id`,
        params: [JSON.stringify(rows)],
      },
    ]);
    return added?.length ?? 0;
  }
}

function giveBack(leadId: LeadId): Statement {
  return {
    sql: `UPDATE lead SET state = 'waiting', session_id = NULL, turn = ${NEXT_TURN}
          WHERE lead_id = ? AND state = 'reserved'`,
    params: [leadId],
  };
}

function leadOf([leadId, name, number, columns]: readonly Value[]): Lead {
  const phone = PhoneNumber.parse(number);
  if (!phone) throw new Error(`lead ${String(leadId)} has no E.164 number in the store`);
  return {
    leadId: leadId as LeadId,
    name: String(name),
    phone,
    columns: JSON.parse(String(columns)) as Record<string, string>,
  };
}
