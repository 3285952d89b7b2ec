// The results of several runners of k6 as one load: one schedule, histograms added, what is missing or there twice said.
import { createLoadTally } from '../load/load-tally.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { WorkerHealth } from '../load/worker-messages.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { LoadResult, LoadSecond } from '../result/load-result.ts';
import type { K6Phase } from './executor.ts';
import { createNumberSet } from './number-set.ts';
import type { K6Point } from './point.ts';
import { createRunner, type K6Runner } from './runner.ts';

/** Whom a merge tells. */
export interface MergeListener {
  /** Once: when the schedule began, in ms since the epoch. */
  onStart?(zeroMs: number): void;
  onAttempts?(batch: readonly LoadAttempt[]): void;
  onSecond?(second: LoadSecond, phase: string): void;
}

/** What is known of a runner beside its points. */
export interface RunnerAccount {
  /** As sentences name it: `runner 2`, `r2.ndjson`. */
  readonly name: string;
  readonly health: WorkerHealth;
  /** Why its results are not whole; undefined: they are. */
  readonly problem: string | undefined;
}

/** Results that grow. */
export interface K6Merge {
  take(runner: number, point: K6Point): void;
  /** Hands on what is over; seconds before this one are told. */
  flush(before: number): void;
  result(
    runners: readonly RunnerAccount[],
    ended: { readonly durationMs?: number; readonly endedEarly: string | undefined },
  ): LoadResult;
}

/** Where nothing is known of what a process used up. */
export const UNKNOWN_HEALTH: WorkerHealth = {
  loop: { p50Ms: 0, p99Ms: 0, maxMs: 0 },
  cpuSeconds: 0,
  wallSeconds: 0,
  rssBytes: 0,
};

/** Starts merging the results of so many runners. */
export function createMerge(
  { plan, phases }: { readonly plan: LoadPlan; readonly phases: readonly K6Phase[] },
  { runners: count, ...listener }: MergeListener & { readonly runners: number },
): K6Merge {
  const seen = createNumberSet();
  const runners = Array.from({ length: count }, () => createRunner({ plan, phases, seen }));
  const tally = createLoadTally({ ...plan, workers: count });
  const indexes = runners.map((_, index) => index);
  let isStarted = false;
  const phaseAt = (atMs: number): string =>
    phases.findLast(({ startMs }) => atMs >= startMs)?.scenario.tags.phase ?? 'drain';
  const flush = (before: number, accounts: readonly RunnerAccount[] = []): void => {
    for (const [index, runner] of runners.entries()) {
      const batch = runner.attempts();
      if (batch.length > 0) listener.onAttempts?.(batch);
      for (const tick of runner.ticks(before, accounts[index]?.health ?? UNKNOWN_HEALTH))
        tally.take(index, tick);
    }
    for (const second of tally.seconds(indexes)) listener.onSecond?.(second, phaseAt(second.atMs));
  };
  return {
    take: (index, point) => {
      const runner = runners[index];
      runner?.take(point);
      if (isStarted || runner?.zeroMs === undefined) return;
      isStarted = true;
      listener.onStart?.(runner.zeroMs);
    },
    flush: (before) => flush(before),
    result: (accounts, { durationMs, endedEarly }) => {
      for (const runner of runners) runner.end();
      const last = Math.max(-1, ...runners.map((one) => one.last));
      flush(last + 1, accounts);
      const { tls, ...sums } = tally.result({
        durationMs: durationMs ?? (last + 1) * 1000,
        endedEarly,
        lost: [],
      });
      const scheduled = phases.reduce((sum, phase) => sum + phase.count, 0);
      const limits = [
        ...lacks(runners, { accounts, scheduled, endedEarly }),
        ...sums.generator.limits,
      ];
      const zeros = runners.flatMap(({ zeroMs }) => (zeroMs === undefined ? [] : [zeroMs]));
      return {
        startedAt: new Date(zeros.length === 0 ? 0 : Math.min(...zeros)).toISOString(),
        plan: {
          arrivals: plan.arrivals,
          seed: plan.seed,
          openForMs: plan.openForMs,
          endings: plan.endings.map(({ share, kind }) => ({ share, ending: kind })),
          tls: { used: plan.endpoints.some((one) => one.tls !== undefined), ...tls },
        },
        ...sums,
        generator: { ...sums.generator, limits },
      };
    },
  };
}

/** What keeps the results from being those of the whole schedule. */
function lacks(
  runners: readonly K6Runner[],
  {
    accounts,
    scheduled,
    endedEarly,
  }: {
    readonly accounts: readonly RunnerAccount[];
    readonly scheduled: number;
    readonly endedEarly: string | undefined;
  },
): readonly string[] {
  const nameOf = (index: number): string => accounts[index]?.name ?? `runner ${index + 1}`;
  const sum = (of: (runner: K6Runner) => number): number =>
    runners.reduce((total, runner) => total + of(runner), 0);
  const known = sum(({ counted }) => counted.told + counted.dropped);
  const missing = scheduled - known;
  return [
    ...accounts.flatMap(({ name, problem }) =>
      problem === undefined ? [] : [`${name}: ${problem}`],
    ),
    ...runners.flatMap(({ counted }, index) =>
      counted.twice === 0
        ? []
        : [
            `${nameOf(index)} tells of ${counted.twice} attempts that another runner, or it itself, told of already: their segments overlap, or a file was given twice`,
          ],
    ),
    ...runners.flatMap(({ counted }, index) =>
      counted.told === 0 && scheduled > 0
        ? [`${nameOf(index)} tells of no attempt of this schedule`]
        : [],
    ),
    ...(missing > 0 && endedEarly === undefined
      ? [
          `${missing} of ${scheduled} attempts of the schedule are in no result: a runner is missing, or was ended early`,
        ]
      : []),
    ...offsets(runners, nameOf),
  ];
}

// Runners that begin so far apart do not offer the schedule that was asked for.
const APART_MS = 250;

function offsets(
  runners: readonly K6Runner[],
  nameOf: (index: number) => string,
): readonly string[] {
  const zeros = runners.map(({ zeroMs }) => zeroMs ?? Number.NaN);
  const first = Math.min(...zeros.filter((zero) => !Number.isNaN(zero)));
  return zeros.flatMap((zero, index) =>
    zero - first > APART_MS
      ? [
          `${nameOf(index)} began ${((zero - first) / 1000).toFixed(2)} s after the first one, or its clock is off: what is offered each second was not what the schedule says`,
        ]
      : [],
  );
}
