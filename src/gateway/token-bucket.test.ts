import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenBucket, type TokenBucketLimits } from './token-bucket.ts';

/** What each of the requests at these microseconds got. */
function takeAt(limits: TokenBucketLimits, atUs: readonly number[]): readonly boolean[] {
  let now = 0;
  const bucket = createTokenBucket(limits, () => now);
  return atUs.map((one) => {
    now = one;
    return bucket.take();
  });
}

const S = 1_000_000;

test.each<[string, TokenBucketLimits, readonly number[], readonly boolean[]]>([
  ['is full at first', { ratePerSecond: 1, burst: 2 }, [0, 0, 0], [true, true, false]],
  ['fills at its rate', { ratePerSecond: 2, burst: 1 }, [0, S / 2 - 1, S / 2], [true, false, true]],
  [
    'a refusal takes nothing',
    { ratePerSecond: 1, burst: 1 },
    [0, 1, 2, 3, S],
    [true, false, false, false, true],
  ],
  [
    'holds no more than its burst',
    { ratePerSecond: 100, burst: 2 },
    [0, 60 * S, 60 * S, 60 * S],
    [true, true, true, false],
  ],
  [
    'ten tenths are one',
    { ratePerSecond: 0.1, burst: 1 },
    [0, ...Array.from({ length: 10 }, (_, i) => (i + 1) * S)],
    [true, ...Array.from({ length: 9 }, () => false), true],
  ],
  ['rate and burst of nothing', { ratePerSecond: 0, burst: 0 }, [0, 3600 * S], [false, false]],
  ['a burst that never comes back', { ratePerSecond: 0, burst: 1 }, [0, 3600 * S], [true, false]],
])('%s', (_, limits, atUs, expected) => {
  expect(takeAt(limits, atUs)).toEqual(expected);
});

// The oracle: a bucket is what never lets more than burst + rate × time through, in any window.
test('in no window more than the burst and what has flowed in', () => {
  const limits = fc.record({
    ratePerSecond: fc.integer({ min: 1, max: 50 }),
    burst: fc.integer({ min: 1, max: 20 }),
  });
  const gaps = fc.array(fc.integer({ min: 0, max: S / 5 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(limits, gaps, ({ ratePerSecond, burst }, between) => {
      let at = 0;
      const instants = between.map((gap) => (at += gap));
      const taken = takeAt({ ratePerSecond, burst }, instants);
      const through = instants.filter((_, i) => taken[i]);
      through.forEach((from, i) => {
        through.slice(i).forEach((to, j) => {
          expect(j + 1).toBeLessThanOrEqual(burst + ((to - from) * ratePerSecond) / S + 1e-6);
        });
      });
      // And nobody is refused without need: before each refusal that much has indeed gone through.
      instants.forEach((to, i) => {
        if (taken[i]) return;
        const full = [0, ...through].some((from) => {
          const inside = through.filter((one) => one >= from && one <= to).length;
          return inside + 1 > burst + ((to - from) * ratePerSecond) / S - 1e-6;
        });
        expect(full).toBe(true);
      });
    }),
  );
});
