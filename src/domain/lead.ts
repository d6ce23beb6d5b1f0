import type { LeadId } from './ids.ts';
import type { PhoneNumber } from './phone-number.ts';

export interface Lead {
  readonly leadId: LeadId;
  readonly name: string;
  readonly phone: PhoneNumber;
  /** Every column of the list it came from, as it stood there. */
  readonly columns: Readonly<Record<string, string>>;
}
