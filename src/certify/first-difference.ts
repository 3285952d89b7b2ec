// Where two values first differ, for whoever has to find it.
import { isDeepStrictEqual } from 'node:util';

/** A place and what stands there, as JSON. */
export interface Difference {
  /** `parts.0.core.passed`; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** The first difference of two values as JSON has them; `undefined` where there is none. */
export function firstDifference(expected: unknown, actual: unknown): Difference | undefined {
  return differenceAt(plain(expected), plain(actual), []);
}

// What is undefined is not there in a file.
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function differenceAt(
  expected: unknown,
  actual: unknown,
  path: readonly string[],
): Difference | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined;
  const inner = isObject(expected) && isObject(actual) ? [expected, actual] : [];
  const [one, other] = inner;
  if (one === undefined || other === undefined || Array.isArray(one) !== Array.isArray(other))
    return { path: path.join('.'), expected: shown(expected), actual: shown(actual) };
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = differenceAt(one[key], other[key], [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}…`;
}

const LONGEST = 120;
