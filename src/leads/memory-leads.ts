import type { CallId, LeadId, SessionId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import type { Disposition, Outcome } from '../domain/outcome.ts';
import type { Leads } from '../dialer/ports.ts';
import type { LeadRecord } from './lead-record.ts';

/**
 * One shared list in memory, first come, first served. A lead whose call we ended before anybody answered was
 * not reached: it goes to the end of the list. Every other outcome is final here. The first outcome of a call
 * stands: by the time it comes again the lead may be reserved for another call.
 */
export class MemoryLeads implements Leads {
  readonly #records = new Map<LeadId, LeadRecord>();
  readonly #leadOfCall = new Map<CallId, LeadId>();
  readonly #waiting: LeadId[] = [];
  /** Place of the first who was not reserved from `#waiting` yet. */
  #first = 0;
  readonly #ended = new Set<CallId>();

  constructor(leads: readonly Lead[]) {
    this.add(leads);
  }

  add(leads: readonly Lead[]): void {
    for (const lead of leads) {
      this.#records.set(lead.leadId, {
        lead,
        state: 'waiting',
        outcome: null,
        callId: null,
        disposition: null,
        notes: '',
      });
      this.#waiting.push(lead.leadId);
    }
  }

  list(): readonly LeadRecord[] {
    return [...this.#records.values()];
  }

  async reserve(_sessionId: SessionId, count: number): Promise<Lead[]> {
    const next = this.#waiting.slice(this.#first, this.#first + count);
    this.#first += next.length;
    return next.flatMap((leadId) => {
      const record = this.#records.get(leadId);
      if (!record) return [];
      record.state = 'reserved';
      return [record.lead];
    });
  }

  async release(leadIds: readonly LeadId[]): Promise<void> {
    for (const leadId of leadIds) this.#giveBack(leadId);
  }

  async reserved(): Promise<{ leadId: LeadId }[]> {
    return this.list()
      .filter((record) => record.state === 'reserved')
      .map(({ lead: { leadId } }) => ({ leadId }));
  }

  async find(leadIds: readonly LeadId[]): Promise<Lead[]> {
    return leadIds.flatMap((leadId) => this.#records.get(leadId)?.lead ?? []);
  }

  async recordOutcome(record: { leadId: LeadId; callId: CallId; outcome: Outcome }): Promise<void> {
    const { leadId, callId, outcome } = record;
    const known = this.#records.get(leadId);
    if (!known || this.#ended.has(callId)) return;
    this.#ended.add(callId);
    known.outcome = outcome;
    known.callId = callId;
    this.#leadOfCall.set(callId, leadId);
    if (outcome === 'canceled') this.#giveBack(leadId);
    else known.state = 'done';
  }

  async recordDisposition(record: {
    callId: CallId;
    disposition: Disposition;
    notes: string;
  }): Promise<void> {
    const known = this.#records.get(this.#leadOfCall.get(record.callId) ?? ('' as LeadId));
    if (known?.callId !== record.callId) return;
    known.disposition = record.disposition;
    known.notes = record.notes;
  }

  #giveBack(leadId: LeadId): void {
    const record = this.#records.get(leadId);
    if (record?.state !== 'reserved') return;
    record.state = 'waiting';
    this.#waiting.push(leadId);
  }
}
