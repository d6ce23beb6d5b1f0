import type { SessionId } from '../domain/ids.ts';
import type { Clock, Random } from './ports.ts';

interface LiveCode {
  code: string;
  expire: () => void;
}

/**
 * The codes that tie a phone leg to an agent session. In memory only: never journaled, logged or put in a URL.
 *   K1. A code is six digits from a CSPRNG and belongs to at most one live session.
 *   K2. A code works once; while the phone is connected the session has none.
 *   K3. A code lives for a limited time and is then replaced, unasked.
 */
export class AccessCodes {
  readonly #sessionOf = new Map<string, SessionId>();
  readonly #live = new Map<SessionId, LiveCode>();
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #onReplaced: (sessionId: SessionId) => void;

  constructor(
    random: Random,
    clock: Clock,
    lifeMs: number,
    onReplaced: (sessionId: SessionId) => void,
  ) {
    this.#random = random;
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#onReplaced = onReplaced;
  }

  of(sessionId: SessionId): string | null {
    return this.#live.get(sessionId)?.code ?? null;
  }

  /** Gives the session a fresh code; an earlier one is void. */
  issue(sessionId: SessionId): void {
    this.revoke(sessionId);
    let code = this.#draw();
    while (this.#sessionOf.has(code)) code = this.#draw();
    const expire = this.#clock.wakeAt(this.#clock.now() + this.#lifeMs, () => {
      this.issue(sessionId);
      this.#onReplaced(sessionId);
    });
    this.#sessionOf.set(code, sessionId);
    this.#live.set(sessionId, { code, expire });
  }

  /** The session that the digits name, whose code is then used up; null for every kind of wrong. */
  redeem(digits: string): SessionId | null {
    const sessionId = this.#sessionOf.get(digits) ?? null;
    if (sessionId) this.revoke(sessionId);
    return sessionId;
  }

  revoke(sessionId: SessionId): void {
    const live = this.#live.get(sessionId);
    if (!live) return;
    live.expire();
    this.#live.delete(sessionId);
    this.#sessionOf.delete(live.code);
  }

  /** Zeros in front included: the Gather waits for six digits. */
  #draw(): string {
    return String(this.#random.accessCode()).padStart(6, '0');
  }
}
