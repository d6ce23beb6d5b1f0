import type { CallId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import type { Disposition, Outcome } from '../domain/outcome.ts';

/** A lead and what has become of it. Outcome and disposition are those of its last call. */
export interface LeadRecord {
  lead: Lead;
  state: 'waiting' | 'reserved' | 'done';
  outcome: Outcome | null;
  callId: CallId | null;
  disposition: Disposition | null;
  notes: string;
}
