// A tree against a schema: every issue gets its place, its code and what to write. An unknown key is
// marked at the key, a missing one at its parent, alternatives are told apart by YAML kind.
import type * as z from 'zod';
import type { SourceSpan } from '../base/source-span.ts';
import type { Diagnostic } from './diagnostic.ts';
import { LIMITS } from './limit.ts';
import { type Complaint, readComplaint } from './schema-value.ts';
import { entriesOf, entryOf, nodeAt, type SourceNode, textOf, toPlain } from './source-node.ts';
import { suggest, suggestion } from './suggest.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A mistake and the path of keys and indexes to it. */
export interface Located {
  readonly path: Path;
  readonly diagnostic: Diagnostic;
  /** It asks for a key that is missing. */
  readonly wantsKey?: true;
  /** An unknown key of the mapping at `path`, and the key that it resembles. */
  readonly misspelt?: { readonly written: string; readonly meant: string };
}

/**
 * What is wrong with `root` as it stands. What is said about a value that holds a variable without a
 * value is left out: nobody knows yet.
 */
export function judgeTree(root: SourceNode, schema: z.ZodType): Located[] {
  const result = schema.safeParse(toPlain(root));
  if (result.success) return [];
  const issues = result.error.issues.flatMap((issue) => expandUnion(issue, root));
  const unknown = unknownKeys(issues);
  return issues
    .filter((issue) => !isUnresolved(nodeAt(root, issue.path), issue))
    .filter((issue) => !isConsequence(issue, { root, unknown }))
    .flatMap((issue) => locateIssue(issue, root))
    .filter((one, _, all) => one.wantsKey !== true || !all.some((other) => isAt(one, other)));
}

/** Where a key is one too many, it says nothing new that something is missing in it. */
function isAt(one: Located, other: Located): boolean {
  const [a, b] = [one.diagnostic.span, other.diagnostic.span];
  const twoInOne = other.diagnostic.code === 'SCN_ONE_OF';
  return one !== other && twoInOne && a.line === b.line && a.column === b.column;
}

function locateIssue(issue: Issue, root: SourceNode): Located[] {
  const { path } = issue;
  if (issue.code !== 'unrecognized_keys') {
    const wants =
      readComplaint(issue.message)?.wantsKey === true ? { wantsKey: true as const } : {};
    return toDiagnostics(issue, root).map((diagnostic) => ({ path, diagnostic, ...wants }));
  }
  const said = readComplaint(issue.message);
  const node = nodeAt(root, path);
  return issue.keys.map((written) => {
    const known = Object.hasOwn(said?.words ?? {}, written) || said?.beside?.includes(written);
    const meant = known === true ? undefined : suggest(written, said?.allowed ?? []);
    const diagnostic = unknownKey(written, { path, node, said });
    return { path, diagnostic, ...(meant === undefined ? {} : { misspelt: { written, meant } }) };
  });
}

/** Of a failed alternative the branch of the value's own kind; itself when there is none. */
function expandUnion(issue: Issue, root: SourceNode): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const node = nodeAt(root, issue.path);
  const ofKind = issue.errors.find((errors) => !errors.some((one) => isOtherKind(one, node)));
  if (ofKind === undefined || ofKind.length === 0) return [issue];
  return ofKind
    .map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
    .flatMap((one) => expandUnion(one, root));
}

function isOtherKind(issue: Issue, node: SourceNode): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_type') return true;
  if (issue.code === 'invalid_union') {
    return issue.errors.every((errors) => errors.some((one) => isOtherKind(one, node)));
  }
  if (issue.code !== 'invalid_value') return false;
  return node.kind !== 'scalar' || !issue.values.some((one) => typeof one === typeof node.value);
}

function isUnresolved(node: SourceNode, { code }: Issue): boolean {
  if (node.kind !== 'scalar') return false;
  // What stands in for a limit that is not declared is of its kind, not of its size.
  const ofSize = code === 'too_small' || code === 'too_big';
  return node.unresolved === true || (node.missingLimit !== undefined && ofSize);
}

/** The unknown keys of each mapping, by its path. */
function unknownKeys(issues: readonly Issue[]): ReadonlyMap<string, Unknown> {
  const found = new Map<string, Unknown>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const later = readComplaint(issue.message)?.later ?? [];
    const { keys } = issue;
    found.set(JSON.stringify(issue.path), { keys, later: keys.some((key) => later.includes(key)) });
  }
  return found;
}

interface Unknown {
  readonly keys: readonly string[];
  /** One of them is a key that a later version will have there: it may replace any other. */
  readonly later: boolean;
}

interface Known {
  readonly root: SourceNode;
  readonly unknown: ReadonlyMap<string, Unknown>;
}

/** "Needs one of" and "is missing" say nothing new where the same mapping has an unknown key. */
function isConsequence(issue: Issue, { root, unknown }: Known): boolean {
  if (readComplaint(issue.message)?.wantsKey === true)
    return unknown.has(JSON.stringify(issue.path));
  if (!isMissing(issue, root)) return false;
  const given = unknown.get(JSON.stringify(issue.path.slice(0, -1)));
  const missing = String(issue.path.at(-1));
  if (given === undefined) return false;
  if (given.later) return true;
  return given.keys.some((key) => suggest(key, [missing]) !== undefined);
}

function isMissing({ path }: Issue, root: SourceNode): boolean {
  const key = path.at(-1);
  const parent = nodeAt(root, path.slice(0, -1));
  return typeof key === 'string' && parent.kind === 'map' && entryOf(parent, key) === undefined;
}

function toDiagnostics(issue: Issue, root: SourceNode): Diagnostic[] {
  const said = readComplaint(issue.message);
  if (issue.code === 'invalid_key') return [badKey(issue, root)];
  if (issue.code !== 'custom' && isMissing(issue, root))
    return [missingKey(issue.path, { said, root })];
  return [badValue(issue, { said, root })];
}

interface UnknownKey {
  readonly path: Path;
  readonly node: SourceNode;
  readonly said: Complaint | undefined;
}

function unknownKey(key: string, { path, node, said }: UnknownKey): Diagnostic {
  const span = entryOf(node, key)?.keySpan ?? node.span;
  if (said?.later?.includes(key) === true) {
    const message = `this version of ws-assay does not have "${key}" yet`;
    return { code: 'SCN_NOT_YET', severity: 'error', span, message, hint: 'leave it out for now' };
  }
  const refused = Object.hasOwn(said?.refused ?? {}, key) ? said?.refused?.[key] : undefined;
  if (refused !== undefined) {
    const message = `"${key}" does not belong here`;
    return { code: 'SCN_MISPLACED', severity: 'error', span, message, hint: refused };
  }
  const hint = unknownKeyHint(key, path, said);
  return {
    code: 'SCN_UNKNOWN_KEY',
    severity: 'error',
    span,
    message: `unknown key "${key}"`,
    hint,
  };
}

function unknownKeyHint(key: string, path: Path, said: Complaint | undefined): string {
  const [, before, after] = /^([\w$-]+):(.+)$/.exec(key) ?? [];
  if (before !== undefined) return `write a space after the colon: ${before}: ${after}`;
  const words = said?.words ?? {};
  if (Object.hasOwn(words, key)) return words[key] ?? '';
  if (said?.beside?.includes(key) === true) {
    return `${key} stands beside ${String(path.at(-1))}, not inside it`;
  }
  const near = suggestion(key, said?.allowed ?? []);
  return near.startsWith('did') ? near : (said?.instead ?? near);
}

function badKey(issue: Issue & { code: 'invalid_key' }, root: SourceNode): Diagnostic {
  const key = String(issue.path.at(-1));
  const said = issue.issues.map(({ message }) => readComplaint(message)).find(Boolean);
  const span = placeOf(issue.path, root);
  const message = `"${key}" is not ${said?.what ?? 'a key'}`;
  return {
    code: said?.code ?? 'SCN_BAD_VALUE',
    severity: 'error',
    span,
    message,
    hint: said?.hint ?? '',
  };
}

interface Said {
  readonly said: Complaint | undefined;
  readonly root: SourceNode;
}

function missingKey(path: Path, { said, root }: Said): Diagnostic {
  const key = String(path.at(-1));
  const span = placeOf(path.slice(0, -1), root);
  const what = said?.what ?? '';
  return {
    code: 'SCN_MISSING_KEY',
    severity: 'error',
    span,
    message: `"${key}" is missing`,
    hint: what === '' ? `add ${key}` : `add ${key}: ${what}`,
  };
}

function badValue(issue: Issue, { said, root }: Said): Diagnostic {
  const node = nodeAt(root, issue.path);
  if (said?.among !== undefined) return tooManyKeys(node, { ...said, among: said.among });
  const aboutKey = said?.message !== undefined;
  const span = aboutKey ? placeOf(issue.path, root) : node.span;
  const what = said?.what ?? 'what belongs here';
  const message = said?.message ?? describeLimit(node, what) ?? `${describe(node)} is not ${what}`;
  const ofKind = issue.code === 'invalid_type' && node.kind !== 'scalar';
  const code = said === undefined || (ofKind && !aboutKey) ? 'SCN_BAD_TYPE' : said.code;
  return { code, severity: 'error', span, message, hint: bareKeyHint(node, said) };
}

/** Keys that exclude one another, in the order in which they were written. */
function tooManyKeys(
  node: SourceNode,
  { among, code, message = '', hint }: Complaint & { readonly among: readonly string[] },
): Diagnostic {
  const written = entriesOf(node).filter(({ key }) => among.includes(key));
  const span = written[1]?.keySpan ?? node.span;
  const keys = written.map(({ key }) => key);
  const list = message.startsWith('{keys}') ? keys.join(' and ') : keys.join(', ');
  return { code, severity: 'error', span, message: message.replace('{keys}', list), hint };
}

/** `- connect` where `- connect:` is meant. */
function bareKeyHint(node: SourceNode, said: Complaint | undefined): string {
  const word = textOf(node) ?? '';
  if (said?.allowed?.includes(word) === true) return `write it with a colon: ${word}:`;
  const quoted = node.kind === 'scalar' && typeof node.value === 'string' && /^["']/.test(node.raw);
  const wantsNumber = /^(?:an integer|a number)/.test(said?.what ?? '');
  if (quoted && wantsNumber && /^-?\d+$/.test(word)) return `write ${word}, without quotes`;
  return said?.hint ?? '';
}

/** The place of the key that leads to a value; of the value itself in a list. */
function placeOf(path: Path, root: SourceNode): SourceSpan {
  const key = path.at(-1);
  const parent = nodeAt(root, path.slice(0, -1));
  const entry = typeof key === 'string' ? entryOf(parent, key) : undefined;
  return entry?.keySpan ?? nodeAt(root, path).span;
}

/** A limit is told by what it is: its value may be a stand-in. */
function describeLimit(node: SourceNode, what: string): string | undefined {
  if (node.kind !== 'scalar' || node.raw !== '') return undefined;
  const [limit] = node.limits ?? [];
  const kind = LIMITS[limit ?? ''];
  if (kind === undefined) return undefined;
  const is = node.missingLimit === undefined ? node.text : KINDS[kind];
  return `limits.${limit} is ${is}, and here belongs ${what}`;
}

const KINDS = { duration: 'a duration', rate: 'a rate', integer: 'an integer' } as const;

function describe(node: SourceNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return node.entries.length === 0 ? 'nothing' : 'a mapping';
  if (node.secret === true) return 'a secret';
  if (typeof node.value === 'string') return JSON.stringify(clip(node.value));
  return clip(node.text === '' ? 'null' : node.text);
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
