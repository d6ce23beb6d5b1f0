import type { CallId, CallSid, LeadId, SessionId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import type {
  CallFact,
  Journal,
  JournalEntry,
  Leads,
  PlaceOutcome,
  Random,
  Telephony,
} from '../dialer/ports.ts';
import type { PlannedLead } from './script.ts';

/** Holds the entries of the step that is being replayed; all of them only where a restart will read them. */
export class StepJournal implements Journal {
  #entries: JournalEntry[] = [];
  readonly #all: JournalEntry[];
  readonly #keepsAll: boolean;
  #isFrozen = false;
  readonly #safe = Promise.resolve();

  constructor(before: readonly JournalEntry[] = [], keepsAll = false) {
    this.#all = [...before];
    this.#keepsAll = keepsAll;
  }

  append(entry: JournalEntry): void {
    if (this.#isFrozen) return;
    this.#entries.push(entry);
    if (this.#keepsAll) this.#all.push(entry);
  }

  take(): JournalEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /** Everything so far, as the next process finds it; nothing is added any more. */
  freeze(): readonly JournalEntry[] {
    this.#isFrozen = true;
    return this.#all;
  }

  flush(): Promise<void> {
    return this.#safe;
  }

  async *read(): AsyncIterable<JournalEntry> {
    const closed = new Set(
      this.#all.flatMap((entry) => (entry.kind === 'closed' ? entry.sessionId : [])),
    );
    yield* this.#all.filter(({ sessionId }) => !closed.has(sessionId));
  }

  async close(): Promise<void> {}
}

/** Ids from the recording, in the order in which the dialer asks for them; codes that nobody has keyed. */
export class RecordedRandom implements Random {
  readonly #ids: string[] = [];
  readonly #keyed: ReadonlySet<string>;
  #codes = 0;
  #spare = 0;

  constructor(keyed: ReadonlySet<string>) {
    this.#keyed = keyed;
  }

  expect(id: string): void {
    this.#ids.push(id);
  }

  /** The dialer did not ask for it after all. */
  forget(id: string): void {
    const index = this.#ids.indexOf(id);
    if (index >= 0) this.#ids.splice(index, 1);
  }

  id(): string {
    return this.#ids.shift() ?? `spare-${String(++this.#spare).padStart(16, '0')}`;
  }

  accessCode(): string {
    let code: string;
    do code = String(100_000 + (this.#codes++ % 900_000));
    while (this.#keyed.has(code));
    return code;
  }
}

/** Gives each session the leads that it had in the recording, as `Leads` would, and their ids to the dice. */
export class RecordedLeads implements Leads {
  readonly #plans = new Map<SessionId, PlannedLead[]>();
  readonly #random: RecordedRandom;
  readonly #now: () => number;
  readonly #leads = new Map<LeadId, Lead>();

  constructor(random: RecordedRandom, now: () => number) {
    this.#random = random;
    this.#now = now;
  }

  plan(sessionId: SessionId, leads: readonly PlannedLead[]): void {
    const planned = this.#plans.get(sessionId);
    if (planned) planned.push(...leads);
    else this.#plans.set(sessionId, [...leads]);
  }

  async reserve(sessionId: SessionId, count: number): Promise<Lead[]> {
    const plans = this.#plans.get(sessionId) ?? [];
    const leads: Lead[] = [];
    for (let next = plans[0]; next && leads.length < count; next = plans[0]) {
      if (next.from > this.#now()) break;
      plans.shift();
      this.#random.expect(next.callId);
      leads.push(this.#lead(next));
    }
    return leads;
  }

  async release(): Promise<void> {}

  async reserved(): Promise<{ leadId: LeadId }[]> {
    return [];
  }

  async releaseAllBut(): Promise<void> {}

  async find(leadIds: readonly LeadId[]): Promise<Lead[]> {
    return leadIds.flatMap((id) => this.#leads.get(id) ?? []);
  }

  async recordOutcome(): Promise<void> {}
  async recordDisposition(): Promise<void> {}

  #lead({ leadId, to }: PlannedLead): Lead {
    const phone = PhoneNumber.parse(to);
    if (!phone) throw new Error(`the plan for ${leadId} has no telephone number`);
    const lead: Lead = { leadId: leadId as LeadId, name: leadId, phone, columns: {} };
    this.#leads.set(lead.leadId, lead);
    return lead;
  }
}

/** An order that would have gone to Twilio. */
export type Order =
  | { order: 'place'; callId: CallId }
  | { order: 'end' | 'inspect' | 'dismiss'; callSid: CallSid }
  | { order: 'find'; callId: CallId };

/** Calls nobody: writes down what is ordered, and answers what the recording says that Twilio answered. */
export class RecordedTelephony implements Telephony {
  readonly #order: (order: Order) => void;
  readonly #replies = new Map<string, PlaceOutcome[]>();
  readonly #waiting = new Map<string, (outcome: PlaceOutcome) => void>();
  readonly #facts = new Map<string, CallFact>();

  constructor(order: (order: Order) => void) {
    this.#order = order;
  }

  /** The reply to a create has come, whether it was awaited or not yet. */
  created(callId: CallId, outcome: PlaceOutcome): void {
    const resolve = this.#waiting.get(callId);
    this.#waiting.delete(callId);
    if (resolve) return resolve(outcome);
    const early = this.#replies.get(callId);
    if (early) early.push(outcome);
    else this.#replies.set(callId, [outcome]);
  }

  /** What Twilio says about a leg from now on. */
  know(callSid: CallSid, fact: CallFact): void {
    this.#facts.set(callSid, fact);
  }

  placeCall({ callId }: { callId: CallId }): Promise<PlaceOutcome> {
    this.#order({ order: 'place', callId });
    const reply = this.#replies.get(callId)?.shift();
    if (reply) return Promise.resolve(reply);
    return new Promise((resolve) => void this.#waiting.set(callId, resolve));
  }

  async endCall(callSid: CallSid): Promise<CallFact> {
    return this.#ask('end', callSid);
  }

  async inspectCall(callSid: CallSid): Promise<CallFact> {
    return this.#ask('inspect', callSid);
  }

  async findCall({ callId }: { callId: CallId }): Promise<CallFact> {
    this.#order({ order: 'find', callId });
    return { kind: 'unknown', reason: 'not in the recording' };
  }

  async dismissConsumer(callSid: CallSid): Promise<CallFact> {
    return this.#ask('dismiss', callSid);
  }

  async ensureQueue(): Promise<boolean> {
    return true;
  }

  async deleteQueue(): Promise<boolean> {
    return true;
  }

  async liveCalls(): Promise<CallSid[] | null> {
    return null;
  }

  #ask(order: 'end' | 'inspect' | 'dismiss', callSid: CallSid): CallFact {
    this.#order({ order, callSid });
    return this.#facts.get(callSid) ?? { kind: 'unknown', reason: 'not in the recording' };
  }
}
