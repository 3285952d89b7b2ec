// What tinybench says of times that were measured elsewhere: only attempts that went well are samples, and it knows
// no others.
import { Bench } from 'tinybench';
import { leastSamples } from '../base/percentile.ts';
import type { BenchTimes } from '../result/bench-result.ts';

/**
 * The statistics of times in milliseconds.
 *
 * @param samples at least one, each finite and not negative
 */
export function timesOf(samples: readonly number[]): BenchTimes {
  const bench = new Bench({ warmup: false, time: 0, iterations: samples.length });
  let next = 0;
  const replay = (): { readonly overriddenDuration: number } => {
    const duration = samples[next] ?? NaN;
    next += 1;
    return { overriddenDuration: duration };
  };
  bench.add('times', replay, { async: false });
  const [task] = bench.runSync();
  if (task?.result.state !== 'completed')
    throw new RangeError('there are no statistics of nothing');
  const { samplesCount, mean, moe, sd, min, p50, p99, p999, max } = task.result.latency;
  return {
    count: samplesCount,
    meanMs: mean,
    ...(samplesCount > 1 ? { marginMs: moe } : {}),
    sdMs: sd,
    minMs: min,
    p50Ms: p50,
    ...(samplesCount >= leastSamples(0.99) ? { p99Ms: p99 } : {}),
    ...(samplesCount >= leastSamples(0.999) ? { p999Ms: p999 } : {}),
    maxMs: max,
  };
}
