// Matchers (language 2.7): what a value must be. A matcher says yes or no; describe.ts puts it into
// words.
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../base/json.ts';
import { validateSchema } from '../base/json-schema.ts';
import type { Matcher } from '../scenario/model.ts';

/**
 * True if `value` satisfies every key of `matcher`. `undefined` is a value that is not there: it
 * satisfies `absent: true` and `not` of what it does not satisfy, and nothing else.
 */
export function matches(value: Json | undefined, matcher: Matcher): boolean {
  if (value === undefined) return matchesNothing(matcher);
  const { is, not, oneOf, absent, gte, lte, contains, schema } = matcher;
  return (
    (is === undefined || equals(value, is, matcher.tolerance)) &&
    (not === undefined || !matches(value, not)) &&
    (oneOf === undefined || oneOf.some((one) => isDeepStrictEqual(value, one))) &&
    absent !== true &&
    (gte === undefined || (isNumber(value) && value >= gte - widthAt(gte, matcher.tolerance))) &&
    (lte === undefined || (isNumber(value) && value <= lte + widthAt(lte, matcher.tolerance))) &&
    (matcher.matches === undefined || matchesPattern(value, matcher.matches)) &&
    (contains === undefined || containsElement(value, contains)) &&
    (schema === undefined || validateSchema(schema, value).length === 0)
  );
}

/**
 * The numbers at which a matcher may change its mind, sorted: between two neighbours it says the
 * same of every number. `undefined` where that cannot be known (`schema`).
 */
export function breakpoints(matcher: Matcher): readonly number[] | undefined {
  if (matcher.schema !== undefined) return undefined;
  const inner = matcher.not === undefined ? [] : breakpoints(matcher.not);
  if (inner === undefined) return undefined;
  const bounds = [matcher.is, matcher.gte, matcher.lte].filter(isNumber).flatMap((bound) => {
    const width = widthAt(bound, matcher.tolerance);
    return [bound - width, bound, bound + width];
  });
  const listed = (matcher.oneOf ?? []).filter(isNumber);
  return [...inner, ...bounds, ...listed].toSorted((a, b) => a - b);
}

type Tolerance = Matcher['tolerance'];

function matchesNothing({ is, not, oneOf, absent, ...rest }: Matcher): boolean {
  const others = [is, oneOf, ...Object.values(rest)];
  if (others.some((key) => key !== undefined) || absent === false) return false;
  if (not !== undefined && matchesNothing(not)) return false;
  return absent === true || not !== undefined;
}

function equals(value: Json, wanted: Json, tolerance: Tolerance): boolean {
  if (isNumber(value) && isNumber(wanted)) {
    return Math.abs(value - wanted) <= widthAt(wanted, tolerance);
  }
  return isDeepStrictEqual(value, wanted);
}

function widthAt(bound: number, tolerance: Tolerance): number {
  if (tolerance === undefined) return 0;
  return tolerance.kind === 'absolute' ? tolerance.value : Math.abs(bound) * tolerance.value;
}

function matchesPattern(value: Json, pattern: string): boolean {
  return typeof value === 'string' && new RegExp(pattern).test(value);
}

function containsElement(value: Json, element: Json): boolean {
  if (typeof value === 'string') return typeof element === 'string' && value.includes(element);
  return Array.isArray(value) && value.some((one) => isDeepStrictEqual(one, element));
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
