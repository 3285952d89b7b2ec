// Judges what a throttle scenario found out about the limiter, by the whole interval of the estimate.
import type { Json } from '../base/json.ts';
import { formatRate } from '../base/rate.ts';
import type { Estimate, ThrottleResult } from '../result/load-result.ts';
import type { EstimateSpec, Matcher } from '../scenario/model.ts';
import { breakpoints, matches } from './matcher.ts';
import { ms } from './ms.ts';
import type { Settled } from './outcome.ts';

/** Concludes; without an estimate it is inconclusive, and says what the probe said. */
export function judgeEstimate(spec: EstimateSpec, throttle: ThrottleResult | undefined): Settled {
  if (throttle === undefined) return unknown('the limiter was not characterised', {});
  if (spec.of === 'kind') return judgeKind(spec.want, throttle);
  const estimate = { rate: throttle.rate, burst: throttle.burst, recovery: throttle.recoveryMs }[
    spec.of
  ];
  if (estimate === undefined) return unknown(whyNone(spec.of, throttle), { [spec.of]: null });
  return judgeInterval(spec, estimate);
}

function whyNone(of: string, { kind, because }: ThrottleResult): string {
  if (kind === 'none') return `nothing was limited, so there is no ${of}`;
  return `the ${of} could not be estimated: ${because.join('; ')}`;
}

function unknown(message: string, actual: Readonly<Record<string, Json>>): Settled {
  return { state: 'inconclusive', reason: 'NOT_ESTIMATED', message, actual, evidence: [] };
}

function judgeKind(want: Matcher, { kind, because }: ThrottleResult): Settled {
  const why = because.length === 0 ? '' : `: ${because.join('; ')}`;
  if (kind === 'inconclusive') return unknown(`the limiter cannot be told${why}`, { kind: null });
  const seen = { message: `${kind}${why}`, actual: { kind }, evidence: [] };
  return { ...seen, state: matches(kind, want) ? 'held' : 'broken', deviation: { kind } };
}

function judgeInterval({ of, want }: EstimateSpec, { value, low, high }: Estimate): Settled {
  const write = (one: number): string => written(of, one);
  const between = (breakpoints(want) ?? []).filter((point) => point > low && point < high);
  const verdicts = new Set([low, ...between, high].map((one) => matches(one, want)));
  const seen = {
    message: `${of} ${write(value)}, interval ${write(low)} to ${write(high)}`,
    actual: { [of]: value, interval: [low, high] },
    deviation: { [of]: sideOf(value, want) },
    evidence: [],
  };
  if (!verdicts.has(false)) return { ...seen, state: 'held' };
  if (!verdicts.has(true)) return { ...seen, state: 'broken' };
  const message = `${seen.message}: too wide to decide; more rounds or a longer saturateFor narrow it`;
  return { ...seen, message, state: 'inconclusive', reason: 'WIDE_INTERVAL' };
}

function written(of: EstimateSpec['of'], value: number): string {
  if (of === 'rate') return formatRate(value);
  return of === 'recovery' ? ms(value * 1000) : String(Number(value.toFixed(1)));
}

function sideOf(value: number, { is, gte, lte }: Matcher): string {
  const least = gte ?? (typeof is === 'number' ? is : undefined);
  const most = lte ?? (typeof is === 'number' ? is : undefined);
  if (least !== undefined && value < least) return 'too small';
  return most !== undefined && value > most ? 'too large' : 'not as asked';
}
