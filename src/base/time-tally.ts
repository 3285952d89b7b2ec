// Times of which there are too many to keep: a histogram of fixed size, and exact counts at the few
// bounds that a verdict turns on. A percentile by nearest rank is known to 0.1 %, and on which side
// of a bound it lies is known exactly.
import { rankOf } from './percentile.ts';

/** Times so far, in milliseconds. */
export interface TimeTally {
  readonly count: number;
  /** Times without end. */
  readonly endless: number;
  add(ms: number): void;
  /** How many do not exceed a bound that it was made with. */
  atMost(bound: number): number;
  /** By nearest rank; Infinity where that is endless. `share` above 0, at most 1; of at least one time. */
  percentile(share: number): number;
}

// 2 to the 11th in each doubling: half of it is the resolution of the coarser end, 0.1 %.
const BITS = 11;
const PER_DOUBLING = 1 << BITS;
const HALF = PER_DOUBLING / 2;
// Up to about 4 hours in microseconds.
const DOUBLINGS = 24;

/** Makes one. `bounds` in milliseconds. */
export function createTimeTally(bounds: readonly number[]): TimeTally {
  const counts = new Float64Array(PER_DOUBLING + DOUBLINGS * HALF);
  const sorted = [...new Set(bounds)].toSorted((a, b) => a - b);
  const below = sorted.map(() => 0);
  let count = 0;
  let endless = 0;
  let longest = 0;
  return {
    get count() {
      return count;
    },
    get endless() {
      return endless;
    },
    add: (ms) => {
      count += 1;
      for (const [at, bound] of sorted.entries()) if (ms <= bound) below[at] = (below[at] ?? 0) + 1;
      if (ms === Infinity) {
        endless += 1;
        return;
      }
      longest = Math.max(longest, ms);
      const at = Math.min(counts.length - 1, indexOf(Math.floor(Math.max(0, ms) * 1000)));
      counts[at] = (counts[at] ?? 0) + 1;
    },
    atMost: (bound) => below[sorted.indexOf(bound)] ?? 0,
    percentile: (share) => {
      const rank = rankOf(count, share);
      if (rank > count - endless) return Infinity;
      let seen = 0;
      let at = 0;
      while (at < counts.length - 1 && seen + (counts[at] ?? 0) < rank) seen += counts[at++] ?? 0;
      const value = Math.min(longest, (highestOf(at) + 1) / 1000);
      return sorted.reduce((known, bound, index) => {
        if ((below[index] ?? 0) >= rank) return Math.min(known, bound);
        return known <= bound ? bound * (1 + Number.EPSILON) + Number.MIN_VALUE : known;
      }, value);
    },
  };
}

function indexOf(us: number): number {
  if (us < PER_DOUBLING) return us;
  const doubling = Math.floor(Math.log2(us)) - BITS + 1;
  return PER_DOUBLING + (doubling - 1) * HALF + (Math.floor(us / 2 ** doubling) - HALF);
}

/** The longest whole microsecond that is counted there. */
function highestOf(index: number): number {
  if (index < PER_DOUBLING) return index;
  const doubling = Math.floor((index - PER_DOUBLING) / HALF) + 1;
  const step = ((index - PER_DOUBLING) % HALF) + HALF;
  return (step + 1) * 2 ** doubling - 1;
}
