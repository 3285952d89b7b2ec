// Paths into JSON and into the evidence.
//
//   path     = key { "." key | "[" index "]" | "[" json-string "]" }
//   key      = one or more characters but . [ ] and whitespace at its ends
//   evidence = [ connection "." ] root [ "." path | "[" … ]
//   root     = "handshake" | "received" | "frames" | "closed" | "answers" | invocation
import type { EvidencePath, Invocation } from './model.ts';

/** Keys and indexes, outermost first. */
export type PathKeys = readonly (string | number)[];

/** Parses `items[0].id`, `headers["x.y"]`; undefined when it is not a path. */
export function parsePath(text: string): PathKeys | undefined {
  const keys: (string | number)[] = [];
  let rest = text;
  while (rest !== '' || keys.length === 0) {
    const match = (keys.length === 0 ? FIRST : NEXT).exec(rest);
    if (match === null) return undefined;
    const key = keyOf(match);
    if (key === undefined) return undefined;
    keys.push(key);
    rest = rest.slice(match[0].length);
  }
  return keys;
}

/** Writes keys the way `parsePath` reads them. */
export function formatPath(keys: PathKeys): string {
  return keys.map((key, index) => formatKey(key, index === 0)).join('');
}

/** Parses a path that begins with a root of the evidence; undefined when it does not. */
export function parseEvidencePath(text: string): EvidencePath | undefined {
  const keys = parsePath(text);
  const [first, second] = keys ?? [];
  if (keys === undefined || typeof first !== 'string') return undefined;
  if (isRoot(first)) return { connection: undefined, root: first, keys: keys.slice(1), text };
  if (typeof second !== 'string' || !isRoot(second) || !CONNECTION.test(first)) return undefined;
  return { connection: first, root: second, keys: keys.slice(2), text };
}

/** The invocations a gateway makes, as scenarios spell them. */
export const INVOCATIONS = [
  'authorizer',
  '$connect',
  'message',
  '$disconnect',
] as const satisfies readonly Invocation[];

/** What an evidence path may begin with. */
export const ROOTS = [
  'handshake',
  'received',
  'frames',
  'closed',
  'answers',
  ...INVOCATIONS,
] as const;

/** How connections and calls are named. */
export const CONNECTION = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** True for the backend's part of the evidence. */
export function isInvocation(text: string): text is Invocation {
  return (INVOCATIONS as readonly string[]).includes(text);
}

function isRoot(text: string): boolean {
  return (ROOTS as readonly string[]).includes(text);
}

const BRACKETS = String.raw`\[(?:(\d{1,9})|("(?:[^"\\]|\\.)*"))\]`;
const PLAIN = String.raw`[^.[\]\s"](?:[^.[\]]*[^.[\]\s])?`;
const FIRST = new RegExp(`^(?:(${PLAIN})|${BRACKETS})`);
const NEXT = new RegExp(String.raw`^(?:\.(${PLAIN})|${BRACKETS})`);

function keyOf([, plain, index, quoted]: RegExpExecArray): string | number | undefined {
  if (plain !== undefined) return plain;
  return index === undefined ? parseQuoted(quoted ?? '') : Number(index);
}

function parseQuoted(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function formatKey(key: string | number, first: boolean): string {
  if (typeof key === 'number') return `[${key}]`;
  if (!new RegExp(`^${PLAIN}$`).test(key)) return `[${JSON.stringify(key)}]`;
  return first ? key : `.${key}`;
}
