// Two endpoints that were asked in turn: how much longer the second one takes. Pairs share what the machine and the
// network did at the time, so that their ratios say more than two distributions do.
import type { BenchRatio } from '../result/bench-result.ts';

// Several figures are compared at once: at 95% each, one in five comparisons of equals would show something.
const CONFIDENCE = 0.99;
// Of fewer pairs no two ranks enclose the median with 99%.
const LEAST_PAIRS = 8;
// Pairs that follow one another are alike: the scheduler leaves a process on its core for a while. So many stretches of
// a run are less so.
const STRETCHES = 20;
// Measured: two processes of one server on a busy machine differ by this for seconds, either way.
const LEAST_RATIO = 1.05;
const LEAST_MS = 0.1;
// The clock counts microseconds.
const RESOLUTION_MS = 0.001;

type Pair = readonly [first: number, second: number];

/**
 * The median ratio with its interval: that of the medians of stretches of the run, by signs, whatever the distribution.
 *
 * @param pairs in ms, in the order in which they were measured; at least one
 */
export function pairRatio(pairs: readonly Pair[]): Omit<BenchRatio, 'name'> {
  const ratios = pairs.map(([a, b]) => Math.max(b, RESOLUTION_MS) / Math.max(a, RESOLUTION_MS));
  const ratio = median(ratios);
  const n = ratios.length;
  if (n < LEAST_PAIRS) return { pairs: n, ratio, verdict: 'no difference shown' };
  const medians = stretches(ratios)
    .map(median)
    .toSorted((a, b) => a - b);
  const rank = lowRank(medians.length);
  const low = Math.min(ratio, medians[rank - 1] ?? 0);
  const high = Math.max(ratio, medians[medians.length - rank] ?? Infinity);
  const differenceMs = Math.abs(median(pairs.map(([a, b]) => b - a)));
  const isLarge = differenceMs > LEAST_MS && Math.max(ratio, 1 / ratio) > LEAST_RATIO;
  return { pairs: n, ratio, low, high, verdict: isLarge ? verdictOf(low, high) : NOT_SHOWN };
}

const NOT_SHOWN = 'no difference shown';

function verdictOf(low: number, high: number): BenchRatio['verdict'] {
  if (low > 1) return 'slower';
  return high < 1 ? 'faster' : NOT_SHOWN;
}

// Each pair by itself where there are few.
function stretches(ratios: readonly number[]): readonly (readonly number[])[] {
  const n = ratios.length;
  const count = n < 2 * STRETCHES ? n : STRETCHES;
  return Array.from({ length: count }, (_, at) =>
    ratios.slice(Math.floor((at * n) / count), Math.floor(((at + 1) * n) / count)),
  );
}

/**
 * The k for which the k-th smallest and the k-th largest of n values enclose their median at least so surely.
 *
 * @param n from 8 to 1000
 */
export function lowRank(n: number): number {
  // P(fewer than k of n fall below the median), n tosses of a coin.
  let term = 0.5 ** n;
  let below = term;
  let k = 0;
  while (below <= (1 - CONFIDENCE) / 2) {
    k += 1;
    term *= (n - k + 1) / k;
    below += term;
  }
  return k;
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted();
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half - 1)] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}
