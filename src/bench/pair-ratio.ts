// Two endpoints that were asked in turn: how much longer the second one takes. Pairs share what the machine and the
// network did at the time, so that their ratios say more than two distributions do.
import { normalQuantile } from '../base/normal.ts';
import type { BenchRatio } from '../result/bench-result.ts';

// Several figures are compared at once: at 95% each, one in five comparisons of equals would show something.
const CONFIDENCE = 0.99;
// Whoever is asked second finds warmer caches, and two ports of one server are not the same: less than this is not shown.
const LEAST_SHOWN = 0.02;
// Of fewer pairs no two ranks enclose the median with 99%.
const LEAST_PAIRS = 8;

/** The median ratio with its interval, which is by signs: exact whatever the distribution. At least one pair. */
export function pairRatio(
  pairs: readonly (readonly [first: number, second: number])[],
): Omit<BenchRatio, 'name'> {
  const ratios = Float64Array.from(pairs, ([a, b]) => b / Math.max(a, RESOLUTION_MS)).toSorted();
  const ratio = median(ratios);
  const n = ratios.length;
  if (n < LEAST_PAIRS) return { pairs: n, ratio, verdict: 'no difference shown' };
  const rank = lowRank(n);
  const low = ratios[rank - 1] ?? 0;
  const high = ratios[n - rank] ?? Infinity;
  return { pairs: n, ratio, low, high, verdict: verdictOf(ratio, { low, high }) };
}

// The clock counts microseconds.
const RESOLUTION_MS = 0.001;

function verdictOf(
  ratio: number,
  { low, high }: { readonly low: number; readonly high: number },
): BenchRatio['verdict'] {
  if (low > 1 && ratio > 1 + LEAST_SHOWN) return 'slower';
  if (high < 1 && ratio < 1 - LEAST_SHOWN) return 'faster';
  return 'no difference shown';
}

/** The k for which the k-th smallest and the k-th largest of n enclose the median at least so surely. */
export function lowRank(n: number): number {
  const tail = (1 - CONFIDENCE) / 2;
  if (n > MANY) {
    const z = normalQuantile(1 - tail);
    return Math.max(1, Math.floor((n - z * Math.sqrt(n)) / 2));
  }
  // P(fewer than k of n fall below the median), n tosses of a coin.
  let term = 0.5 ** n;
  let below = term;
  let k = 0;
  while (below <= tail) {
    k += 1;
    term *= (n - k + 1) / k;
    below += term;
  }
  return Math.max(1, k);
}

// Above this half to the power of n is nothing.
const MANY = 1000;

function median(sorted: Float64Array): number {
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half - 1)] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}
