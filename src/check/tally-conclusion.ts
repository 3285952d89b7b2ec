// What a share, a count or a rate comes to, whoever counted: judges of a few connections, whose
// evidence is at hand, and of a load, of which only numbers and a few examples are kept.
import { compareInterval, samplesToDecide, wilson } from '../base/interval.ts';
import type { Json } from '../base/json.ts';
import { formatRate } from '../base/rate.ts';
import type { Statistic } from '../scenario/model.ts';
import { matches } from './matcher.ts';
import { errored, type Settled, type Sight } from './outcome.ts';
import { percent } from './percent.ts';
import { type Side, sideOf, sideText, type Tally, valueOf } from './threshold-side.ts';

/** Statistics that count. */
export type Tallied = Exclude<Statistic, { readonly kind: 'percentile' }>;

/** Some of the samples: how many, and the first few of them. */
export interface Few {
  readonly count: number;
  /** At most `SHOWN`. */
  readonly labels: readonly string[];
  /** What was seen of the first. */
  readonly message: string;
  /** `seq` of records about those that are named. */
  readonly evidence: readonly number[];
}

/** Samples that were counted. */
export interface Counted {
  readonly tally: Tally;
  /** Attempts that reached nothing, where the condition does not ask for that. */
  readonly unreachable: number;
  /** Of which it is not known whether it holds, and the outcome to blame for it. */
  readonly unknown: Few & { readonly blamed: Settled | undefined };
  readonly with: Few;
  readonly without: Few;
  /** Of any sample, where none deserves to be named. */
  readonly evidence: readonly number[];
}

/** How many of many samples a finding names. */
export const SHOWN = 5;

/** The first few of many, as a list in a sentence. */
export function fewOf(labels: readonly string[], count = labels.length): string {
  return `${labels.slice(0, SHOWN).join(', ')}${count > SHOWN ? ', …' : ''}`;
}

/** Why nothing can be said: there is no sample. */
export const NO_SAMPLES: Settled = {
  state: 'inconclusive',
  reason: 'NO_SAMPLES',
  message: 'there is no sample: no connection is among those that it is about',
  actual: { samples: 0 },
  evidence: [],
};

/** Concludes. What is not known counts as both: the verdict stands only if it is the same either way. */
export function concludeTally(statistic: Tallied, counted: Counted): Settled {
  const { tally, unknown, unreachable } = counted;
  if (tally.samples === 0) return NO_SAMPLES;
  if (unreachable === tally.samples) {
    return errored('TARGET_UNREACHABLE', `none of ${tally.samples} attempts could connect`);
  }
  const states = statesOf(statistic, tally, unknown.count);
  const [state] = states;
  if (state === undefined) return NO_SAMPLES;
  if (states.size > 1 && unknown.blamed !== undefined) {
    return unsure(statistic, counted, unknown.blamed);
  }
  const sight = sightOf(statistic, counted, state);
  if (state !== 'inconclusive') return { ...sight, state };
  return { ...sight, state, reason: 'TOO_FEW_SAMPLES' };
}

/** Everything that it may be, the more of `unknown` hold the more. */
function statesOf(statistic: Tallied, tally: Tally, unknown: number): ReadonlySet<State> {
  const states = new Set<State>();
  for (let more = 0; more <= unknown && states.size < 3; more += 1) {
    states.add(stateOf(statistic, { ...tally, held: tally.held + more }));
  }
  return states;
}

type State = 'held' | 'broken' | 'inconclusive';

function stateOf(statistic: Tallied, tally: Tally): State {
  if (statistic.kind !== 'share') {
    return matches(valueOf(statistic, tally), statistic.want) ? 'held' : 'broken';
  }
  const { want, confidence } = statistic;
  // About this sample and no other: no interval is needed.
  if (want.is !== undefined && tally.held !== Number(want.is) * tally.samples) return 'broken';
  if (want.gte === undefined && want.lte === undefined) return 'held';
  const where = compareInterval(wilson(tally, confidence), want);
  return ({ inside: 'held', outside: 'broken', across: 'inconclusive' } as const)[where];
}

// With what is not known counted as held it is one verdict, counted as broken another.
function unsure(statistic: Tallied, counted: Counted, blamed: Settled): Settled {
  const { tally, unknown } = counted;
  const sight = sightOf(statistic, counted, 'inconclusive');
  const labels = fewOf(unknown.labels, unknown.count);
  const message = `of ${tally.samples} samples ${unknown.count} could not be judged (${labels}: ${blamed.message}), and ${tally.held} held`;
  const reason = 'reason' in blamed ? blamed.reason : '';
  const state = blamed.state === 'errored' ? 'errored' : 'inconclusive';
  return { ...sight, message, evidence: unknown.evidence, state, reason };
}

function sightOf(statistic: Tallied, counted: Counted, state: State): Sight {
  const { tally, evidence } = counted;
  const told = toldOf(statistic, counted, state);
  const parts = [headOf(statistic, tally), neededText(statistic, tally, state), namedText(told)];
  return {
    message: parts.filter((part) => part !== '').join('; '),
    actual: {
      ...valuesOf(statistic, tally, state),
      ...(told.few === undefined ? {} : { [told.how]: [...told.few.labels] }),
    },
    deviation: { [statistic.kind]: sideText(told.side, tally) },
    evidence: told.few?.evidence ?? evidence,
  };
}

function headOf(statistic: Tallied, tally: Tally): string {
  const { held, samples } = tally;
  if (statistic.kind === 'count') return `${held} of ${samples}`;
  if (statistic.kind === 'rate') {
    const over = Number((tally.seconds ?? 0).toFixed(3));
    return `${formatRate(valueOf(statistic, tally))}: ${held} of ${samples} in ${over} s`;
  }
  const share = `${held} of ${samples} (${percent(held / samples)})`;
  if (isExact(statistic)) return share;
  const { low, high } = wilson({ held, samples }, statistic.confidence);
  return `${share}, ${percent(statistic.confidence)} interval ${percent(low)} to ${percent(high)}`;
}

function isExact({ want }: Extract<Tallied, { kind: 'share' }>): boolean {
  return want.gte === undefined && want.lte === undefined;
}

function neededText(statistic: Tallied, tally: Tally, state: State): string {
  const needed = neededOf(statistic, tally, state);
  if (needed === undefined) return '';
  if (needed === Infinity) return 'no number of samples decides a share that lies on its bound';
  return `if it stays so, ${needed} more samples decide`;
}

function neededOf(statistic: Tallied, tally: Tally, state: State): number | undefined {
  if (statistic.kind !== 'share' || state !== 'inconclusive' || isExact(statistic))
    return undefined;
  const { want: bounds, confidence } = statistic;
  return Math.max(1, samplesToDecide(tally, { bounds, confidence }) - tally.samples);
}

interface Told {
  readonly side: Side;
  readonly how: 'with' | 'without';
  readonly few: Few | undefined;
}

// Those that deserve a look: which lack what many should have, or have what few should.
function toldOf(statistic: Tallied, counted: Counted, state: State): Told {
  const side = sideOf(statistic, counted.tally) ?? likelySide(statistic);
  const how = side === 'many' ? 'with' : 'without';
  const silent = statistic.kind !== 'share' && state === 'held';
  const few = silent || counted[how].count === 0 ? undefined : counted[how];
  return { side, how, few };
}

// Nothing was missed: the side that could have been.
function likelySide({ want }: Tallied): Side {
  const { is, gte, lte } = want;
  if (is !== undefined) return Number(is) === 0 ? 'many' : 'few';
  return lte !== undefined && gte === undefined ? 'many' : 'few';
}

function namedText({ how, few }: Told): string {
  const [first] = few?.labels ?? [];
  if (few === undefined || first === undefined) return '';
  return `${how}: ${fewOf(few.labels, few.count)} (${first}: ${few.message})`;
}

function valuesOf(statistic: Tallied, tally: Tally, state: State): Readonly<Record<string, Json>> {
  const { held, samples } = tally;
  if (statistic.kind === 'count') return { count: held, samples };
  if (statistic.kind === 'rate') {
    const { seconds = 0 } = tally;
    return { rate: valueOf(statistic, tally), held, samples, seconds };
  }
  const share = { share: held / samples, held, samples };
  if (isExact(statistic)) return share;
  const { low, high } = wilson(tally, statistic.confidence);
  const needed = neededOf(statistic, tally, state);
  return {
    ...share,
    interval: [low, high],
    confidence: statistic.confidence,
    // JSON has no Infinity.
    ...(needed === undefined ? {} : { needed: needed === Infinity ? null : needed }),
  };
}
