// What a share that was counted says about the share behind it: two-sided confidence intervals of a
// binomial proportion, and how many samples it takes until one of them decides.
import { betaQuantile } from './beta.ts';
import { normalQuantile } from './normal.ts';

/** Shares from 0 to 1, `low` at most `high`. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** So many of so many samples. `held` is at most `samples`, and `samples` at least 1. */
export interface Counted {
  readonly held: number;
  readonly samples: number;
}

/**
 * Wilson's score interval: all shares from which what was counted is not further off than chance
 * explains. Its coverage is close to `confidence` also near 0 and 1, where the usual one fails.
 * E. B. Wilson, Journal of the American Statistical Association 22 (1927).
 *
 * @param confidence above 0 and below 1, two-sided: 0.95
 */
export function wilson({ held, samples }: Counted, confidence: number): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  const share = held / samples;
  const zz = (z * z) / samples;
  const middle = share + zz / 2;
  const half = z * Math.sqrt((share * (1 - share)) / samples + zz / (4 * samples));
  return {
    // Exact at the ends, where rounding would leave a little.
    low: held === 0 ? 0 : Math.max(0, (middle - half) / (1 + zz)),
    high: held === samples ? 1 : Math.min(1, (middle + half) / (1 + zz)),
  };
}

/**
 * The exact interval: never covers less often than `confidence`, and is wider for it.
 * C. J. Clopper, E. S. Pearson, Biometrika 26 (1934).
 *
 * @param confidence above 0 and below 1, two-sided: 0.95
 */
export function clopperPearson({ held, samples }: Counted, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  const missed = samples - held;
  return {
    low: held === 0 ? 0 : betaQuantile(tail, held, missed + 1),
    high: missed === 0 ? 1 : betaQuantile(1 - tail, held + 1, missed),
  };
}

/** What a share must be: at least and at most this, from 0 to 1. */
export interface ShareBounds {
  readonly gte?: number | undefined;
  readonly lte?: number | undefined;
}

/** Where an interval lies: within the bounds, beside them, or across one of them. */
export function compareInterval(
  { low, high }: Interval,
  { gte = 0, lte = 1 }: ShareBounds,
): 'inside' | 'outside' | 'across' {
  if (low >= gte && high <= lte) return 'inside';
  return high < gte || low > lte ? 'outside' : 'across';
}

/**
 * How many samples in all Wilson's interval needs to decide, if the share stays as it was counted;
 * Infinity where no number does: the share lies on a bound, or the bound is 100% or 0% and not missed.
 */
export function samplesToDecide(
  { held, samples }: Counted,
  { bounds, confidence }: { readonly bounds: ShareBounds; readonly confidence: number },
): number {
  const share = held / samples;
  const z = normalQuantile((1 + confidence) / 2);
  const needed = [bounds.gte, bounds.lte].flatMap((bound, at) => {
    // Every share is above 0% and below 100%: such a bound asks for nothing.
    if (bound === undefined || bound === (at === 0 ? 0 : 1)) return [];
    const beyond = at === 0 ? share < bound : share > bound;
    return [{ beyond, least: leastSamples(share, { bound, z }) }];
  });
  const beyond = needed.filter((one) => one.beyond).map(({ least }) => least);
  if (beyond.length > 0) return Math.max(1, Math.min(...beyond));
  return Math.max(1, ...needed.map(({ least }) => least));
}

// A bound leaves the interval when it is z standard errors of its own away from the share.
function leastSamples(
  share: number,
  { bound, z }: { readonly bound: number; readonly z: number },
): number {
  if (share === bound) return Infinity;
  const exact = (z * z * bound * (1 - bound)) / (share - bound) ** 2;
  // A little above a whole number is that number: what is left of it is rounding.
  return Math.ceil(exact * (1 - 1e-12));
}
