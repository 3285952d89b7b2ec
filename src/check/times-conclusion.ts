// What a percentile comes to, whoever measured: the value lies somewhere between two, and what never
// came is longer than it was watched.
import type { Json } from '../base/json.ts';
import { leastSamples } from '../base/percentile.ts';
import type { Matcher, Statistic } from '../scenario/model.ts';
import { breakpoints, matches } from './matcher.ts';
import { ms } from './ms.ts';
import type { Settled, Sight } from './outcome.ts';
import { fewOf, NO_SAMPLES, SHOWN } from './tally-conclusion.ts';

/** A percentile. */
export type Percentile = Extract<Statistic, { readonly kind: 'percentile' }>;

/** In milliseconds; Infinity where an end cannot come any more, or has not come. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Some of the samples: how many, and the first few by name. */
export interface Named {
  readonly count: number;
  readonly labels: readonly string[];
}

/** Times that were measured. */
export interface Timed {
  readonly samples: number;
  /** The percentile itself, as closely as it is known. */
  readonly range: Range;
  /** What never came, of attempts that reached the endpoint. */
  readonly never: Named;
  /** Attempts that reached nothing. */
  readonly lost: Named;
  /** The slowest, each with its time, as text. */
  readonly slowest: readonly string[];
  /** Why it is not known closely enough. */
  readonly vague: string;
  readonly evidence: readonly number[];
}

/** Concludes; `unsure` may know better why nothing can be said. */
export function concludeTimes(
  statistic: Percentile,
  timed: Timed,
  unsure?: () => Pick<Settled, 'message' | 'evidence'> | undefined,
): Settled {
  const { samples, range } = timed;
  if (samples === 0) return NO_SAMPLES;
  const wanted = leastSamples(statistic.share);
  const sight = sightOf(statistic, timed);
  if (samples < wanted) {
    const needed = wanted - samples;
    const message = `${samples} samples; ${statistic.name} needs ${wanted}, ${needed} more`;
    const actual = { samples, needed };
    return { ...sight, state: 'inconclusive', reason: 'TOO_FEW_SAMPLES', message, actual };
  }
  const state = timesState(statistic.want, range);
  if (state !== 'inconclusive') return { state, ...sight };
  const known = unsure?.();
  if (known !== undefined) {
    return { ...sight, ...known, state: 'errored', reason: 'TARGET_UNREACHABLE' };
  }
  return { state, reason: range.most === Infinity ? timed.vague : 'CLOCK_BOUND', ...sight };
}

/** What is to be said of a value between two; the matcher changes its mind only at its breakpoints. */
export function timesState(
  want: Matcher,
  { least, most }: Range,
): 'held' | 'broken' | 'inconclusive' {
  const between = (breakpoints(want) ?? []).filter((point) => point > least && point < most);
  const verdicts = [least, ...between, most].map((value) => matches(value, want));
  // What may never have ended passes nothing, not even "at least".
  if (least === Infinity || !verdicts.includes(true)) return 'broken';
  return verdicts.includes(false) || most === Infinity ? 'inconclusive' : 'held';
}

/** `client[3] 412 ms`. */
export function timeText(label: string, range: Range): string {
  return `${label}: ${rangeText(range)}`;
}

// A number of milliseconds is another one in every run; on which side of the bounds it is, is not.
function howFarOff(leastMs: number, { is, gte }: Matcher): string {
  if (leastMs === Infinity) return 'never';
  const bound = gte ?? (typeof is === 'number' ? is : undefined);
  return bound !== undefined && leastMs < bound ? 'too short' : 'too long';
}

function sightOf({ name, want }: Percentile, timed: Timed): Sight {
  const { samples, range, never, lost, slowest } = timed;
  const { least, most } = range;
  const missed = [
    ...(never.count === 0
      ? []
      : [`${never.count} never came: ${fewOf(never.labels, never.count)}`]),
    ...(lost.count === 0
      ? []
      : [`${lost.count} could not connect: ${fewOf(lost.labels, lost.count)}`]),
  ];
  const [longest] = slowest;
  const tail =
    missed.length === 0 && longest !== undefined ? `the longest ${longest}` : missed.join('; ');
  const open = lost.count > 0 && least < Infinity && most === Infinity;
  const text = open ? `${ms(least * 1000)} or longer` : rangeText(range);
  return {
    message: `${name} of ${samples} samples is ${text}; ${tail}`,
    actual: {
      [name]: numberOf(least === most ? least : range),
      samples,
      ...(never.count === 0 ? {} : { never: never.count, without: never.labels.slice(0, SHOWN) }),
      ...(lost.count === 0 ? {} : { unreachable: lost.count }),
      ...(never.count === 0 ? { longest: [...slowest] } : {}),
    },
    deviation: { [name]: howFarOff(least, want) },
    evidence: timed.evidence,
  };
}

// JSON has no Infinity.
function numberOf(value: number | Range): Json {
  if (typeof value !== 'number') return [numberOf(value.least), numberOf(value.most)];
  return Number.isFinite(value) ? value : null;
}

function rangeText({ least, most }: Range): string {
  if (least === Infinity) return 'endless: it never came';
  if (most === Infinity)
    return `longer than ${ms(least * 1000)}: it never came while it was watched`;
  return least === most ? ms(least * 1000) : `${ms(least * 1000)} to ${ms(most * 1000)}`;
}
