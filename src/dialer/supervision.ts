import type { SessionId } from '../domain/ids.ts';
import type { Durability } from './durability.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { DialerPorts } from './ports.ts';
import { recoverSessions, type RecoveredSession } from './recovery.ts';
import type { SessionHost, Stage } from './session-host.ts';

const REBUILDS_MAX = 3;
const REBUILDS_WITHIN_MS = 60_000;

/** What the dialer does with a session whose actors threw. */
export interface Rebuilding {
  replace(failed: SessionHost, recovered: RecoveredSession): void;
  giveUp(failed: SessionHost): Promise<void>;
}

/**
 * Sessions whose actors threw: such an actor is dead and ignores everything. It is rebuilt from the journal, at
 * most 3 times in 60 s, then given up.
 */
export class Supervision {
  readonly #ports: DialerPorts;
  readonly #sessions: LiveSessions;
  readonly #durability: Durability;
  readonly #stage: Stage;
  readonly #rebuilding: Rebuilding;
  readonly #failedAt = new Map<SessionId, number[]>();
  readonly #underWay = new Set<SessionId>();
  #stopped = false;

  constructor(
    ports: DialerPorts,
    sessions: LiveSessions,
    durability: Durability,
    stage: Stage,
    rebuilding: Rebuilding,
  ) {
    this.#ports = ports;
    this.#sessions = sessions;
    this.#durability = durability;
    this.#stage = stage;
    this.#rebuilding = rebuilding;
  }

  /** Rebuilds it once this turn is over. */
  failed(sessionId: SessionId, error: unknown): void {
    this.#ports.report('session.failed', { sessionId, error });
    this.#begin(sessionId);
  }

  /** The journal can be read and written again. */
  goOn(): void {
    for (const host of this.#sessions.all()) if (host.failed) this.#begin(host.sessionId);
  }

  #begin(sessionId: SessionId): void {
    if (this.#stopped || this.#underWay.has(sessionId)) return;
    this.#underWay.add(sessionId);
    void this.#rebuild(sessionId)
      .catch((failure: unknown) => this.#ports.report('session.notRebuilt', { sessionId, failure }))
      .finally(() => this.#underWay.delete(sessionId));
  }

  forget(sessionId: SessionId): void {
    this.#failedAt.delete(sessionId);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #rebuild(sessionId: SessionId): Promise<void> {
    await Promise.resolve(); // The host that failed while it was made is not among ours before.
    let failed = this.#sessions.get(sessionId);
    while (failed?.failed && !this.#stopped) {
      if (!this.#mayRebuild(sessionId, this.#ports.clock.now())) {
        return this.#rebuilding.giveUp(failed);
      }
      const recovered = await this.#recoverAnew(failed);
      if (recovered) this.#rebuilding.replace(failed, recovered);
      failed = recovered ? this.#sessions.get(sessionId) : undefined;
    }
  }

  #mayRebuild(sessionId: SessionId, now: number): boolean {
    const lately = (this.#failedAt.get(sessionId) ?? []).filter(
      (at) => now - at < REBUILDS_WITHIN_MS,
    );
    this.#failedAt.set(sessionId, [...lately, now]);
    return lately.length < REBUILDS_MAX;
  }

  /** What comes in while the journal is read is journaled for a dead actor, and read as well. */
  async #recoverAnew(failed: SessionHost): Promise<RecoveredSession | null> {
    for (;;) {
      await this.#durability.flush();
      const { sessions } = await recoverSessions(this.#stage, failed.sessionId);
      const recovered = sessions[0] ?? null;
      if (!recovered || this.#stopped) return null;
      if (recovered.host.nextSeq === failed.nextSeq) return recovered;
      recovered.host.stop();
    }
  }
}
