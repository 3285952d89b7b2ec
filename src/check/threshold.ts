// Judges one number over many connections (docs/scenario-reference.md, Thresholds). What cannot be
// told of a connection counts as both: the verdict stands only if it is the same either way.
import type { Threshold } from '../scenario/model.ts';
import { noConnection } from './condition.ts';
import { errored, type Outcome, pending, type Settled } from './outcome.ts';
import { samplesOf } from './threshold-sample.ts';
import { judgeTally } from './threshold-tally.ts';
import { judgeTimes } from './threshold-times.ts';
import type { View } from './view.ts';

/** Whom a threshold is about and when it is asked. */
export interface ThresholdAsking {
  readonly connections: readonly string[];
  readonly view: View;
  readonly nowUs: number;
}

/**
 * Judges a threshold: when all that is asked of each sample is known. Over no sample, and over too
 * few for its statistic, it is inconclusive.
 */
export function judgeThreshold(threshold: Threshold, asking: ThresholdAsking): Outcome {
  const { connections, view } = asking;
  const empty = connections.find((name) => view.membersOf(name).length === 0);
  if (empty !== undefined) return noConnection(empty, view);
  // Whom the steps will still connect, and how they will end them, is not known before.
  if (view.stepsEndedUs === Infinity) return pending(Infinity, NOT_OVER);
  const sampling = samplesOf(threshold, asking);
  const { statistic } = threshold;
  const { members } = sampling;
  const judged =
    statistic.kind === 'percentile'
      ? judgeTimes(threshold, { ...asking, statistic, members })
      : judgeTally(threshold, { ...asking, statistic, members });
  if (sampling.settled && judged.settled) return judged.conclusion;
  return pending(Math.min(sampling.untilUs, judged.untilUs), judged.conclusion);
}

const NOT_OVER: Settled = errored('UNFINISHED', 'the steps are not over');
