// Offers a rate by the generator of loads: after a moment in which its code is compiled, attempts by the schedule.
import type { Clock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { nearestRank } from '../base/percentile.ts';
import { formatRate } from '../base/rate.ts';
import type { LoadIo } from '../load/io.ts';
import { generatorLimits } from '../load/limits.ts';
import { runLoad } from '../load/run-load.ts';
import { scheduledArrivals } from '../load/schedule.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { AttemptCounts, GeneratorAccount } from '../result/load-result.ts';
import type { BenchTarget } from './endpoint.ts';
import type { OfferedStage } from './stage.ts';
import type { OfferRate } from './sweep.ts';

/** How long each rate is offered, and with what. */
export interface Offering {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly usage: LoadIo['usage'];
  /** Longer where fewer than a hundred attempts would be due: of those there is no p99. */
  readonly stageMs: number;
  readonly seed: string;
  note(text: string): void;
}

const WARM_UP_MS = 500;
const LEAST_ATTEMPTS = 100;
// Phases of the plan.
const MEASURED = 1;

/** Offers rates to an endpoint, one at a time. */
export function offerTo(target: BenchTarget, how: Offering): OfferRate {
  return async (ratePerS) => {
    const { clock, signal, usage, stageMs, seed, note } = how;
    const durationMs = Math.max(stageMs, (LEAST_ATTEMPTS / ratePerS) * 1000);
    const rate = { kind: 'rate', from: ratePerS, to: ratePerS } as const;
    const resolved = await target.load(
      [
        { ...rate, name: 'warm-up', durationMs: WARM_UP_MS },
        { ...rate, name: 'measured', durationMs },
      ],
      seed,
    );
    if ('problem' in resolved) return unsent(ratePerS, durationMs, resolved.problem);
    const { plan } = resolved;
    const attempts: LoadAttempt[] = [];
    note(`offering ${formatRate(ratePerS)} for ${formatDuration(Math.round(durationMs))}`);
    const { generator, phases } = await runLoad(plan, {
      clock,
      usage,
      signal,
      onAttempts: (batch) => {
        attempts.push(...batch.filter(({ phase }) => phase === MEASURED));
      },
    });
    return {
      ratePerS,
      due: scheduledArrivals(plan.phases) - scheduledArrivals(plan.phases.slice(0, MEASURED)),
      attempts,
      limits: limitsOf(generator, { attempts, offered: phases[MEASURED], durationMs }),
      isInterrupted: signal.aborted,
    };
  };
}

function unsent(ratePerS: number, durationMs: number, why: string): OfferedStage {
  const due = Math.ceil((ratePerS * durationMs) / 1000);
  return { ratePerS, due, attempts: [], limits: [why], isInterrupted: false };
}

// Of the measured phase alone: that a process begins slowly is what the warm-up is for.
function limitsOf(
  { limits, precise, loop, cpu }: GeneratorAccount,
  {
    attempts,
    offered,
    durationMs,
  }: {
    readonly attempts: readonly LoadAttempt[];
    readonly offered: AttemptCounts | undefined;
    readonly durationMs: number;
  },
): readonly string[] {
  const lateness = attempts
    .filter(({ outcome }) => outcome !== 'unsent')
    .map(({ dueMs, startMs }) => Math.max(0, startMs - dueMs))
    .toSorted((a, b) => a - b);
  if (offered === undefined) return limits;
  return [
    ...limits.filter((limit) => limit.startsWith(LOST)),
    ...generatorLimits({
      total: offered,
      // Each that was not sent is counted by the judge.
      unsentBy: {},
      latenessP99Ms: lateness.length === 0 ? undefined : nearestRank(lateness, 0.99),
      precise,
      loopP99Ms: loop.p99Ms,
      cpu,
      durationMs,
      lost: [],
    }),
  ];
}

const LOST = 'a worker was lost';
