import type { JournalEntry } from '../dialer/ports.ts';
import type { LeadId, SessionId } from '../domain/ids.ts';
import type { StoredSession } from '../journal/stored-sessions.ts';
import { anonymise } from '../replay/anonymise.ts';
import { recordingOf } from '../replay/journal-recording.ts';
import { writeOwnFormat } from '../replay/own-format.ts';
import type { RecordedEntry } from '../replay/recording.ts';

/** Keeps what became durable of one session, or of all where none is named, as a recording that `replay` reads. */
export class Recorder {
  readonly #sessionId: SessionId | null;
  readonly #numberOf: (leadId: LeadId) => string | null;
  readonly #sessions = new Map<SessionId, StoredSession>();
  /** When a server had recovered: no journal holds that, and it asks Twilio about every leg. */
  readonly #restarts: number[] = [];

  constructor(sessionId: SessionId | null, numberOf: (leadId: LeadId) => string | null) {
    this.#sessionId = sessionId;
    this.#numberOf = numberOf;
  }

  see(entry: JournalEntry): void {
    const { sessionId } = entry;
    if (this.#sessionId !== null && sessionId !== this.#sessionId) return;
    const session = this.#sessions.get(sessionId) ?? { sessionId, closedAt: null, entries: [] };
    this.#sessions.set(sessionId, session);
    session.entries.push(entry);
  }

  restarted(at: number): void {
    this.#restarts.push(at);
  }

  get recording(): string {
    const besides = { isRaw: false, numberOf: this.#numberOf };
    const recording = recordingOf([...this.#sessions.values()], besides);
    for (const at of this.#restarts) insertRestart(recording.entries, at);
    return anonymise(writeOwnFormat(recording));
  }
}

/** After the pages that it found gone, before what it was told then. */
function insertRestart(entries: RecordedEntry[], at: number): void {
  const isThere = entries.some((entry) => entry.kind === 'restart' && entry.at === at);
  const next = entries.findIndex(
    (entry) => entry.at > at || (entry.at === at && entry.kind !== 'page'),
  );
  if (next >= 0 && !isThere) entries.splice(next, 0, { kind: 'restart', line: 0, at });
}
