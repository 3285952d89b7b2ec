import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaProbability } from './beta.ts';
import {
  type Counted,
  clopperPearson,
  compareInterval,
  samplesToDecide,
  wilson,
} from './interval.ts';
import { normalQuantile } from './normal.ts';

interface Oracle {
  readonly normal: readonly (readonly [number, number])[];
  readonly beta: readonly (readonly [number, number, number, number])[];
  readonly intervals: readonly (Counted & {
    readonly confidence: number;
    readonly wilson: readonly [number, number];
    readonly clopperPearson: readonly [number, number];
  })[];
}

// Computed by scipy and statsmodels; `made` in the file says how.
const ORACLE = JSON.parse(
  readFileSync(new URL('fixture/interval.json', import.meta.url), 'utf8'),
) as Oracle;

const counted = fc
  .integer({ min: 1, max: 5000 })
  .chain((samples) => fc.record({ samples: fc.constant(samples), held: fc.nat(samples) }));
const confidence = fc.constantFrom(0.8, 0.9, 0.95, 0.99, 0.999);
const bound = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('against an independent oracle', () => {
  it.each(ORACLE.normal)('the normal quantile at %d is %d', (probability, value) => {
    expect(normalQuantile(probability)).toBeCloseTo(value, 12);
  });

  it.each(ORACLE.beta)('the beta distribution at %d with %d and %d is %d', (x, a, b, value) => {
    expect(betaProbability(x, a, b)).toBeCloseTo(value, 10);
  });

  it('both intervals agree in every case', () => {
    expect(ORACLE.intervals.length).toBeGreaterThan(300);
    for (const { held, samples, confidence: at, ...expected } of ORACLE.intervals) {
      const own = wilson({ held, samples }, at);
      const exact = clopperPearson({ held, samples }, at);
      expect(own.low).toBeCloseTo(expected.wilson[0], 10);
      expect(own.high).toBeCloseTo(expected.wilson[1], 10);
      expect(exact.low).toBeCloseTo(expected.clopperPearson[0], 9);
      expect(exact.high).toBeCloseTo(expected.clopperPearson[1], 9);
    }
  });
});

describe('intervals', () => {
  it('hold what was counted, and lie between 0 and 1', () => {
    fc.assert(
      fc.property(counted, confidence, (one, at) => {
        const share = one.held / one.samples;
        for (const { low, high } of [wilson(one, at), clopperPearson(one, at)]) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low - 1e-12).toBeLessThanOrEqual(share);
          expect(high + 1e-12).toBeGreaterThanOrEqual(share);
        }
      }),
    );
  });

  it('of what did not hold is the mirror image', () => {
    fc.assert(
      fc.property(counted, confidence, ({ held, samples }, at) => {
        const one = wilson({ held, samples }, at);
        const other = wilson({ held: samples - held, samples }, at);
        expect(1 - other.high).toBeCloseTo(one.low, 12);
      }),
    );
  });

  it('never reach the end that was not reached', () => {
    expect(wilson({ held: 1000, samples: 1000 }, 0.95)).toEqual({
      low: expect.closeTo(0.996_173, 6),
      high: 1,
    });
    expect(wilson({ held: 0, samples: 1 }, 0.95)).toEqual({ low: 0, high: expect.closeTo(0.7935) });
  });
});

it.each([
  ['inside', { low: 0.95, high: 0.99 }, { gte: 0.95 }],
  ['outside', { low: 0.9, high: 0.9499 }, { gte: 0.95 }],
  ['across', { low: 0.9, high: 0.95 }, { gte: 0.95 }],
  ['inside', { low: 0.2, high: 0.3 }, { lte: 0.3 }],
  ['outside', { low: 0.31, high: 0.4 }, { lte: 0.3 }],
  ['across', { low: 0.1, high: 0.5 }, { gte: 0.2, lte: 0.3 }],
] as const)('%s', (where, interval, bounds) => {
  expect(compareInterval(interval, bounds)).toBe(where);
});

describe('the number of samples that decides', () => {
  it.each([
    [{ held: 10, samples: 10 }, { gte: 0.9 }, 35],
    [{ held: 100, samples: 100 }, { gte: 0.999 }, 3838],
    [{ held: 0, samples: 3 }, { lte: 0.01 }, 381],
    [{ held: 0, samples: 3 }, { gte: 0.9 }, 1],
    [{ held: 9, samples: 10 }, { gte: 0.9 }, Infinity],
    [{ held: 10, samples: 10 }, { gte: 1 }, Infinity],
    [{ held: 5, samples: 10 }, { gte: 0, lte: 1 }, 1],
  ])('%o must be %o: %d', (one, bounds, samples) => {
    expect(samplesToDecide(one, { bounds, confidence: 0.95 })).toBe(samples);
  });

  it('is enough, and one less is not', () => {
    fc.assert(
      fc.property(counted, bound, confidence, (one, gte, at) => {
        const needed = samplesToDecide(one, { bounds: { gte }, confidence: at });
        fc.pre(needed < 1e9);
        const share = one.held / one.samples;
        const decides = (samples: number): boolean =>
          compareInterval(wilson({ held: share * samples, samples }, at), { gte }) !== 'across';
        expect(decides(needed + 1)).toBe(true);
        expect(needed > 2 && decides(needed - 1)).toBe(false);
      }),
    );
  });
});
