// Judges the time between two instants that somebody wrote down: a date in text, or milliseconds.
import type { Json } from '../base/json.ts';
import type { EvidencePath, Matcher } from '../scenario/model.ts';
import { howFarOff } from './elapsed.ts';
import { matches } from './matcher.ts';
import {
  combineParts,
  errored,
  type Outcome,
  pending,
  resolve,
  type Settled,
  settled,
} from './outcome.ts';
import { dueUs, lookUp, recordsOf, type Valued, valueName, valuesAsData } from './value.ts';
import type { View } from './view.ts';

/**
 * Judges the second instant minus the first in milliseconds, member by member where both are about
 * one connection, else each with each. A value that is no instant breaks it.
 */
export function judgeBetween(
  { from, to, matcher }: { from: EvidencePath; to: EvidencePath; matcher: Matcher },
  { own, view, nowUs }: { own: string; view: View; nowUs: number },
): Outcome {
  const pairs = pairsOf([from, to], { own, view });
  if (pairs.length === 0) return errored('NO_CONNECTION', 'there is no connection to compare');
  return combineParts(
    pairs.map((pair) => {
      const untilUs = dueUs(pair);
      const conclusion = judgePair(pair, matcher);
      return resolve(untilUs === undefined ? conclusion : pending(untilUs, conclusion), nowUs);
    }),
  );
}

type Pair = readonly [from: Valued, to: Valued];

function pairsOf(
  [from, to]: readonly [EvidencePath, EvidencePath],
  { own, view }: { own: string; view: View },
): readonly Pair[] {
  const [first, second] = [from.connection ?? own, to.connection ?? own];
  return view.membersOf(first).flatMap((member): Pair[] => {
    const others = first === second ? [member] : view.membersOf(second);
    return others.map((other) => [lookUp(from, member, view), lookUp(to, other, view)]);
  });
}

function judgePair(pair: Pair, matcher: Matcher): Settled {
  const [from, to] = pair;
  const sight = { actual: valuesAsData(pair), evidence: recordsOf(pair) };
  const label = `${to.path.text} - ${from.path.text}`;
  const off = pair.find(({ known }) => instantMs(known.value) === undefined);
  if (off !== undefined) {
    const { value } = off.known;
    const what = value === undefined ? `there is no ${valueName(off)}` : notAnInstant(off, value);
    return settled('broken', { ...sight, message: what, deviation: { [label]: 'no time' } });
  }
  const ms = (instantMs(to.known.value) ?? 0) - (instantMs(from.known.value) ?? 0);
  return settled(matches(ms, matcher) ? 'held' : 'broken', {
    ...sight,
    message: `${valueName(to)} is ${ms} ms after ${valueName(from)}`,
    deviation: { [label]: howFarOff(ms, matcher) },
  });
}

function notAnInstant(one: Valued, value: Json): string {
  return `${valueName(one)} is ${JSON.stringify(value)}, which is no time`;
}

/** Milliseconds since 1970 of a date in text (ISO 8601, with its zone) or of a number that is them. */
function instantMs(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !ISO.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
