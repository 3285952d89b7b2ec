// What judges were shown of a case besides its connections and records, and when they decided: enough to draw
// every conclusion again from the saved result.
import type { Interruption, OfConnection } from './evidence.ts';

/** One look at the evidence at which at least one check was decided. Fields of the evidence that are absent were. */
export interface Look {
  /** On the clock of the records, in microseconds; absent: nothing more would come. */
  readonly atUs?: number;
  /** How many of the case's records there were. */
  readonly records: number;
  /** Ids of the checks that were decided. */
  readonly decided: readonly string[];
  /** Ids of checks that had failed before: what came since changed nothing but may be told in their message. */
  readonly retold?: readonly string[];
  readonly clockBoundUs?: number;
  readonly clockTickUs?: number;
  readonly unrecognised?: readonly OfConnection[];
  /** Why there was nothing more to wait for, where the steps themselves were not interrupted. */
  readonly interruption?: Interruption;
}

/** How a case was judged. */
export interface Judging {
  /** How long the target needs to settle, in milliseconds. */
  readonly settleMs: number;
  readonly stepsEndedAtUs: number;
  /** Why the steps ended early. */
  readonly interruption?: Interruption;
  readonly isPlatform?: true;
  readonly shortHold?: string;
  /** In the order in which they were taken. */
  readonly looks: readonly Look[];
}
