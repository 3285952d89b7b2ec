// Paths into JSON values:
//
//   path = part { part }        part = [ "." ] name | "[" digits "]" | "[" JSON string "]"
//
// A name is anything without dots and brackets; case matters.
import { isJsonObject, type Json } from '../base/json.ts';

/**
 * The keys of a path: `items[0].id` → `['items', 0, 'id']`, `headers["x.y"]` → `['headers', 'x.y']`.
 *
 * @throws {SyntaxError} when the text is not a path
 */
export function parsePath(text: string): readonly (string | number)[] {
  const keys: (string | number)[] = [];
  const part = new RegExp(PART);
  while (part.lastIndex < text.length) {
    const start = part.lastIndex;
    const match = part.exec(text);
    if (match === null) throw new SyntaxError(`"${text}" is not a path: column ${start + 1}`);
    keys.push(keyOf(match.groups ?? {}));
  }
  if (keys.length === 0) throw new SyntaxError('a path is not empty');
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

const PART = /(?:\.?(?<name>[^.[\]]+)|\[(?<index>\d+)\]|\[(?<quoted>"(?:[^"\\]|\\.)*")\])/y;

function keyOf(groups: Readonly<Record<string, string | undefined>>): string | number {
  const { name, index, quoted } = groups;
  if (name !== undefined) return name;
  if (index !== undefined) return Number(index);
  return String(JSON.parse(quoted ?? '""'));
}

function childOf(value: Json | undefined, key: string | number): Json | undefined {
  if (Array.isArray(value)) {
    const index = Number(key);
    return Number.isInteger(index) ? (value as readonly Json[])[index] : undefined;
  }
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
