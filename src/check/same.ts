// Judges that values are equal, or differ between all members.
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../base/json.ts';
import type { EvidencePath } from '../scenario/model.ts';
import { mergeDeviations } from './deviation.ts';
import { hasRedacted } from './hidden.ts';
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
 * Judges that the values at all paths are there and equal: member by member where all paths are
 * about one connection, else across all members of all of them.
 */
export function judgeSame(
  paths: readonly EvidencePath[],
  { own, view, nowUs }: { own: string; view: View; nowUs: number },
): Outcome {
  const sets = together(paths, { own, view });
  if (sets.length === 0) return errored('NO_CONNECTION', 'there is no connection to compare');
  return combineParts(sets.map((values) => resolve(whenKnown(values, equal), nowUs)));
}

/** Judges that the values at the paths are there for every member, and no two of all are equal. */
export function judgeDistinct(
  paths: readonly EvidencePath[],
  { connections, view, nowUs }: { connections: readonly string[]; view: View; nowUs: number },
): Outcome {
  const values = paths.flatMap((path) =>
    (path.connection === undefined ? connections : [path.connection])
      .flatMap((name) => view.membersOf(name))
      .map((member) => lookUp(path, member, view)),
  );
  if (values.length < 2)
    return errored('NOTHING_TO_COMPARE', 'distinct needs two values: two members, or two paths');
  return resolve(whenKnown(values, different), nowUs);
}

function together(
  paths: readonly EvidencePath[],
  { own, view }: { own: string; view: View },
): readonly (readonly Valued[])[] {
  const names = new Set(paths.map(({ connection }) => connection ?? own));
  const [only] = names;
  if (names.size === 1 && only !== undefined) {
    return view.membersOf(only).map((member) => paths.map((path) => lookUp(path, member, view)));
  }
  const all = paths.flatMap((path) =>
    view.membersOf(path.connection ?? own).map((member) => lookUp(path, member, view)),
  );
  return [all];
}

function whenKnown(
  values: readonly Valued[],
  judge: (values: readonly Valued[]) => Settled,
): Outcome {
  const untilUs = dueUs(values);
  const conclusion = judge(values);
  if (untilUs === undefined) return conclusion;
  // Two values that already break it break it, whatever the others will be.
  const known = values.filter((one) => one.known.known && one.known.value !== undefined);
  const early = known.length < 2 ? undefined : judge(known);
  return early?.state === 'broken' ? early : pending(untilUs, conclusion);
}

function equal(values: readonly Valued[]): Settled {
  const missing = missingIn(values);
  if (missing !== undefined) return missing;
  const [first, ...others] = values;
  const other = others.find((one) => !isDeepStrictEqual(one.known.value, first?.known.value));
  const hidden = other === undefined ? values.find(isHidden) : undefined;
  if (hidden !== undefined) return incomparable(hidden, values);
  const message =
    first === undefined || other === undefined
      ? `${values.length} values are equal`
      : `${valueName(first)} is ${said(first)}, ${valueName(other)} is ${said(other)}`;
  return settled(other === undefined ? 'held' : 'broken', sight(message, values));
}

function different(values: readonly Valued[]): Settled {
  const missing = missingIn(values);
  if (missing !== undefined) return missing;
  const owners = new Map<string, Valued>();
  for (const one of values) {
    const key = canonical(one.known.value ?? null);
    const other = owners.get(key);
    if (other !== undefined && isHidden(one)) return incomparable(one, values);
    if (other !== undefined) return settled('broken', twice(other, one));
    owners.set(key, one);
  }
  return settled('held', sight(`${values.length} values, no two are equal`, values));
}

function twice(one: Valued, other: Valued): ReturnType<typeof sight> {
  const [first, second] =
    one.path.text === other.path.text
      ? [one.member.label, other.member.label]
      : [valueName(one), valueName(other)];
  const message = `${first} and ${second} have the same: ${said(one)}`;
  // Which two of them are found first may differ from run to run.
  return { ...sight(message, [one, other]), deviation: { [one.path.text]: 'repeated' } };
}

function isHidden({ known }: Valued): boolean {
  return hasRedacted(known.value);
}

function incomparable(hidden: Valued, values: readonly Valued[]): Settled {
  const message = `${valueName(hidden)} is redacted in all evidence: it cannot be compared`;
  return { state: 'errored', reason: 'REDACTED', ...sight(message, values) };
}

function missingIn(values: readonly Valued[]): Settled | undefined {
  const missing = values.find(({ known }) => known.value === undefined);
  if (missing === undefined) return undefined;
  return settled('broken', sight(`there is no ${valueName(missing)}`, values));
}

function sight(
  message: string,
  values: readonly Valued[],
): Omit<Settled & { state: 'held' }, 'state'> {
  const each = values.map(({ path, known }) => ({ [path.text]: known.value ?? null }));
  return {
    message,
    actual: valuesAsData(values),
    deviation: mergeDeviations(each),
    evidence: recordsOf(values),
  };
}

function said({ known }: Valued): string {
  return JSON.stringify(known.value ?? null);
}

// Objects are equal whatever the order of their keys.
function canonical(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
