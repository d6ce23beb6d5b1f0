import type { Worker } from 'node:worker_threads';
import { JournalError } from '../domain/errors.ts';
import { startThread } from '../start-thread.ts';
import { errorOf, isFinal } from './store-failure.ts';
import type { ReplyMessage, RequestMessage, StoreReplies, StoreRequest } from './store-requests.ts';

interface Asked {
  resolve: (result: StoreReplies[StoreRequest['kind']]) => void;
  reject: (error: JournalError) => void;
}

/** The server's end of the store's thread: a question, a promise. A thread that is dead or closing fails every question from then on. */
export class StoreThread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  #ids = 0;
  #ended: JournalError | null = null;
  readonly #onFinal: (error: JournalError) => void;

  /** `onFinal` is told when the store can neither be read nor written any more. */
  constructor(onFinal: (error: JournalError) => void = () => {}) {
    this.#onFinal = onFinal;
    this.#worker = startThread(import.meta.url, './store-worker');
    this.#worker.on('message', (reply: ReplyMessage) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end());
    this.#worker.unref();
  }

  ask<Kind extends StoreRequest['kind']>(
    request: Extract<StoreRequest, { kind: Kind }>,
  ): Promise<StoreReplies[Kind]> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#ids;
    const message: RequestMessage = { id, request };
    return new Promise<StoreReplies[StoreRequest['kind']]>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      // A question keeps the process alive; an idle store does not.
      if (this.#asked.size === 1) this.#worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(message);
      // The library ends the whole process where a closed file is asked whether it is in a transaction.
      if (request.kind === 'close') this.#ended = stopped();
    }) as Promise<StoreReplies[Kind]>;
  }

  /** Ends the thread at once, whatever it is doing: what a crash does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle({ id, outcome }: ReplyMessage): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (this.#asked.size === 0) this.#worker.unref();
    if ('failure' in outcome) this.#reject(asked, errorOf(outcome.failure));
    else asked?.resolve(outcome.result);
  }

  #reject(asked: Asked | undefined, error: JournalError): void {
    if (isFinal(error)) this.#onFinal(error);
    asked?.reject(error);
  }

  #end(cause?: unknown): void {
    this.#ended ??= stopped(cause);
    for (const asked of this.#asked.values()) this.#reject(asked, this.#ended);
    this.#asked.clear();
  }
}

const stopped = (cause?: unknown): JournalError =>
  new JournalError(
    'stopped',
    cause instanceof Error ? `the store has stopped (${cause.message})` : 'the store has stopped',
    'start the server again: everything that was acknowledged is in the file',
    { cause },
  );
