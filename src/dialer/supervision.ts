import type { SessionId } from '../domain/ids.ts';

const REBUILDS_MAX = 3;
const REBUILDS_WITHIN_MS = 60_000;

/** Counts how often the actors of a session threw: rebuilt from the journal at most 3 times in 60 s, then given up. */
export class Supervision {
  readonly #failedAt = new Map<SessionId, number[]>();

  /** Whether the session that has just failed may be rebuilt once more. */
  mayRebuild(sessionId: SessionId, now: number): boolean {
    const lately = (this.#failedAt.get(sessionId) ?? []).filter(
      (at) => now - at < REBUILDS_WITHIN_MS,
    );
    this.#failedAt.set(sessionId, [...lately, now]);
    return lately.length < REBUILDS_MAX;
  }

  forget(sessionId: SessionId): void {
    this.#failedAt.delete(sessionId);
  }
}
