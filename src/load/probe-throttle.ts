// Offers a limiter what tells it from others, stage by stage, and never more than was allowed.
import type { ThrottleResult } from '../result/load-result.ts';
import { characterise } from './characterise.ts';
import type { LimitedAttempt } from './decision.ts';
import type { LoadPhase } from './plan.ts';

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

/** Probes, and says what was met. Rejects with what `offerPhases` rejects with. */
export async function probeThrottle(
  probe: ThrottleProbe,
  offerPhases: OfferPhases,
): Promise<ThrottleResult> {
  const stages: ProbeStage[] = [];
  const offer = async (name: string, parts: readonly Part[], holdMs = 0): Promise<ProbeStage> => {
    const phases = parts.map((part) => phaseOf(name, part, probe.offer));
    const attempts = await offerPhases(phases, { holdMs });
    const stage = { name, attempts, holdMs, offered: Math.max(...parts.map(rateOf)) };
    stages.push(stage);
    return stage;
  };
  const { offer: rate, saturateForMs: lastMs, rounds } = probe;
  const holdMs = Math.min(2000, lastMs / 4);
  const first = await offer('saturate', [{ rate, lastMs }]);
  if (!isRefused(first)) {
    const held = await offer('hold', [{ rate, lastMs }], holdMs);
    if (isRefused(held)) await offer('release', [{ rate, lastMs }]);
    return characterise(stages, probe);
  }
  const known = characterise(stages, probe);
  const fullMs = Math.min(2 * lastMs, known.windowMs?.value ?? known.recoveryMs?.value ?? lastMs);
  const burst = known.burst?.value ?? 0;
  const slope = known.rate?.value ?? 0;
  // Hardly anything comes after the burst, or it cannot be told what: any pause may be the right one.
  const isDry = known.kind === 'inconclusive' || slope < 0.05 * rate;
  for (let round = 1; round <= rounds; round += 1) {
    const pauseMs = isDry ? lastMs * 0.02 * 5 ** (round - 1) : shareOfFull(round, rounds) * fullMs;
    const drainMs = (1200 * burst) / Math.max(rate - slope, rate / 20) + 60_000 / rate;
    const leastMs = isDry ? lastMs / 2 : 0;
    const roundMs = Math.min(
      lastMs,
      Math.max(leastMs, drainMs, 1.5 * (known.windowMs?.value ?? 0)),
    );
    await offer(`recover ${round}`, [
      { pauseMs: Math.max(20, pauseMs) },
      { rate, lastMs: roundMs },
    ]);
  }
  if (known.windowMs !== undefined)
    await offer('split', splitOf(known.windowMs.value, burst, rate));
  const lower = Math.max((rate + slope) / 2, rate / 2);
  await offer('lower', [{ rate: lower, lastMs: lastMs / 2 }]);
  await offer('hold', [{ rate, lastMs: lastMs / 2 }], holdMs);
  return characterise(stages, probe);
}

// From a little to more than full, so that one shows the pace and one the whole.
function shareOfFull(round: number, rounds: number): number {
  return rounds === 1 ? 1.3 : 0.3 + (round - 1) / (rounds - 1);
}

type Part = { readonly pauseMs: number } | { readonly rate: number; readonly lastMs: number };

function rateOf(part: Part): number {
  return 'rate' in part ? part.rate : 0;
}

function phaseOf(name: string, part: Part, ceiling: number): LoadPhase {
  if ('pauseMs' in part) return { kind: 'pause', name, durationMs: part.pauseMs };
  const rate = Math.min(part.rate, ceiling);
  return { kind: 'rate', name, from: rate, to: rate, durationMs: part.lastMs };
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
