// The rate of a bucket of few tokens, from an offer that grows: what an even offer hides by falling into step with the
// bucket, a growing one shows by where the step changes.
import type { Estimate } from '../result/load-result.ts';
import type { Decisions } from './decision.ts';
import { tokenBucket } from './limiter.ts';
import { replay } from './replay.ts';

/** Rate and burst of a bucket. */
export interface SweptBucket {
  readonly rate: Estimate;
  readonly burst: Estimate;
}

/** Per bucket: what counts as few tokens. */
export const FEW_TOKENS = 4;

/**
 * The rate of the buckets within the intervals that decide as was decided, in a sweep among other stages. Undefined: none
 * does so clearly, as where the ways to the limiter take so differently long that the order of arrival is not known.
 */
export function sweepEstimate(
  stages: readonly Decisions[],
  within: SweptBucket,
): Estimate | undefined {
  const tried = candidates(within).map((one) => ({
    ...one,
    off: replay(stages, tokenBucket({ ...one, refusalCost: 0 })),
  }));
  const best = Math.min(...tried.map(({ off }) => off));
  if (best > CLEAR) return undefined;
  const alike = tried.filter(({ off }) => off <= best + MARGIN);
  const { rate } = within;
  const step = (HIGHEST * rate.high - LOWEST * rate.low) / STEPS;
  const low = Math.min(...alike.map((one) => one.rate)) - step;
  const high = Math.max(...alike.map((one) => one.rate)) + step;
  const { rate: value } = alike.reduce((a, b) => (b.off < a.off ? b : a));
  return { value, low, high };
}

const STEPS = 200;
const LOWEST = 0.97;
const HIGHEST = 1.03;
// In accepts, on average over all stages.
const CLEAR = 1;
const MARGIN = 0.15;

function candidates({ rate, burst }: SweptBucket): readonly { rate: number; burst: number }[] {
  const low = LOWEST * rate.low;
  const width = HIGHEST * rate.high - low;
  const rates = Array.from({ length: STEPS + 1 }, (_, at) => low + (at / STEPS) * width);
  const least = Math.max(1, Math.floor(burst.low));
  const bursts = Array.from({ length: Math.ceil(burst.high) - least + 1 }, (_, at) => least + at);
  return bursts.flatMap((of) => rates.map((one) => ({ rate: one, burst: of })));
}
