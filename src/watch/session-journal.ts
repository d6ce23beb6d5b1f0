import type { HostCheckpoint, Journal, JournalEntry, SessionOpening } from '../dialer/ports.ts';
import type { HostEntry } from '../dialer/session-host.ts';
import type { SessionId } from '../domain/ids.ts';

/** What is kept of one session: from its opening, or from its last checkpoint. */
export interface SessionPast {
  opening: SessionOpening;
  at: number;
  from: HostCheckpoint | undefined;
  entries: HostEntry[];
}

/** Reads one live session's journal; null if it has none. Entries that were appended are made durable first. */
export async function readPast(
  journal: Journal,
  sessionId: SessionId,
): Promise<SessionPast | null> {
  await journal.flush();
  for await (const entries of journal.read()) {
    if (entries[0]?.sessionId === sessionId) return entries.reduce(grow, null);
  }
  return null;
}

function grow(past: SessionPast | null, entry: JournalEntry): SessionPast | null {
  switch (entry.kind) {
    case 'opened':
      return { opening: entry.opening, at: entry.at, from: undefined, entries: [] };
    case 'checkpoint':
      return past && { opening: past.opening, at: entry.at, from: entry.state, entries: [] };
    case 'event':
    case 'timer':
      past?.entries.push(entry);
      return past;
    case 'effect':
    case 'closed':
      return past;
  }
}
