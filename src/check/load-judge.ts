// The thresholds of a load or a throttle: fed with attempts as they end, asked now and then whether one
// is lost, and concluded when nothing more will come.
import type { Finding } from '../result/finding.ts';
import type { LoadResult } from '../result/load-result.ts';
import { arrivalsOf, type LoadPhaseSpec, lastsMs } from '../scenario/load-model.ts';
import type { CheckSpec, Level } from '../scenario/model.ts';
import { judgeEstimate } from './estimate.ts';
import { findingOf, notApplicable } from './judge.ts';
import type { LoadClocks, LoadSample } from './load-sample.ts';
import { createLoadThreshold, type LoadThreshold } from './load-threshold.ts';
import { errored, type Settled } from './outcome.ts';

/** What judging needs to know. */
export interface LoadJudgePlan {
  readonly checks: readonly CheckSpec[];
  readonly levelOf: (check: CheckSpec) => Level;
  /** Of the target. */
  readonly features: ReadonlySet<string>;
  /** Empty for a throttle. */
  readonly phases: readonly LoadPhaseSpec[];
  readonly clocks: LoadClocks;
  /** Who was refused comes again: there may be more attempts than the phases have. */
  readonly comesAgain?: boolean;
}

/** Thresholds at work. */
export interface LoadJudge {
  /** Takes an attempt of which nothing more will be known. */
  take(sample: LoadSample): void;
  /** The sentence for a threshold with `abort` that cannot be met any more; undefined without one. */
  lost(): string | undefined;
  conclude(result: LoadResult): readonly Finding[];
}

interface Judged {
  readonly check: CheckSpec;
  /** Undefined: an estimate, or one that does not apply. */
  readonly threshold: LoadThreshold | undefined;
  taken: number;
}

/** Starts judging. */
export function createLoadJudge(plan: LoadJudgePlan): LoadJudge {
  const all: readonly Judged[] = plan.checks.map((check) => ({
    check,
    threshold: thresholdOf(check, plan),
    taken: 0,
  }));
  const taken = new Map<string, number>();
  return {
    take: (sample) => {
      taken.set(sample.phase, (taken.get(sample.phase) ?? 0) + 1);
      for (const { threshold } of all) threshold?.take(sample);
    },
    lost: () => {
      if (plan.comesAgain === true) return undefined;
      for (const { check, threshold } of all) {
        const { condition } = check;
        if (threshold === undefined || condition.kind !== 'threshold') continue;
        if (condition.abort !== true) continue;
        const outlook = outlookOf(condition.during, { phases: plan.phases, taken });
        if (threshold.isLost(outlook)) return `threshold ${check.id} can no longer be met`;
      }
      return undefined;
    },
    conclude: (result) => all.map((one) => concludeOne(one, { plan, result })),
  };
}

function thresholdOf(check: CheckSpec, plan: LoadJudgePlan): LoadThreshold | undefined {
  if (check.condition.kind !== 'threshold' || missingOf(check, plan) !== undefined)
    return undefined;
  const { clocks } = plan;
  return createLoadThreshold(check.condition, { withinMs: check.withinMs, clocks });
}

function missingOf({ needs }: CheckSpec, { features }: LoadJudgePlan): string | undefined {
  return needs.find((feature) => !features.has(feature));
}

/** A schedule drawn at random may have a few more than its rates come to. */
function outlookOf(
  during: readonly string[] | undefined,
  about: { readonly phases: readonly LoadPhaseSpec[]; readonly taken: ReadonlyMap<string, number> },
): { readonly more: number; readonly seconds: number } {
  const phases = about.phases.filter(({ name }) => during?.includes(name) ?? true);
  const due = phases.reduce((sum, phase) => sum + arrivalsOf(phase), 0);
  const names = new Set(phases.map(({ name }) => name));
  const taken = [...names].reduce((sum, name) => sum + (about.taken.get(name) ?? 0), 0);
  const drawn = Math.ceil(6 * Math.sqrt(due));
  const seconds = phases.reduce((sum, phase) => sum + lastsMs(phase), 0) / 1000;
  return { more: Math.max(0, due + drawn - taken), seconds };
}

function concludeOne(
  { check, threshold }: Judged,
  { plan, result }: { readonly plan: LoadJudgePlan; readonly result: LoadResult },
): Finding {
  const level = plan.levelOf(check);
  const missing = missingOf(check, plan);
  if (missing !== undefined) return notApplicable({ check, level }, missing);
  const { condition } = check;
  const concluded =
    condition.kind === 'estimate'
      ? judgeEstimate(condition, result.throttle)
      : (threshold?.conclude({ seconds: secondsOf(check, result) }) ??
        errored('internal', 'a load is judged by thresholds only'));
  return findingOf({ check, level }, doubted(concluded, { check, result }), []);
}

/** How long the phases lasted that a threshold is about, as they were carried out. */
function secondsOf({ condition }: CheckSpec, { phases, durationMs }: LoadResult): number {
  const during = condition.kind === 'threshold' ? condition.during : undefined;
  const about = phases.filter(({ name }) => during?.includes(name) ?? true);
  const ms = about.reduce((sum, one) => sum + Math.min(one.endMs, durationMs) - one.startMs, 0);
  return ms / 1000;
}

/** A generator that could not keep up, and a load that ended early, show nothing for sure. */
function doubted(
  concluded: Settled,
  { check, result }: { readonly check: CheckSpec; readonly result: LoadResult },
): Settled {
  if (concluded.state !== 'held' && concluded.state !== 'broken') return concluded;
  const { message, actual, evidence } = concluded;
  const [limit] = result.generator.limits;
  if (limit !== undefined) {
    const said = `the generator was the bottleneck: ${limit}; ${message}`;
    return { state: 'inconclusive', reason: 'GENERATOR_LIMIT', message: said, actual, evidence };
  }
  const { endedEarly } = result;
  if (endedEarly === undefined || staysBroken(concluded, check)) return concluded;
  const said = `the load ended early (${endedEarly}); until then ${message}`;
  return { state: 'inconclusive', reason: 'ENDED_EARLY', message: said, actual, evidence };
}

// What was broken stays so, but for too few of something of which there would have been more.
function staysBroken({ state }: Settled, { condition }: CheckSpec): boolean {
  if (state !== 'broken') return false;
  if (condition.kind === 'estimate') return false;
  if (condition.kind !== 'threshold') return true;
  const { statistic, abort } = condition;
  if (abort === true || statistic.kind === 'share' || statistic.kind === 'percentile') return true;
  return statistic.kind === 'count' && statistic.want.gte === undefined;
}
