import { JournalError } from '../domain/errors.ts';
import type { DialerPorts } from './ports.ts';

/** How often a journal that cannot be written is tried again. */
const RETRY_MS = 1000;

/**
 * The journal's word that something is safe, and whether it can be given at this moment (fault F23). While it cannot,
 * nothing is begun that needs an entry: to the sessions it is as if the process were away.
 */
export class Durability {
  readonly #ports: DialerPorts;
  readonly #onChange: (isWritable: boolean) => void;
  #failure: JournalError | null = null;
  #cancelRetry: (() => void) | null = null;
  #stopped = false;

  constructor(ports: DialerPorts, onChange: (isWritable: boolean) => void) {
    this.#ports = ports;
    this.#onChange = onChange;
  }

  /** Why nothing can be made durable right now; null while everything can. */
  get failure(): JournalError | null {
    return this.#failure;
  }

  /** Resolves when everything that was appended before is durable. */
  async flush(): Promise<void> {
    try {
      await this.#ports.journal.flush();
    } catch (error) {
      throw this.#lost(error);
    }
    this.#regained();
  }

  /** Whether everything that was appended before is durable. */
  isReached(): Promise<boolean> {
    return this.flush().then(
      () => true,
      () => false,
    );
  }

  /** Writes to the store until it can be written: an outcome must not be forgotten because the disk was full. */
  async insist<Result>(act: () => Promise<Result>, goesOn: () => boolean): Promise<Result> {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        const mayWork = error instanceof JournalError && error.problem !== 'stopped';
        if (!mayWork || !goesOn()) throw error;
        const { clock } = this.#ports;
        await new Promise<void>((resolve) => void clock.wakeAt(clock.now() + RETRY_MS, resolve));
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
  }

  #lost(error: unknown): JournalError {
    const failure = error instanceof JournalError ? error : unexplained(error);
    const isNew = this.#failure === null;
    this.#failure = failure;
    if (isNew) {
      this.#ports.report('journal.failed', { error });
      this.#retryLater();
      this.#onChange(false);
    }
    return failure;
  }

  #regained(): void {
    if (this.#failure === null) return;
    this.#failure = null;
    this.#cancelRetry?.();
    this.#ports.report('journal.writable', {});
    this.#onChange(true);
  }

  #retryLater(): void {
    if (this.#stopped) return;
    const { clock } = this.#ports;
    this.#cancelRetry = clock.wakeAt(clock.now() + RETRY_MS, () => {
      this.flush().catch(() => this.#retryLater());
    });
  }
}

const unexplained = (cause: unknown): JournalError =>
  new JournalError('unwritable', 'the journal cannot be written', 'look at the disk', { cause });
