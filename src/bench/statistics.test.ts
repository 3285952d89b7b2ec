import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timesOf } from './statistics.ts';

it('says what textbooks say of ten values', () => {
  const { p50Ms, ...rest } = timesOf([2, 4, 4, 4, 5, 5, 7, 9, 10, 10]);
  expect(p50Ms).toBe(5);
  expect(rest).toEqual({
    count: 10,
    meanMs: 6,
    // Sum of squares 72 over 9; Student's t of 9 degrees of freedom is 2.262 157.
    sdMs: expect.closeTo(Math.sqrt(8), 9),
    marginMs: expect.closeTo((2.262157 * Math.sqrt(8)) / Math.sqrt(10), 5),
    minMs: 2,
    maxMs: 10,
  });
});

it('has no margin of one value, no p99 of 99, no p99.9 of 999', () => {
  expect(timesOf([3])).toEqual({ count: 1, meanMs: 3, sdMs: 0, minMs: 3, p50Ms: 3, maxMs: 3 });
  const of = (n: number) => timesOf(Array.from({ length: n }, (_, at) => at));
  expect(of(99)).not.toHaveProperty('p99Ms');
  expect(of(101).p99Ms).toBe(99);
  expect(of(999)).not.toHaveProperty('p999Ms');
  expect(of(1001)).toMatchObject({ p99Ms: 990, p999Ms: 999 });
});

it('refuses to say anything of nothing', () => {
  expect(() => timesOf([])).toThrow('there are no statistics of nothing');
});

it('takes every value once, whatever their order, zeros included', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 300 }),
      (micros) => {
        const samples = micros.map((one) => one / 1000);
        const sorted = samples.toSorted((a, b) => a - b);
        const times = timesOf(samples);
        expect(times.count).toBe(samples.length);
        expect([times.minMs, times.maxMs]).toEqual([sorted[0], sorted.at(-1)]);
        const half = (sorted.length - 1) / 2;
        const middle = ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
        expect(times.p50Ms).toBeCloseTo(middle, 9);
        const sum = samples.reduce((all, one) => all + one, 0);
        expect(times.meanMs).toBeCloseTo(sum / samples.length, 6);
      },
    ),
  );
});
