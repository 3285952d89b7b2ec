import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { leastSamples, nearestRank, rankOf } from './percentile.ts';

it.each([
  [0.5, 20],
  [0.9, 36],
  [0.95, 38],
  [1, 40],
])('of 2, 4, … 40 the share %d does not exceed %d', (share, value) => {
  const sorted = Array.from({ length: 20 }, (_, at) => 2 * (at + 1));
  expect(nearestRank(sorted, share)).toBe(value);
});

it.each([
  [0.5, 2],
  [0.9, 10],
  [0.95, 20],
  [0.99, 100],
  [0.999, 1000],
  [1, 1],
])('of the share %d needs %d samples', (share, samples) => {
  expect(leastSamples(share)).toBe(samples);
  // Of one sample fewer it would be the largest value.
  expect(rankOf(samples, share)).toBe(Math.max(1, samples - 1));
});

it('is the smallest value that enough values do not exceed', () => {
  const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 1000 }), (all, permille) => {
      const value = nearestRank(
        all.toSorted((a, b) => a - b),
        permille / 1000,
      );
      const upTo = (limit: number): number => all.filter((one) => one <= limit).length;
      expect(upTo(value) * 1000).toBeGreaterThanOrEqual(permille * all.length);
      expect(upTo(value - 1) * 1000).toBeLessThan(permille * all.length);
    }),
  );
});

it('of nothing there is none', () => {
  expect(() => nearestRank([], 0.5)).toThrow(RangeError);
});
