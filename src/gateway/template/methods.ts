// The methods of texts, lists, maps and numbers that API Gateway's guide and its templates use. What is
// not here has no value, as in Velocity, where a method that does not exist leaves the reference as written.
import {
  areEqual,
  Decimal,
  numberOf,
  textOf,
  type Value,
  type ValueMap,
  ValueObject,
} from './value.ts';

/** Calls a method; `undefined` when the value has no such method, or not for these arguments. */
export function callMethod(value: Value, name: string, args: readonly Value[]): Value {
  if (value === undefined || value === null) return undefined;
  if (value instanceof ValueObject) return value.call(name, args);
  const methods = methodsOf(value);
  if (!Object.hasOwn(methods, name)) return commonMethod(value, name, args);
  return (methods as Readonly<Record<string, Method>>)[name]?.(value as never, ...args);
}

/** A property: the key of a map, or `empty` of what can be empty. */
export function propertyOf(value: Value, name: string): Value {
  if (value instanceof Map) return value.has(name) ? value.get(name) : emptiness(value.size, name);
  if (value instanceof ValueObject) return value.property(name);
  if (Array.isArray(value) || typeof value === 'string') return emptiness(value.length, name);
  return undefined;
}

/** The element of a list, or of a map by its key; `undefined` outside. */
export function elementOf(value: Value, index: Value): Value {
  if (Array.isArray(value)) {
    const at = numberOf(index);
    return at === undefined ? undefined : value.at(at);
  }
  if (value instanceof Map) return value.get(textOf(index));
  return value instanceof ValueObject && typeof index === 'string'
    ? value.property(index)
    : undefined;
}

function emptiness(size: number, name: string): Value {
  return name === 'empty' ? size === 0 : undefined;
}

type Method = (value: never, ...args: readonly Value[]) => Value;

function methodsOf(value: Exclude<Value, null | undefined | ValueObject>): object {
  if (typeof value === 'string') return TEXT;
  if (Array.isArray(value)) return LIST;
  if (value instanceof Map) return MAP;
  return typeof value === 'boolean' ? {} : NUMBER;
}

function commonMethod(value: Value, name: string, [other]: readonly Value[]): Value {
  if (name === 'toString') return textOf(value);
  if (name === 'equals') return kindOf(value) === kindOf(other) && areEqual(value, other);
  return undefined;
}

function kindOf(value: Value): string {
  if (value instanceof Decimal) return 'decimal';
  return Array.isArray(value) ? 'list' : typeof value;
}

const TEXT = {
  length: (text: string) => text.length,
  isEmpty: (text: string) => text === '',
  toUpperCase: (text: string) => text.toUpperCase(),
  toLowerCase: (text: string) => text.toLowerCase(),
  trim: (text: string) => text.trim(),
  concat: (text: string, more: Value) => (typeof more === 'string' ? text + more : undefined),
  contains: (text: string, part: Value) => withText(part, (one) => text.includes(one)),
  startsWith: (text: string, part: Value) => withText(part, (one) => text.startsWith(one)),
  endsWith: (text: string, part: Value) => withText(part, (one) => text.endsWith(one)),
  indexOf: (text: string, part: Value) => withText(part, (one) => text.indexOf(one)),
  lastIndexOf: (text: string, part: Value) => withText(part, (one) => text.lastIndexOf(one)),
  equalsIgnoreCase: (text: string, other: Value) =>
    typeof other === 'string' && text.toLowerCase() === other.toLowerCase(),
  charAt: (text: string, at: Value) => (typeof at === 'number' ? text[at] : undefined),
  substring: (text: string, from: Value, to: Value = text.length) =>
    typeof from === 'number' &&
    typeof to === 'number' &&
    0 <= from &&
    from <= to &&
    to <= text.length
      ? text.slice(from, to)
      : undefined,
  replace: (text: string, from: Value, to: Value) =>
    typeof from === 'string' && typeof to === 'string' ? text.split(from).join(to) : undefined,
  replaceAll: (text: string, pattern: Value, to: Value) => replaced(text, pattern, to, 'gu'),
  replaceFirst: (text: string, pattern: Value, to: Value) => replaced(text, pattern, to, 'u'),
  matches: (text: string, pattern: Value) =>
    withPattern(pattern, 'u', (one) => new RegExp(`^(?:${one.source})$`, 'u').test(text)),
  split: (text: string, pattern: Value) => withPattern(pattern, 'u', (one) => split(text, one)),
};

const LIST = {
  size: (list: Value[]) => list.length,
  // Of the guide: `$input.path('$.pets').count()`.
  count: (list: Value[]) => list.length,
  isEmpty: (list: Value[]) => list.length === 0,
  get: (list: Value[], at: Value) => (typeof at === 'number' && at >= 0 ? list[at] : undefined),
  contains: (list: Value[], wanted: Value) => list.some((one) => areEqual(one, wanted)),
  indexOf: (list: Value[], wanted: Value) => list.findIndex((one) => areEqual(one, wanted)),
  add: (list: Value[], item: Value) => {
    list.push(item);
    return true;
  },
};

const MAP = {
  size: (map: ValueMap) => map.size,
  isEmpty: (map: ValueMap) => map.size === 0,
  get: (map: ValueMap, key: Value) => map.get(textOf(key)),
  containsKey: (map: ValueMap, key: Value) => map.has(textOf(key)),
  keySet: (map: ValueMap): Value => [...map.keys()],
  values: (map: ValueMap): Value => [...map.values()],
  entrySet: (map: ValueMap): Value => [...map].map(entryOf),
  put: (map: ValueMap, key: Value, item: Value) => {
    const before = map.get(textOf(key));
    map.set(textOf(key), item);
    return before ?? null;
  },
  putAll: (map: ValueMap, more: Value) => {
    if (more instanceof Map) for (const [key, item] of more) map.set(key, item);
    return null;
  },
  remove: (map: ValueMap, key: Value) => {
    const before = map.get(textOf(key));
    map.delete(textOf(key));
    return before ?? null;
  },
};

const NUMBER = {
  intValue: (value: number | Decimal) => Math.trunc(numberOf(value) ?? 0),
  doubleValue: (value: number | Decimal) => new Decimal(numberOf(value) ?? 0),
};

function entryOf([key, item]: readonly [string, Value]): ValueObject {
  const read = (name: string): Value =>
    name === 'key' ? key : name === 'value' ? item : undefined;
  return new ValueObject(
    (method) =>
      /^get(?:Key|Value)$/.test(method) ? read(method.slice(3).toLowerCase()) : undefined,
    read,
    `${key}=${textOf(item)}`,
  );
}

function withText(value: Value, use: (text: string) => Value): Value {
  return typeof value === 'string' ? use(value) : undefined;
}

function withPattern(value: Value, flags: string, use: (pattern: RegExp) => Value): Value {
  if (typeof value !== 'string') return undefined;
  try {
    return use(new RegExp(value, flags));
  } catch {
    return undefined; // an exception in Java: no value
  }
}

// In a replacement Java writes \x for x itself and $1 for a group.
function replaced(text: string, pattern: Value, to: Value, flags: string): Value {
  if (typeof to !== 'string') return undefined;
  return withPattern(javaPattern(pattern), flags, (one) =>
    text.replace(one, (...found) =>
      to.replaceAll(/\\([^])|\$(\d)/g, (_, escaped?: string, group?: string) =>
        escaped === undefined ? String(found[Number(group)] ?? '') : escaped,
      ),
    ),
  );
}

// `\'` is ' in Java and a mistake in a Unicode expression here.
function javaPattern(pattern: Value): Value {
  if (typeof pattern !== 'string') return pattern;
  return pattern.replaceAll(/\\([^])/g, (both, character: string) =>
    HARMLESS.test(character) ? character : both,
  );
}

const HARMLESS = /['"`#%&,:;<=>@_~ !-]/;

// Java drops empty texts at the end.
function split(text: string, pattern: RegExp): Value {
  const parts = text.split(pattern);
  if (parts.length > 1 && parts[0] === '' && pattern.test('') && text !== '') parts.shift();
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}
