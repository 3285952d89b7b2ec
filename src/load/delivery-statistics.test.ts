import { describe, expect, it } from 'vitest';
import { claimSentence, cleanSamplesFor } from './claim.ts';
import { designEffect } from './design-effect.ts';
import { drainEnd } from './drain.ts';
import { survivalPercentile } from './survival.ts';

describe('samples for a claim', () => {
  // Wilson's lower bound of a clean sample is n / (n + z²), the exact one (α/2)^(1/n).
  it.each([
    [0.999, false, Math.ceil((1.959963984540054 ** 2 * 0.999) / 0.001)],
    [0.9999, false, Math.ceil((1.959963984540054 ** 2 * 0.9999) / 0.0001)],
    [0.999, true, Math.ceil(Math.log(0.025) / Math.log(0.999))],
    [0, false, 1],
    [1, false, Infinity],
  ])('%s, exact: %s', (share, exact, samples) => {
    expect(cleanSamplesFor({ share, exact, confidence: 0.95 })).toBe(samples);
  });

  it('are a sentence', () => {
    const claim = { share: 0.999, confidence: 0.95, exact: false };
    expect([claimSentence(claim, 1000), claimSentence(claim, 60_000)]).toEqual([
      'To claim 99.9% takes 3,838 clean trials; this run ends only 1,000 and cannot prove it.',
      'To claim 99.9% takes 3,838 clean trials; this run ends 60,000.',
    ]);
    expect(claimSentence({ ...claim, share: 1 }, 5)).toBe(
      'No number of samples proves 100% of all connections.',
    );
  });
});

describe('survival', () => {
  it('is that of the ended times where none is censored', () => {
    const ended = [1, 2, 3, 4].map((ms) => ({ ms, count: 25 }));
    const shares = [0.25, 0.5, 0.51, 0.99].map((share) =>
      survivalPercentile({ ended, censored: [] }, share),
    );
    expect(shares).toEqual([1, 2, 3, 4]);
  });

  // 6 at risk, 1 of 6 ends at 6 (5/6), one is cut; 1 of 4 at 7 (5/8); 1 of 2 at 10 (5/16).
  it('takes what is cut out of those at risk', () => {
    const times = {
      ended: [6, 7, 10].map((ms) => ({ ms, count: 1 })),
      censored: [6.5, 8, 12].map((ms) => ({ ms, count: 1 })),
    };
    expect([0.16, 0.3, 0.6, 0.7].map((share) => survivalPercentile(times, share))).toEqual([
      6,
      7,
      10,
      undefined,
    ]);
  });
});

describe('design effect', () => {
  it('of one block, or of no loss, is 1', () => {
    expect([
      designEffect([{ held: 5, samples: 10 }]),
      designEffect([1, 2].map(() => ({ held: 9, samples: 9 }))),
      designEffect([]),
    ]).toEqual([1, 1, 1]);
  });

  it('of whole blocks lost is their size times n/(n-1)', () => {
    expect(designEffect([10, 0].map((held) => ({ held, samples: 10 })))).toBeCloseTo(20, 9);
  });
});

describe('draining', () => {
  const limits = { finalMs: 30_000, longestMs: 90_000 };
  it.each([
    [{ nowMs: 10_000, lastEndedMs: 5000, lastSeenMs: 9999, outstanding: 0 }, 'accounted'],
    [{ nowMs: 34_999, lastEndedMs: 5000, lastSeenMs: 6000, outstanding: 1 }, undefined],
    [{ nowMs: 35_000, lastEndedMs: 5000, lastSeenMs: 20_000, outstanding: 1 }, 'plateau'],
    [{ nowMs: 35_000, lastEndedMs: 5000, lastSeenMs: 20_001, outstanding: 1 }, undefined],
    [{ nowMs: 35_000, lastEndedMs: 5000, lastSeenMs: -Infinity, outstanding: 1 }, 'plateau'],
    [{ nowMs: 95_000, lastEndedMs: 5000, lastSeenMs: 94_000, outstanding: 1 }, 'longest'],
  ])('%j: %s', (state, end) => {
    expect(drainEnd(state, limits)).toBe(end);
  });
});
