// Moments as conditions use them: waited for on every member of the connection they name, paired,
// and compared across two clocks.
import type { Moment } from '../scenario/model.ts';
import { handshakeSettledUs } from './handshake.ts';
import { firstOf, type Occurrence } from './moment.ts';
import { ms } from './ms.ts';
import { errored, type Outcome, pending, resolve, type Settled, settled } from './outcome.ts';
import type { Member, View } from './view.ts';
import { presenceLimit, watchedAs } from './window.ts';

/** A moment that has come on one member. */
export interface Found {
  readonly moment: Moment;
  readonly occurrence: Occurrence;
  /** True if its connection has more members, or others are named beside it. */
  readonly labelled: boolean;
}

/** Whose moments are meant. */
export interface Asking {
  /** The connection of moments that name none. */
  readonly own: string;
  readonly view: View;
  readonly nowUs: number;
}

/** The first occurrence on every member, and an outcome for every member on which it is missing. */
export function waitFor(
  moment: Moment,
  asking: Asking,
): { readonly found: readonly Found[]; readonly missing: readonly Outcome[] } {
  const members = membersOf(moment, asking);
  const found: Found[] = [];
  const missing: Outcome[] = [];
  for (const member of members) {
    const limit = presenceLimit(watchedAs(moment.of), member, asking.view);
    const occurrence = firstOf(moment.of, member);
    if (occurrence !== undefined && occurrence.seenUs < limit.certainUs) {
      found.push({ moment, occurrence, labelled: members.length > 1 });
    } else
      missing.push(resolve(missingOn({ moment, member, limitUs: limit.untilUs }), asking.nowUs));
  }
  if (members.length === 0)
    missing.push(errored('NO_CONNECTION', `there is no connection for ${moment.text}`));
  return { found, missing };
}

// A moment of the handshake cannot come after the handshake is over.
function missingOn(asked: { moment: Moment; member: Member; limitUs: number }): Outcome {
  const { moment, member, limitUs } = asked;
  const isOver = watchedAs(moment.of) === 'handshake' && handshakeSettledUs(member) !== undefined;
  return isOver ? neverCame(moment, member) : pending(limitUs, neverCame(moment, member));
}

/** The members of the connection that a moment names. */
export function membersOf(moment: Moment, { own, view }: Asking): readonly Member[] {
  return view.membersOf(moment.connection ?? own);
}

/** Which occurrences are compared: of one member with its own, of two names each with each. */
export function allOf(
  left: readonly Found[],
  right: readonly Found[],
): readonly (readonly [Found, Found])[] {
  return left.flatMap((one) =>
    right.filter((other) => belongTogether(one, other)).map((other) => [one, other] as const),
  );
}

/** How long after `from` the moment `to` came, as far as the two clocks allow to say. */
export type Difference =
  | { readonly kind: 'exact'; readonly us: number }
  /** So close that two clocks, or the stamps of one, cannot tell. */
  | { readonly kind: 'tie'; readonly us: number }
  /** Two clocks, and it is not known, or not closely enough, how far they are apart; or coarse stamps. */
  | { readonly kind: 'unknown'; readonly outcome: Settled };

/**
 * Compares two moments (language 2.6): a difference within the clock bound is a tie; a bound that
 * was not measured, or is over 500 ms, decides nothing. Neither do two stamps that are closer than
 * their tick, where that is over 500 ms.
 */
export function compareOf(from: Found, to: Found, view: View): Difference {
  const us = to.occurrence.atUs - from.occurrence.atUs;
  if (from.occurrence.clock === to.occurrence.clock) return compareStamps(from, to, view);
  const boundUs = view.clockBoundUs;
  if (boundUs === undefined || boundUs > WORST_BOUND_US) {
    return { kind: 'unknown', outcome: twoClocks(from, to, boundUs) };
  }
  return Math.abs(us) <= boundUs ? { kind: 'tie', us } : { kind: 'exact', us };
}

function compareStamps(from: Found, to: Found, view: View): Difference {
  const us = to.occurrence.atUs - from.occurrence.atUs;
  if (Math.abs(us) > vaguenessUs(from, to, view)) return { kind: 'exact', us };
  if (view.clockTickUs <= WORST_BOUND_US) return { kind: 'tie', us };
  return { kind: 'unknown', outcome: tooCoarse(from, to, view) };
}

/** By how much a difference on one clock may be off, at most, in microseconds. */
export function vaguenessUs(from: Found, to: Found, { clockTickUs }: View): number {
  const { clock } = from.occurrence;
  // A millisecond is as good as exact.
  const isCoarse = clock === 'platform' && clock === to.occurrence.clock && clockTickUs > 1000;
  return isCoarse ? clockTickUs - 1 : 0;
}

/** What is concluded where stamps are too coarse to tell. */
export function tooCoarse(from: Found, to: Found, { clockTickUs }: View): Settled {
  return {
    state: 'inconclusive',
    reason: 'CLOCK_TICK',
    message: `${name(from)} and ${name(to)} bear stamps that are known to ${ms(clockTickUs)} only, over ${ms(WORST_BOUND_US)}`,
    actual: {},
    evidence: [from.occurrence.seq, to.occurrence.seq],
  };
}

/** True where the stamps of one clock are so coarse that a doubt decides nothing. */
export function isTooCoarse({ clockTickUs }: View): boolean {
  return clockTickUs > WORST_BOUND_US;
}

/** What the reader of a comparison across two clocks must know; empty on one clock. */
export function clocksNote(from: Found, to: Found, view: View): string {
  const { clockBoundUs } = view;
  if (vaguenessUs(from, to, view) > 0) return ` (by stamps known to ${ms(view.clockTickUs)})`;
  if (from.occurrence.clock === to.occurrence.clock || clockBoundUs === undefined) return '';
  return ` (on two clocks, known to ${ms(clockBoundUs)})`;
}

/** How a finding names a moment: as it was written, with the member where there are several. */
export function name({ moment, occurrence, labelled }: Found): string {
  return labelled ? `${occurrence.member.label} ${bare(moment)}` : moment.text;
}

const WORST_BOUND_US = 500_000;

function bare({ connection, text }: Moment): string {
  const lead = `${connection ?? ''}.`;
  return text.startsWith(lead) ? text.slice(lead.length) : text;
}

function belongTogether(left: Found, right: Found): boolean {
  const a = left.occurrence.member;
  const b = right.occurrence.member;
  return a.name !== b.name || a.index === b.index;
}

function neverCame(moment: Moment, member: Member): Settled {
  const who = member.label === member.name ? moment.text : `${member.label} ${bare(moment)}`;
  return settled('broken', {
    message: `${who} never came`,
    actual: { [who]: null },
    deviation: { [moment.text]: null },
    evidence: member.records.slice(-1).map(({ seq }) => seq),
  });
}

function twoClocks(from: Found, to: Found, boundUs: number | undefined): Settled {
  const how =
    boundUs === undefined ? 'was not measured' : `is ${ms(boundUs)}, over ${ms(WORST_BOUND_US)}`;
  return {
    state: 'inconclusive',
    reason: 'CLOCK_BOUND',
    message: `${name(from)} and ${name(to)} are on two clocks, and how far those are apart ${how}`,
    actual: {},
    evidence: [from.occurrence.seq, to.occurrence.seq],
  };
}
