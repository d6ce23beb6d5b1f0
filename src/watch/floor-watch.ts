import type { InspectionEvent } from 'xstate';
import type { Journal, JournalEntry, Report, Reports } from '../dialer/ports.ts';
import type { HostEntry, SessionHost } from '../dialer/session-host.ts';
import type { SessionId } from '../domain/ids.ts';
import type { FloorAnomaly, Moment, Step, WatchNotification } from '../protocol/machines.ts';
import { Changes, placeOf } from './changes.ts';
import { momentAt } from './past-moment.ts';
import { readPast, type SessionPast } from './session-journal.ts';
import { Trace, type TraceStep } from './trace.ts';

/** Where everybody is; the same object for all who watch. */
export type Floor = Omit<WatchNotification<'machines.floor'>, 'seq'>;

/** The live sessions, wherever they are. */
export interface WatchedDialer {
  readonly sessions: Iterable<SessionHost>;
}

interface Follower {
  sessionId: SessionId;
  waiting: HostEntry[];
  trace: Trace | null;
  past: SessionPast | null;
  lastSeq: number;
  onStep: (step: Step) => void;
}

/** What a follower is told at once, and what ends it. */
export interface Following {
  cut: number;
  steps: Step[];
  stop: () => void;
}

/** Watchers are told together, this often: an eye does not follow more. */
const TELL_EVERY_MS = 250;
const LISTED_SESSIONS = 300;
/** Between two tellings; what is more is not told. */
const EVENTS_MAX = 100;
const STEPS_MAX = 500;

/**
 * The live charts: who is where, and which arrows were taken.
 *   W1. While nobody looks, an entry of the journal costs one comparison more and nothing is kept.
 *   W2. The running actors are read, never touched; what must be stepped again is stepped in actors of our own.
 *   W3. Nothing personal leaves but names of agents and leads.
 */
export class FloorWatch {
  readonly #watchers = new Set<(floor: Floor) => void>();
  readonly #followers = new Set<Follower>();
  #dialer: WatchedDialer = { sessions: [] };
  #journal: Journal | null = null;
  #changes: Changes | null = null;
  #anomalies: FloorAnomaly[] = [];
  #telling: NodeJS.Timeout | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The same journal; what is appended is seen here while somebody looks. */
  tap(journal: Journal): Journal {
    this.#journal = journal;
    return {
      append: (entry) => {
        if (this.#changes !== null) this.#see(entry);
        journal.append(entry);
      },
      flush: () => journal.flush(),
      read: () => journal.read(),
      close: () => journal.close(),
    };
  }

  /** The same reports; anomalies are seen here while somebody looks. */
  listen(report: Report): Report {
    return (name, details) => {
      if (this.#changes !== null && name === 'anomaly') {
        this.#seeAnomaly(details as Reports['anomaly']);
      }
      report(name, details);
    };
  }

  follow(dialer: WatchedDialer): void {
    this.#dialer = dialer;
  }

  get isIdle(): boolean {
    return this.#changes === null;
  }

  /** Tells where everybody is, now and at each change; returns how to stop. */
  watch(onFloor: (floor: Floor) => void): () => void {
    this.#changes ??= new Changes(this.#dialer);
    this.#watchers.add(onFloor);
    onFloor({ ...this.#places(), events: [], anomalies: [] });
    return () => {
      this.#watchers.delete(onFloor);
      this.#rest();
    };
  }

  /** The session that was opened last. */
  get newest(): SessionId | null {
    return [...this.#dialer.sessions].at(-1)?.sessionId ?? null;
  }

  /** Follows one session arrow by arrow. Its past is read from the journal; a session without one is empty. */
  async session(
    sessionId: SessionId,
    onStep: (step: Step) => void,
    inspect?: (event: InspectionEvent) => void,
  ): Promise<Following> {
    this.#changes ??= new Changes(this.#dialer);
    const follower: Follower = {
      sessionId,
      onStep,
      waiting: [],
      trace: null,
      past: null,
      lastSeq: -1,
    };
    this.#followers.add(follower); // Before reading: nothing falls between.
    const stop = (): void => {
      this.#followers.delete(follower);
      follower.trace?.stop();
      this.#rest();
    };
    const past = await this.#past(sessionId).catch((error: unknown) => {
      stop();
      throw error;
    });
    if (!past) return { cut: 0, steps: [], stop };
    follower.past = past;
    const trace = new Trace(inspect ? { ...past, inspect } : past);
    const steps = [trace.first];
    for (const entry of past.entries) steps.push(trace.apply(entry));
    follower.trace = trace;
    follower.lastSeq = steps.at(-1)?.seq ?? -1;
    const kept = steps.slice(-STEPS_MAX);
    const named = kept.map((step) => this.#named(sessionId, step));
    return { cut: steps.length - kept.length, steps: named, stop };
  }

  /** Where a live session stood after an entry; null if its journal does not reach so far back. */
  async at(sessionId: SessionId, seq: number): Promise<Moment | null> {
    const followed = [...this.#followers].find((one) => one.sessionId === sessionId);
    const past = followed?.past ?? (await this.#past(sessionId));
    const first = (past?.from?.seq ?? 0) - 1;
    return past && seq >= first ? momentAt(past, seq) : null;
  }

  async #past(sessionId: SessionId): Promise<SessionPast | null> {
    return this.#journal && readPast(this.#journal, sessionId);
  }

  #see(entry: JournalEntry): void {
    if (entry.kind === 'event' || entry.kind === 'timer') {
      this.#changes?.before(entry.sessionId, entry);
      for (const follower of this.#followers) {
        if (follower.sessionId === entry.sessionId) follower.waiting.push(entry);
      }
    }
    this.#tellSoon();
  }

  #seeAnomaly({ anomaly, webhook, callSid }: Reports['anomaly']): void {
    const owner = [...this.#dialer.sessions].find(
      (host) =>
        callSid !== null &&
        (host.snapshot.context.consumerSid === callSid || host.callOfLeg(callSid) !== null),
    );
    const callId = callSid === null ? null : (owner?.callOfLeg(callSid) ?? null);
    const sessionId = owner?.sessionId ?? null;
    this.#anomalies.push({ at: this.#now(), anomaly, webhook, sessionId, callId });
    this.#tellSoon();
  }

  #tellSoon(): void {
    this.#telling ??= setTimeout(() => this.#tell(), TELL_EVERY_MS).unref();
  }

  #tell(): void {
    this.#telling = null;
    const events = this.#changes?.take(EVENTS_MAX) ?? [];
    const anomalies = this.#anomalies.splice(0).slice(-EVENTS_MAX);
    const floor = { ...this.#places(), events, anomalies };
    for (const onFloor of this.#watchers) onFloor(floor);
    for (const follower of this.#followers) this.#catchUp(follower);
  }

  #catchUp(follower: Follower): void {
    const { trace, past, waiting } = follower;
    if (!trace) return;
    for (const entry of waiting.splice(0)) {
      if (entry.seq <= follower.lastSeq) continue;
      follower.lastSeq = entry.seq;
      past?.entries.push(entry);
      follower.onStep(this.#named(follower.sessionId, trace.apply(entry)));
    }
  }

  #places(): Pick<Floor, 'now' | 'sessions' | 'unlisted'> {
    const hosts = [...this.#dialer.sessions];
    return {
      now: this.#now(),
      unlisted: Math.max(0, hosts.length - LISTED_SESSIONS),
      sessions: hosts.slice(0, LISTED_SESSIONS).map(placeOf),
    };
  }

  #named(sessionId: SessionId, step: TraceStep): Step {
    const leads = [...this.#dialer.sessions].find((host) => host.sessionId === sessionId)?.leads;
    const calls = step.calls.map(({ callId, leadId, state }) => ({
      callId,
      state,
      lead: leads?.get(leadId)?.name ?? '',
    }));
    return { ...step, calls };
  }

  #rest(): void {
    if (this.#watchers.size > 0 || this.#followers.size > 0) return;
    this.#changes = null;
    this.#anomalies = [];
    if (this.#telling) clearTimeout(this.#telling);
    this.#telling = null;
  }
}
