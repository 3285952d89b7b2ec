// Distributions of times: HDR histograms in microseconds, three significant digits, beside the exact extremes and mean,
// which encoding loses.
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import type { Distribution } from '../result/load-result.ts';

/** A distribution that grows. */
export interface GrowingDistribution {
  readonly count: number;
  /** Adds values in microseconds. */
  add(values: Uint32Array): void;
  /** Adds what another one has described, value by value as its histogram knows them. */
  addDescribed(other: Distribution): void;
  /** In ms, by nearest rank; undefined of nothing. `percent`: 0 to 100. */
  percentileMs(percent: number): number | undefined;
  describe(): Distribution;
  reset(): void;
}

// Two minutes; what takes longer counts as that, and its true size is kept as the maximum.
const HIGHEST_US = 120_000_000;

/**
 * The histogram answers with the upper end of a bin, which at 50 ms is 32 µs wide: too much by half of that on average.
 * With three digits bins are one wide below 2048, and twice as wide from each power of two on.
 */
function middleOfBin(upperEnd: number): number {
  const width = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, upperEnd))) - 10);
  return upperEnd - (width - 1) / 2;
}

/** A distribution of nothing yet. */
export function createDistribution(): GrowingDistribution {
  const histogram: Histogram = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = 0;
  const percentileMs = (percent: number): number | undefined => {
    if (count === 0) return undefined;
    const middle = middleOfBin(histogram.getValueAtPercentile(percent));
    // Never beyond what was measured.
    return Math.max(min, Math.min(max, middle)) / 1000;
  };
  return {
    get count() {
      return count;
    },
    add: (values) => {
      for (const value of values) {
        histogram.recordValue(Math.min(value, HIGHEST_US));
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
      count += values.length;
    },
    addDescribed: (other) => {
      if (other.count === 0) return;
      histogram.add(decodeFromCompressedBase64(other.histogram));
      sum += other.meanMs * other.count * 1000;
      min = Math.min(min, other.minMs * 1000);
      max = Math.max(max, other.maxMs * 1000);
      count += other.count;
    },
    percentileMs,
    describe: () => ({
      count,
      minMs: count === 0 ? 0 : min / 1000,
      maxMs: max / 1000,
      meanMs: count === 0 ? 0 : sum / count / 1000,
      p50Ms: percentileMs(50) ?? 0,
      p90Ms: percentileMs(90) ?? 0,
      p95Ms: percentileMs(95) ?? 0,
      p99Ms: percentileMs(99) ?? 0,
      p999Ms: percentileMs(99.9) ?? 0,
      histogram: encodeIntoCompressedBase64(histogram),
    }),
    reset: () => {
      histogram.reset();
      count = 0;
      sum = 0;
      min = Infinity;
      max = 0;
    },
  };
}
