import type { Journal, JournalEntry } from '../dialer/ports.ts';
import type { SessionId } from '../domain/ids.ts';

/** A journal that forgets everything with the process: for tests, replay and exploration. */
export class MemoryJournal implements Journal {
  readonly entries: JournalEntry[] = [];

  append(entry: JournalEntry): void {
    this.entries.push(entry);
  }

  async flush(): Promise<void> {}

  async *read(): AsyncIterable<readonly JournalEntry[]> {
    yield* liveSessions(this.entries);
  }

  async close(): Promise<void> {}
}

/** The entries of each session that is not closed, as `Journal.read` gives them. */
export function liveSessions(entries: readonly JournalEntry[]): JournalEntry[][] {
  const sessions = new Map<SessionId, JournalEntry[]>();
  for (const entry of entries) {
    const session = sessions.get(entry.sessionId);
    if (session) session.push(entry);
    else sessions.set(entry.sessionId, [entry]);
  }
  return [...sessions.values()].filter((session) => session.every(({ kind }) => kind !== 'closed'));
}
