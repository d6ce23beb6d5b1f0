import type { Exchange } from './exchange.ts';
import type { Interruption, Leg } from './leg.ts';
import type { LedgerQueueVisit } from './ledger.ts';
import { Outcome, type Scope } from './scope.ts';

/** How a member's time in the queue ended, as Enqueue's action is told. */
export type QueueResult =
  | 'bridged'
  | 'bridging-in-process'
  | 'redirected'
  | 'redirected-from-bridged'
  | 'leave'
  | 'hangup'
  | 'queue-full'
  | 'error'
  | 'system-error';

/** A leg in a queue: first waiting, then dequeued and hearing a whisper, then bridged. */
export class Member {
  readonly leg: Leg;
  readonly queue: CallQueue;
  readonly enteredAt: number;
  /** Interrupted with the Enqueue that made it. */
  readonly scope: Scope<Interruption>;
  /** Interrupted when the member is taken: its wait document falls silent. */
  readonly waiting: Scope<Interruption>;
  /** What ended Enqueue other than an interruption. */
  readonly exit = new Outcome<QueueResult>();
  phase: 'waiting' | 'dequeued' | 'bridged' = 'waiting';
  readonly visit: LedgerQueueVisit;
  /** The document whose Enqueue this is: the Referer of a whisper. */
  readonly documentUrl: string | null;

  constructor(queue: CallQueue, leg: Leg, scope: Scope<Interruption>, documentUrl: string | null) {
    this.queue = queue;
    this.documentUrl = documentUrl;
    this.leg = leg;
    this.scope = scope;
    this.waiting = scope.child();
    this.enteredAt = leg.exchange.clock.now();
    this.visit = leg.exchange.ledger.queued(queue.sid, queue.friendlyName, leg);
  }

  /** Whole seconds since it entered; after a bridge that includes the talk. */
  get queueTimeSeconds(): number {
    return Math.floor((this.leg.exchange.clock.now() - this.enteredAt) / 1000);
  }

  /** 1 for the next to be served. */
  get position(): number {
    return this.queue.members.indexOf(this) + 1;
  }

  /** Takes the member off the queue, for a dequeuer. */
  take(): void {
    this.phase = 'dequeued';
    this.waiting.interrupt({ kind: 'stopped' });
  }

  isGone(): boolean {
    return this.scope.isOver || this.exit.isSettled;
  }
}

/** A `<Dial><Queue>` that waits for a member. */
interface Dequeuer {
  readonly give: (member: Member) => void;
}

const QUEUE_SIZE_DEFAULT = 1000;
export const QUEUE_NAME_CHARACTERS_MAX = 64;

export class CallQueue {
  readonly sid: string;
  readonly createdAt: number;
  readonly members: Member[] = [];
  friendlyName: string;
  maxSize: number;
  updatedAt: number;
  readonly #exchange: Exchange;
  readonly #dequeuers = new Set<Dequeuer>();
  #waitsSeconds = 0;
  #waits = 0;

  constructor(exchange: Exchange, friendlyName: string, maxSize = QUEUE_SIZE_DEFAULT) {
    this.#exchange = exchange;
    this.sid = exchange.sid('QU');
    this.friendlyName = friendlyName;
    this.maxSize = maxSize;
    this.createdAt = exchange.clock.now();
    this.updatedAt = this.createdAt;
  }

  get isFull(): boolean {
    return this.members.length >= this.maxSize;
  }

  get averageWaitSeconds(): number {
    return this.#waits === 0 ? 0 : Math.round(this.#waitsSeconds / this.#waits);
  }

  join(leg: Leg, scope: Scope<Interruption>, documentUrl: string | null): Member {
    const member = new Member(this, leg, scope, documentUrl);
    this.members.push(member);
    this.#touch();
    this.#match();
    return member;
  }

  /** The head of the queue, now or when one comes; null after the time given. Dequeuers are served in turn. */
  next(scope: Scope<Interruption>, timeoutMs: number): Promise<Member | null> {
    return scope.until<Member | null>((resolve) => {
      const { clock } = this.#exchange;
      const dequeuer: Dequeuer = { give: resolve };
      const timer = clock.setTimeout(() => resolve(null), timeoutMs);
      this.#dequeuers.add(dequeuer);
      this.#match();
      return () => {
        clock.clearTimeout(timer);
        this.#dequeuers.delete(dequeuer);
      };
    });
  }

  remove(member: Member): void {
    const index = this.members.indexOf(member);
    if (index === -1) return;
    this.members.splice(index, 1);
    this.#waitsSeconds += member.queueTimeSeconds;
    this.#waits += 1;
    this.#touch();
  }

  #match(): void {
    for (const dequeuer of this.#dequeuers) {
      const member = this.members[0];
      if (!member) return;
      this.remove(member);
      member.take();
      // Served, the dequeuer takes itself off the list.
      dequeuer.give(member);
    }
  }

  #touch(): void {
    this.updatedAt = this.#exchange.clock.now();
  }
}

/** The account's queues. Names are unique; `<Enqueue>` makes the one it names, `<Dial><Queue>` does not. */
export class Queues {
  readonly #exchange: Exchange;
  readonly #bySid = new Map<string, CallQueue>();
  readonly #byName = new Map<string, CallQueue>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  create(friendlyName: string, maxSize?: number): CallQueue {
    const queue = new CallQueue(this.#exchange, friendlyName, maxSize);
    this.#bySid.set(queue.sid, queue);
    this.#byName.set(friendlyName, queue);
    return queue;
  }

  rename(queue: CallQueue, friendlyName: string): void {
    this.#byName.delete(queue.friendlyName);
    queue.friendlyName = friendlyName;
    this.#byName.set(friendlyName, queue);
  }

  delete(queue: CallQueue): void {
    this.#bySid.delete(queue.sid);
    this.#byName.delete(queue.friendlyName);
  }

  get(sid: string): CallQueue | undefined {
    return this.#bySid.get(sid);
  }

  named(friendlyName: string): CallQueue | undefined {
    return this.#byName.get(friendlyName);
  }

  all(): CallQueue[] {
    return [...this.#bySid.values()];
  }

  /** The queue a call is in, if any. */
  memberOf(callSid: string): Member | undefined {
    for (const queue of this.#bySid.values()) {
      const member = queue.members.find((candidate) => candidate.leg.sid === callSid);
      if (member) return member;
    }
    return undefined;
  }
}
