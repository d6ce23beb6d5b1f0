import { resolve } from 'node:path';
import type { Journal, JournalEntry } from '../dialer/ports.ts';
import type { JournalError } from '../domain/errors.ts';
import type { Lead } from '../domain/lead.ts';
import { LeadBook } from '../leads/lead-book.ts';
import { SqliteLeads } from '../leads/sqlite-leads.ts';
import { entryValues } from './entry-rows.ts';
import { GroupCommit } from './group-commit.ts';
import { errorOf, isFinal } from './store-failure.ts';
import type { Failure, GroupReply } from './store-requests.ts';
import { StoreThread } from './store-thread.ts';

/** What survives: one SQLite file. */
export interface Store {
  journal: Journal;
  leads: SqliteLeads;
  /** The same leads, as the page and the floor look at them. */
  book: LeadBook;
  /** 256 random bits as 43 base64url characters, made with the file and kept with it: signs page tokens. */
  tokenKey: string;
  /** Whether the file was made just now. */
  isFresh: boolean;
  /** How long the check of the file took, in milliseconds; null where the last end was clean. */
  checkMs: number | null;
  /** Writes out everything, marks the end as clean, frees the file. Rejects if something could not be written. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The list that a fresh store begins with; an existing store never gets it. */
  seedLeads?: readonly Lead[];
  /** Told when the file can no longer be read: damaged, a broken disk, or its thread is gone. Nothing helps but a start. */
  onFinal?: (error: JournalError) => void;
  /** Told of every transaction: entries in it and its time with the sync, in milliseconds. For metrics. */
  onCommit?: (commit: { entries: number; commitMs: number; failed: boolean }) => void;
}

/**
 * Opens the store, or makes it. Rejects with a `JournalError` whose `problem` says why: in use by another process,
 * not ours, of a newer release, damaged, not writable.
 */
export async function openStore(path: string, options: StoreOptions = {}): Promise<Store> {
  const onFinal = options.onFinal ?? (() => {});
  const thread = new StoreThread(onFinal);
  const seed = (options.seedLeads ?? []).map(seedRow);
  const opened = await thread
    .ask({ kind: 'open', open: { path: resolve(path), seed } })
    .catch(async (error: unknown) => {
      await thread.terminate();
      throw error;
    });
  const commits = new GroupCommit(async (group) => {
    const reply: GroupReply = await thread.ask({ kind: 'group', group });
    for (const failure of failuresOf(reply)) if (isFinal(failure)) onFinal(errorOf(failure));
    options.onCommit?.({
      entries: group.entries.length / 5,
      commitMs: reply.commitMs,
      failed: reply.failure !== null,
    });
    return reply;
  });
  const journal = new SqliteJournal(thread, commits);
  const book = new LeadBook(commits);
  await book.discardUnfinished();
  return {
    ...opened,
    journal,
    leads: new SqliteLeads(commits),
    book,
    close: () => journal.close(),
  };
}

/** Of the group, and of each write and read of its own. */
const failuresOf = ({ failure, writes, reads }: GroupReply): Failure[] => [
  ...(failure ? [failure] : []),
  ...[...writes, ...reads].flatMap((outcome) => ('failure' in outcome ? outcome.failure : [])),
];

const seedRow = (lead: Lead): [string, string, string, string] => [
  lead.leadId,
  lead.name,
  lead.phone.e164,
  JSON.stringify(lead.columns),
];

/**
 * The journal in the store's file. `append` buffers; an entry that could not be written stays in the buffer and
 * goes with the next group, so the order never has a hole. While the disk is full or broken every `flush` rejects;
 * the first one after that which can write makes everything since durable.
 */
class SqliteJournal implements Journal {
  readonly #thread: StoreThread;
  readonly #commits: GroupCommit;
  #closing: Promise<void> | null = null;

  constructor(thread: StoreThread, commits: GroupCommit) {
    this.#thread = thread;
    this.#commits = commits;
  }

  append(entry: JournalEntry): void {
    this.#commits.append(entryValues(entry));
  }

  flush(): Promise<void> {
    return this.#commits.flush();
  }

  /** Rejects with a `JournalError` that names the place if an entry is not what was written, or one is missing. */
  async *read(): AsyncIterable<readonly JournalEntry[]> {
    let session: JournalEntry[] = [];
    for await (const entries of this.#parts()) {
      for (const entry of entries) {
        if (session[0] && session[0].sessionId !== entry.sessionId) {
          yield session;
          session = [];
        }
        session.push(entry);
      }
    }
    if (session.length > 0) yield session;
  }

  async *#parts(): AsyncIterable<readonly JournalEntry[]> {
    await this.#commits.flush();
    const cursor = await this.#thread.ask({ kind: 'startReading' });
    try {
      let ahead = this.#thread.ask({ kind: 'readNext', cursor });
      for (let text = await ahead; text !== null; text = await ahead) {
        // The thread reads the next part while this one is parsed and applied.
        ahead = this.#thread.ask({ kind: 'readNext', cursor });
        ahead.catch(() => {}); // Awaited at the end of this turn of the loop, if anybody still reads.
        yield JSON.parse(text) as JournalEntry[];
      }
    } finally {
      await this.#thread.ask({ kind: 'stopReading', cursor });
    }
  }

  /** Closes the whole store: see `Store.close`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#commits.flush();
      await this.#thread.ask({ kind: 'close' });
    } finally {
      await this.#thread.terminate();
    }
  }
}
