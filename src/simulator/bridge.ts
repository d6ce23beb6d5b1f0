import type { Interruption, Leg } from './leg.ts';
import type { LedgerBridge } from './ledger.ts';
import { Outcome, type Scope } from './scope.ts';

export type BridgeEnd = 'dialerGone' | 'otherGone' | 'otherRedirected' | 'star' | 'timeLimit';

export interface BridgeOptions {
  readonly kind: LedgerBridge['kind'];
  /** The leg whose Dial made the bridge. */
  readonly dialer: Leg;
  readonly other: Leg;
  readonly queueSid?: string;
  readonly hangupOnStar: boolean;
  readonly timeLimitMs: number;
}

/** Two legs that hear each other. It ends once, by whichever side or limit comes first. */
export class Bridge {
  readonly ended = new Outcome<BridgeEnd>();
  readonly startedAt: number;
  endedAt: number | null = null;
  readonly #options: BridgeOptions;
  readonly #entry: LedgerBridge;
  readonly #undo: (() => void)[] = [];

  constructor(options: BridgeOptions) {
    const { dialer, other } = options;
    const { clock, ledger } = dialer.exchange;
    this.#options = options;
    this.startedAt = clock.now();
    this.#entry = ledger.bridged(options.kind, dialer, other, options.queueSid ?? null);
    dialer.peer = other;
    other.peer = dialer;
    const timer = clock.setTimeout(() => this.end('timeLimit'), options.timeLimitMs);
    this.#undo.push(
      () => clock.clearTimeout(timer),
      dialer.ended.listen(() => this.end('dialerGone')),
      other.ended.listen(() => this.end('otherGone')),
      other.redirected.listen(() => this.end('otherRedirected')),
    );
    if (options.hangupOnStar) {
      this.#undo.push(
        dialer.digits.listen((digit) => {
          if (digit === '*') this.end('star');
        }),
      );
    }
    dialer.notice('bridged');
    // The dialer may have hung up at that very moment.
    if (this.endedAt === null) other.notice('bridged');
  }

  get seconds(): number {
    return Math.round(
      ((this.endedAt ?? this.#options.dialer.exchange.clock.now()) - this.startedAt) / 1000,
    );
  }

  end(how: BridgeEnd): void {
    if (this.endedAt !== null) return;
    const { dialer, other } = this.#options;
    const { clock, ledger } = dialer.exchange;
    this.endedAt = clock.now();
    for (const undo of this.#undo) undo();
    dialer.peer = null;
    other.peer = null;
    ledger.unbridged(this.#entry);
    for (const leg of [dialer, other]) if (!leg.isOver) leg.notice('unbridged');
    this.ended.settle(how);
  }

  /** Waits for the end on the dialer's side; the dialer's own interruption ends the bridge. */
  async over(scope: Scope<Interruption>): Promise<BridgeEnd> {
    try {
      return await scope.for(this.ended.promise);
    } finally {
      this.end('dialerGone');
    }
  }
}
