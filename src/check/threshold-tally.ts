// Shares and counts: of how many connections a condition holds.
import { compareInterval, samplesToDecide, wilson } from '../base/interval.ts';
import type { Json } from '../base/json.ts';
import type { Condition, Statistic, Threshold } from '../scenario/model.ts';
import { asksForUnreachable, judgeAlone } from './condition.ts';
import { handshakeOutcome } from './handshake.ts';
import { HiddenValue } from './hidden.ts';
import { matches } from './matcher.ts';
import { firstOf } from './moment.ts';
import { errored, type Outcome, type Settled } from './outcome.ts';
import { percent } from './percent.ts';
import { type Side, sideOf, sideText, type Tally } from './threshold-side.ts';
import type { Member, View } from './view.ts';

type Tallied = Exclude<Statistic, { readonly kind: 'percentile' }>;

/** The samples and what is asked of their number. */
export interface Samples<S extends Statistic> {
  readonly statistic: S;
  readonly members: readonly Member[];
  readonly view: View;
  readonly nowUs: number;
}

/** What the samples come to so far. */
export interface Judged {
  readonly conclusion: Settled;
  /** Nothing that may still come can change it. */
  readonly settled: boolean;
  /** When more will be known; Infinity where only a record tells. */
  readonly untilUs: number;
}

/** Judges the share or the number of samples of which the condition holds. */
export function judgeTally({ of }: Threshold, samples: Samples<Tallied>): Judged {
  const { members, statistic, view, nowUs } = samples;
  const all = members.map((member) => ({ member, outcome: judgeOne(of, { member, view, nowUs }) }));
  const waits = all.flatMap(({ outcome }) =>
    outcome.state === 'pending' ? [outcome.untilUs] : [],
  );
  const settled = all.map(({ member, outcome }) => ({
    member,
    outcome: outcome.state === 'pending' ? outcome.eventually : outcome,
  }));
  return {
    conclusion: conclude(statistic, settled, of),
    settled: waits.length === 0,
    untilUs: Math.min(Infinity, ...waits),
  };
}

/** Why nothing can be said: there is no sample. */
export const NO_SAMPLES: Settled = {
  state: 'inconclusive',
  reason: 'NO_SAMPLES',
  message: 'there is no sample: no connection is among those that it is about',
  actual: { samples: 0 },
  evidence: [],
};

/** The first few of many, as a list in a sentence. */
export function fewOf(labels: readonly string[]): string {
  return `${labels.slice(0, SHOWN).join(', ')}${labels.length > SHOWN ? ', …' : ''}`;
}

/** How many of many samples a finding names. */
export const SHOWN = 5;

interface Sample {
  readonly member: Member;
  readonly outcome: Settled;
}

function judgeOne(
  of: Condition,
  asking: { readonly member: Member; readonly view: View; readonly nowUs: number },
): Outcome {
  try {
    return judgeAlone(of, asking);
  } catch (thrown) {
    if (thrown instanceof HiddenValue) return errored(thrown.reason, thrown.message);
    throw thrown;
  }
}

function conclude(statistic: Tallied, samples: readonly Sample[], of: Condition): Settled {
  if (samples.length === 0) return NO_SAMPLES;
  const unreachable = samples.filter(({ member }) => handshakeOutcome(member) === 'unreachable');
  if (unreachable.length === samples.length && !asksForUnreachable(of)) {
    return errored('TARGET_UNREACHABLE', `none of ${samples.length} attempts could connect`);
  }
  const held = samples.filter(({ outcome }) => outcome.state === 'held').length;
  const unknown = samples.filter(({ outcome }) => isUnknown(outcome));
  const tally = { held, samples: samples.length };
  const states = new Set(
    Array.from({ length: unknown.length + 1 }, (_, more) =>
      stateOf(statistic, { ...tally, held: held + more }),
    ),
  );
  const [state] = states;
  const [first] = unknown;
  if (state === undefined) return NO_SAMPLES;
  if (states.size > 1 && first !== undefined) return unsure(statistic, { tally, unknown, samples });
  const sight = sightOf(statistic, { tally, samples, state });
  if (state !== 'inconclusive') return { ...sight, state };
  return { ...sight, state, reason: 'TOO_FEW_SAMPLES' };
}

function isUnknown({ state }: Settled): boolean {
  return state === 'errored' || state === 'inconclusive';
}

function stateOf(statistic: Tallied, tally: Tally): 'held' | 'broken' | 'inconclusive' {
  if (statistic.kind === 'count') return matches(tally.held, statistic.want) ? 'held' : 'broken';
  const { want, confidence } = statistic;
  // About this sample and no other: no interval is needed.
  if (want.is !== undefined && tally.held !== Number(want.is) * tally.samples) return 'broken';
  if (want.gte === undefined && want.lte === undefined) return 'held';
  const where = compareInterval(wilson(tally, confidence), want);
  return ({ inside: 'held', outside: 'broken', across: 'inconclusive' } as const)[where];
}

interface Concluding {
  readonly tally: Tally;
  readonly samples: readonly Sample[];
}

// With what is not known counted as held it is one verdict, counted as broken another.
function unsure(
  statistic: Tallied,
  { tally, samples, unknown }: Concluding & { readonly unknown: readonly Sample[] },
): Settled {
  const blamed = unknown.find(({ outcome }) => outcome.state === 'errored') ?? unknown[0];
  const sight = sightOf(statistic, { tally, samples, state: 'inconclusive' });
  const labels = fewOf(unknown.map(({ member }) => member.label));
  const why = blamed?.outcome.message ?? '';
  const message = `of ${tally.samples} samples ${unknown.length} could not be judged (${labels}: ${why}), and ${tally.held} held`;
  const evidence = recordsOf(unknown.slice(0, SHOWN), samples);
  const reason = blamed !== undefined && 'reason' in blamed.outcome ? blamed.outcome.reason : '';
  const state = blamed?.outcome.state === 'errored' ? 'errored' : 'inconclusive';
  return { ...sight, message, evidence, state, reason };
}

interface Seen extends Concluding {
  readonly state: 'held' | 'broken' | 'inconclusive';
}

function sightOf(statistic: Tallied, seen: Seen): Omit<Settled & { state: 'held' }, 'state'> {
  const { tally, samples, state } = seen;
  const told = toldOf(statistic, seen);
  const parts = [headOf(statistic, tally), neededText(statistic, seen), namedText(told)];
  return {
    message: parts.filter((part) => part !== '').join('; '),
    actual: {
      ...valuesOf(statistic, tally, state),
      ...(told.samples.length === 0
        ? {}
        : { [told.how]: told.samples.slice(0, SHOWN).map(({ member }) => member.label) }),
    },
    deviation: { [statistic.kind]: sideText(told.side, tally) },
    evidence: recordsOf(told.samples.slice(0, SHOWN), samples),
  };
}

function headOf(statistic: Tallied, { held, samples }: Tally): string {
  if (statistic.kind === 'count') return `${held} of ${samples}`;
  const share = `${held} of ${samples} (${percent(held / samples)})`;
  if (isExact(statistic)) return share;
  const { low, high } = wilson({ held, samples }, statistic.confidence);
  return `${share}, ${percent(statistic.confidence)} interval ${percent(low)} to ${percent(high)}`;
}

function isExact({ want }: Extract<Tallied, { kind: 'share' }>): boolean {
  return want.gte === undefined && want.lte === undefined;
}

function neededText(statistic: Tallied, { tally, state }: Seen): string {
  const needed = neededOf(statistic, { tally, state });
  if (needed === undefined) return '';
  if (needed === Infinity) return 'no number of samples decides a share that lies on its bound';
  return `if it stays so, ${needed} more samples decide`;
}

function neededOf(
  statistic: Tallied,
  { tally, state }: Pick<Seen, 'tally' | 'state'>,
): number | undefined {
  if (statistic.kind === 'count' || state !== 'inconclusive' || isExact(statistic))
    return undefined;
  const { want: bounds, confidence } = statistic;
  return Math.max(1, samplesToDecide(tally, { bounds, confidence }) - tally.samples);
}

interface Told {
  readonly side: Side;
  readonly how: 'with' | 'without';
  readonly samples: readonly Sample[];
}

// Those that deserve a look: which lack what many should have, or have what few should.
function toldOf(statistic: Tallied, { tally, samples, state }: Seen): Told {
  const side = sideOf(statistic, tally) ?? likelySide(statistic);
  const how = side === 'many' ? 'with' : 'without';
  if (statistic.kind === 'count' && state === 'held') return { side, how, samples: [] };
  const wanted = how === 'with' ? ['held'] : ['broken', 'errored', 'inconclusive'];
  return { side, how, samples: samples.filter(({ outcome }) => wanted.includes(outcome.state)) };
}

// Nothing was missed: the side that could have been.
function likelySide({ want }: Tallied): Side {
  const { is, gte, lte } = want;
  if (is !== undefined) return Number(is) === 0 ? 'many' : 'few';
  return lte !== undefined && gte === undefined ? 'many' : 'few';
}

function namedText({ how, samples }: Told): string {
  const [first] = samples;
  if (first === undefined) return '';
  const labels = fewOf(samples.map(({ member }) => member.label));
  return `${how}: ${labels} (${first.member.label}: ${first.outcome.message})`;
}

function valuesOf(
  statistic: Tallied,
  tally: Tally,
  state: Seen['state'],
): Readonly<Record<string, Json>> {
  const { held, samples } = tally;
  if (statistic.kind === 'count') return { count: held, samples };
  const share = { share: held / samples, held, samples };
  if (isExact(statistic)) return share;
  const { low, high } = wilson(tally, statistic.confidence);
  const needed = neededOf(statistic, { tally, state });
  return {
    ...share,
    interval: [low, high],
    confidence: statistic.confidence,
    // JSON has no Infinity.
    ...(needed === undefined ? {} : { needed: needed === Infinity ? null : needed }),
  };
}

// What decided about those that are named, and how each of them began to end.
function recordsOf(told: readonly Sample[], samples: readonly Sample[]): readonly number[] {
  const shown = told.length === 0 ? samples.slice(0, 1) : told;
  const all = shown.flatMap(({ member, outcome }) => {
    const closing = firstOf({ kind: 'connection', name: 'closing' }, member);
    return [...outcome.evidence, ...(closing === undefined ? [] : [closing.seq])];
  });
  return [...new Set(all)].toSorted((a, b) => a - b);
}
