// The stages of a throttle, each a load of its own, as one: what was offered one after the other.
import { createDistribution } from '../load/distribution.ts';
import type {
  AttemptCounts,
  Distribution,
  GeneratorAccount,
  LoadResult,
} from '../result/load-result.ts';

/** A stage and when it began, in ms from the beginning of the first. */
export interface LoadStage {
  readonly name: string;
  readonly atMs: number;
  readonly result: LoadResult;
}

/** At least one stage. Times are added by their histograms; how late the generator was is that of its worst stage. */
export function mergeLoads(stages: readonly LoadStage[]): LoadResult {
  const [first] = stages;
  const last = stages.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('no stage was offered');
  const results = stages.map(({ result }) => result);
  const total = results.map((one) => one.total).reduce(added);
  const names = [...new Set(results.flatMap(({ latency }) => Object.keys(latency)))];
  const endedEarly = results.find((one) => one.endedEarly !== undefined)?.endedEarly;
  return {
    ...first.result,
    durationMs: last.atMs + last.result.durationMs,
    total,
    phases: stages.map(({ name, atMs, result }) => ({
      ...result.total,
      name,
      startMs: atMs,
      endMs: atMs + result.durationMs,
    })),
    seconds: stages.flatMap(({ atMs, result }) =>
      result.seconds.map((second) => ({ ...second, atMs: second.atMs + atMs })),
    ),
    latency: Object.fromEntries(
      names.map((name) => [name, addedUp(results.flatMap(({ latency }) => latency[name] ?? []))]),
    ),
    refusals: refusalsOf(results),
    ends: results.map(({ ends }) => ends).reduce(sums),
    peakOpen: Math.max(...results.map(({ peakOpen }) => peakOpen)),
    generator: accountOf(stages),
    ...(endedEarly === undefined ? {} : { endedEarly }),
  };
}

/** Counts of attempts, one after the other. */
export function added(a: AttemptCounts, b: AttemptCounts): AttemptCounts {
  return {
    offered: a.offered + b.offered,
    started: a.started + b.started,
    unsent: a.unsent + b.unsent,
    opened: a.opened + b.opened,
    refused: sums(a.refused, b.refused),
    failed: sums(a.failed, b.failed),
    timedOut: a.timedOut + b.timedOut,
    aborted: a.aborted + b.aborted,
  };
}

function sums(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const all: Record<string, number> = { ...a };
  for (const [key, count] of Object.entries(b)) all[key] = (all[key] ?? 0) + count;
  return all;
}

function addedUp(all: readonly Distribution[]): Distribution {
  const sum = createDistribution();
  for (const one of all) sum.addDescribed(one);
  return sum.describe();
}

function slowest(all: readonly Distribution[]): Distribution {
  return all.reduce((worst, one) => (one.p99Ms > worst.p99Ms ? one : worst));
}

function refusalsOf(results: readonly LoadResult[]): LoadResult['refusals'] {
  const byStatus = new Map<number, LoadResult['refusals'][number]>();
  for (const refusal of results.flatMap(({ refusals }) => refusals)) {
    const known = byStatus.get(refusal.status);
    const retryAfter = widest(known?.retryAfter, refusal.retryAfter);
    byStatus.set(refusal.status, {
      ...(known ?? refusal),
      count: (known?.count ?? 0) + refusal.count,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  }
  return [...byStatus.values()];
}

type Seconds = LoadResult['refusals'][number]['retryAfter'];

function widest(a: Seconds, b: Seconds): Seconds {
  if (a === undefined || b === undefined) return a ?? b;
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function accountOf(stages: readonly LoadStage[]): GeneratorAccount {
  const accounts = stages.map(({ result }) => result.generator);
  const [first] = accounts;
  if (first === undefined) throw new RangeError('no stage was offered');
  const most = (value: (one: GeneratorAccount) => number): number =>
    Math.max(...accounts.map(value));
  return {
    ...first,
    lateness: slowest(accounts.map(({ lateness }) => lateness)),
    loop: {
      p50Ms: most(({ loop }) => loop.p50Ms),
      p99Ms: most(({ loop }) => loop.p99Ms),
      maxMs: most(({ loop }) => loop.maxMs),
    },
    cpu: first.cpu.map((_, worker) => most(({ cpu }) => cpu[worker] ?? 0)),
    cpuSeconds: accounts.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakRssBytes: most(({ peakRssBytes }) => peakRssBytes),
    limits: stages.flatMap(({ name, result }) =>
      result.generator.limits.map((limit) => `${name}: ${limit}`),
    ),
  };
}
