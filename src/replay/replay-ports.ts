import type { CallId, CallSid, LeadId, SessionId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import type {
  CallFact,
  Journal,
  JournalEntry,
  Leads,
  Lines,
  LiveCall,
  PlaceOutcome,
  Random,
  Telephony,
} from '../dialer/ports.ts';
import { liveSessions } from '../journal/memory-journal.ts';
import type { FactStep, PlannedLead, Step } from './script.ts';

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

  async *read(): AsyncIterable<readonly JournalEntry[]> {
    yield* liveSessions(this.#all);
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

  accessCode(): number {
    let code: number;
    do code = 100_000 + (this.#codes++ % 900_000);
    while (this.#keyed.has(String(code)));
    return code;
  }
}

type Batch = readonly PlannedLead[];

/** Gives each session the leads that it had in the recording, as `Leads` would, and their ids to the dice. */
export class RecordedLeads implements Leads {
  readonly #plans = new Map<SessionId, PlannedLead[]>();
  /** Sessions of which the recording tells every answer of the list: those that came early, and who waits. */
  readonly #told = new Map<SessionId, { early: Batch[]; waiting: ((batch: Batch) => void)[] }>();
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

  /** The recording tells what the list gave this session, and when. */
  expectAnswers(sessionId: SessionId): void {
    if (!this.#told.has(sessionId)) this.#told.set(sessionId, { early: [], waiting: [] });
  }

  /** The list has answered, whether it was asked or not yet. */
  answered(sessionId: SessionId, batch: Batch): void {
    const told = this.#told.get(sessionId);
    const resolve = told?.waiting.shift();
    if (resolve) resolve(batch);
    else told?.early.push(batch);
  }

  /** Who was waiting is gone with its process. */
  forgetWaiting(): void {
    for (const told of this.#told.values()) told.waiting.length = 0;
  }

  async reserve(sessionId: SessionId, count: number): Promise<Lead[]> {
    const told = this.#told.get(sessionId);
    if (told) {
      const answer =
        told.early.shift() ?? new Promise<Batch>((resolve) => told.waiting.push(resolve));
      return (await answer).map((planned) => this.#give(planned));
    }
    const plans = this.#plans.get(sessionId) ?? [];
    const leads: Lead[] = [];
    for (let next = plans[0]; next && leads.length < count; next = plans[0]) {
      if (next.from > this.#now()) break;
      plans.shift();
      leads.push(this.#give(next));
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

  #give(planned: PlannedLead): Lead {
    this.#random.expect(planned.callId);
    return this.#lead(planned);
  }

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

/** What REST is still going to say in the recording, by question: how many answers are to come. */
export class Awaited {
  readonly #toCome = new Map<string, number>();

  constructor(steps: readonly Step[]) {
    for (const step of steps) if (step.step === 'fact') this.#add(questionOf(step), 1);
  }

  has(question: string): boolean {
    return (this.#toCome.get(question) ?? 0) > 0;
  }

  came(question: string): void {
    this.#add(question, -1);
  }

  #add(question: string, count: number): void {
    this.#toCome.set(question, (this.#toCome.get(question) ?? 0) + count);
  }
}

const questionOf = ({ asked, about }: Pick<FactStep, 'asked' | 'about'>): string =>
  `${asked} ${about}`;

/** Calls nobody: writes down what is ordered, and answers what the recording says that Twilio answered, when it did. */
export class RecordedTelephony implements Telephony {
  readonly #order: (order: Order) => void;
  readonly #awaited: Awaited;
  readonly #replies = new Map<string, PlaceOutcome[]>();
  readonly #waiting = new Map<string, (outcome: PlaceOutcome) => void>();
  readonly #asking = new Map<string, ((fact: CallFact) => void)[]>();
  /** What was said last about a leg: it is said again to whoever asks once more. */
  readonly #known = new Map<string, CallFact>();

  constructor(order: (order: Order) => void, awaited: Awaited) {
    this.#order = order;
    this.#awaited = awaited;
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

  /** Twilio has answered; whether anybody had asked. */
  replied(step: FactStep): boolean {
    const question = questionOf(step);
    this.#awaited.came(question);
    this.#known.set(step.about, step.fact);
    const resolve = this.#asking.get(question)?.shift();
    resolve?.(step.fact);
    return resolve !== undefined;
  }

  placeCall({ callId }: { callId: CallId }): Promise<PlaceOutcome> {
    this.#order({ order: 'place', callId });
    const reply = this.#replies.get(callId)?.shift();
    if (reply) return Promise.resolve(reply);
    return new Promise((resolve) => void this.#waiting.set(callId, resolve));
  }

  endCall(callSid: CallSid): Promise<CallFact> {
    this.#order({ order: 'end', callSid });
    return this.#ask('end', callSid);
  }

  inspectCall(callSid: CallSid): Promise<CallFact> {
    this.#order({ order: 'inspect', callSid });
    return this.#ask('inspect', callSid);
  }

  findCall({ callId }: { callId: CallId }): Promise<CallFact> {
    this.#order({ order: 'find', callId });
    return this.#ask('find', callId);
  }

  dismissConsumer(callSid: CallSid): Promise<CallFact> {
    this.#order({ order: 'dismiss', callSid });
    return this.#ask('dismiss', callSid);
  }

  async ensureQueue(): Promise<boolean> {
    return true;
  }

  async deleteQueue(): Promise<boolean> {
    return true;
  }

  async liveCalls(): Promise<LiveCall[] | null> {
    return null;
  }

  /** Waits for an answer that the recording holds; where it holds none, Twilio could not be asked. */
  #ask(asked: FactStep['asked'], about: CallSid | CallId): Promise<CallFact> {
    const question = questionOf({ asked, about });
    if (!this.#awaited.has(question)) {
      const fact = this.#known.get(about) ?? { kind: 'unknown', reason: 'not in the recording' };
      return Promise.resolve(fact);
    }
    return new Promise((resolve) => {
      const asking = this.#asking.get(question);
      if (asking) asking.push(resolve);
      else this.#asking.set(question, [resolve]);
    });
  }
}

/** Lines that are free when the recording says so, first come, first served. */
export class RecordedLines implements Lines {
  readonly #waiting: { start: () => boolean; withdraw: () => void }[] = [];
  #free = 0;

  request(start: () => boolean, withdraw: () => void): void {
    this.#waiting.push({ start, withdraw });
    this.#run();
  }

  free(): void {
    this.#free += 1;
    this.#run();
  }

  stop(): void {
    for (const { withdraw } of this.#waiting.splice(0)) withdraw();
  }

  #run(): void {
    while (this.#free > 0) {
      const next = this.#waiting.shift();
      if (!next) return;
      if (next.start()) this.#free -= 1;
    }
  }
}
