// The length of a window and how many it lets in, from where bunches of accepts begin: between the last refusal before
// a bunch and its first accept.
import type { Estimate } from '../result/load-result.ts';
import { type Decisions, median } from './decision.ts';

/** A window. `limit`: as most bunches have it. */
export interface WindowFit {
  readonly windowMs: Estimate;
  readonly limit: number;
}

/** What is known before. `spreadMs`: by how much the ways to the limiter differ. */
export interface RoughWindow {
  readonly windowMs: number;
  readonly spreadMs: number;
}

/**
 * Windows that follow each other whatever happens: bunches of all stages begin at multiples of one length. Undefined: most
 * do not, or fewer than three bunches are seen to begin.
 */
export function fitFixedWindow(
  stages: readonly Decisions[],
  rough: RoughWindow,
): WindowFit | undefined {
  const bunches = stages.map((stage) => bunchesOf(stage, rough));
  const placed = numbered(bunches.flat(), rough.windowMs);
  const windowMs = fitLength(placed);
  const limit = usualCount(bunches);
  if (windowMs === undefined || limit === undefined) return undefined;
  return onTime(placed, windowMs.value) < MOST * placed.length ? undefined : { windowMs, limit };
}

/**
 * A window that slides with each accept: bunches of one stage follow each other by its length and by the time until
 * somebody asks again. Undefined: fewer than three bunches are seen to begin in any stage.
 */
export function fitSlidingWindow(
  stages: readonly Decisions[],
  rough: RoughWindow,
): WindowFit | undefined {
  const bunches = stages.map((stage) => bunchesOf(stage, rough));
  const fits = bunches.map((own) => fitLength(numbered(own, rough.windowMs)));
  const [best] = fits
    .flatMap((fit) => fit ?? [])
    .toSorted((one, other) => one.high - one.low - (other.high - other.low));
  const limit = usualCount(bunches);
  if (best === undefined || limit === undefined) return undefined;
  const askedMs = median(bunches.flat().map(({ fromMs, toMs }) => toMs - fromMs));
  return { windowMs: { ...best, low: best.low - askedMs }, limit };
}

/** The beginning of a bunch lies between these. */
interface Bunch {
  readonly fromMs: number;
  readonly toMs: number;
  /** Accepts until the next one begins; undefined: none does. */
  readonly count: number | undefined;
}

function bunchesOf({ atMs, accepted }: Decisions, { windowMs, spreadMs }: RoughWindow): Bunch[] {
  const accepts = [...accepted.keys()].filter((at) => accepted[at] === 1);
  const gaps = accepts.map((at, index) => (atMs[at] ?? 0) - (atMs[accepts[index - 1] ?? at] ?? 0));
  const widest = Math.max(0, ...gaps);
  if (widest < Math.max(MIN_QUIET * windowMs, 2 * spreadMs)) return [];
  const begins = [...gaps.keys()].filter((index) => (gaps[index] ?? 0) > 0.6 * widest);
  return begins.flatMap((index, nth) => {
    const first = accepts[index] ?? 0;
    // What was refused behind it was only placed there by the way it took.
    if (accepted[first - 1] !== 0) return [];
    const next = begins[nth + 1];
    const count = next === undefined ? undefined : next - index;
    const [fromMs = 0, toMs = 0] = [atMs[first - 1], atMs[first]];
    return [{ fromMs: fromMs - spreadMs / 2, toMs: toMs + spreadMs / 2, count }];
  });
}

// Of a window: with a shorter quiet, bunches run into each other.
const MIN_QUIET = 0.1;

function fitLength(placed: readonly Numbered[]): Estimate | undefined {
  if (placed.length < 3) return undefined;
  let low = 0;
  let high = Infinity;
  for (const [at, one] of placed.entries()) {
    for (const other of placed.slice(at + 1)) {
      const windows = other.number - one.number;
      if (windows < 1) continue;
      low = Math.max(low, (other.fromMs - one.toMs) / windows);
      high = Math.min(high, (other.toMs - one.fromMs) / windows);
    }
  }
  const value = slopeOf(placed);
  if (low > 0 && low <= high && high < Infinity)
    return { value: Math.min(high, Math.max(low, value)), low, high };
  return around(value, placed);
}

interface Numbered extends Bunch {
  readonly number: number;
}

/** Counts windows from the first bunch on; the length is known the better, the more have been counted. */
function numbered(bunches: readonly Bunch[], roughMs: number): readonly Numbered[] {
  const placed: Numbered[] = [];
  let lengthMs = roughMs;
  for (const bunch of bunches) {
    const [first = bunch] = placed;
    const number = Math.round((middle(bunch) - middle(first)) / lengthMs);
    placed.push({ ...bunch, number });
    if (placed.length > 2 && number > 0) lengthMs = slopeOf(placed);
  }
  return placed;
}

function slopeOf(placed: readonly Numbered[]): number {
  const n = placed.length;
  const meanAt = placed.reduce((sum, one) => sum + one.number, 0) / n;
  const meanMs = placed.reduce((sum, one) => sum + middle(one), 0) / n;
  const covariance = placed.reduce(
    (sum, one) => sum + (one.number - meanAt) * (middle(one) - meanMs),
    0,
  );
  return covariance / placed.reduce((sum, one) => sum + (one.number - meanAt) ** 2, 0);
}

// One that stalled may begin late.
const MOST = 0.8;

/** How many begin where windows of this length do. */
function onTime(placed: readonly Numbered[], windowMs: number): number {
  const offsets = placed.map((one) => middle(one) - windowMs * one.number);
  const phaseMs = median(offsets);
  return placed.filter(({ fromMs, toMs }, at) => {
    return Math.abs((offsets[at] ?? 0) - phaseMs) <= (toMs - fromMs) / 2;
  }).length;
}

// Where no length explains every beginning: what a regression says, twice as wide as its error.
function around(value: number, placed: readonly Numbered[]): Estimate {
  const n = placed.length;
  const meanAt = placed.reduce((sum, one) => sum + one.number, 0) / n;
  const meanMs = placed.reduce((sum, one) => sum + middle(one), 0) / n;
  const left = placed.map((one) => middle(one) - meanMs - value * (one.number - meanAt));
  const variance = left.reduce((sum, one) => sum + one ** 2, 0) / Math.max(1, n - 2);
  const spread = placed.reduce((sum, one) => sum + (one.number - meanAt) ** 2, 0);
  const half = 2 * Math.sqrt(variance / spread);
  return { value, low: value - half, high: value + half };
}

function middle({ fromMs, toMs }: Bunch): number {
  return (fromMs + toMs) / 2;
}

function usualCount(bunches: readonly (readonly Bunch[])[]): number | undefined {
  const counts = bunches.flatMap((own) => own.flatMap(({ count }) => count ?? []));
  return counts.length === 0 ? undefined : median(counts);
}
