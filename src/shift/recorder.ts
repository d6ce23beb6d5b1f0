import type { JournalEntry } from '../dialer/ports.ts';
import type { LeadId, SessionId } from '../domain/ids.ts';
import type { StoredSession } from '../journal/stored-sessions.ts';
import { anonymise } from '../replay/anonymise.ts';
import { recordingOf } from '../replay/journal-recording.ts';
import { writeOwnFormat } from '../replay/own-format.ts';

/** Keeps what became durable of one session, or of all where none is named, as a recording that `replay` reads. */
export class Recorder {
  readonly #sessionId: SessionId | null;
  readonly #numberOf: (leadId: LeadId) => string | null;
  readonly #sessions = new Map<SessionId, StoredSession>();

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

  get recording(): string {
    const besides = { isRaw: false, numberOf: this.#numberOf };
    return anonymise(writeOwnFormat(recordingOf([...this.#sessions.values()], besides)));
  }
}
