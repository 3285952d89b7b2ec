// Percentiles of times. An end that never came is a time that is longer than the watch, and one that
// cannot come is longer than all: neither is left out. Of an attempt that never reached the endpoint
// nothing is known: its time may be any.

import { nearestRank } from '../base/percentile.ts';
import type { Moment, Threshold } from '../scenario/model.ts';
import { unreachedOf } from './condition.ts';
import { handshakeSettledUs } from './handshake.ts';
import { compareOf, type Found, vaguenessUs, waitFor } from './occurrence.ts';
import { errored, type Settled } from './outcome.ts';
import { fewOf, SHOWN } from './tally-conclusion.ts';
import type { Judged, Samples } from './threshold-tally.ts';
import {
  concludeTimes,
  type Percentile,
  type Range,
  timesState,
  timeText,
} from './times-conclusion.ts';
import type { Member, View } from './view.ts';
import { presenceLimit, watchedAs } from './window.ts';

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
  if (times.length > 0 && times.every(({ unreached }) => unreached !== undefined)) {
    return errored('TARGET_UNREACHABLE', `none of ${times.length} attempts could connect`);
  }
  const reached = times.filter(({ unreached }) => unreached === undefined);
  const slowest = reached.toSorted((a, b) => compareTimes(b, a)).slice(0, SHOWN);
  return concludeTimes(
    statistic,
    {
      samples: times.length,
      range: times.length === 0 ? NEVER : rangeOf(times, statistic),
      never: namedIn(reached.filter(({ most }) => most === Infinity)),
      lost: namedIn(times.filter(({ unreached }) => unreached !== undefined)),
      slowest: slowest.map((time) => timeText(time.member.label, time)),
      vague: whyEndless(times),
      evidence: [...new Set(slowest.flatMap(({ evidence }) => evidence))].toSorted((a, b) => a - b),
    },
    () => unsureOf(statistic, times),
  );
}

function namedIn(times: readonly Time[]): { count: number; labels: readonly string[] } {
  return { count: times.length, labels: times.map(({ member }) => member.label) };
}

// Inconclusive, unless it is so only because some never reached the endpoint.
function unsureOf(
  statistic: Percentile,
  times: readonly Time[],
): Pick<Settled, 'message' | 'evidence'> | undefined {
  const lost = times.filter(({ unreached }) => unreached !== undefined);
  const [blamed] = lost;
  if (blamed === undefined) return undefined;
  const states = [AT_ONCE, NEVER].map((known) => {
    const told = times.map((time) => (time.unreached === undefined ? time : known));
    return timesState(statistic.want, rangeOf(told, statistic));
  });
  if (states.every((state) => state === 'inconclusive')) return undefined;
  const labels = fewOf(lost.map(({ member }) => member.label));
  return {
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
    nearestRank(
      times.map((time) => time[end]).toSorted((a, b) => a - b),
      statistic.share,
    );
  return { least: at('least'), most: at('most') };
}

function compareTimes(a: Time, b: Time): number {
  // Infinity minus Infinity is no number.
  if (a.most === b.most) return a.least === b.least ? 0 : Math.sign(a.least - b.least);
  return Math.sign(a.most - b.most);
}
