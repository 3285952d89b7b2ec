// Offers a limiter what tells it from others, stage by stage, and never more than was allowed.
import type { ThrottleResult } from '../result/load-result.ts';
import { characterise } from './characterise.ts';
import { decisionsOf, type LimitedAttempt } from './decision.ts';
import type { LoadPhase } from './plan.ts';
import { fitSaturation } from './saturation.ts';
import { FEW_TOKENS } from './sweep-estimate.ts';

/**
 * Carries phases out and resolves with their attempts, all of them over or given up. Times are on one clock over
 * all calls.
 */
export type OfferPhases = (
  phases: readonly LoadPhase[],
  how: { readonly holdMs: number },
) => Promise<readonly LimitedAttempt[]>;

/** How hard a limiter is probed. */
export interface ThrottleProbe {
  /** Never more is offered, per second. */
  readonly offer: number;
  readonly saturateForMs: number;
  /** Recoveries. */
  readonly rounds: number;
  readonly seed: string;
}

/** The attempts of one call of `OfferPhases`. */
export interface ProbeStage {
  readonly name: string;
  readonly offered: number;
  readonly holdMs: number;
  readonly attempts: readonly LimitedAttempt[];
}

/**
 * Probes, and says what was met. A bucket that lets more through after a pause than it did at first was not full when
 * the probe began, and is probed again after a rest. Rejects with what `offerPhases` rejects with.
 */
export async function probeThrottle(
  probe: ThrottleProbe,
  offerPhases: OfferPhases,
): Promise<ThrottleResult> {
  const longestMs = LONGEST * probe.saturateForMs;
  let restMs = 0;
  for (let rests = 0; ; rests += 1) {
    const isLast = rests === MOST_RESTS || restMs === longestMs;
    const met = await probeRested(probe, {
      ...stagesOf(probe, offerPhases, rests),
      restMs,
      isLast,
    });
    if ('kind' in met) return met;
    restMs = Math.min(longestMs, 4 * met.pausedMs);
  }
}

// How often a limiter is probed again because it was not at rest.
const MOST_RESTS = 2;
// Times `saturateForMs` that a bucket may take to be full again.
const LONGEST = 6;
// Of `offer`, where a growing offer begins.
const SWEEP_FROM = 0.4;

interface Stages {
  readonly stages: ProbeStage[];
  readonly offer: (name: string, parts: readonly Part[], holdMs?: number) => Promise<ProbeStage>;
}

function stagesOf(probe: ThrottleProbe, offerPhases: OfferPhases, rests: number): Stages {
  const stages: ProbeStage[] = [];
  const offer: Stages['offer'] = async (name, parts, holdMs = 0) => {
    const shown = rests === 0 ? name : `${name}, rested ${rests}`;
    const phases = parts.map((part) => phaseOf(shown, part, probe.offer));
    const attempts = await offerPhases(phases, { holdMs });
    const stage = { name, attempts, holdMs, offered: Math.max(...parts.map(rateOf)) };
    stages.push(stage);
    return stage;
  };
  return { stages, offer };
}

async function probeRested(
  probe: ThrottleProbe,
  { stages, offer, restMs, isLast }: Stages & { readonly restMs: number; readonly isLast: boolean },
): Promise<ThrottleResult | { readonly pausedMs: number }> {
  const { offer: rate, saturateForMs: lastMs } = probe;
  const holdMs = Math.min(2000, lastMs / 4);
  const rest = restMs === 0 ? [] : [{ pauseMs: restMs }];
  const first = await offer('saturate', [...rest, { rate, lastMs }]);
  if (!isRefused(first)) {
    const held = await offer('hold', [{ rate, lastMs }], holdMs);
    if (isRefused(held)) await offer('release', [{ rate, lastMs }]);
    return characterise(stages, probe);
  }
  const known = characterise(stages, probe);
  const { windowMs, burst } = known;
  if (known.kind === 'token-bucket' && (burst?.low ?? 0) < FEW_TOKENS)
    await offer('sweep', [{ from: SWEEP_FROM * rate, rate, lastMs }]);
  for (const { name, pauseMs, roundMs } of recoveries(probe, known, first)) {
    const after = await offer(name, [{ pauseMs }, { rate, lastMs: roundMs }]);
    // A window that was in use is told by its edges; only a bucket hides how empty it was.
    if (!isLast && windowMs === undefined && letsMoreThrough(after, first))
      return { pausedMs: Math.max(pauseMs, lastMs / 4) };
  }
  if (windowMs !== undefined)
    await offer('split', splitOf(windowMs.value, burst?.value ?? 0, rate));
  const lower = Math.max((rate + (known.rate?.value ?? 0)) / 2, rate / 2);
  await offer('lower', [{ rate: lower, lastMs: lastMs / 2 }]);
  await offer('hold', [{ rate, lastMs: lastMs / 2 }], holdMs);
  const result = characterise(stages, probe);
  const isBucket = result.kind === 'token-bucket' && result.refusalsCostTokens !== true;
  const isFull =
    1.1 * fullMsOf(first) < LONGEST * lastMs &&
    !stages.slice(1).some((stage) => letsMoreThrough(stage, first));
  return isBucket && !isFull ? neverFull(result) : result;
}

interface Recovery {
  readonly name: string;
  readonly pauseMs: number;
  readonly roundMs: number;
}

// The longest first: it shows whether all the others would be in vain.
function recoveries(
  { offer: rate, saturateForMs: lastMs, rounds }: ThrottleProbe,
  known: ThrottleResult,
  first: ProbeStage,
): readonly Recovery[] {
  const { windowMs, recoveryMs, kind } = known;
  const fullMs = Math.min(2 * lastMs, windowMs?.value ?? recoveryMs?.value ?? lastMs);
  const burst = known.burst?.value ?? 0;
  const slope = known.rate?.value ?? 0;
  // Hardly anything comes after the burst, or it cannot be told what: any pause may be the right one.
  const isDry = kind === 'inconclusive' || slope < 0.05 * rate;
  const drainMs = (1200 * burst) / Math.max(rate - slope, rate / 20) + 60_000 / rate;
  const leastMs = Math.max(isDry ? lastMs / 2 : 0, drainMs, 1.5 * (windowMs?.value ?? 0));
  const whole = { name: 'recover whole', pauseMs: wholeMs(first, lastMs), roundMs: lastMs / 2 };
  const others = Array.from({ length: rounds }, (_, index) => {
    const share = shareOfFull(rounds - index, rounds);
    return {
      name: `recover ${index + 1}`,
      pauseMs: Math.max(20, isDry ? lastMs * 0.02 * 5 ** index : share * fullMs),
      roundMs: Math.min(lastMs, leastMs),
    };
  });
  if (kind === 'token-bucket') return [{ ...whole, name: 'recover 1' }, ...others.slice(1)];
  return windowMs === undefined && isDripping(first) ? [...others, whole] : others;
}

// Something comes after the burst, so that the time can be told in which all of it comes.
function isDripping({ attempts }: ProbeStage): boolean {
  const line = fitSaturation(decisionsOf(attempts, 0.5));
  return line !== undefined && (line.slope * (line.toMs - line.fromMs)) / 1000 > 5;
}

// What seems to be full after an instant may have been empty: a quarter of the time shows it.
function wholeMs(first: ProbeStage, lastMs: number): number {
  return Math.min(LONGEST * lastMs, Math.max(1.3 * fullMsOf(first), lastMs / 4));
}

function fullMsOf({ attempts }: ProbeStage): number {
  const { burst = 0, slope = 0 } = fitSaturation(decisionsOf(attempts, 0.5)) ?? {};
  return slope > 0 ? (1000 * Math.max(0, burst)) / slope : Infinity;
}

// From what was at rest no pause can make more.
function letsMoreThrough(stage: ProbeStage, first: ProbeStage): boolean {
  const [now, then] = [stage, first].map(({ attempts }) =>
    fitSaturation(decisionsOf(attempts, 0.5)),
  );
  if (now === undefined || then === undefined) return false;
  const unsure = Math.max(1.5, 3 * now.residual, 3 * then.residual, 0.02 * now.burst);
  return now.burst > then.burst + unsure;
}

// How much it holds stays unknown.
function neverFull(met: ThrottleResult): ThrottleResult {
  const { burst, because, kind, rate, refusalsCostTokens, accepts, residual, fit } = met;
  const least = `the bucket held more than ${Math.floor(burst?.low ?? 0)} and was not seen full`;
  return {
    kind,
    because: [`${least}: let it rest before, or saturate longer`, ...because],
    ...(rate !== undefined && { rate }),
    refusalsCostTokens,
    accepts,
    ...(residual !== undefined && { residual }),
    ...(fit !== undefined && { fit }),
  };
}

// From a little to more than full, so that one shows the pace and one the whole.
function shareOfFull(round: number, rounds: number): number {
  return rounds === 1 ? 1.3 : 0.3 + (round - 1) / (rounds - 1);
}

type Part =
  | { readonly pauseMs: number }
  | { readonly rate: number; readonly lastMs: number; readonly from?: number };

function rateOf(part: Part): number {
  return 'rate' in part ? part.rate : 0;
}

function phaseOf(name: string, part: Part, ceiling: number): LoadPhase {
  if ('pauseMs' in part) return { kind: 'pause', name, durationMs: part.pauseMs };
  const rate = Math.min(part.rate, ceiling);
  return { kind: 'rate', name, from: part.from ?? rate, to: rate, durationMs: part.lastMs };
}

// Half of what a window lets through, then the rest of it late: a fixed window lets all through again when the
// next one begins, a log only the first half.
function splitOf(windowMs: number, limit: number, rate: number): readonly Part[] {
  const halfMs = Math.max(1000 / rate, (limit / 2 / rate) * 1000);
  return [
    { pauseMs: 1.3 * windowMs },
    { rate, lastMs: halfMs },
    { pauseMs: Math.max(1, 0.75 * windowMs - halfMs) },
    { rate, lastMs: 1.6 * windowMs },
  ];
}

function isRefused({ attempts }: ProbeStage): boolean {
  return attempts.some(({ outcome }) => outcome === 'refused');
}
