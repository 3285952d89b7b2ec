// When a limiter decided on an attempt: after it was sent and before it was answered, never seen itself.

/** One attempt at a limiter. Times in milliseconds on one clock over all stages of a probe. */
export interface LimitedAttempt {
  readonly sentMs: number;
  /** NaN: no answer came. */
  readonly answeredMs: number;
  /** `missing`: neither 101 nor a refusal; a transport failure says nothing of a limiter. */
  readonly outcome: 'accepted' | 'refused' | 'missing';
  /** When an accepted connection was closed; undefined: not known. */
  readonly endedMs?: number | undefined;
}

/** The attempts of one stage that were decided, in the order of the decisions. */
export interface Decisions {
  readonly atMs: Float64Array;
  readonly accepted: Uint8Array;
  /** How long each that was accepted lasted after the decision, the median; NaN: not known. */
  readonly lifetimeMs: number;
}

/** Round trips, as they matter to when a decision was taken. */
export interface TripTimes {
  readonly shortestMs: number;
  readonly spreadMs: number;
}

/**
 * Places each decision. `share`: where between sending and answering it lies, 0 to 1. What an accepted attempt
 * takes longer than a refused one is spent after the decision.
 */
export function decisionsOf(attempts: readonly LimitedAttempt[], share: number): Decisions {
  const decided = attempts.filter(({ outcome }) => outcome !== 'missing');
  const trip = acceptedTrip(decided);
  const placed = decided
    .map((one) => ({ one, atMs: one.sentMs + share * trip(one) }))
    .toSorted((a, b) => a.atMs - b.atMs);
  const lives = placed.flatMap(({ one, atMs }) =>
    one.outcome === 'accepted' && one.endedMs !== undefined ? [one.endedMs - atMs] : [],
  );
  return {
    atMs: Float64Array.from(placed, ({ atMs }) => atMs),
    accepted: Uint8Array.from(placed, ({ one }) => Number(one.outcome === 'accepted')),
    lifetimeMs: median(lives),
  };
}

/** The round trips that bear on decisions. */
export function tripTimes(attempts: readonly LimitedAttempt[]): TripTimes {
  const decided = attempts.filter(({ outcome }) => outcome !== 'missing');
  const trips = decided.map(acceptedTrip(decided)).toSorted((a, b) => a - b);
  const at = (share: number): number => trips[Math.floor((trips.length - 1) * share)] ?? 0;
  return { shortestMs: at(0), spreadMs: at(0.99) - at(0) };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function acceptedTrip(decided: readonly LimitedAttempt[]): (one: LimitedAttempt) => number {
  const tripOf = (one: LimitedAttempt): number => one.answeredMs - one.sentMs;
  const typical = (outcome: string): number =>
    median(decided.filter((one) => one.outcome === outcome).map(tripOf));
  const refused = typical('refused');
  if (!(typical('accepted') > 1.5 * refused + 2)) return tripOf;
  return (one) => (one.outcome === 'accepted' ? refused : tripOf(one));
}
