// On which side of what is asked a share or a number lies: a baseline that forgives one side must
// not hide the other.
import { compareInterval, wilson } from '../base/interval.ts';
import type { Matcher, Statistic } from '../scenario/model.ts';
import { breakpoints, matches } from './matcher.ts';

/** So many of so many samples. */
export interface Tally {
  readonly held: number;
  readonly samples: number;
  /** Of a rate: for how long samples came. */
  readonly seconds?: number;
}

/** What a count or a rate is judged by. */
export function valueOf({ kind }: Pick<Statistic, 'kind'>, { held, seconds = 0 }: Tally): number {
  return kind === 'rate' ? held / seconds : held;
}

type Tallied = Exclude<Statistic, { readonly kind: 'percentile' }>;

/** Which side was missed; `neither` where both were, or where what is asked has no sides. */
export type Side = 'few' | 'many' | 'neither';

/** Whether it holds of too few or of too many samples; undefined if nothing says that it does. */
export function sideOf(statistic: Tallied, tally: Tally): Side | undefined {
  if (statistic.kind === 'count') return sideOfCount(tally.held, statistic.want);
  if (statistic.kind === 'rate') return sideOfRate(valueOf(statistic, tally), statistic.want);
  return sideOfShare(statistic, tally);
}

/** The same in every run that misses the same side. */
export function sideText(side: Side, { held, samples }: Tally): string {
  if (side !== 'neither') return `too ${side}`;
  const some = held === samples ? 'all' : 'some';
  return `not as asked: ${held === 0 ? 'none' : some}`;
}

// A number is too small if only greater ones would do. A matcher changes its mind only at its
// breakpoints, so a number on each side of them stands for all.
function sideOfCount(held: number, want: Matcher): Side | undefined {
  if (matches(held, want)) return undefined;
  const around = (breakpoints(want) ?? []).flatMap((point) => [
    Math.ceil(point) - 1,
    Math.floor(point),
    Math.ceil(point),
    Math.floor(point) + 1,
  ]);
  const good = around.filter((value) => value >= 0 && matches(value, want));
  return oneSide({
    few: good.some((value) => value > held),
    many: good.some((value) => value < held),
  });
}

function sideOfRate(rate: number, want: Matcher): Side | undefined {
  if (matches(rate, want)) return undefined;
  const { is, gte, lte } = want;
  const least = gte ?? (typeof is === 'number' ? is : undefined);
  const most = lte ?? (typeof is === 'number' ? is : undefined);
  return oneSide({
    few: least !== undefined && rate < least,
    many: most !== undefined && rate > most,
  });
}

function sideOfShare(
  { want, confidence }: Extract<Tallied, { readonly kind: 'share' }>,
  { held, samples }: Tally,
): Side | undefined {
  const { is, gte, lte } = want;
  const share = held / samples;
  if (is !== undefined && share === Number(is)) return undefined;
  if (is !== undefined) return oneSide({ few: share < Number(is), many: share > Number(is) });
  const interval = wilson({ held, samples }, confidence);
  if (compareInterval(interval, { gte, lte }) === 'inside') return undefined;
  return oneSide({
    few: gte !== undefined && interval.low < gte,
    many: lte !== undefined && interval.high > lte,
  });
}

function oneSide({ few, many }: Readonly<Record<'few' | 'many', boolean>>): Side {
  if (few === many) return 'neither';
  return few ? 'few' : 'many';
}
