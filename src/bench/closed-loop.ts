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

/**
 * Measures, and resolves with the attempts of each endpoint. Of the warm-up only failures are among them. Who comes
 * first changes from round to round.
 */
export async function closedLoop(
  measures: readonly (() => Promise<Trip>)[],
  { timeMs, atMost }: LoopBounds,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly (readonly RoundTrip[])[]> {
  const lanes = measures.map((measure) => new Lane(measure));
  let round = 0;
  const go = async (bounds: LoopBounds, isWarmUp: boolean): Promise<void> => {
    const untilUs = clock.nowUs() + bounds.timeMs * 1000 * lanes.length;
    for (let count = 0; count < bounds.atMost; count += 1) {
      for (const lane of round % 2 === 0 ? lanes : lanes.toReversed()) {
        if (!signal.aborted && lane.hasHope) await lane.attempt(round, { isWarmUp, signal });
      }
      round += 1;
      const pauseMs = Math.max(...lanes.map((lane) => lane.pauseMs));
      if (pauseMs > 0) await clock.sleep(pauseMs, signal);
      const isOver = clock.nowUs() >= untilUs || !lanes.some((lane) => lane.hasHope);
      if (signal.aborted || isOver) return;
    }
  };
  const warmUpMs = Math.min(WARM_UP_MS, timeMs * WARM_UP_SHARE);
  await go({ timeMs: warmUpMs, atMost: Math.min(WARM_UP_ATTEMPTS, atMost) }, true);
  if (!signal.aborted) await go({ timeMs, atMost }, false);
  return lanes.map((lane) => lane.trips);
}

// Nothing else will come of an endpoint from which nothing but failures came; sooner where not even TCP did.
const HOPELESS = 20;
const UNREACHED = 3;
// After a failure it is given a moment, and a longer one each time: what limits connects lets them in again.
const PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/** One endpoint. */
class Lane {
  readonly trips: RoundTrip[] = [];
  readonly #measure: () => Promise<Trip>;
  #wentWell = false;
  #wasReached = false;
  #inARow = 0;

  constructor(measure: () => Promise<Trip>) {
    this.#measure = measure;
  }

  get hasHope(): boolean {
    return this.#wentWell || this.trips.length < (this.#wasReached ? HOPELESS : UNREACHED);
  }

  /** Until the next attempt. */
  get pauseMs(): number {
    return this.hasHope ? Math.min(LONGEST_PAUSE_MS, PAUSE_MS * this.#inARow) : 0;
  }

  async attempt(
    round: number,
    { isWarmUp, signal }: { readonly isWarmUp: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    const trip = await this.#measure();
    // An interrupt ends what is on its way; that is no failure of the endpoint.
    if (signal.aborted) return;
    const isFailure = trip.failure !== undefined;
    this.#inARow = isFailure ? this.#inARow + 1 : 0;
    this.#wentWell ||= !isFailure;
    this.#wasReached ||= trip.marks.tcp !== undefined;
    if (!isWarmUp || isFailure) this.trips.push({ ...trip, round });
  }
}
