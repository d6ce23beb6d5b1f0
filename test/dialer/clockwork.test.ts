import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from '../../src/dialer/due-heap.ts';
import { JournalClock } from '../../src/dialer/journal-clock.ts';
import { LinePacer } from '../../src/dialer/line-pacer.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

test('sessions surface in the order in which they are due, each once, at the time last set', () => {
  const step = fc.record({ id: fc.nat(5), due: fc.option(fc.nat(20)) }); // null: the first one is taken.
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const heap = new DueHeap<number>();
      const dues = new Map<number, number>();
      const take = (): void => {
        const row = heap.pop();
        expect(row?.due).toBe(dues.size > 0 ? Math.min(...dues.values()) : undefined);
        if (!row) return;
        expect(dues.get(row.id)).toBe(row.due);
        dues.delete(row.id);
      };
      for (const { id, due } of steps) {
        if (due === null) take();
        else {
          heap.set(id, due);
          dues.set(id, due);
        }
      }
      while (dues.size > 0) take();
      expect(heap.first).toBeUndefined();
    }),
  );
});

test('of two timers due at once the one that was set first fires first', () => {
  const clock = new JournalClock();
  const fired: string[] = [];
  clock.setTimeout(() => fired.push('one'), 10);
  clock.setTimeout(() => fired.push('two'), 10);
  for (let next = clock.earliest(); next; next = clock.earliest()) clock.fire(next.id);
  expect(fired).toEqual(['one', 'two']);
});

test('a timer that was taken back, or has fired, changes nothing', () => {
  const clock = new JournalClock();
  let fired = 0;
  const id = clock.setTimeout(() => (fired += 1), 10);
  clock.fire(id);
  clock.fire(id);
  clock.clearTimeout(clock.setTimeout(() => (fired += 1), 10));
  expect(fired).toBe(1);
  expect(clock.earliest()).toBeNull();
});

const neverWithdrawn = (): void => {
  throw new Error('nobody stopped the pacer');
};

test('no more calls start within a second than the account may start', async () => {
  const clock = new VirtualClock();
  const pacer = new LinePacer(clock, 2);
  const began = clock.now();
  const starts: number[] = [];
  for (let call = 0; call < 5; call++) {
    pacer.request(() => {
      starts.push(clock.now() - began);
      return true;
    }, neverWithdrawn);
  }
  await clock.advance(10_000);
  expect(starts).toEqual([0, 500, 1000, 1500, 2000]);
});

test('a call that is no longer wanted costs no line', async () => {
  const clock = new VirtualClock();
  const pacer = new LinePacer(clock, 1);
  const started: string[] = [];
  pacer.request(() => started.push('one') > 0, neverWithdrawn);
  pacer.request(() => false, neverWithdrawn);
  pacer.request(() => started.push('three') > 0, neverWithdrawn);
  await clock.advance(1000);
  expect(started).toEqual(['one', 'three']);
});
