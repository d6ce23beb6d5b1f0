/** Sessions by the time their next timer is due. Stale rows stay until they surface; the caller checks them. */
export class DueHeap<Id> {
  readonly #rows: { due: number; id: Id }[] = [];

  get first(): { due: number; id: Id } | undefined {
    return this.#rows[0];
  }

  push(due: number, id: Id): void {
    const rows = this.#rows;
    let child = rows.push({ due, id }) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.#due(parent) <= due) break;
      this.#swap(parent, child);
      child = parent;
    }
  }

  pop(): { due: number; id: Id } | undefined {
    const rows = this.#rows;
    const top = rows[0];
    const last = rows.pop();
    if (rows.length > 0 && last) {
      rows[0] = last;
      this.#sink();
    }
    return top;
  }

  #sink(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= this.#rows.length) return;
      const child = this.#due(left + 1) < this.#due(left) ? left + 1 : left;
      if (this.#due(parent) <= this.#due(child)) return;
      this.#swap(parent, child);
      parent = child;
    }
  }

  #due(index: number): number {
    return this.#rows[index]?.due ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#rows[a], this.#rows[b]];
    if (first && second) [this.#rows[a], this.#rows[b]] = [second, first];
  }
}
