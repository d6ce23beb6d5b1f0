import type { Notice, Notices } from '../dialer/ports.ts';
import type { SessionId } from '../domain/ids.ts';

/** One open page; what it does with a notice is its own business. */
export interface Page {
  tell(notice: Notice): void;
  /** Another page has taken the session. */
  replaced(): void;
  /** The session is over. */
  ended(): void;
}

/** Which page shows which session: at most one each, the newest. */
export class PageHub implements Notices {
  readonly #pages = new Map<SessionId, Page>();

  publish(sessionId: SessionId, notice: Notice): void {
    const page = this.#pages.get(sessionId);
    if (!page) return;
    page.tell(notice);
    if (notice.type === 'view' && notice.view.state === 'completed') {
      this.#pages.delete(sessionId);
      page.ended();
    }
  }

  attach(sessionId: SessionId, page: Page): void {
    const earlier = this.#pages.get(sessionId);
    this.#pages.set(sessionId, page);
    if (earlier && earlier !== page) earlier.replaced();
  }

  /** Whether this page was the one: only then has the session lost its page. */
  detach(sessionId: SessionId, page: Page): boolean {
    return this.#pages.get(sessionId) === page && this.#pages.delete(sessionId);
  }
}
