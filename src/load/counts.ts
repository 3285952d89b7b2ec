// Counts of attempts, added up.
import type { AttemptCounts } from '../result/load-result.ts';

/** Counts that grow. */
export type GrowingCounts = {
  -readonly [K in keyof AttemptCounts]: AttemptCounts[K] extends number
    ? number
    : Record<string, number>;
};

/** Nothing yet. */
export function noCounts(): GrowingCounts {
  return {
    offered: 0,
    started: 0,
    unsent: 0,
    opened: 0,
    refused: {},
    failed: {},
    timedOut: 0,
    aborted: 0,
  };
}

/** Adds `more` to `sum`. */
export function addCounts(sum: GrowingCounts, more: AttemptCounts): void {
  sum.offered += more.offered;
  sum.started += more.started;
  sum.unsent += more.unsent;
  sum.opened += more.opened;
  sum.timedOut += more.timedOut;
  sum.aborted += more.aborted;
  addEach(sum.refused, more.refused);
  addEach(sum.failed, more.failed);
}

/** Adds each of `more` to that of the same name. */
export function addEach(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count;
}
