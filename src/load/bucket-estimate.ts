// Rate and burst of a token bucket with intervals: the same probe is simulated at what was estimated, estimated
// again, and what the estimate is off by there is taken from it (a parametric bootstrap).
import { seededRandom } from '../base/random.ts';
import type { Estimate } from '../result/load-result.ts';
import { decisionsOf, type LimitedAttempt } from './decision.ts';
import { tokenBucket } from './limiter.ts';
import { fitSaturation, type Saturation } from './saturation.ts';

interface Bucket {
  readonly rate: number;
  readonly burst: number;
}

const WORK = 1_000_000;
const Z = 1.96;
// Of a bucket of one and much jitter the first answers for three quarters of the way, and so on.
const PASSES = 6;

/** Two-sided 95% intervals. The attempts begin at a full bucket and saturate it. */
export function bucketEstimate(
  attempts: readonly LimitedAttempt[],
  {
    line,
    share,
    seed,
  }: { readonly line: Saturation; readonly share: number; readonly seed: string },
): { readonly rate: Estimate; readonly burst: Estimate } {
  const decided = attempts.filter(({ outcome }) => outcome !== 'missing');
  const again = simulator(decided, share, seed);
  const seen: Bucket = { rate: line.slope, burst: line.burst };
  const rounds = Math.max(8, Math.min(40, Math.floor(WORK / decided.length)));
  let truth: Bucket = { rate: seen.rate, burst: Math.max(1, seen.burst) };
  let spread: Bucket = { rate: 0, burst: 0 };
  let residual = line.residual;
  for (let pass = 0; pass < PASSES; pass += 1) {
    const times = pass === PASSES - 1 ? rounds : Math.ceil(rounds / 8);
    const fits = Array.from({ length: times }, () => again(truth)).filter(
      (one) => one !== undefined,
    );
    if (fits.length === 0) break;
    const rates = moments(fits.map(({ rate }) => rate));
    const bursts = moments(fits.map(({ burst }) => burst));
    truth = {
      rate: truth.rate + seen.rate - rates.mean,
      burst: Math.max(1, truth.burst + seen.burst - bursts.mean),
    };
    residual = moments(fits.map((fit) => fit.residual)).mean;
    spread = { rate: rates.deviation, burst: bursts.deviation };
  }
  const seconds = Math.max(0.1, (line.toMs - line.fromMs) / 1000);
  const trips = moments(decided.map((one) => one.answeredMs - one.sentMs));
  // Which eighth of its way an attempt was decided in is not known.
  const place = (truth.rate * trips.deviation) / 1000 / 8;
  // Accepts that lie further off the line than those of one bucket: there are several, or something else limits too.
  const strange = 3 * Math.max(0, line.residual - 1.5 * residual);
  const burst = interval(truth.burst, Math.hypot(spread.burst, 0.3, place, strange), 1);
  const fitted = interval(truth.rate, Math.hypot(spread.rate, 0.2 / seconds, strange / seconds), 0);
  const rate = {
    ...fitted,
    high: Math.max(fitted.high, fastestInStep(decided, { ...fitted, burst })),
  };
  if (burst.low >= FEW || truth.rate * trips.deviation < 500) return { rate, burst };
  const fastest = rateAt(again, { rate: truth.rate, burst: burst.low }, seen.rate);
  return { rate: { ...rate, high: Math.max(rate.high, fastest) }, burst };
}

// A bucket that has no room for what comes in until the next attempt falls into step with an even offer: it admits every
// third attempt, say, at any rate that makes up a token within the third gap and not within the second.
function fastestInStep(
  decided: readonly LimitedAttempt[],
  { value, burst }: Estimate & { readonly burst: Estimate },
): number {
  const offered = pace(decided.map(({ sentMs }) => sentMs).toSorted((a, b) => a - b));
  const every = Math.round(offered / value);
  const hasRoom = burst.low >= 1 + value / offered;
  return hasRoom || every < 2 ? value : offered / (every - 1);
}

/** Per second, by the middle one of the gaps: those between phases are others. */
function pace(sentMs: readonly number[]): number {
  const gaps = sentMs.slice(1).map((at, index) => at - (sentMs[index] ?? at));
  return 1000 / Math.max(0.001, gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 1);
}

// Of so small a burst jitter wastes what comes in: one less at once and more per second looks the same.
const FEW = 4;

function rateAt(again: ReturnType<typeof simulator>, from: Bucket, seenRate: number): number {
  let { rate } = from;
  for (let pass = 0; pass < PASSES; pass += 1) {
    const fits = Array.from({ length: 4 }, () => again({ ...from, rate })?.rate ?? seenRate);
    rate += seenRate - moments(fits).mean;
  }
  return rate + Z * 0.01 * rate;
}

function interval(value: number, deviation: number, least: number): Estimate {
  return { value, low: Math.max(least, value - Z * deviation), high: value + Z * deviation };
}

// Sends as was sent; the way there and back take what trips took, apportioned by where decisions lie.
function simulator(
  attempts: readonly LimitedAttempt[],
  share: number,
  seed: string,
): (bucket: Bucket) => (Bucket & { readonly residual: number }) | undefined {
  const random = seededRandom(seed);
  const noise = fastRandom(random.integer(2 ** 31));
  const trips = Float64Array.from(attempts, (one) => one.answeredMs - one.sentMs);
  const { mean } = moments([...trips]);
  const draw = (): number => (trips[Math.floor(noise() * trips.length)] ?? mean) - mean;
  const there = (): number => Math.max(0, mean * share + Math.sqrt(share) * draw());
  const back = (): number => Math.max(0, mean * (1 - share) + Math.sqrt(1 - share) * draw());
  return ({ rate, burst }) => {
    const asked = attempts
      .map(({ sentMs }) => ({ sentMs, atMs: sentMs + there() }))
      .toSorted((a, b) => a.atMs - b.atMs);
    const admit = tokenBucket({ rate, burst, refusalCost: 0 });
    const answered = asked.map(({ sentMs, atMs }): LimitedAttempt => {
      const outcome = admit(atMs) ? 'accepted' : 'refused';
      return { sentMs, answeredMs: atMs + back(), outcome };
    });
    const line = fitSaturation(decisionsOf(answered, share));
    return line && { rate: line.slope, burst: line.burst, residual: line.residual };
  };
}

// A hash for each draw would take longer than all the rest. G. Marsaglia, xorshift32.
function fastRandom(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function moments(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}
