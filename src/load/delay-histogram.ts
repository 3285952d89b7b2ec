// Delays of which there are too many to keep, so fine that no percentile is off by more than 0.2 %.
import type { Times } from './survival.ts';

/** Delays so far. */
export interface DelayHistogram {
  /** In milliseconds; below 0 counts as 0. */
  add(ms: number): void;
  /** In ascending order, each bin at its upper end. */
  times(): readonly Times[];
}

const PER_DOUBLING = 512;
const SHORTEST_MS = 0.001;

/** Makes an empty one. */
export function createDelayHistogram(): DelayHistogram {
  const bins = new Map<number, number>();
  return {
    add: (ms) => {
      const bin = ms <= SHORTEST_MS ? 0 : Math.ceil(Math.log2(ms / SHORTEST_MS) * PER_DOUBLING);
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    },
    times: () =>
      [...bins]
        .toSorted(([a], [b]) => a - b)
        .map(([bin, count]) => ({ ms: SHORTEST_MS * 2 ** (bin / PER_DOUBLING), count })),
  };
}
