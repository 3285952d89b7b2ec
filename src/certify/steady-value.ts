// A value as it is compared between recordings: taken apart into its leaves, and of each leaf only
// what is the same whenever the same thing is done again.
import { isJsonObject, type Json } from '../base/json.ts';
import { isInstant, withoutVolatile } from '../check/deviation.ts';
import { formatPath } from '../scenario/path.ts';

/** A leaf of a value: its path, and it without ids, nonces, instants, ports and measured times. */
export interface Leaf {
  /** As `actual` names it, with what is below: `handshake.headers.content-type`. */
  readonly path: string;
  readonly value: Json;
}

/** Takes a value apart. An empty list or mapping is a leaf. */
export function leavesOf(
  path: string,
  value: Json,
  connectionIds: readonly string[],
): readonly Leaf[] {
  return walk(value, []).map(({ keys, leaf }) => {
    // Formatted behind a key that is none of its own.
    const below = formatPath(['_', ...keys]).slice(1);
    return { path: `${path}${below}`, value: steadyLeaf(keys.at(-1) ?? path, leaf, connectionIds) };
  });
}

/** True for a value of which only the kind is the same: it has a word in angle brackets. */
export function isGenerated(value: Json): boolean {
  return typeof value === 'string' && GENERATED.test(value);
}

const GENERATED = /<(?:connectionId|uuid|time|nonce|hex|id|port|trace|measured|text|number)>/;

type Keys = readonly (string | number)[];

function walk(value: Json, keys: Keys): readonly { readonly keys: Keys; readonly leaf: Json }[] {
  const inner: readonly (readonly [string | number, Json | undefined])[] = Array.isArray(value)
    ? value.map((item: Json, index) => [index, item] as const)
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  if (inner.length === 0) return [{ keys, leaf: value }];
  return inner.flatMap(([key, item]) => (item === undefined ? [] : walk(item, [...keys, key])));
}

function steadyLeaf(key: string | number, leaf: Json, ids: readonly string[]): Json {
  if (typeof leaf === 'string') {
    return withoutVolatile(leaf.replaceAll(TRACE, '<trace>').replaceAll(BASIC, '<time>'), ids);
  }
  if (typeof leaf !== 'number') return leaf;
  if (isInstant(leaf)) return '<time>';
  return MEASURED.test(String(key)) ? '<measured>' : leaf;
}

// X-Ray's trace id: 1, the seconds since 1970 and 96 random bits, in hexadecimal.
const TRACE = /\b1-[0-9a-f]{8}-[0-9a-f]{24}\b/g;

// ISO 8601 without separators, as signatures have it: a day, or an instant.
const BASIC = /\b20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T\d{6}Z)?\b/g;

// How long something took, by the names that API Gateway gives such fields.
const MEASURED = /latency$/i;
