// One threshold of a load, judged attempt by attempt in memory that does not grow with their number:
// exact counts, a histogram of times with exact counts at its bounds, and a few examples.
import { rankOf } from '../base/percentile.ts';
import { createTimeTally } from '../base/time-tally.ts';
import type { Condition, Moment, Threshold } from '../scenario/model.ts';
import { asksForUnreachable } from './condition.ts';
import {
  isAnsweredBy,
  judgeSample,
  type LoadClocks,
  type LoadSample,
  labelOf,
  type SampleTime,
  timeOf,
} from './load-sample.ts';
import { breakpoints } from './matcher.ts';
import { errored, type Settled } from './outcome.ts';
import {
  type Counted,
  concludeTally,
  NO_SAMPLES,
  SHOWN,
  type Tallied,
} from './tally-conclusion.ts';
import { concludeTimes, type Percentile, timeText } from './times-conclusion.ts';

/** What is still to come of its samples: attempts at most, and for how long they came so far. */
export interface Outlook {
  readonly more: number;
  readonly seconds: number;
}

/** A threshold at work. */
export interface LoadThreshold {
  /** Takes an attempt that is over; those that are no samples are left aside. */
  take(sample: LoadSample): void;
  /** What the samples come to if no more come. */
  conclude(outlook: Pick<Outlook, 'seconds'>): Settled;
  /** True when it cannot be met any more, whatever the attempts still to come do. */
  isLost(outlook: Outlook): boolean;
}

/** Starts judging. `withinMs`: of its condition. */
export function createLoadThreshold(
  threshold: Threshold,
  asking: { readonly withinMs: number | undefined; readonly clocks: LoadClocks },
): LoadThreshold {
  const { statistic } = threshold;
  const counted =
    statistic.kind === 'percentile'
      ? createTimes(threshold, { statistic, ...asking })
      : createCounts(threshold, { statistic, ...asking });
  return {
    ...counted,
    take: (sample) => {
      if (isSample(threshold, sample)) counted.take(sample);
    },
  };
}

/** Whether an attempt is a sample: what is about $disconnect wants those that opened and ended. */
function isSample({ of, among, during }: Threshold, sample: LoadSample): boolean {
  const { attempt, phase, ending } = sample;
  if (attempt.outcome === 'unsent' || attempt.outcome === 'aborted') return false;
  if (during !== undefined && !during.includes(phase)) return false;
  if (among?.handshake !== undefined && !isAnsweredBy(among.handshake, sample)) return false;
  const ended = attempt.outcome === 'opened' && !Number.isNaN(attempt.closingMs);
  if (among?.endings !== undefined) {
    const isOurs = ended && attempt.endedByUs && ending !== 'abort';
    return isOurs && among.endings.includes(ending);
  }
  return among !== undefined || !isAboutDisconnect(of) || ended;
}

function isAboutDisconnect(of: Condition): boolean {
  if (of.kind === 'events') return of.want.$disconnect !== undefined;
  return of.kind === 'elapsed' && [of.from, of.to].some(isOfDisconnect);
}

function isOfDisconnect({ of }: Moment): boolean {
  return of.kind === 'invocation' && of.invocation === '$disconnect';
}

interface Examples {
  count: number;
  readonly labels: string[];
  message: string;
  readonly evidence: readonly number[];
}

function examples(): Examples {
  return { count: 0, labels: [], message: '', evidence: [] };
}

function note(into: Examples, sample: LoadSample, message: string): void {
  if (into.count === 0) into.message = message;
  into.count += 1;
  if (into.labels.length < SHOWN) into.labels.push(labelOf(sample));
}

function createCounts(
  { of }: Threshold,
  asking: {
    readonly statistic: Tallied;
    readonly withinMs: number | undefined;
    readonly clocks: LoadClocks;
  },
): LoadThreshold {
  const { statistic } = asking;
  const asksForIt = asksForUnreachable(of);
  const [held, without, unknown] = [examples(), examples(), examples()];
  let samples = 0;
  let unreachable = 0;
  let blamed: Settled | undefined;
  const countedOf = (seconds: number): Counted => ({
    tally: { held: held.count, samples, seconds },
    unreachable,
    unknown: { ...unknown, blamed },
    with: held,
    without,
    evidence: [],
  });
  const conclude = ({ seconds }: { readonly seconds: number }): Settled =>
    concludeTally(statistic, countedOf(seconds));
  return {
    conclude,
    take: (sample) => {
      samples += 1;
      if (!asksForIt && sample.attempt.outcome === 'unreachable') unreachable += 1;
      const { state, message, reason = '' } = judgeSample(of, sample, asking);
      note(state === 'held' ? held : without, sample, message);
      if (state !== 'errored' && state !== 'inconclusive') return;
      note(unknown, sample, message);
      blamed ??= { state, reason, message, actual: {}, evidence: [] };
    },
    // The best and the worst that may still come: between them nothing is met that neither meets.
    isLost: ({ more, seconds }) => {
      if (samples === 0 || isTwoSided(statistic)) return false;
      const all = (extra: number): Settled =>
        concludeTally(statistic, {
          ...countedOf(seconds),
          tally: { held: held.count + extra, samples: samples + more, seconds },
        });
      return all(0).state === 'broken' && all(more + unknown.count).state === 'broken';
    },
  };
}

/** Between its two bounds something may be met that neither end meets. */
function isTwoSided({ kind, want }: Tallied): boolean {
  const { is, gte, lte, not, oneOf } = want;
  if (not !== undefined || oneOf !== undefined) return true;
  if (kind !== 'share' && is !== undefined) return true;
  return gte !== undefined && lte !== undefined;
}

function createTimes(
  { of }: Threshold,
  { statistic, clocks }: { readonly statistic: Percentile; readonly clocks: LoadClocks },
): LoadThreshold {
  if (of.kind !== 'elapsed') throw new Error(`a percentile is of a time, and not of ${of.kind}`);
  const points = breakpoints(statistic.want) ?? [];
  const [least, most] = [createTimeTally(points), createTimeTally(points)];
  const never = examples();
  const slowest = createSlowest();
  let unreachable = 0;
  let vague: SampleTime['vague'];
  return {
    take: (sample) => {
      const time = timeOf(of, sample, clocks);
      if (sample.attempt.outcome === 'unreachable') unreachable += 1;
      least.add(time.least);
      most.add(time.most);
      if (time.most === Infinity) note(never, sample, '');
      if (time.least !== time.most) vague ??= time.vague;
      slowest.add(time, sample);
    },
    conclude: () => {
      const samples = least.count;
      if (samples === 0) return NO_SAMPLES;
      if (unreachable === samples) {
        return errored('TARGET_UNREACHABLE', `none of ${samples} attempts could connect`);
      }
      const { share } = statistic;
      return concludeTimes(statistic, {
        samples,
        range: { least: least.percentile(share), most: most.percentile(share) },
        never,
        lost: { count: 0, labels: [] },
        slowest: slowest.texts(),
        vague: vague ?? 'CENSORED',
        evidence: [],
      });
    },
    // Were all that are still to come short enough, would it be enough of them?
    isLost: ({ more }) => {
      const { lte, gte, is } = statistic.want;
      if (least.count === 0 || lte === undefined || gte !== undefined || is !== undefined) {
        return false;
      }
      const short = least.atMost(Math.max(...points)) + more;
      return short < rankOf(least.count + more, statistic.share);
    },
  };
}

interface Slowest {
  add(time: SampleTime, sample: LoadSample): void;
  texts(): readonly string[];
}

function createSlowest(): Slowest {
  let kept: { readonly label: string; readonly time: SampleTime }[] = [];
  return {
    add: (time, sample) => {
      const last = kept.at(-1);
      if (kept.length === SHOWN && last !== undefined && compareTimes(time, last.time) <= 0) return;
      kept = [...kept, { label: labelOf(sample), time }]
        .toSorted((a, b) => compareTimes(b.time, a.time))
        .slice(0, SHOWN);
    },
    texts: () => kept.map(({ label, time }) => timeText(label, time)),
  };
}

function compareTimes(a: SampleTime, b: SampleTime): number {
  // Infinity minus Infinity is no number.
  if (a.most === b.most) return a.least === b.least ? 0 : Math.sign(a.least - b.least);
  return Math.sign(a.most - b.most);
}
