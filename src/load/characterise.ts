// Says which limiter the stages of a probe met, with figures; where they cannot tell, that they cannot.
import type { Estimate, ThrottleResult } from '../result/load-result.ts';
import { bucketEstimate } from './bucket-estimate.ts';
import { type Decisions, decisionsOf, tripTimes } from './decision.ts';
import { type Explanation, explanations } from './explain.ts';
import type { ProbeStage } from './probe-throttle.ts';
import { fitSaturation, type Saturation } from './saturation.ts';
import { FEW_TOKENS, type SweptBucket, sweepEstimate } from './sweep-estimate.ts';

/** `offer` per second is what was never exceeded; `seed` of the resampling. */
export function characterise(
  stages: readonly ProbeStage[],
  options: { readonly offer: number; readonly seed: string },
): ThrottleResult {
  const all = stages.flatMap(({ attempts }) => attempts);
  const decided = all.filter(({ outcome }) => outcome !== 'missing');
  const share = decisionShare(stages);
  const decisions = stages.map(({ attempts }) => decisionsOf(attempts, share));
  const accepts = acceptCurve(decisions);
  const nothing = (kind: 'none' | 'inconclusive', because: readonly string[]): ThrottleResult => ({
    kind,
    because,
    refusalsCostTokens: 'unknown',
    accepts,
  });
  if (decided.length < 20 || decided.length < 0.8 * all.length) {
    return nothing('inconclusive', [
      `only ${decided.length} of ${all.length} attempts were answered with 101 or a refusal`,
    ]);
  }
  const refused = decided.filter(({ outcome }) => outcome === 'refused').length;
  if (refused === 0) {
    const met = `none of ${decided.length} attempts was refused`;
    return nothing('none', [
      `${met}, at up to ${figure(options.offer)}/s: a higher limit is possible`,
    ]);
  }
  const lined = lineOf(stages, decisions);
  const attempts = stages.map((stage) => stage.attempts);
  const { spreadMs } = tripTimes(stages[0]?.attempts ?? []);
  const found = explanations({ stages: decisions, attempts, line: lined, spreadMs });
  const choice = choose(found, { stages, decisions, line: lined, attempts: decided.length });
  if (choice.best === undefined) return nothing('inconclusive', choice.because);
  return {
    ...describe(choice.best, { stages, decisions, line: lined, share, seed: options.seed }),
    because: choice.because,
    accepts,
    ...(lined !== undefined && {
      residual: lined.residual,
      fit: {
        fromMs: lined.fromMs,
        toMs: lined.toMs,
        intercept: lined.burst,
        slopePerS: lined.slope,
      },
    }),
  };
}

const SHARES = [0, 0.25, 0.5, 0.75, 1];

// Decisions are where the accepts lie closest to a line; without any line, in the middle.
function decisionShare(stages: readonly ProbeStage[]): number {
  const stage = stages.find(({ attempts }) => attempts.some((one) => one.outcome === 'refused'));
  if (stage === undefined) return 0.5;
  const residuals = SHARES.map(
    (share) => fitSaturation(decisionsOf(stage.attempts, share))?.residual ?? 0,
  );
  const least = Math.min(...residuals);
  if ((residuals[2] ?? 0) <= 1.15 * least + 0.05) return 0.5;
  return SHARES[residuals.indexOf(least)] ?? 0.5;
}

// Where the first stage was not refused, all that came without a pause is one stage.
function lineOf(
  stages: readonly ProbeStage[],
  decisions: readonly Decisions[],
): Saturation | undefined {
  const [first] = decisions;
  if (first === undefined) return undefined;
  if (first.accepted.includes(0)) return fitSaturation(first);
  if (stages.length < 3) return undefined;
  return fitSaturation({
    atMs: Float64Array.from(decisions.flatMap(({ atMs }) => [...atMs])),
    accepted: Uint8Array.from(decisions.flatMap(({ accepted }) => [...accepted])),
    lifetimeMs: NaN,
  });
}

const NAMES: Readonly<Record<Explanation['kind'], string>> = {
  'token-bucket': 'a token bucket',
  'costly-bucket': 'a token bucket of which refusals take tokens',
  'fixed-window': 'a fixed window',
  'sliding-log': 'a sliding log',
  'sliding-counter': 'a sliding-window counter',
  'concurrency-cap': 'a cap of what is open at once',
};

interface Context {
  readonly stages: readonly ProbeStage[];
  readonly decisions: readonly Decisions[];
  readonly line: Saturation | undefined;
}

function choose(
  found: readonly Explanation[],
  { stages, decisions, line, attempts }: Context & { readonly attempts: number },
): { readonly best?: Explanation; readonly because: readonly string[] } {
  const [best, next] = withoutDoubt(found, decisions);
  if (best === undefined) return { because: ['refusals follow no limiter that is known'] };
  const because = found
    .slice(0, 3)
    .map((one) => `${NAMES[one.kind]}${parameters(one)} is off by ${figure(one.off)} accepts`);
  const total = decisions.reduce(
    (sum, { accepted }) => sum + accepted.reduce((own, one) => own + one, 0),
    0,
  );
  const { spreadMs } = tripTimes(stages[0]?.attempts ?? []);
  const blur = ((best.rate ?? 0) * spreadMs) / 1000;
  // Three accepts are little of hundreds, and a third of ten.
  const each = total / stages.length;
  const tolerable = Math.max(Math.min(3, 1 + 0.1 * each), 0.06 * each, blur);
  if (best.off > tolerable) {
    return { because: ['no limiter that is known explains what was seen', ...because] };
  }
  // One at a time is the same for a bucket and for windows.
  const single = best.burst < 2 && best.kind === 'token-bucket';
  const close = next !== undefined && next.off < 1.3 * best.off + 0.3;
  const counted = best.kind === 'token-bucket' && next?.kind === 'sliding-counter' && close;
  if (close && !single && !counted) return { because: ['two limiters explain it', ...because] };
  if (best.kind === 'sliding-counter') {
    return { because: ['neither bucket nor window: a sliding-window counter', ...because] };
  }
  if (spreadMs > 1 && best.kind === 'token-bucket') {
    because.push(`a window shorter than ${figure(4 * spreadMs)} ms would look the same`);
  }
  if (line !== undefined && best.kind === 'token-bucket') {
    because.push(
      `${attempts} decisions; saturated, accepts lie within ${figure(line.residual)} of a line`,
    );
  }
  return { best, because };
}

// A counter has two parameters more, and follows the noise of a limiter that lets only a few in at once.
function withoutDoubt(
  found: readonly Explanation[],
  [first]: readonly Decisions[],
): readonly Explanation[] {
  const atOnce = first?.accepted.indexOf(0) ?? 0;
  if (atOnce >= 6) return found;
  return found.filter(({ kind }) => kind !== 'sliding-counter');
}

function parameters({ rate, burst, windowMs }: Explanation): string {
  if (windowMs !== undefined) return ` of ${burst} in ${figure(windowMs)} ms`;
  const pace = rate === undefined ? '' : ` at ${figure(rate)}/s`;
  return ` of ${figure(burst)}${pace}`;
}

function describe(
  best: Explanation,
  context: Context & { readonly share: number; readonly seed: string },
): Omit<ThrottleResult, 'because' | 'accepts'> {
  const { stages, decisions, line, share, seed } = context;
  switch (best.kind) {
    case 'concurrency-cap':
      return {
        kind: best.kind,
        burst: around(best.burst, 1),
        refusalsCostTokens: false,
      };
    case 'fixed-window':
    case 'sliding-log': {
      const window = windowLength(best, context);
      return {
        kind: best.kind,
        rate: {
          value: (best.burst * 1000) / window.value,
          low: (best.burst * 1000) / window.high,
          high: (best.burst * 1000) / window.low,
        },
        burst: around(best.burst, 1.5),
        windowMs: window,
        recoveryMs: window,
        refusalsCostTokens: false,
      };
    }
    case 'costly-bucket': {
      const rate = around(best.rate ?? 0, (best.rate ?? 0) * 0.05);
      const burst = around(best.burst, Math.max(3, 0.05 * best.burst));
      return bucketResult(rate, burst, true);
    }
    default: {
      const [first] = stages;
      const estimate =
        line === undefined || first === undefined || decisions[0]?.accepted.includes(0) !== true
          ? { rate: around(best.rate ?? 0, 1), burst: around(best.burst, 3) }
          : bucketEstimate(first.attempts, { line, share, seed });
      const { rate, burst } = swept(context, estimate);
      return bucketResult(rate, burst, costs(context, rate));
    }
  }
}

function windowLength(best: Explanation, { stages, decisions }: Context): Estimate {
  const { windowMs = NaN, window } = best;
  if (window !== undefined) {
    const { low, high } = window;
    return { value: windowMs, low: Math.min(low, windowMs), high: Math.max(high, windowMs) };
  }
  const { spreadMs } = tripTimes(stages[0]?.attempts ?? []);
  const periods = Math.max(1, lengthMs(decisions[0]) / windowMs);
  const askedMs = 1000 / (stages[0]?.offered ?? 1);
  // Without beginnings that are seen the length is of the bunches' middle, of which the last is cut.
  return around(windowMs, (spreadMs + askedMs) / periods + askedMs + 0.01 * windowMs);
}

function swept({ stages, decisions }: Context, estimate: SweptBucket): SweptBucket {
  const isSwept = stages.some(({ name }) => name === 'sweep');
  const rate = isSwept && estimate.burst.low < FEW_TOKENS && sweepEstimate(decisions, estimate);
  return rate ? { ...estimate, rate } : estimate;
}

function bucketResult(
  rate: Estimate,
  burst: Estimate,
  refusalsCostTokens: ThrottleResult['refusalsCostTokens'],
): Omit<ThrottleResult, 'because' | 'accepts'> {
  const recoveryMs = {
    value: (burst.value * 1000) / rate.value,
    low: (burst.low * 1000) / rate.high,
    high: (burst.high * 1000) / Math.max(1e-9, rate.low),
  };
  return { kind: 'token-bucket', rate, burst, recoveryMs, refusalsCostTokens };
}

// A bucket that refusals take from gives less the more is refused.
function costs(
  { stages, decisions }: Context,
  rate: Estimate,
): ThrottleResult['refusalsCostTokens'] {
  const at = stages.findIndex(({ name }) => name === 'lower');
  const lower = at < 0 ? undefined : decisions[at];
  const slope = lower === undefined ? undefined : fitSaturation(lower)?.slope;
  if (slope === undefined) return 'unknown';
  return slope > 1.05 * rate.value;
}

function around(value: number, half: number): Estimate {
  return { value, low: Math.max(0, value - half), high: value + half };
}

function lengthMs(stage: Decisions | undefined): number {
  return (stage?.atMs.at(-1) ?? 0) - (stage?.atMs[0] ?? 0);
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const POINTS = 500;

function acceptCurve(stages: readonly Decisions[]): readonly (readonly [number, number])[] {
  const times = stages.flatMap(({ atMs, accepted }) =>
    [...atMs].filter((_, at) => accepted[at] === 1),
  );
  const every = Math.max(1, Math.ceil(times.length / POINTS));
  return times.flatMap((ms, at) =>
    at % every === 0 || at === times.length - 1 ? [[ms, at + 1] as const] : [],
  );
}
