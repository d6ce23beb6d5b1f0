import type { Clock } from './clock.ts';

/** Thrown out of every wait of a scope that has been interrupted. Why, says the scope's `interruption`. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

// One instance: it is control flow, not a failure, so nobody needs its stack, and making one is not free.
const INTERRUPTED = new Interrupted('interrupted');

/** A signal with any number of listeners. */
export class Signal<Value = void> {
  readonly #listeners = new Set<(value: Value) => void>();

  listen(listener: (value: Value) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(value: Value): void {
    // A copy: who begins to listen because of this signal hears the next one.
    for (const listener of Array.from(this.#listeners)) listener(value);
  }
}

/**
 * Something that goes on and can be interrupted: the life of a leg, a running document, a wait. Interrupting a scope
 * interrupts its children first. All of its waits then reject with `Interrupted`; none of them can hang.
 */
export class Scope<Reason> {
  readonly #clock: Clock;
  readonly #onInterrupt = new Set<() => void>();
  interruption: Reason | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOver(): boolean {
    return this.interruption !== null;
  }

  child(): Scope<Reason> {
    const child = new Scope<Reason>(this.#clock);
    if (this.interruption !== null) {
      child.interrupt(this.interruption);
      return child;
    }
    const forward = (): void => child.interrupt(this.interruption!);
    this.#onInterrupt.add(forward);
    child.#onInterrupt.add(() => this.#onInterrupt.delete(forward));
    return child;
  }

  interrupt(reason: Reason): void {
    if (this.interruption !== null) return;
    this.interruption = reason;
    for (const listener of [...this.#onInterrupt].toReversed()) listener();
    this.#onInterrupt.clear();
  }

  /** Called once, when the scope is interrupted. */
  onInterrupt(listener: () => void): () => void {
    if (this.interruption !== null) {
      listener();
      return () => undefined;
    }
    this.#onInterrupt.add(listener);
    return () => void this.#onInterrupt.delete(listener);
  }

  sleep(ms: number): Promise<void> {
    return this.until((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(undefined), ms);
      return () => this.#clock.clearTimeout(timer);
    });
  }

  /**
   * Waits for whatever `start` resolves. `start` returns how to undo what it set up; that is called on every way out.
   */
  until<Value>(start: (resolve: (value: Value) => void) => () => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.interruption !== null) {
        reject(INTERRUPTED);
        return;
      }
      let undo: (() => void) | null = null;
      let isSettled = false;
      const leave = (): void => {
        isSettled = true;
        this.#onInterrupt.delete(interrupted);
        undo?.();
      };
      const interrupted = (): void => {
        leave();
        reject(INTERRUPTED);
      };
      this.#onInterrupt.add(interrupted);
      undo = start((value) => {
        if (isSettled) return;
        leave();
        resolve(value);
      });
      if (isSettled) undo();
    });
  }

  /** Waits for a promise that never rejects; what comes after an interruption is dropped. */
  for<Value>(promise: Promise<Value>): Promise<Value> {
    return this.until((resolve) => {
      void promise.then(resolve);
      return () => undefined;
    });
  }
}

/** A promise settled from outside, for results that several parties wait for. */
export class Outcome<Value> {
  readonly promise: Promise<Value>;
  value: Value | undefined;
  #resolve!: (value: Value) => void;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isSettled(): boolean {
    return this.value !== undefined;
  }

  settle(value: Value): void {
    if (this.isSettled) return;
    this.value = value;
    this.#resolve(value);
  }
}
