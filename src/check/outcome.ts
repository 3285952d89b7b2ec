// What a judge concludes about one member of one connection, and how several conclusions become
// one. Levels and verdicts come later (verdict.ts).
import type { Json } from '../base/json.ts';
import { type Deviation, deviationOn, mergeDeviations } from './deviation.ts';

/** What was seen: a sentence, the values, and the `seq` of the records they come from. */
export interface Sight {
  readonly message: string;
  readonly actual: Readonly<Record<string, Json>>;
  readonly evidence: readonly number[];
  /** What of it is the same in every run; without it, `actual`. */
  readonly deviation?: Deviation;
}

/** A conclusion that nothing that may still come can change. */
export type Settled = Sight &
  (
    | { readonly state: 'held' | 'broken' }
    /** Could not be tested. */
    | { readonly state: 'errored'; readonly reason: string }
    /** Tested, but what was measured is too coarse to tell. */
    | { readonly state: 'inconclusive'; readonly reason: string }
  );

/** A conclusion, or the instant at which it will be drawn if nothing else comes before. */
export type Outcome =
  | Settled
  | {
      readonly state: 'pending';
      /** Infinity while what it waits for has not been caused yet. */
      readonly untilUs: number;
      readonly eventually: Settled;
    };

/** An outcome and whom it is about: `''` where there is only one. */
export interface Labelled {
  readonly label: string;
  readonly outcome: Outcome;
}

/** Draws the conclusion of a pending outcome whose time has come. */
export function resolve(outcome: Outcome, nowUs: number): Outcome {
  if (outcome.state !== 'pending' || nowUs < outcome.untilUs) return outcome;
  return outcome.untilUs === Infinity ? unfinished(outcome.eventually) : outcome.eventually;
}

/**
 * One outcome from those of all members: it holds if it holds for each. A member that breaks it
 * decides at once; otherwise all are waited for. The message names the members that decided.
 */
export function combine(all: readonly Labelled[]): Outcome {
  for (const state of PRECEDENCE) {
    const such = all.filter(({ outcome }) => outcome.state === state);
    if (such.length > 0) return merge(such, all.length);
  }
  return merge([], 0);
}

/**
 * One outcome from those of all parts of one condition: the same, but what was seen of each part
 * that decided stands side by side.
 */
export function combineParts(all: readonly Outcome[]): Outcome {
  for (const state of PRECEDENCE) {
    const such = all.filter((outcome) => outcome.state === state);
    if (such.length > 0) return join(such);
  }
  return errored('NOTHING_TO_JUDGE', 'there is nothing to judge');
}

/** A broken or held outcome. */
export function settled(state: 'held' | 'broken', sight: Sight): Settled {
  return { state, ...sight };
}

/** An outcome that will be `eventually` at `untilUs`. */
export function pending(untilUs: number, eventually: Settled): Outcome {
  return { state: 'pending', untilUs, eventually };
}

/** An outcome that could not be tested. */
export function errored(
  reason: string,
  message: string,
  evidence: readonly number[] = [],
): Settled {
  return { state: 'errored', reason, message, actual: {}, evidence };
}

// "Nothing more will come" although what was waited for was never caused: the absence of an effect
// then proves nothing, neither good nor bad.
function unfinished(eventually: Settled): Settled {
  const message = 'the case ended before all that this check waits for was done';
  return { ...errored('UNFINISHED', message, eventually.evidence), actual: eventually.actual };
}

// What is broken stays broken whatever else comes. Everything else waits until all is known.
const PRECEDENCE = ['broken', 'pending', 'errored', 'inconclusive', 'held'] as const;

function join(such: readonly Outcome[]): Outcome {
  const settledOnes = such.map((outcome) =>
    outcome.state === 'pending' ? outcome.eventually : outcome,
  );
  const worst = combineSettled(settledOnes);
  const waits = such.flatMap((outcome) => (outcome.state === 'pending' ? [outcome.untilUs] : []));
  return waits.length === 0 ? worst : pending(Math.min(...waits), worst);
}

function combineSettled(all: readonly Settled[]): Settled {
  for (const state of PRECEDENCE) {
    const such = all.filter((outcome) => outcome.state === state);
    const [first] = such;
    if (first === undefined) continue;
    return {
      ...first,
      message: joinMessages(such.map(({ message }) => message)),
      actual: Object.assign({}, ...such.map(({ actual }) => actual)),
      deviation: mergeDeviations(such.map((one) => one.deviation ?? one.actual)),
      evidence: sorted(such.flatMap(({ evidence }) => evidence)),
    };
  }
  return errored('NOTHING_TO_JUDGE', 'there is nothing to judge');
}

function joinMessages(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  const more = distinct.length > MESSAGES ? '; …' : '';
  return `${distinct.slice(0, MESSAGES).join('; ')}${more}`;
}

const MESSAGES = 3;

function sorted(evidence: readonly number[]): readonly number[] {
  return [...new Set(evidence)].toSorted((a, b) => a - b);
}

function merge(such: readonly Labelled[], total: number): Outcome {
  const [first] = such;
  if (first === undefined) return errored('NO_CONNECTION', 'there is no connection to judge');
  if (first.outcome.state === 'pending') return mergePending(such, total);
  if (first.label === '' && such.length === 1) return first.outcome;
  return { ...first.outcome, ...mergeSights(such, total) };
}

function mergePending(such: readonly Labelled[], total: number): Outcome {
  const waits = such.flatMap(({ label, outcome }) =>
    outcome.state === 'pending'
      ? [{ label, untilUs: outcome.untilUs, outcome: outcome.eventually }]
      : [],
  );
  const untilUs = Math.min(...waits.map((wait) => wait.untilUs));
  for (const state of PRECEDENCE) {
    const worst = waits.filter(({ outcome }) => outcome.state === state);
    const [first] = worst;
    if (first !== undefined) {
      return pending(untilUs, { ...first.outcome, ...mergeSights(worst, total) });
    }
  }
  return errored('NO_CONNECTION', 'there is no connection to judge');
}

// A report shows a crowd by some of its members: all of a thousand say no more than ten.
const SHOWN = 10;

function mergeSights(such: readonly Labelled[], total: number): Sight {
  const sights = such.map(({ label, outcome }) => ({
    label,
    sight: outcome.state === 'pending' ? outcome.eventually : outcome,
  }));
  const shown = sights.slice(0, SHOWN);
  const entries = shown.flatMap(({ label, sight }) =>
    Object.entries(sight.actual).map(([key, value]) => [prefixed(label, key), value] as const),
  );
  return {
    message: mergedMessage(sights, total),
    actual: Object.fromEntries(entries),
    deviation: mergeDeviations(sights.map(deviationIn)),
    evidence: sorted(shown.flatMap(({ sight }) => sight.evidence)),
  };
}

// Which members of a group it is may differ from run to run.
function deviationIn({
  label,
  sight,
}: {
  readonly label: string;
  readonly sight: Sight;
}): Deviation {
  return deviationOn(label.replace(/\[\d+\]$/, ''), sight.deviation ?? sight.actual);
}

function mergedMessage(
  sights: readonly { readonly label: string; readonly sight: Sight }[],
  total: number,
): string {
  const [first] = sights;
  if (first === undefined) return '';
  const own = first.label === '' ? first.sight.message : `${first.label}: ${first.sight.message}`;
  if (sights.length === 1) return total === 1 ? own : `1 of ${total} (${own})`;
  const names = sights.slice(0, SHOWN).map(({ label }) => label);
  const more = sights.length > SHOWN ? ', …' : '';
  const who = sights.length === total ? `all ${total}` : `${sights.length} of ${total}`;
  const list = names.every((name) => name === '') ? '' : `: ${names.join(', ')}${more}`;
  return `${who}${list} (${own})`;
}

function prefixed(label: string, key: string): string {
  return label === '' ? key : `${label}.${key}`;
}
