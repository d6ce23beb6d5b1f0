import { expect, test } from 'vitest';
import { percentile, ratio, spread } from './result.ts';

test('the percentile of a share is the value below which that share lies, and never beyond the last', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(percentile(sorted, 0.5)).toBe(51);
  expect(percentile(sorted, 0.99)).toBe(100);
  expect(percentile(sorted, 1)).toBe(100);
  expect(percentile([], 0.99)).toBeNaN();
});

test('rounds are told by the middle one and the extremes, whatever their order', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1, high: 4 });
  expect(spread([]).median).toBeNaN();
});

test('a ratio is taken round by round, so that a slow minute of the machine cancels out', () => {
  expect(ratio([10, 1], [20, 2])).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
});
