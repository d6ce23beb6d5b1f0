import type { CommandResult } from '../dialer/dialer.ts';
import type { AgentCommand } from '../domain/events.ts';
import type { AgentId, SessionId } from '../domain/ids.ts';
import type { Page, PageNotice } from '../http/page-hub.ts';
import type { ServerLife } from './server-life.ts';

export interface PageEvents {
  told(notice: PageNotice): void;
  /** The connection is gone: the process died, another page took over, or the session is over. */
  closed(why: 'broken' | 'replaced' | 'ended'): void;
}

/** An agent's page and its connection, without the socket: what a page asks the dialer and is told by the hub. */
export class PageLink implements Page {
  readonly sessionId: SessionId;
  isOpen = true;
  readonly #life: ServerLife;
  readonly #events: PageEvents;
  readonly #forgetDeath: () => void;

  private constructor(life: ServerLife, sessionId: SessionId, events: PageEvents) {
    this.#life = life;
    this.#events = events;
    this.sessionId = sessionId;
    this.#forgetDeath = life.onDeath(() => this.#close('broken'));
    life.hub.attach(sessionId, this);
    life.dialer.setAttached(sessionId, true);
  }

  /** Null when the process died meanwhile. */
  static async signIn(
    life: ServerLife,
    name: string,
    events: PageEvents,
  ): Promise<PageLink | null> {
    const sessionId = await orDeath(life, life.dialer.signIn(name as AgentId, name));
    return sessionId === null ? null : new PageLink(life, sessionId, events);
  }

  /** Null when the session is over. */
  static resume(life: ServerLife, sessionId: SessionId, events: PageEvents): PageLink | null {
    return life.dialer.isLive(sessionId) ? new PageLink(life, sessionId, events) : null;
  }

  /** Null when the process died meanwhile: nobody knows what became of it. */
  command(command: AgentCommand): Promise<CommandResult | null> {
    return orDeath(this.#life, this.#life.dialer.command(this.sessionId, command));
  }

  tell(notice: PageNotice): void {
    if (this.isOpen) this.#events.told(notice);
  }

  replaced(): void {
    this.#close('replaced');
  }

  ended(): void {
    this.#close('ended');
  }

  /** Loses the connection without a word, as a closed lid does. */
  cut(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#forgetDeath();
    if (this.#life.hub.detach(this.sessionId, this)) {
      this.#life.dialer.setAttached(this.sessionId, false);
    }
  }

  #close(why: 'broken' | 'replaced' | 'ended'): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#forgetDeath();
    this.#events.closed(why);
  }
}

function orDeath<Result>(life: ServerLife, asked: Promise<Result>): Promise<Result | null> {
  return new Promise((resolve, reject) => {
    const forget = life.onDeath(() => resolve(null));
    const finish = (result: Result): void => {
      forget();
      resolve(result);
    };
    void asked.then(finish, reject);
  });
}
