interface Row<Id> {
  due: number;
  id: Id;
}

/** Sessions by the time at which they want to be looked at: one row each. */
export class DueHeap<Id> {
  readonly #rows: Row<Id>[] = [];
  readonly #places = new Map<Id, number>();

  get first(): Readonly<Row<Id>> | undefined {
    return this.#rows[0];
  }

  /** An earlier word about the same session is forgotten. */
  set(id: Id, due: number): void {
    const place = this.#places.get(id);
    if (place === undefined) return this.#rise(this.#rows.push({ due, id }) - 1);
    const row = this.#rows[place];
    if (!row || row.due === due) return;
    const isSooner = due < row.due;
    row.due = due;
    if (isSooner) this.#rise(place);
    else this.#sink(place);
  }

  pop(): Row<Id> | undefined {
    const top = this.#rows[0];
    const last = this.#rows.pop();
    if (top) this.#places.delete(top.id);
    if (top && last && last !== top) {
      this.#rows[0] = last;
      this.#sink(0);
    }
    return top;
  }

  #rise(from: number): void {
    let child = from;
    const due = this.#due(child);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.#due(parent) <= due) break;
      this.#swap(parent, child);
      child = parent;
    }
    this.#note(child);
  }

  #sink(from: number): void {
    let parent = from;
    for (;;) {
      const left = 2 * parent + 1;
      const child = this.#due(left + 1) < this.#due(left) ? left + 1 : left;
      if (left >= this.#rows.length || this.#due(parent) <= this.#due(child)) break;
      this.#swap(parent, child);
      parent = child;
    }
    this.#note(parent);
  }

  #due(index: number): number {
    return this.#rows[index]?.due ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#rows[a], this.#rows[b]];
    if (!first || !second) return;
    [this.#rows[a], this.#rows[b]] = [second, first];
    this.#note(a);
    this.#note(b);
  }

  #note(index: number): void {
    const row = this.#rows[index];
    if (row) this.#places.set(row.id, index);
  }
}
