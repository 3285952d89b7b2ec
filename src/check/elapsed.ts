// Judges how long it takes from one moment to another.
import type { Matcher, Moment } from '../scenario/model.ts';
import { breakpoints, matches } from './matcher.ts';
import { ms } from './ms.ts';
import {
  type Asking,
  allOf,
  clocksNote,
  compareOf,
  type Found,
  isTooCoarse,
  name,
  tooCoarse,
  vaguenessUs,
  waitFor,
} from './occurrence.ts';
import { combineParts, errored, type Outcome, type Settled, settled } from './outcome.ts';
import type { View } from './view.ts';

/**
 * Judges `to` minus `from` in milliseconds: of each member with its own, of two names each with
 * each. Both must occur. A `to` before `from` breaks it, whatever the matcher says of less than
 * nothing; across two clocks any value within their bound counts.
 */
export function judgeElapsed(
  { from, to, matcher }: { from: Moment; to: Moment; matcher: Matcher },
  asking: Asking,
): Outcome {
  const begun = waitFor(from, asking);
  const ended = waitFor(to, asking);
  const missing = [...begun.missing, ...ended.missing];
  if (missing.length > 0) return combineParts(missing);
  const pairs = allOf(begun.found, ended.found);
  if (pairs.length === 0)
    return errored('NOTHING_TO_JUDGE', 'the two moments have no connection in common');
  return combineParts(pairs.map(([a, b]) => judgePair({ from: a, to: b, matcher }, asking.view)));
}

function judgePair(
  { from, to, matcher }: { from: Found; to: Found; matcher: Matcher },
  view: View,
): Settled {
  const isStamped = vaguenessUs(from, to, view) > 0;
  const difference = compareOf(from, to, view);
  if (difference.kind === 'unknown' && !isStamped) return difference.outcome;
  const us = to.occurrence.atUs - from.occurrence.atUs;
  const valuesMs = possibleMs({ from, to, matcher }, { us, view });
  const holding = valuesMs.filter((value) => value >= 0 && matches(value, matcher));
  const isDoubtful = holding.length > 0 && holding.length < valuesMs.length;
  if (isDoubtful && isStamped && isTooCoarse(view)) return tooCoarse(from, to, view);
  return settled(holding.length > 0 ? 'held' : 'broken', {
    message: `${describe(from, to, us)}${clocksNote(from, to, view)}`,
    actual: { [`${name(to)} - ${name(from)}`]: us / 1000 },
    deviation: {
      [`${to.moment.text} - ${from.moment.text}`]: howFarOff(us / 1000, matcher),
    },
    evidence: [from.occurrence.seq, to.occurrence.seq].toSorted((a, b) => a - b),
  });
}

/**
 * On which side of what was asked for a number of milliseconds lies: the number is another one in every
 * run, the side is not.
 */
export function howFarOff(valueMs: number, { is, gte, lte }: Matcher): string {
  if (valueMs < 0) return 'the wrong way round';
  const least = gte ?? (typeof is === 'number' ? is : undefined);
  const most = lte ?? (typeof is === 'number' ? is : undefined);
  if (least !== undefined && valueMs < least) return 'too short';
  return most !== undefined && valueMs > most ? 'too long' : 'not as asked for';
}

// On one clock there is one value, unless its stamps are coarse. On two it lies somewhere within their bound: the ends stand for
// what lies between, and so do the numbers at which the matcher changes its mind.
function possibleMs(
  { from, to, matcher }: { from: Found; to: Found; matcher: Matcher },
  { us, view }: { us: number; view: View },
): readonly number[] {
  const isOne = from.occurrence.clock === to.occurrence.clock;
  const boundUs = isOne ? vaguenessUs(from, to, view) : (view.clockBoundUs ?? 0);
  if (boundUs === 0) return [us / 1000];
  const [lowest, highest] = [(us - boundUs) / 1000, (us + boundUs) / 1000];
  const between = [0, ...(breakpoints(matcher) ?? [])].filter((n) => n > lowest && n < highest);
  return [us / 1000, lowest, highest, ...between];
}

function describe(from: Found, to: Found, us: number): string {
  if (us < 0) return `${name(to)} came ${ms(-us)} before ${name(from)}`;
  return `${name(to)} came ${ms(us)} after ${name(from)}`;
}
