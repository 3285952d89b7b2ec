// What a benchmark's exit code is: it judges no endpoint, it says whether there are figures.
import type { BenchResult } from '../result/bench-result.ts';

/** 130 interrupted, 3 something never went well, 4 the generator was the bottleneck, else 0. */
export function benchExitCode({
  endpoints,
  interrupted,
}: Pick<BenchResult, 'endpoints' | 'interrupted'>): number {
  if (interrupted) return 130;
  const figures = endpoints.flatMap((one) => one.figures);
  if (figures.some(({ times }) => times === undefined)) return 3;
  return endpoints.some(({ sweep }) => sweep?.outcome === 'inconclusive') ? 4 : 0;
}
