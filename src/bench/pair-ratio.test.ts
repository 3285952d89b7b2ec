import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../base/normal.ts';
import { seededRandom } from '../base/random.ts';
import { lowRank, pairRatio } from './pair-ratio.ts';

// Of the sign test, two-sided 99%: tables of order statistics have these ranks.
it.each([
  [8, 1],
  [10, 1],
  [20, 4],
  [50, 16],
  [100, 37],
  [1000, 459],
])('of %i pairs the rank is %i', (n, rank) => {
  expect(lowRank(n)).toBe(rank);
});

describe('pairs of a seed', () => {
  // Log-normal times with a drift that both share: a machine that becomes slower meanwhile.
  const draw = (seed: string, n: number, factor: number): (readonly [number, number])[] => {
    const random = seededRandom(seed);
    const noise = (): number => Math.exp(0.4 * normalQuantile(0.0001 + 0.9998 * random.next()));
    return Array.from({ length: n }, (_, at) => {
      const drift = 1 + at / n;
      return [drift * noise(), drift * factor * noise()];
    });
  };

  it('of equals hardly ever show a difference', () => {
    const shown = Array.from({ length: 400 }, (_, at) => pairRatio(draw(`equal ${at}`, 200, 1)));
    const wrong = shown.filter(({ verdict }) => verdict !== 'no difference shown');
    // 1% of 400, and what chance adds to it.
    expect(wrong.length).toBeLessThanOrEqual(11);
    expect(shown.filter(({ low = 1, high = 1 }) => low > 1 || high < 1).length).toBeLessThan(12);
  });

  it('of equals hardly ever show a difference where each is the slower one for a while', () => {
    const regimes = (seed: string): (readonly [number, number])[] => {
      const random = seededRandom(seed);
      let factor = 1;
      return draw(seed, 1000, 1).map(([a, b], at) => {
        if (at % 40 === 0) factor = Math.exp(0.3 * (random.next() - 0.5));
        return [a, b * factor];
      });
    };
    const shown = Array.from({ length: 200 }, (_, at) => pairRatio(regimes(`regime ${at}`)));
    const wrong = shown.filter(({ low = 1, high = 1 }) => low > 1 || high < 1);
    expect(wrong.length).toBeLessThanOrEqual(6);
  });

  it('show a difference of a quarter, and which way', () => {
    expect(pairRatio(draw('slower', 400, 1.25))).toMatchObject({ verdict: 'slower', pairs: 400 });
    expect(pairRatio(draw('faster', 400, 0.8))).toMatchObject({ verdict: 'faster' });
  });

  it('have the true ratio in their interval', () => {
    const held = Array.from({ length: 200 }, (_, at) => pairRatio(draw(`ratio ${at}`, 150, 1.5)));
    const inside = held.filter(({ low = 2, high = 1 }) => low <= 1.5 && high >= 1.5);
    expect(inside.length).toBeGreaterThanOrEqual(193);
  });
});

it.each([
  ['one in fifty', 10, 10.2],
  ['less than a tenth of a millisecond', 0.3, 0.39],
])('a difference of %s is not shown, however sure', (_, first, second) => {
  const pairs = Array.from({ length: 500 }, () => [first, second] as const);
  const ratio = second / first;
  expect(pairRatio(pairs)).toEqual({
    pairs: 500,
    ratio,
    low: ratio,
    high: ratio,
    verdict: 'no difference shown',
  });
});

it('what took no time by the clock is no infinite ratio', () => {
  const pairs = Array.from({ length: 9 }, () => [0, 0] as const);
  expect(pairRatio(pairs)).toMatchObject({ ratio: 1, verdict: 'no difference shown' });
});

it('a few pairs show nothing', () => {
  const pairs = Array.from({ length: 7 }, () => [1, 9] as const);
  expect(pairRatio(pairs)).toEqual({ pairs: 7, ratio: 9, verdict: 'no difference shown' });
});
