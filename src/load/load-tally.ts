// What all workers have told, added up: the whole, by phase, by second; distributions merged by adding.

import type {
  AttemptCounts,
  GeneratorAccount,
  LoadResult,
  LoadSecond,
  PhaseResult,
  RefusalShape,
} from '../result/load-result.ts';
import { addCounts, addEach, type GrowingCounts, noCounts } from './counts.ts';
import { createDistribution, type GrowingDistribution } from './distribution.ts';
import { generatorLimits } from './limits.ts';
import type { LoadPlan } from './plan.ts';
import {
  METRICS,
  type Metric,
  type SeenRefusal,
  type WorkerHealth,
  type WorkerTick,
} from './worker-messages.ts';

/** The sums of a load. */
export interface LoadTally {
  take(worker: number, tick: WorkerTick): void;
  /** The seconds that all of so many workers have told, in order, each once. */
  seconds(from: readonly number[]): readonly LoadSecond[];
  /** Without any answer among the last attempts, and how many those are. */
  readonly recent: { readonly silent: number; readonly decided: number };
  result(ended: Ended): Omit<LoadResult, 'startedAt' | 'plan'> & {
    readonly tls: { readonly resumed: number; readonly full: number };
  };
}

/** How it ended. */
export interface Ended {
  readonly durationMs: number;
  readonly endedEarly: string | undefined;
  readonly lost: readonly string[];
}

interface SecondSum {
  readonly counts: GrowingCounts;
  readonly upgrade: Uint32Array[];
  readonly lateness: Uint32Array[];
  readonly open: number[];
  readonly peak: number[];
}

// Enough for one core in a million.
const RECENT = 1000;

/** Sums of nothing yet. */
export function createLoadTally(plan: LoadPlan): LoadTally {
  const phases = plan.phases.map(noCounts);
  const total = noCounts();
  const pending = new Map<number, SecondSum>();
  const seconds: LoadSecond[] = [];
  const metrics = new Map<Metric, GrowingDistribution>();
  const ends: Record<string, number> = {};
  const unsentBy: Record<string, number> = {};
  const refusals = new Map<number, RefusalShape>();
  const messages = { sent: 0, received: 0, pongs: 0 };
  const tls = { resumed: 0, full: 0 };
  const health = new Map<number, WorkerHealth>();
  const told = Array.from({ length: plan.workers }, () => -1);
  let peakRss = 0;
  let peakOpen = 0;
  let recent: { readonly silent: number; readonly decided: number }[] = [];
  const slice = createDistribution();
  const ofSecond = (second: number): SecondSum => {
    const sum = pending.get(second) ?? {
      counts: noCounts(),
      upgrade: [],
      lateness: [],
      open: [],
      peak: [],
    };
    pending.set(second, sum);
    return sum;
  };
  const quantiles = (values: readonly Uint32Array[]): GrowingDistribution => {
    slice.reset();
    for (const each of values) slice.add(each);
    return slice;
  };
  const conclude = (second: number, sum: SecondSum): LoadSecond => {
    const open = sum.open.reduce((all, one) => all + one, 0);
    peakOpen = Math.max(
      peakOpen,
      sum.peak.reduce((all, one) => all + one, 0),
    );
    const upgrade = quantiles(sum.upgrade);
    const latencies = optional({
      p50Ms: upgrade.percentileMs(50),
      p90Ms: upgrade.percentileMs(90),
      p99Ms: upgrade.percentileMs(99),
    });
    const late = optional({ latenessP99Ms: quantiles(sum.lateness).percentileMs(99) });
    return { ...sum.counts, atMs: second * 1000, open, ...latencies, ...late };
  };
  return {
    take: (worker, tick) => {
      const second = ofSecond(tick.second);
      for (const [phase, counts] of Object.entries(tick.counts)) {
        addCounts(total, counts);
        addCounts(second.counts, counts);
        const own = phases[Number(phase)];
        if (own !== undefined) addCounts(own, counts);
      }
      second.open.push(tick.open);
      second.peak.push(tick.peakOpen);
      for (const metric of METRICS) {
        const values = tick.samples[metric];
        if (values === undefined) continue;
        const sum = metrics.get(metric) ?? createDistribution();
        metrics.set(metric, sum);
        sum.add(values);
        if (metric === 'upgrade') second.upgrade.push(values);
        if (metric === 'lateness') second.lateness.push(values);
      }
      addEach(ends, tick.ends);
      addEach(unsentBy, tick.unsentBy);
      addEach(messages, tick.messages);
      addEach(tls, tick.tls);
      for (const seen of tick.refusals)
        refusals.set(seen.status, merged(refusals.get(seen.status), seen));
      health.set(worker, tick.health);
      peakRss = Math.max(
        peakRss,
        sumOf(health, ({ rssBytes }) => rssBytes),
      );
      told[worker] = tick.second;
      recent = keepRecent([...recent, silenceOf(Object.values(tick.counts))]);
    },
    seconds: (workers) => {
      const until = Math.min(Infinity, ...workers.map((worker) => told[worker] ?? -1));
      const fresh: LoadSecond[] = [];
      for (const [second, sum] of [...pending].toSorted(([a], [b]) => a - b)) {
        if (second > until) break;
        pending.delete(second);
        fresh.push(conclude(second, sum));
      }
      seconds.push(...fresh);
      return fresh;
    },
    get recent() {
      return {
        silent: recent.reduce((sum, one) => sum + one.silent, 0),
        decided: recent.reduce((sum, one) => sum + one.decided, 0),
      };
    },
    result: ({ durationMs, endedEarly, lost }) => {
      const lateness = metrics.get('lateness');
      const lag = metrics.get('connectLag');
      const loop = worstLoop([...health.values()]);
      const cpu = [...health.values()].map(
        (one) => one.cpuSeconds / Math.max(0.001, one.wallSeconds),
      );
      const generator: GeneratorAccount = {
        workers: plan.workers,
        precise: plan.precise,
        lateness: (lateness ?? createDistribution()).describe(),
        ...(lag === undefined ? {} : { connectLag: lag.describe() }),
        loop,
        cpu,
        cpuSeconds: sumOf(health, ({ cpuSeconds }) => cpuSeconds),
        peakRssBytes: peakRss,
        limits: generatorLimits({
          total,
          unsentBy,
          latenessP99Ms: lateness?.percentileMs(99),
          precise: plan.precise,
          loopP99Ms: loop.p99Ms,
          cpu,
          durationMs,
          lost,
        }),
      };
      return {
        durationMs,
        tls,
        total,
        phases: phaseResults(plan, phases),
        seconds,
        latency: Object.fromEntries(
          [...metrics]
            .filter(([name]) => name !== 'lateness' && name !== 'connectLag')
            .map(([name, one]) => [name, one.describe()]),
        ),
        refusals: [...refusals.values()].toSorted((a, b) => a.status - b.status),
        ends,
        messages,
        peakOpen,
        generator,
        ...(endedEarly === undefined ? {} : { endedEarly }),
      };
    },
  };
}

function optional<K extends string>(
  values: Readonly<Record<K, number | undefined>>,
): { readonly [P in K]?: number } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    readonly [P in K]?: number;
  }; // what is undefined is left out
}

function sumOf(
  health: ReadonlyMap<number, WorkerHealth>,
  figure: (one: WorkerHealth) => number,
): number {
  return [...health.values()].reduce((sum, one) => sum + figure(one), 0);
}

// A loop that stood still delays its own share of the attempts: the worst one counts.
function worstLoop(all: readonly WorkerHealth[]): GeneratorAccount['loop'] {
  return {
    p50Ms: Math.max(0, ...all.map(({ loop }) => loop.p50Ms)),
    p99Ms: Math.max(0, ...all.map(({ loop }) => loop.p99Ms)),
    maxMs: Math.max(0, ...all.map(({ loop }) => loop.maxMs)),
  };
}

function silenceOf(all: readonly AttemptCounts[]): {
  readonly silent: number;
  readonly decided: number;
} {
  let silent = 0;
  let decided = 0;
  for (const { started, failed, timedOut } of all) {
    silent += timedOut + Object.values(failed).reduce((sum, count) => sum + count, 0);
    decided += started;
  }
  return { silent, decided };
}

function keepRecent<T extends { readonly decided: number }>(all: readonly T[]): T[] {
  let from = all.length;
  let decided = 0;
  while (from > 0 && decided < RECENT) {
    from -= 1;
    decided += all[from]?.decided ?? 0;
  }
  return all.slice(from);
}

function merged(before: RefusalShape | undefined, seen: SeenRefusal): RefusalShape {
  if (before === undefined) return seen;
  const count = before.count + seen.count;
  const [a, b] = [before.retryAfter, seen.retryAfter];
  const retryAfter =
    a === undefined || b === undefined
      ? (a ?? b)
      : { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
  return { ...before, count, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function phaseResults(plan: LoadPlan, counts: readonly GrowingCounts[]): readonly PhaseResult[] {
  let startMs = 0;
  return plan.phases.map((phase, index) => {
    const from = startMs;
    startMs += phase.kind === 'burst' ? 0 : phase.durationMs;
    return { ...(counts[index] ?? noCounts()), name: phase.name, startMs: from, endMs: startMs };
  });
}
