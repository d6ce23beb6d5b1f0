import { createHash } from 'node:crypto';
import type { Journal, JournalEntry } from '../dialer/ports.ts';
import type { SessionId } from '../domain/ids.ts';
import type { VirtualClock } from '../simulator/virtual-clock.ts';

type Job = { entry: JournalEntry; text: string } | { write: () => void };

interface Waiter {
  target: number;
  resolve: () => void;
}

/**
 * A disk of our own making, on the virtual clock: what was not committed when the server died is gone.
 *   V1. Entries and writes become durable in the order in which they came, a group at a time.
 *   V2. A flush resolves when everything before it is durable, and never if the server dies first.
 *   V3. What is read back has been text: nothing survives by being shared.
 */
export class VirtualStore {
  readonly #clock: VirtualClock;
  readonly #commitMs: () => number;
  readonly #hash = createHash('sha256');
  readonly #sessions = new Map<SessionId, string[]>();
  readonly #commands = new Map<string, number>();
  #jobs: Job[] = [];
  #waiters: Waiter[] = [];
  #asked = 0;
  #durable = 0;
  #isCommitting = false;
  #life = 0;
  /** Entries that are durable. */
  entries = 0;
  /** Called before each commit: the last moment at which it may be lost. */
  beforeCommit: () => void = () => {};
  /** Called when a write is durable and nobody has heard of it yet. */
  afterWrite: () => void = () => {};
  /** Told of each entry when it is durable. */
  onEntry: (entry: JournalEntry) => void = () => {};

  /** `commitMs`: how long the next sync takes; 0 for a disk that is faster than anything else here. */
  constructor(clock: VirtualClock, commitMs: () => number) {
    this.#clock = clock;
    this.#commitMs = commitMs;
  }

  /** Whether nothing waits to be written. */
  get isIdle(): boolean {
    return this.#jobs.length === 0 && !this.#isCommitting;
  }

  /** SHA-256 over the entries, in the order in which they became durable. */
  journalHash(): string {
    return this.#hash.copy().digest('hex');
  }

  /** How often a command of this session is durable. */
  durableCommands(sessionId: SessionId, type: string): number {
    return this.#commands.get(`${sessionId} ${type}`) ?? 0;
  }

  /** Whether this session is durable and not closed. */
  knows(sessionId: SessionId): boolean {
    return this.#sessions.has(sessionId);
  }

  /** Whether such an entry is not durable yet. */
  isPending(isSuch: (entry: JournalEntry) => boolean): boolean {
    return this.#jobs.some((job) => 'entry' in job && isSuch(job.entry));
  }

  append(entry: JournalEntry): void {
    this.#jobs.push({ entry, text: JSON.stringify(entry) });
    this.#asked += 1;
    this.#schedule();
  }

  flush(): Promise<void> {
    if (this.#durable === this.#asked) return Promise.resolve();
    const target = this.#asked;
    return new Promise((resolve) => {
      this.#waiters.push({ target, resolve });
      this.#schedule();
    });
  }

  /** Carries out a write when it is durable; resolves with what it gives. */
  write<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ write: () => void work().then(resolve, reject) });
      this.#asked += 1;
      this.#schedule();
    });
  }

  /** Of every session that is not closed, and what is not durable yet. */
  *entriesWithPending(): Iterable<JournalEntry> {
    for (const texts of this.#sessions.values()) {
      for (const text of texts) yield JSON.parse(text) as JournalEntry;
    }
    for (const job of this.#jobs) if ('text' in job) yield JSON.parse(job.text) as JournalEntry;
  }

  journal(): Journal {
    const sessions = this.#sessions;
    return {
      append: (entry) => this.append(entry),
      flush: () => this.flush(),
      read: async function* read() {
        for (const texts of sessions.values()) {
          yield texts.map((text) => JSON.parse(text) as JournalEntry);
        }
      },
      close: async () => {},
    };
  }

  /** The power goes: whatever is not durable is lost, and nobody hears of it. */
  crash(): void {
    this.#life += 1;
    this.#jobs = [];
    this.#waiters = [];
    this.#asked = this.#durable;
    this.#isCommitting = false;
  }

  #schedule(): void {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    const life = this.#life;
    const tookMs = this.#commitMs();
    // A fast disk takes all that this turn appends; a slow one what was there when it began.
    const group = tookMs === 0 ? Infinity : this.#jobs.length;
    const commit = (): void => {
      if (life === this.#life) this.beforeCommit();
      if (life === this.#life) this.#commit(group);
    };
    if (tookMs === 0) queueMicrotask(commit);
    else this.#clock.setTimeout(commit, tookMs);
  }

  #commit(group: number): void {
    const life = this.#life;
    const jobs = this.#jobs.splice(0, group);
    for (const job of jobs) {
      if ('write' in job) job.write();
      else this.#keep(job.entry, job.text);
      this.#durable += 1;
    }
    if (jobs.some((job) => 'write' in job)) this.afterWrite();
    if (life !== this.#life) return;
    let done = 0;
    for (; (this.#waiters[done]?.target ?? Infinity) <= this.#durable; done++) {
      this.#waiters[done]?.resolve();
    }
    this.#waiters.splice(0, done);
    this.#isCommitting = false;
    if (this.#jobs.length > 0) this.#schedule();
  }

  #keep(entry: JournalEntry, text: string): void {
    this.#hash.update(text);
    this.entries += 1;
    const { sessionId } = entry;
    if (entry.kind === 'opened') this.#sessions.set(sessionId, [text]);
    else if (entry.kind === 'closed') this.#sessions.delete(sessionId);
    else if (entry.kind === 'checkpoint') this.#sessions.get(sessionId)?.splice(1, Infinity, text);
    else this.#sessions.get(sessionId)?.push(text);
    if (entry.kind === 'event' && entry.event.type.startsWith('agent.')) {
      const key = `${sessionId} ${entry.event.type}`;
      this.#commands.set(key, (this.#commands.get(key) ?? 0) + 1);
    }
    this.onEntry(entry);
  }
}
