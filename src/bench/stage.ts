// One rate that was offered: whether it was kept, and by whose doing it was not.
import { nearestRank } from '../base/percentile.ts';
import type { BenchStage } from '../result/bench-result.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';

/** What came of a rate. */
export interface OfferedStage {
  readonly ratePerS: number;
  /** How many were due. */
  readonly due: number;
  /** Those that something is known of; all that were due, unless a worker was lost. */
  readonly attempts: readonly LoadAttempt[];
  /** Why the generator was the bottleneck. */
  readonly limits: readonly string[];
  readonly isInterrupted: boolean;
}

/**
 * Judges it. Kept is what opened as a whole with a p99 from due to open within the limit: what the generator was late
 * makes that longer, so that it never flatters. What was not kept while the generator had trouble, or would have been
 * without its lateness, is laid on nobody.
 */
export function judgeStage(stage: OfferedStage, p99LimitMs: number): BenchStage {
  const { ratePerS, due, attempts, limits } = stage;
  const opened = attempts.filter(({ outcome }) => outcome === 'opened');
  const intended = quantiles(opened.map(({ dueMs, answeredMs }) => answeredMs - dueMs));
  const actual = quantiles(opened.map(({ startMs, answeredMs }) => answeredMs - startMs));
  const started = attempts.filter(({ outcome }) => outcome !== 'unsent');
  const unsent = due - started.length;
  const lateness = quantiles(started.map(({ dueMs, startMs }) => Math.max(0, startMs - dueMs)));
  const failed = failuresOf(attempts);
  const figures = {
    ratePerS,
    attempts: due,
    opened: opened.length,
    failed,
    ...(intended === undefined ? {} : { intended }),
    ...(actual === undefined ? {} : { actual }),
    ...(lateness === undefined ? {} : { latenessP99Ms: lateness.p99Ms }),
    limits,
  };
  const told = (verdict: BenchStage['verdict'], because: string): BenchStage => ({
    ...figures,
    verdict,
    because,
  });
  if (stage.isInterrupted) return told('interrupted', 'interrupted');
  const isWhole = due > 0 && opened.length === due;
  const dueP99Ms = intended?.p99Ms ?? Infinity;
  if (isWhole && dueP99Ms <= p99LimitMs) return told('kept', `p99 was ${ms(dueP99Ms)}`);
  // What holds up the generator makes it late by as much: a median beyond that is the endpoint's own.
  const beyondMs = p99LimitMs + (lateness?.p99Ms ?? 0);
  if (isWhole && (actual?.p50Ms ?? 0) > beyondMs) return told('late', `p99 was ${ms(dueP99Ms)}`);
  if (limits.length > 0) {
    return told('generator', `the generator was the bottleneck: ${limits.join('; ')}`);
  }
  if (unsent > 0) {
    return told(
      'generator',
      `the generator was the bottleneck: ${unsent} of ${due} were never sent`,
    );
  }
  if (!isWhole) return told('failed', failureText(failed, due));
  const startP99Ms = actual?.p99Ms ?? Infinity;
  if (startP99Ms <= p99LimitMs) {
    const late = `1% of the attempts started more than ${ms(lateness?.p99Ms ?? 0)} late`;
    return told(
      'generator',
      `the generator was the bottleneck: ${late}, and took ${ms(startP99Ms)} from there (p99)`,
    );
  }
  return told('late', `p99 was ${ms(dueP99Ms)}`);
}

function failuresOf(attempts: readonly LoadAttempt[]): Readonly<Record<string, number>> {
  const failed: Record<string, number> = {};
  for (const { outcome, status } of attempts) {
    if (outcome === 'opened') continue;
    const kind = outcome === 'refused' ? `status ${status}` : outcome;
    failed[kind] = (failed[kind] ?? 0) + 1;
  }
  return failed;
}

function failureText(failed: Readonly<Record<string, number>>, due: number): string {
  const kinds = Object.entries(failed).map(([kind, count]) => `${count} ${kind}`);
  return `not all opened: ${kinds.join(', ')} of ${due}`;
}

function quantiles(
  values: readonly number[],
): { readonly p50Ms: number; readonly p99Ms: number } | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...Float64Array.from(values).toSorted()];
  return { p50Ms: nearestRank(sorted, 0.5), p99Ms: nearestRank(sorted, 0.99) };
}

function ms(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} ms` : 'not reached';
}
