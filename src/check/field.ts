// Fields of an answer, a message, an event, held against matchers (language 2.7, 2.8).
import type { Json } from '../base/json.ts';
import type { Fields, Matcher } from '../scenario/model.ts';
import { HiddenValue, isRedacted } from './hidden.ts';
import { matches } from './matcher.ts';
import { keysOf, valueAt } from './path.ts';

/** One matcher and where its value is. */
export interface FieldMatcher {
  /** As a user would write it: `status`, `headers.x-id`, `json.items[0].id`. */
  readonly label: string;
  readonly field: string;
  /** Below the field. */
  readonly keys: readonly (string | number)[];
  readonly matcher: Matcher;
}

/** A value, if it can be known yet. `known` with `value: undefined`: there is none, and will not be. */
export interface Known {
  readonly known: boolean;
  readonly value: Json | undefined;
  readonly evidence: readonly number[];
  /** Only the beginning of it was kept. */
  readonly cut?: boolean;
  /** A body that was read and has no bytes: the text `""`, of which `absent: true` holds as well. */
  readonly empty?: boolean;
}

/** The fields of an answer or a message, one by one. Header names become lower-case keys. */
export function fieldMatchers(fields: Fields): readonly FieldMatcher[] {
  return Object.entries(fields).flatMap(([field, asked]) => {
    if (!isNested(field, asked)) return [{ label: field, field, keys: [], matcher: asked }];
    return Object.entries(asked).map(([key, matcher]) => ({
      label: `${field}.${key}`,
      field,
      keys: field === 'headers' ? [key.toLowerCase()] : keysOf(key),
      matcher,
    }));
  });
}

/** The fields of an event: every key is a path into it. */
export function eventMatchers(fields: Fields): readonly FieldMatcher[] {
  return Object.entries(fields).map(([path, matcher]) => ({
    label: path,
    field: 'event',
    keys: keysOf(path),
    // A mapping below a path is always a matcher (language 2.7).
    matcher: matcher as Matcher,
  }));
}

/** The value that a matcher is about. */
export function valueOf(matcher: FieldMatcher, source: (field: string) => Known): Known {
  const found = source(matcher.field);
  return { ...found, value: valueAt(found.value, matcher.keys) };
}

/**
 * True if the value is there, or known not to be, and satisfies the matcher.
 *
 * @throws {HiddenValue} when the evidence does not hold the value, and the matcher asks for more than
 *   its presence
 */
export function holds(matcher: FieldMatcher, source: (field: string) => Known): boolean {
  const { value, cut = false, empty = false } = valueOf(matcher, source);
  if (empty && value === '') return emptyMatches(matcher.matcher);
  const shows = value !== undefined && asksForPresence(matcher.matcher);
  if (cut && !shows) {
    throw new HiddenValue('TRUNCATED', `${matcher.label} is too long: only its beginning was kept`);
  }
  if (isRedacted(value) && !shows) {
    const message = `${matcher.label} is redacted in all evidence: only its presence shows`;
    throw new HiddenValue('REDACTED', message);
  }
  return matches(value, matcher.matcher);
}

function emptyMatches({ absent, not, ...others }: Matcher): boolean {
  if (absent === false || (not !== undefined && emptyMatches(not))) return false;
  return matches('', others);
}

// A redacted value is never empty, so an empty one can be told from it.
function asksForPresence(matcher: Matcher): boolean {
  const { is, not } = matcher;
  const asks = Object.entries(matcher).filter(([, asked]) => asked !== undefined);
  const others = asks.filter(([key]) => key !== 'absent' && key !== 'is' && key !== 'not');
  const inner = not === undefined || asksForPresence(not);
  return others.length === 0 && inner && (is === undefined || is === '');
}

/** JSON text as a value; `undefined` where it is not JSON. */
export function parseJson(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

// Only `headers` and `json` are entered, by name and by path; what stands below is always a matcher
// (language 2.7).
function isNested(
  field: string,
  asked: Fields[string],
): asked is Readonly<Record<string, Matcher>> {
  return typeof asked === 'object' && (field === 'headers' || field === 'json');
}
