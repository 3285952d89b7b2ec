// Percentiles by nearest rank: always a value that was measured.

/**
 * The smallest value that at least this share of all values does not exceed.
 *
 * @param sorted ascending, at least one
 * @param share above 0, at most 1 (the largest value)
 */
export function nearestRank(sorted: readonly number[], share: number): number {
  const value = sorted[rankOf(sorted.length, share) - 1];
  if (value === undefined) throw new RangeError('there is no percentile of nothing');
  return value;
}

/** Its place among so many sorted values, from 1. */
export function rankOf(samples: number, share: number): number {
  // 0.95 times 20 is a little more than 19 in binary.
  return Math.max(1, Math.ceil(samples * share - 1e-9));
}

/** The fewest samples of which a percentile is more than the largest value: 20 for p95. */
export function leastSamples(share: number): number {
  return share >= 1 ? 1 : Math.round(1 / (1 - share));
}
