// Paths into JSON values; their grammar is the scenario language's.
import { isJsonObject, type Json } from '../base/json.ts';
import { parsePath } from '../scenario/path.ts';

/**
 * The keys of a path: `items[0].id` → `['items', 0, 'id']`.
 *
 * @throws {SyntaxError} when the text is not a path
 */
export function keysOf(text: string): readonly (string | number)[] {
  const keys = parsePath(text);
  if (keys === undefined) throw new SyntaxError(`"${text}" is not a path`);
  return keys;
}

/** The value at `keys` below `value`; `undefined` where there is none. Never an inherited one. */
export function valueAt(
  value: Json | undefined,
  keys: readonly (string | number)[],
): Json | undefined {
  let at = value;
  for (const key of keys) at = childOf(at, key);
  return at;
}

function childOf(value: Json | undefined, key: string | number): Json | undefined {
  if (Array.isArray(value)) {
    // Array.isArray forgets that the list is readonly, and with it the type of its items.
    return typeof key === 'number' ? (value as readonly Json[])[key] : undefined;
  }
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
