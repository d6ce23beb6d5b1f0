import { errorOf } from './store-failure.ts';
import {
  VALUES_PER_ENTRY,
  type EntryValues,
  type Group,
  type GroupReply,
  type Outcome,
  type Rows,
  type Statement,
  type Value,
} from './store-requests.ts';

/** Bounds the time that one transaction takes, and with it the wait of everything behind it. */
const MAX_ENTRIES_PER_GROUP = 4096;

interface Job<Work, Result> {
  work: Work;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

interface Waiter {
  target: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Collects what is to be written and sends it in groups.
 *   G1. One group is under way at a time; what arrives meanwhile is the next one.
 *   G2. Entries reach the disk in the order of `append`, each once, none left out: those of a failed group stay at
 *       the head and go again with the next. Writes of a failed group are void, and their callers are told.
 *   G3. A flush that waits for a group that fails is rejected. The next flush, append or write tries again, so
 *       flushes are rejected until a write works again, and then everything since is durable at once.
 */
export class GroupCommit {
  readonly #send: (group: Group) => Promise<GroupReply>;
  #entries: EntryValues = [];
  #writes: Job<readonly Statement[], readonly Rows[]>[] = [];
  #reads: Job<Statement, Rows>[] = [];
  #waiters: Waiter[] = [];
  #appended = 0;
  #durable = 0;
  #isSending = false;
  #isScheduled = false;

  constructor(send: (group: Group) => Promise<GroupReply>) {
    this.#send = send;
  }

  /** Entries that are not durable yet. */
  get pending(): number {
    return this.#appended - this.#durable;
  }

  append(values: readonly Value[]): void {
    this.#entries.push(...values);
    this.#appended++;
    this.#schedule();
  }

  flush(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ target: this.#appended, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when durable, with the rows of each statement. */
  write(work: readonly Statement[]): Promise<readonly Rows[]> {
    return new Promise((resolve, reject) => {
      this.#writes.push({ work, resolve, reject });
      this.#schedule();
    });
  }

  /** Sees every write that was asked for before it and succeeded. */
  read(work: Statement): Promise<Rows> {
    return new Promise((resolve, reject) => {
      this.#reads.push({ work, resolve, reject });
      this.#schedule();
    });
  }

  /** After this turn of the event loop, so that everything it appends shares one sync of the disk. */
  #schedule(): void {
    if (this.#isScheduled || this.#isSending) return;
    this.#isScheduled = true;
    setImmediate(() => void this.#sendGroup());
  }

  async #sendGroup(): Promise<void> {
    this.#isScheduled = false;
    this.#isSending = true;
    const entries = this.#takeEntries();
    const count = entries.length / VALUES_PER_ENTRY;
    const [writes, reads] = [this.#writes, this.#reads];
    this.#writes = [];
    this.#reads = [];
    const waiting = this.#waiters.length;
    let retried = 0;
    try {
      const reply = await this.#send({
        entries,
        writes: writes.map((job) => job.work),
        reads: reads.map((job) => job.work),
      });
      settle(reads, reply.reads);
      if (reply.failure) throw errorOf(reply.failure);
      this.#durable += count;
      settle(writes, reply.writes);
      this.#release();
    } catch (error) {
      this.#entries = [...entries, ...this.#entries];
      retried = entries.length;
      for (const job of [...writes, ...reads]) job.reject(error);
      for (const waiter of this.#waiters.splice(0, waiting)) waiter.reject(error);
    }
    this.#isSending = false;
    if (this.#isWanted(retried)) this.#schedule();
  }

  #takeEntries(): EntryValues {
    const most = MAX_ENTRIES_PER_GROUP * VALUES_PER_ENTRY;
    if (this.#entries.length > most) return this.#entries.splice(0, most);
    const all = this.#entries;
    this.#entries = [];
    return all;
  }

  #release(): void {
    let done = 0;
    for (; (this.#waiters[done]?.target ?? Infinity) <= this.#durable; done++) {
      this.#waiters[done]?.resolve();
    }
    this.#waiters.splice(0, done);
  }

  /** What failed goes again only with something new: a full disk is not hammered. */
  #isWanted(retried: number): boolean {
    const asked = this.#waiters.length + this.#writes.length + this.#reads.length;
    return asked > 0 || this.#entries.length > retried;
  }
}

function settle<Work, Result>(
  jobs: readonly Job<Work, Result>[],
  outcomes: readonly Outcome<Result>[],
): void {
  for (const [index, job] of jobs.entries()) {
    const outcome = outcomes[index];
    if (!outcome) continue;
    if ('failure' in outcome) job.reject(errorOf(outcome.failure));
    else job.resolve(outcome.result);
  }
}
