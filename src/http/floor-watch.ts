import type { Dialer } from '../dialer/dialer.ts';
import { floorOf } from '../dialer/floor-view.ts';
import type { Stretch } from '../leads/lead-book.ts';
import type { Floor, Notification } from '../protocol/messages.ts';

export interface FloorSources {
  dialer: Dialer;
  stretches: (since: number, stretchMs: number) => Promise<Stretch[]>;
  now: () => number;
  /** Changes within this time are one picture; the benchmark has less. Default 500 ms. */
  floorEveryMs?: number;
}

/** One picture, the same object for everybody who watches. */
export type ShownFloor = Omit<Notification<'floor.view'>, 'seq'>;

const FLOOR_EVERY_MS = 500;
const STRETCH_MS = 5 * 60_000;
/** Two hours: what a supervisor can still do something about. */
const STRETCHES = 24;
/** The store is asked no more often than this, however many calls end. */
const HISTORY_EVERY_MS = 5000;

/**
 * What supervisors watch.
 *   W1. While nobody watches, nothing is computed, and the store is not asked.
 *   W2. Agents and calls are read from the actors when the picture is made; no count is kept.
 */
export class FloorWatch {
  readonly #sources: FloorSources;
  readonly #watchers = new Set<(shown: ShownFloor) => void>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #history: { at: number; stretches: Floor['history'] } = { at: -Infinity, stretches: [] };

  constructor(sources: FloorSources) {
    this.#sources = sources;
  }

  /** Tells at once, and after every change, until the returned function is called. */
  watch(watcher: (shown: ShownFloor) => void): () => void {
    this.#watchers.add(watcher);
    this.#plan(0);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0 || this.#timer === null) return;
      clearTimeout(this.#timer);
      this.#timer = null;
    };
  }

  /** Something about a session is different. */
  touched(): void {
    if (this.#watchers.size > 0) this.#plan(this.#sources.floorEveryMs ?? FLOOR_EVERY_MS);
  }

  #plan(afterMs: number): void {
    this.#timer ??= setTimeout(() => void this.#show(), afterMs);
  }

  async #show(): Promise<void> {
    const history = await this.#readHistory();
    this.#timer = null; // What changes from here on is in the next picture.
    const { dialer, now } = this.#sources;
    const shown = { now: now(), floor: { ...floorOf(dialer.sessions), history } };
    for (const watcher of this.#watchers) watcher(shown);
  }

  async #readHistory(): Promise<Floor['history']> {
    const now = this.#sources.now();
    if (now - this.#history.at < HISTORY_EVERY_MS) return this.#history.stretches;
    const latest = Math.floor(now / STRETCH_MS) * STRETCH_MS;
    const since = latest - (STRETCHES - 1) * STRETCH_MS;
    const found = await this.#sources.stretches(since, STRETCH_MS).catch((): Stretch[] => []);
    const byTime = new Map(found.map((stretch) => [stretch.at, stretch]));
    const stretches = Array.from({ length: STRETCHES }, (_, index) => {
      const at = since + index * STRETCH_MS;
      const nobody = { at, answered: 0, abandoned: 0, waitedMs: null, waitedMostMs: null };
      return byTime.get(at) ?? nobody;
    });
    this.#history = { at: now, stretches };
    return stretches;
  }
}
