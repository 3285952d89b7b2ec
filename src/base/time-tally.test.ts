import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestRank } from './percentile.ts';
import { createTimeTally } from './time-tally.ts';

const times = fc.array(fc.double({ min: 0, max: 3_600_000, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
});
const shares = fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999, 1);

it('knows a percentile to a thousandth and a microsecond', () => {
  fc.assert(
    fc.property(times, shares, (all, share) => {
      const tally = createTimeTally([]);
      for (const one of all) tally.add(one);
      const exact = nearestRank(
        all.toSorted((a, b) => a - b),
        share,
      );
      const told = tally.percentile(share);
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.001 + 0.001);
    }),
  );
});

it('lies on the same side of a bound as the percentile itself', () => {
  fc.assert(
    fc.property(times, shares, fc.integer({ min: 0, max: 299 }), (all, share, pick) => {
      // The worst bound there is: a value that was measured.
      const bound = all[pick % all.length] ?? 0;
      const tally = createTimeTally([bound]);
      for (const one of all) tally.add(one);
      const exact = nearestRank(
        all.toSorted((a, b) => a - b),
        share,
      );
      expect(tally.percentile(share) <= bound).toBe(exact <= bound);
      expect(tally.atMost(bound)).toBe(all.filter((one) => one <= bound).length);
    }),
  );
});

it('keeps what never ended', () => {
  const tally = createTimeTally([5]);
  for (const one of [1, 2, Infinity, Infinity]) tally.add(one);
  expect([tally.count, tally.endless, tally.atMost(5)]).toEqual([4, 2, 2]);
  expect([tally.percentile(0.5), tally.percentile(0.51)]).toEqual([2, Infinity]);
});
