// One attempt after the other, endpoints in turn, for a time or so many, whichever comes first.
import type { Clock } from '../base/clock.ts';
import type { Trip } from './trip.ts';

/** How long. */
export interface LoopBounds {
  /** For each endpoint. */
  readonly timeMs: number;
  /** Attempts for each endpoint, at least 1. */
  readonly atMost: number;
}

/** An attempt with the round it was made in; those of one round were made one right after the other. */
export interface RoundTrip extends Trip {
  readonly round: number;
}

// Code has to be compiled, caches and backends have to wake up: a fifth more, and half a second at most.
const WARM_UP_SHARE = 0.2;
const WARM_UP_MS = 500;
const WARM_UP_ATTEMPTS = 100;
// Nothing else will come of an endpoint from which nothing but failures came.
const HOPELESS = 20;

/**
 * Measures, and resolves with the attempts of each endpoint. Of the warm-up only failures are among them. Who comes
 * first changes from round to round.
 */
export async function closedLoop(
  measures: readonly (() => Promise<Trip>)[],
  { timeMs, atMost }: LoopBounds,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly (readonly RoundTrip[])[]> {
  const trips: RoundTrip[][] = measures.map(() => []);
  const wentWell = new Set<number>();
  const hasHope = (at: number): boolean => wentWell.has(at) || (trips[at]?.length ?? 0) < HOPELESS;
  let round = 0;
  const go = async (bounds: LoopBounds, isWarmUp: boolean): Promise<void> => {
    const untilUs = clock.nowUs() + bounds.timeMs * 1000 * measures.length;
    for (let count = 0; count < bounds.atMost; count += 1) {
      for (const at of inTurn(measures.length, round)) {
        if (signal.aborted || !hasHope(at)) continue;
        const trip = await measures[at]?.();
        // An interrupt ends what is on its way; that is no failure of the endpoint.
        if (trip === undefined || signal.aborted) continue;
        if (trip.failure === undefined) wentWell.add(at);
        if (!isWarmUp || trip.failure !== undefined) trips[at]?.push({ ...trip, round });
      }
      round += 1;
      if (signal.aborted || clock.nowUs() >= untilUs || !measures.some((_, at) => hasHope(at)))
        return;
    }
  };
  const warmUpMs = Math.min(WARM_UP_MS, timeMs * WARM_UP_SHARE);
  await go({ timeMs: warmUpMs, atMost: Math.min(WARM_UP_ATTEMPTS, atMost) }, true);
  if (!signal.aborted) await go({ timeMs, atMost }, false);
  return trips;
}

function inTurn(count: number, round: number): readonly number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  return round % 2 === 0 ? order : order.toReversed();
}
