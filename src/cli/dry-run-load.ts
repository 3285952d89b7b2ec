// What a load would do, and whether it is large enough for what its thresholds claim.

import { formatDuration } from '../base/duration.ts';
import { samplesToDecide } from '../base/interval.ts';
import { leastSamples } from '../base/percentile.ts';
import { formatRate } from '../base/rate.ts';
import { cleanSamplesFor } from '../load/claim.ts';
import { arrivalsOf, attemptsOf, sizeOf } from '../scenario/load-model.ts';
import type { CaseSpec, CheckSpec } from '../scenario/model.ts';

/** Lines about a load; none for a case of steps. */
export function describeLoad({ load, throttle, checks }: CaseSpec): readonly string[] {
  if (throttle !== undefined) {
    const { offer, saturateForMs, rounds } = throttle;
    const times = rounds === 1 ? '1 recovery' : `${rounds} recoveries`;
    return [
      `at most ${formatRate(offer)}, ${formatDuration(saturateForMs)} at a time, ${times}, about ${attemptsOf(throttle)} attempts, and as many again after each of at most two rests of a limit that was in use`,
    ];
  }
  if (load === undefined) return [];
  const { attempts, rate, open } = sizeOf(load);
  const phases = load.phases.length === 1 ? '1 phase' : `${load.phases.length} phases`;
  return [
    `${attempts} attempts in ${phases}, at most ${formatRate(rate)}, about ${open} open at a time`,
    ...checks.flatMap((check) => {
      const needed = neededFor(check);
      if (needed === undefined) return [];
      const due = dueFor(check, load.phases);
      const enough = due >= needed ? '' : ': too few';
      return [`${check.id}: needs ${needed} samples that all hold, about ${due} are due${enough}`];
    }),
  ];
}

/** The fewest samples of which a threshold can pass; undefined where one is enough. */
function neededFor({ condition }: CheckSpec): number | undefined {
  if (condition.kind !== 'threshold') return undefined;
  const { statistic } = condition;
  if (statistic.kind === 'percentile') return leastSamples(statistic.share);
  if (statistic.kind !== 'share') return undefined;
  const { gte, lte } = statistic.want;
  if (gte === undefined && lte === undefined) return undefined;
  const { confidence } = statistic;
  const needed =
    gte === undefined
      ? samplesToDecide({ held: 0, samples: 1 }, { bounds: { lte }, confidence })
      : cleanSamplesFor({ share: gte, confidence, exact: false });
  return Number.isFinite(needed) ? needed : undefined;
}

function dueFor({ condition }: CheckSpec, phases: Parameters<typeof sizeOf>[0]['phases']): number {
  const during = condition.kind === 'threshold' ? condition.during : undefined;
  const about = phases.filter(({ name }) => during?.includes(name) ?? true);
  return about.reduce((sum, phase) => sum + arrivalsOf(phase), 0);
}
