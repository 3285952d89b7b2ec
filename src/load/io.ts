// What a load is given beside its plan: whom it tells of what happens, and who may end it.
import type { Clock } from '../base/clock.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { LoadSecond, ThrottleResult } from '../result/load-result.ts';
import type { LoadPhase } from './plan.ts';

/** The surroundings of one load. */
export interface LoadIo {
  /** The run's clock: that of the backend's events. */
  readonly clock: Clock;
  /** What this process has used up so far. */
  usage(): { readonly cpuSeconds: number; readonly rssBytes: number };
  /** Aborts when the run is interrupted: nothing more starts, what is open is ended and reported. */
  readonly signal: AbortSignal;
  /** Called once, when the first phase begins: the instant from which all times count. */
  onStart?(zeroUs: number): void;
  /** Each attempt once, when nothing more will happen to it on the wire; in any order. */
  onAttempts?(batch: readonly LoadAttempt[]): void;
  /** A second that is over. `phase`: what it does now. */
  onSecond?(second: LoadSecond, phase: string): void;
  /** Ends a connection by way of the backend; resolves with whether it was told to. */
  deleteConnection?(
    number: number,
    of: { readonly ending: number; readonly endpoint: number },
  ): Promise<boolean>;
  /** Why the schedule shall end now; asked now and then. */
  whyStop?(): string | undefined;
}

/** One attempt at a limiter. Times in milliseconds on one clock over all stages of a probe. */
export interface OfferedAttempt {
  readonly sentMs: number;
  /** NaN: no answer came. */
  readonly answeredMs: number;
  /** `missing`: neither 101 nor a refusal. */
  readonly outcome: 'accepted' | 'refused' | 'missing';
  readonly endedMs?: number | undefined;
}

/** Finds out which limiter there is, by offering phases one after the other and looking at what came of them. */
export type ProbeLimiter = (
  probe: {
    readonly offer: number;
    readonly saturateForMs: number;
    readonly rounds: number;
    readonly seed: string;
  },
  offerPhases: (
    phases: readonly LoadPhase[],
    how: { readonly holdMs: number },
  ) => Promise<readonly OfferedAttempt[]>,
) => Promise<ThrottleResult>;
