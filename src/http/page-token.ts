import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseSessionId, type SessionId } from '../domain/ids.ts';

/** What a page resumes with: the session id and a MAC of it. Nothing is stored, so it outlives a restart. */
export class PageTokens {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  issue(sessionId: SessionId): string {
    return `${sessionId}.${this.#mac(sessionId).toString('base64url')}`;
  }

  /** The session that a genuine token names; null for every other text. */
  read(token: string): SessionId | null {
    const [id, mac] = token.split('.');
    const sessionId = parseSessionId(id);
    if (sessionId === null || mac === undefined) return null;
    const given = Buffer.from(mac, 'base64url');
    const right = this.#mac(sessionId);
    return given.length === right.length && timingSafeEqual(given, right) ? sessionId : null;
  }

  #mac(sessionId: SessionId): Buffer {
    return createHmac('sha256', this.#key).update(`page:${sessionId}`).digest();
  }
}
