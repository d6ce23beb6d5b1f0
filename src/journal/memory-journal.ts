import type { Journal, JournalEntry } from '../dialer/ports.ts';

/** A journal that forgets everything with the process: for tests, replay and exploration. */
export class MemoryJournal implements Journal {
  readonly entries: JournalEntry[] = [];

  append(entry: JournalEntry): void {
    this.entries.push(entry);
  }

  async flush(): Promise<void> {}

  async *read(): AsyncIterable<JournalEntry> {
    yield* this.entries;
  }

  async close(): Promise<void> {}
}
