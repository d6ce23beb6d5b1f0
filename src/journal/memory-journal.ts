import type { Journal, JournalEntry } from '../dialer/ports.ts';

/** A journal that forgets everything with the process: for tests, replay and exploration. */
export class MemoryJournal implements Journal {
  readonly entries: JournalEntry[] = [];

  append(entry: JournalEntry): void {
    this.entries.push(entry);
  }

  async flush(): Promise<void> {}

  async *read(): AsyncIterable<JournalEntry> {
    const entries = [...this.entries];
    const closed = new Set(entries.flatMap((e) => (e.kind === 'closed' ? [e.sessionId] : [])));
    yield* entries.filter((entry) => !closed.has(entry.sessionId));
  }

  async close(): Promise<void> {}
}
