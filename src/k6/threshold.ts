// Thresholds of a scenario as thresholds of k6, as far as k6 counts what they are about; the import judges all of
// them. In k6 they are there so that a run that is lost ends with exit code 99.
import type { Among, CheckSpec, Condition, Fields, Matcher, Threshold } from '../scenario/model.ts';

/** One expression under a metric. */
export interface K6Threshold {
  readonly metric: string;
  readonly threshold: string;
  readonly abortOnFail?: true;
}

/** What k6 is given, and what is judged by the import only, a sentence each. */
export interface K6Thresholds {
  readonly thresholds: readonly K6Threshold[];
  readonly gaps: readonly string[];
}

/** An arrival that found no virtual user makes the offered load another one: that is always guarded. */
const GUARD: K6Threshold = { metric: 'dropped_iterations', threshold: 'count==0' };

/** Translates the checks of a load. */
export function k6Thresholds(checks: readonly CheckSpec[]): K6Thresholds {
  const tried = checks.map((check) => ({ id: check.id, made: translated(check) }));
  return {
    thresholds: [GUARD, ...tried.flatMap(({ made }) => (typeof made === 'string' ? [] : made))],
    gaps: checks.flatMap((check, index) => {
      const made = tried[index]?.made;
      const gap = typeof made === 'string' ? made : percentileGap(check);
      return gap === undefined ? [] : [`the threshold ${check.id}: ${gap}`];
    }),
  };
}

/** As they stand in `options.thresholds`. */
export function byMetric(thresholds: readonly K6Threshold[]): Readonly<Record<string, unknown>> {
  const all: Record<string, unknown[]> = {};
  for (const { metric, threshold, abortOnFail } of thresholds) {
    const one = abortOnFail === true ? { threshold, abortOnFail } : threshold;
    all[metric] = [...(all[metric] ?? []), one];
  }
  return all;
}

/** One check as k6 judges it, or why it cannot. */
export function translated({ condition }: CheckSpec): readonly K6Threshold[] | string {
  if (condition.kind !== 'threshold') return 'k6 knows no limiters';
  const { statistic, of, among, during, abort } = condition;
  if (among !== undefined && !(statistic.kind === 'percentile' && isOpened(among)))
    return 'k6 does not choose among connections';
  const phase = phaseTag(during);
  if (phase === undefined) return 'k6 judges one phase at a time';
  const early = abort === true ? { abortOnFail: true as const } : {};
  if (statistic.kind === 'percentile') {
    if (!isUpgrade(of)) return 'k6 measures from the start of an attempt to its 101 only';
    return bounds(statistic.want, `p(${statistic.share * 100})`).map((threshold) => ({
      metric: tagged('ws_connecting', ['status:101', ...phase]),
      threshold,
      ...early,
    }));
  }
  const status = statusOf(of);
  if (status === undefined) return 'k6 counts attempts by the status of their answer only';
  if (statistic.kind === 'share') return 'k6 has no shares with an interval';
  // Its rate is by the length of the whole run, which is not that of the schedule.
  if (statistic.kind === 'rate') return 'k6 divides by the length of its run, not of the schedule';
  return bounds(statistic.want, 'count').map((threshold) => ({
    metric: tagged('ws_sessions', [`status:${status}`, ...phase]),
    threshold,
    ...early,
  }));
}

// A threshold that k6 calls met may be missed: it is in the script to end what is lost for sure.
function percentileGap({ condition }: CheckSpec): string | undefined {
  if (condition.kind !== 'threshold' || condition.statistic.kind !== 'percentile') return undefined;
  const late = 'k6 measures from the start of an attempt, not from when it was due';
  return condition.among === undefined ? `${late}, and leaves out those that do not open` : late;
}

/** Those that k6 measures: with the status 101. */
function isOpened({ handshake, endings }: Among): boolean {
  if (handshake === undefined || endings !== undefined) return false;
  return Object.keys(handshake).join() === 'status' && literalOf(handshake) === 101;
}

function phaseTag(during: Threshold['during']): readonly string[] | undefined {
  if (during === undefined) return [];
  const [only, ...more] = during;
  return only === undefined || more.length > 0 ? undefined : [`phase:${only}`];
}

function tagged(metric: string, tags: readonly string[]): string {
  return `${metric}{${tags.join(',')}}`;
}

function isUpgrade(of: Condition): boolean {
  if (of.kind !== 'elapsed') return false;
  const { from, to } = of;
  return (
    from.of.kind === 'connection' &&
    from.of.name === 'connecting' &&
    to.of.kind === 'connection' &&
    to.of.name === 'opened'
  );
}

/** The one status that a handshake is asked for. */
function statusOf(of: Condition): number | undefined {
  if (of.kind !== 'handshake' || Object.keys(of.fields).join() !== 'status') return undefined;
  const status = literalOf(of.fields);
  return typeof status === 'number' ? status : undefined;
}

function literalOf({ status }: Fields): unknown {
  if (typeof status !== 'object' || Object.keys(status).join() !== 'is') return undefined;
  return (status as Matcher).is;
}

function bounds(want: Matcher, what: string): readonly string[] {
  const { is, gte, lte } = want;
  return [
    ...(typeof is === 'number' ? [`${what}==${is}`] : []),
    ...(gte === undefined ? [] : [`${what}>=${gte}`]),
    ...(lte === undefined ? [] : [`${what}<=${lte}`]),
  ];
}
