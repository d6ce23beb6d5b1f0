import type { Clock, Notice, Notices } from '../dialer/ports.ts';
import type { SessionId } from '../domain/ids.ts';

/** What a page is told besides the dialer's notices about its session. */
export type PageNotice =
  | Notice
  /** Somebody's lead may have come into another state, or the list is another one. */
  | { type: 'leadsChanged' }
  | { type: 'importing'; done: number; total: number };

/** One open page; what it does with a notice is its own business. */
export interface Page {
  tell(notice: PageNotice): void;
  /** Another page has taken the session. */
  replaced(): void;
  /** The session is over. */
  ended(): void;
}

/** Changes of leads that come so close together are told once, in milliseconds. */
const TELL_LEADS_AFTER_MS = 100;

/** Which page shows which session: at most one each, the newest. */
export class PageHub implements Notices {
  readonly #pages = new Map<SessionId, Page>();
  readonly #clock: Clock;
  #isTelling = false;
  /** Told after every turn of any session. */
  onTurn: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  publish(sessionId: SessionId, notice: Notice): void {
    if (notice.type === 'view') this.leadsChanged();
    this.onTurn();
    const page = this.#pages.get(sessionId);
    if (!page) return;
    page.tell(notice);
    if (notice.type === 'view' && notice.view.state === 'completed') {
      this.#pages.delete(sessionId);
      page.ended();
    }
  }

  /** Every page may have a part of the list before it; told together, or the work would grow with the square of the floor. */
  leadsChanged(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#clock.wakeAt(this.#clock.now() + TELL_LEADS_AFTER_MS, () => {
      this.#isTelling = false;
      for (const page of this.#pages.values()) page.tell({ type: 'leadsChanged' });
    });
  }

  importing(sessionId: SessionId, done: number, total: number): void {
    this.#pages.get(sessionId)?.tell({ type: 'importing', done, total });
  }

  attach(sessionId: SessionId, page: Page): void {
    const earlier = this.#pages.get(sessionId);
    this.#pages.set(sessionId, page);
    if (earlier && earlier !== page) earlier.replaced();
    this.onTurn();
  }

  /** Whether this page was the one: only then has the session lost its page. */
  detach(sessionId: SessionId, page: Page): boolean {
    return this.#pages.get(sessionId) === page && this.#pages.delete(sessionId);
  }
}
