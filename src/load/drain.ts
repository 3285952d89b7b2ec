// How long the ends of connections are watched: until all are accounted for, or nothing comes any more.

/** Times in milliseconds from the start of the load. */
export interface DrainState {
  readonly nowMs: number;
  /** Of the last connection that ended; -Infinity: none did. */
  readonly lastEndedMs: number;
  /** Of the last event; -Infinity: none came. */
  readonly lastSeenMs: number;
  readonly outstanding: number;
}

/** Why a watch is over. */
export type DrainEnd = 'accounted' | 'plateau' | 'longest';

/**
 * Undefined as long as it is not. A plateau is a window of at least `finalMs` of which the last half brought
 * nothing.
 */
export function drainEnd(
  state: DrainState,
  { finalMs, longestMs }: { readonly finalMs: number; readonly longestMs: number },
): DrainEnd | undefined {
  const { nowMs, lastEndedMs, lastSeenMs, outstanding } = state;
  if (outstanding === 0) return 'accounted';
  const watchedMs = nowMs - lastEndedMs;
  if (watchedMs >= finalMs && lastSeenMs <= nowMs - watchedMs / 2) return 'plateau';
  return watchedMs >= longestMs ? 'longest' : undefined;
}
