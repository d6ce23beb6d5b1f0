import type { Leads } from '../dialer/ports.ts';
import type { LeadId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import { MemoryLeads } from '../leads/memory-leads.ts';
import type { VirtualStore } from './virtual-store.ts';

/** 555-01xx in 600 area codes: the numbers nobody has. A longer list calls them again. */
const AREAS = 600;
const FIRST_AREA = 330;

function leadsOfShift(count: number): Lead[] {
  return Array.from({ length: count }, (_, index) => {
    const area = FIRST_AREA + (Math.floor(index / 100) % AREAS);
    const phone = PhoneNumber.parse(`+1${area}55501${String(index % 100).padStart(2, '0')}`);
    if (!phone) throw new Error('a lead of the shift has no number');
    return { leadId: `lead-${index}` as LeadId, name: `Lead ${index}`, phone, columns: {} };
  });
}

/** The list, and the leads whom nobody has put on it yet. */
export class LeadSupply {
  readonly list: MemoryLeads;
  readonly #unlisted: Lead[];
  readonly #batch: number;

  constructor(count: number, batch: number) {
    this.#unlisted = leadsOfShift(count);
    this.#batch = batch;
    this.list = new MemoryLeads(this.#unlisted.splice(0, batch));
  }

  get isEmpty(): boolean {
    return this.#unlisted.length === 0;
  }

  lengthen(): void {
    this.list.add(this.#unlisted.splice(0, this.#batch));
  }

  numberOf(leadId: LeadId): string | null {
    const record = this.list.list().find(({ lead }) => lead.leadId === leadId);
    return record?.lead.phone.e164 ?? null;
  }
}

/** The list in memory, read and written through the virtual disk. */
export const durableLeads = (
  list: MemoryLeads,
  store: VirtualStore,
  onOutcome: (record: Parameters<Leads['recordOutcome']>[0]) => void,
): Leads => ({
  reserve: (sessionId, count) => store.write(() => list.reserve(sessionId, count)),
  release: (leadIds) => store.write(() => list.release(leadIds)),
  find: (leadIds) => store.write(() => list.find(leadIds)),
  reserved: () => store.write(() => list.reserved()),
  recordOutcome: (record) =>
    store.write(() => {
      onOutcome(record);
      return list.recordOutcome(record);
    }),
  recordDisposition: (record) => store.write(() => list.recordDisposition(record)),
});
