// Percentiles of times. An end that never came is a time that is longer than the watch, and one that
// cannot come is longer than all: neither is left out. Of an attempt that never reached the endpoint
// nothing is known: its time may be any.

import type { Json } from '../base/json.ts';
import { leastSamples, nearestRank } from '../base/percentile.ts';
import type { Matcher, Moment, Statistic, Threshold } from '../scenario/model.ts';
import { unreachedOf } from './condition.ts';
import { handshakeSettledUs } from './handshake.ts';
import { breakpoints, matches } from './matcher.ts';
import { ms } from './ms.ts';
import { compareOf, type Found, vaguenessUs, waitFor } from './occurrence.ts';
import { errored, type Settled } from './outcome.ts';
import { fewOf, NO_SAMPLES, SHOWN } from './tally-conclusion.ts';
import type { Judged, Samples } from './threshold-tally.ts';
import type { Member, View } from './view.ts';
import { presenceLimit, watchedAs } from './window.ts';

type Percentile = Extract<Statistic, { readonly kind: 'percentile' }>;

/** Judges a percentile of the time from one moment to another. */
export function judgeTimes({ of }: Threshold, samples: Samples<Percentile>): Judged {
  if (of.kind !== 'elapsed') throw new Error(`a percentile is of a time, and not of ${of.kind}`);
  const { members, statistic } = samples;
  const times = members.map((member) => timeOf(of, member, samples));
  const waits = times.flatMap(({ untilUs }) => (untilUs === undefined ? [] : [untilUs]));
  return {
    conclusion: conclude(statistic, times),
    settled: waits.length === 0,
    untilUs: Math.min(Infinity, ...waits),
  };
}

/** The time of one member, as closely as it is known. */
interface Time {
  readonly member: Member;
  /** In milliseconds; Infinity where the end cannot come any more. */
  readonly least: number;
  /** Infinity where the end has not come. */
  readonly most: number;
  /** Why it is not exact. */
  readonly vague?: 'CENSORED' | 'CLOCK_BOUND' | undefined;
  readonly evidence: readonly number[];
  /** Why nothing is known of it: it never reached the endpoint. */
  readonly unreached?: Settled | undefined;
  /** When more will be known of it. */
  readonly untilUs?: number | undefined;
}

interface Ends {
  readonly from: Moment;
  readonly to: Moment;
}

function timeOf(
  { from, to }: Ends,
  member: Member,
  { view, nowUs }: Pick<Samples<Percentile>, 'view' | 'nowUs'>,
): Time {
  const unreached = unreachedOf(member);
  if (unreached !== undefined) {
    return { member, least: 0, most: Infinity, unreached, evidence: unreached.evidence };
  }
  const asking = { own: member.name, view: { ...view, membersOf: () => [member] }, nowUs };
  const [begun, ended] = [waitFor(from, asking), waitFor(to, asking)];
  const waits = [...begun.missing, ...ended.missing].flatMap((outcome) =>
    outcome.state === 'pending' ? [outcome.untilUs] : [],
  );
  const untilUs = waits.length === 0 ? undefined : Math.min(...waits);
  const [start] = begun.found;
  const [end] = ended.found;
  if (start !== undefined && end !== undefined) return measured(start, end, { member, view });
  return { ...missing({ from, to }, start, { member, view }), untilUs };
}

interface Watching {
  readonly member: Member;
  readonly view: View;
}

function measured(start: Found, end: Found, { member, view }: Watching): Time {
  const evidence = [start.occurrence.seq, end.occurrence.seq].toSorted((a, b) => a - b);
  const difference = compareOf(start, end, view);
  if (difference.kind === 'unknown')
    return { member, least: 0, most: Infinity, vague: 'CLOCK_BOUND', evidence };
  const isOne = start.occurrence.clock === end.occurrence.clock;
  const boundUs = isOne ? vaguenessUs(start, end, view) : (view.clockBoundUs ?? 0);
  const exact = isOne && boundUs === 0;
  const [lowUs, highUs] = [difference.us - boundUs, difference.us + boundUs];
  // What came before its beginning did not come after it.
  if (highUs < 0) return { member, ...NEVER, evidence };
  const vague = exact ? undefined : 'CLOCK_BOUND';
  return { member, least: Math.max(0, lowUs) / 1000, most: highUs / 1000, vague, evidence };
}

const AT_ONCE = { least: 0, most: 0 } as const;
const NEVER = { least: Infinity, most: Infinity, vague: 'CENSORED' } as const;

function missing({ to }: Ends, start: Found | undefined, { member, view }: Watching): Time {
  const evidence = start === undefined ? lastOf(member) : [start.occurrence.seq];
  const watched = watchedAs(to.of);
  const refused = watched === 'handshake' && handshakeSettledUs(member) !== undefined;
  if (refused) return { member, ...NEVER, evidence };
  const limitUs = presenceLimit(watched, member, view).untilUs;
  const watchedMs = start === undefined ? 0 : (limitUs - start.occurrence.seenUs) / 1000;
  const least = Number.isFinite(watchedMs) ? Math.max(0, watchedMs) : 0;
  return { member, least, most: Infinity, vague: 'CENSORED', evidence };
}

function lastOf({ records }: Member): readonly number[] {
  return records.slice(-1).map(({ seq }) => seq);
}

function conclude(statistic: Percentile, times: readonly Time[]): Settled {
  if (times.length === 0) return NO_SAMPLES;
  if (times.every(({ unreached }) => unreached !== undefined)) {
    return errored('TARGET_UNREACHABLE', `none of ${times.length} attempts could connect`);
  }
  const { least, most } = rangeOf(times, statistic);
  const wanted = leastSamples(statistic.share);
  const sight = sightOf(statistic, { times, least, most });
  if (times.length < wanted) {
    const needed = wanted - times.length;
    const message = `${times.length} samples; ${statistic.name} needs ${wanted}, ${needed} more`;
    const actual = { samples: times.length, needed };
    return { state: 'inconclusive', reason: 'TOO_FEW_SAMPLES', ...sight, message, actual };
  }
  const state = stateOf(statistic.want, { least, most });
  if (state !== 'inconclusive') return { state, ...sight };
  const unsure = unsureOf(statistic, times);
  if (unsure !== undefined) return { ...sight, ...unsure };
  const reason = most === Infinity ? whyEndless(times) : 'CLOCK_BOUND';
  return { state, reason, ...sight };
}

// Inconclusive, unless it is so only because some never reached the endpoint.
function unsureOf(
  statistic: Percentile,
  times: readonly Time[],
): Pick<Settled & { state: 'errored' }, 'state' | 'reason' | 'message' | 'evidence'> | undefined {
  const lost = times.filter(({ unreached }) => unreached !== undefined);
  const [blamed] = lost;
  if (blamed === undefined) return undefined;
  const states = [AT_ONCE, NEVER].map((known) => {
    const told = times.map((time) => (time.unreached === undefined ? time : known));
    return stateOf(statistic.want, rangeOf(told, statistic));
  });
  if (states.every((state) => state === 'inconclusive')) return undefined;
  const labels = fewOf(lost.map(({ member }) => member.label));
  return {
    state: 'errored',
    reason: 'TARGET_UNREACHABLE',
    message: `of ${times.length} samples ${lost.length} could not be judged (${labels}: ${blamed.unreached?.message})`,
    evidence: lost.slice(0, SHOWN).flatMap(({ evidence }) => evidence),
  };
}

function whyEndless(times: readonly Time[]): string {
  return (
    times.find(({ most, vague }) => most === Infinity && vague !== undefined)?.vague ?? 'CENSORED'
  );
}

function rangeOf(times: readonly Range[], statistic: Percentile): Range {
  const at = (end: keyof Range): number =>
    percentileOf(
      times.map((time) => time[end]),
      statistic,
    );
  return { least: at('least'), most: at('most') };
}

function percentileOf(values: readonly number[], { share }: Percentile): number {
  return nearestRank(
    values.toSorted((a, b) => a - b),
    share,
  );
}

interface Range {
  readonly least: number;
  readonly most: number;
}

// The percentile lies somewhere between the two, and the matcher changes its mind only at its
// breakpoints. What may never have ended passes nothing, not even "at least".
function stateOf(want: Matcher, { least, most }: Range): 'held' | 'broken' | 'inconclusive' {
  const between = (breakpoints(want) ?? []).filter((point) => point > least && point < most);
  const verdicts = [least, ...between, most].map((value) => matches(value, want));
  if (least === Infinity || !verdicts.includes(true)) return 'broken';
  return verdicts.includes(false) || most === Infinity ? 'inconclusive' : 'held';
}

// A number of milliseconds is another one in every run; on which side of the bounds it is, is not.
function howFarOff(leastMs: number, { is, gte }: Matcher): string {
  if (leastMs === Infinity) return 'never';
  const bound = gte ?? (typeof is === 'number' ? is : undefined);
  return bound !== undefined && leastMs < bound ? 'too short' : 'too long';
}

function sightOf(
  { name, want }: Percentile,
  { times, least, most }: Range & { readonly times: readonly Time[] },
): Omit<Settled & { state: 'held' }, 'state'> {
  const reached = times.filter(({ unreached }) => unreached === undefined);
  const endless = reached.filter((time) => time.most === Infinity);
  const slowest = reached.toSorted((a, b) => compareTimes(b, a)).slice(0, SHOWN);
  const never = labelsOf(endless);
  const lost = labelsOf(times.filter(({ unreached }) => unreached !== undefined));
  const missed = [
    ...(never.length === 0 ? [] : [`${never.length} never came: ${fewOf(never)}`]),
    ...(lost.length === 0 ? [] : [`${lost.length} could not connect: ${fewOf(lost)}`]),
  ];
  const [longest] = slowest;
  const tail =
    missed.length === 0 && longest !== undefined
      ? `the longest ${timeText(longest)}`
      : missed.join('; ');
  const open = lost.length > 0 && least < Infinity && most === Infinity;
  const range = open ? `${ms(least * 1000)} or longer` : rangeText({ least, most });
  return {
    message: `${name} of ${times.length} samples is ${range}; ${tail}`,
    actual: {
      [name]: numberOf(least === most ? least : { least, most }),
      samples: times.length,
      ...(never.length === 0 ? {} : { never: never.length, without: never.slice(0, SHOWN) }),
      ...(lost.length === 0 ? {} : { unreachable: lost.length }),
      ...(never.length === 0 ? { longest: slowest.map(timeText) } : {}),
    },
    deviation: { [name]: howFarOff(least, want) },
    evidence: [...new Set(slowest.flatMap(({ evidence }) => evidence))].toSorted((a, b) => a - b),
  };
}

function labelsOf(times: readonly Time[]): readonly string[] {
  return times.map(({ member }) => member.label);
}

// JSON has no Infinity.
function numberOf(value: number | Range): Json {
  if (typeof value !== 'number') return [numberOf(value.least), numberOf(value.most)];
  return Number.isFinite(value) ? value : null;
}

function compareTimes(a: Time, b: Time): number {
  // Infinity minus Infinity is no number.
  if (a.most === b.most) return a.least === b.least ? 0 : Math.sign(a.least - b.least);
  return Math.sign(a.most - b.most);
}

function timeText({ member, least, most }: Time): string {
  return `${member.label} ${rangeText({ least, most })}`;
}

function rangeText({ least, most }: Range): string {
  if (least === Infinity) return 'endless: it never came';
  if (most === Infinity)
    return `longer than ${ms(least * 1000)}: it never came while it was watched`;
  return least === most ? ms(least * 1000) : `${ms(least * 1000)} to ${ms(most * 1000)}`;
}
