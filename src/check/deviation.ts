// How a finding deviates, in values that are the same in every run: what a baseline is compared
// with. Times are left to words (`too late`), ids and nonces become what they are (`<uuid>`), and of
// a crowd it counts what was seen, not on whom.
import type { Json } from '../base/json.ts';
import type { Evidence } from '../result/evidence.ts';
import { valueAt } from './path.ts';

/** Values by path, as `actual` has them, without what differs from run to run. */
export type Deviation = Readonly<Record<string, Json>>;

/** Of several: every path with its value; with the different ones as a sorted list. */
export function mergeDeviations(all: readonly Deviation[]): Deviation {
  const values = new Map<string, Map<string, Json>>();
  for (const [path, value] of all.flatMap((one) => Object.entries(one))) {
    const distinct = values.get(path) ?? new Map<string, Json>();
    values.set(path, distinct.set(JSON.stringify(value), value));
  }
  return Object.fromEntries([...values].map(([path, distinct]) => [path, oneOrSorted(distinct)]));
}

function oneOrSorted(distinct: ReadonlyMap<string, Json>): Json {
  const sorted = [...distinct].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  const [only = null, ...others] = sorted;
  return others.length === 0 ? only : sorted;
}

/** Leads every path with the name of a connection; empty for the only one. */
export function deviationOn(name: string, deviation: Deviation): Deviation {
  if (name === '') return deviation;
  return Object.fromEntries(
    Object.entries(deviation).map(([path, value]) => [`${name}.${path}`, value]),
  );
}

/** The same without ids, nonces, instants and ports; long texts and lists by their beginning. */
export function steady(deviation: Deviation, connectionIds: readonly string[] = []): Deviation {
  return Object.fromEntries(
    Object.entries(deviation).map(([path, value]) => [path, steadyValue(value, connectionIds)]),
  );
}

function steadyValue(value: Json, ids: readonly string[]): Json {
  if (typeof value === 'string') return steadyText(value, ids);
  if (typeof value === 'number') return isInstant(value) ? '<time>' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) {
    const entries = Object.entries(value).map(([key, inner]) => [
      key,
      steadyValue(inner ?? null, ids),
    ]);
    return Object.fromEntries(entries) as Json; // Object.fromEntries forgets the type of its values.
  }
  const items = value.slice(0, LONGEST_LIST).map((item: Json) => steadyValue(item, ids));
  return value.length > LONGEST_LIST ? [...items, `… (${value.length} items)`] : items;
}

const LONGEST_LIST = 20;
const LONGEST_TEXT = 200;

function steadyText(text: string, ids: readonly string[]): string {
  const plain = withoutVolatile(text, ids);
  if (plain.length <= LONGEST_TEXT) return plain;
  return `${plain.slice(0, LONGEST_TEXT).toWellFormed()}… (${plain.length} characters)`;
}

/** The whole text, with a word in angle brackets for each id, nonce, instant and port in it. */
export function withoutVolatile(text: string, connectionIds: readonly string[]): string {
  const named = connectionIds.reduce((rest, id) => rest.replaceAll(id, '<connectionId>'), text);
  return VOLATILE.reduce((rest, [pattern, name]) => rest.replaceAll(pattern, name), named);
}

/** The ids that the backend was told of connections, each once. */
export function connectionIdsIn(records: Evidence['records']): readonly string[] {
  const ids = records.flatMap((record) => {
    if (record.kind !== 'invocation') return [];
    const id = valueAt(record.event, ['requestContext', 'connectionId']);
    return typeof id === 'string' && id !== '' ? [id] : [];
  });
  return [...new Set(ids)];
}

// In this order: a UUID holds digits that would pass for something else.
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  // ISO 8601, the date of HTTP (RFC 9110 section 5.6.7), the common log format.
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\b/g, '<time>'],
  [/\b\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/\b1[5-9]\d{8}(?:\d{3})?\b/g, '<time>'],
  // The nonce of an attempt, as probe and observer know it.
  [/\b[a-z2-7]{26}\b/g, '<nonce>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{16,}\b/gi, '<hex>'],
  [/(?<![\w+/-])[\w+/-]{10,}={1,2}(?![\w=])/g, '<id>'],
  [/(?<=(?:\b127\.0\.0\.1|\blocalhost|\[::1\]):)\d{2,5}\b/g, '<port>'],
];

/** True for seconds or milliseconds since 1970, of the years 2017 to 2033. */
export function isInstant(value: number): boolean {
  return (value >= 1.5e9 && value < 2e9) || (value >= 1.5e12 && value < 2e12);
}
