// Text to a tree with places: YAML 1.2 core schema, one document a file. Refuses what could be an
// attack (size, depth, alias bombs, prototype keys) before anything walks it.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { SourceSpan } from '../base/source-span.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import type { MapEntry, SourceNode } from './source-node.ts';

/** A file as a tree, or all that is wrong with its YAML. */
export type YamlResult =
  | { readonly root: SourceNode }
  | { readonly diagnostics: readonly [Diagnostic, ...Diagnostic[]] };

/** Files above this size are refused. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Collections inside one another, at most. */
const MAX_DEPTH = 64;
/** Values of a file after aliases are followed, at most; a catalogue of 300 requirements has 5000. */
const MAX_NODES = 20_000;

/** Reads one YAML file. `key:` alone is an empty mapping; an explicit `null` stays null. */
export function readYaml(file: string, text: string): YamlResult {
  const reader: Reader = { file, text, lines: countLines(text), found: [] };
  const root = refuseEarly(reader) ? undefined : readDocument(reader);
  const [first, ...rest] = reader.found;
  if (first !== undefined) return { diagnostics: [first, ...rest] };
  return { root: root ?? emptyMap(reader) };
}

interface Reader {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly found: Diagnostic[];
}

/** What must be known before the text is parsed; true when parsing would be no use. */
function refuseEarly(reader: Reader): boolean {
  const { text } = reader;
  if (text.length > MAX_FILE_BYTES || Buffer.byteLength(text) > MAX_FILE_BYTES) {
    const found = `the file is larger than ${MAX_FILE_BYTES / 1024} KiB`;
    report(reader, { code: 'SCN_TOO_LARGE', at: 0, length: 1, message: found });
    return true;
  }
  scanTokens(reader);
  return reader.found.length > 0;
}

/**
 * Looks at the tokens for two things YAML itself would report badly or not survive: an unquoted
 * variable in flow style (a plain scalar that ends in `$` just before a brace), and deep nesting.
 */
function scanTokens(reader: Reader): void {
  let offset = 0;
  let depth = 0;
  let inLine = 0;
  let afterDollar = false;
  for (const token of new Lexer().lex(reader.text)) {
    if (CONTROL_TOKENS.has(token)) continue;
    if (token === '{' && afterDollar) {
      const end = reader.text.indexOf('}', offset);
      reportUnquoted(reader, offset - 1, end < 0 ? 2 : end - offset + 2);
    }
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    inLine = token.includes('\n') ? 0 : inLine + (token === '-' || token === '?' ? 1 : 0);
    if (depth > MAX_DEPTH || inLine > MAX_DEPTH) {
      return tooDeep(reader, offset);
    }
    afterDollar = token.endsWith('$');
    offset += token.length;
  }
}

// The lexer's own marks: byte order mark, document start, flow end error, scalar.
const CONTROL_TOKENS = new Set(['\u0002', '\u0018', '\u001f']);

function reportUnquoted(reader: Reader, at: number, length: number): void {
  const variable = reader.text.slice(at, at + length);
  report(reader, {
    code: 'SCN_UNQUOTED_VARIABLE',
    at,
    length,
    message: `inside { } or [ ] YAML reads the brace of ${variable} itself`,
    hint: `write it with quotes: "${variable}"`,
  });
}

function tooDeep(reader: Reader, at: number): void {
  const message = `the values are nested more than ${MAX_DEPTH} deep`;
  report(reader, { code: 'SCN_TOO_DEEP', at, length: 1, message });
}

// Counted here, not by the parser: places are needed before it runs and when it refuses.
function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g))
    lines.addNewLine(index + end.length);
  return lines;
}

function readDocument(reader: Reader): SourceNode | undefined {
  const document = parse(reader);
  if (document === undefined) return undefined;
  for (const error of tellingErrors(document)) reportYaml(reader, error);
  if (reader.found.length > 0) return undefined;
  const walk: Walk = { reader, anchors: new Map(), nodes: 0, given: false };
  return document.contents === null ? undefined : convert(walk, document.contents, 0);
}

/** Of syntax errors only the first: the others mostly follow from it. */
function tellingErrors({ errors, warnings }: Document): readonly YAMLError[] {
  return [...errors.slice(0, 1), ...warnings];
}

function parse(reader: Reader): Document | undefined {
  try {
    return parseDocument(reader.text, {
      prettyErrors: false,
      schema: 'core',
      version: '1.2',
      // Looked at in convertMap: here it would take quadratic time.
      uniqueKeys: false,
    });
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    tooDeep(reader, 0);
    return undefined;
  }
}

function reportYaml(reader: Reader, error: YAMLError): void {
  const [at, end] = error.pos;
  const inFlow = error.code === 'MISSING_CHAR' && '[{'.includes(reader.text[at] ?? ' ');
  const rule = inFlow ? BRACKET_IN_TEXT : YAML_CODES[error.code];
  report(reader, {
    code: rule?.code ?? 'SCN_YAML',
    at,
    length: Math.max(1, end - at, WORD.exec(reader.text.slice(at, at + 80))?.[0].length ?? 1),
    message: rule?.message ?? firstLine(error.message),
    ...(rule?.hint === undefined ? {} : { hint: rule.hint }),
  });
}

const BRACKET_IN_TEXT = {
  code: 'SCN_YAML',
  message: 'inside { } or [ ] YAML reads this bracket itself',
  hint: 'write text that contains brackets with quotes: "received[0].text"',
} as const;

// Errors often point at one character only; the word it begins is marked.
const WORD = /^[\w$.-]+/;

const YAML_CODES: Readonly<
  Record<string, { code: DiagnosticCode; message: string; hint: string }>
> = {
  MULTIPLE_DOCS: {
    code: 'SCN_ONE_DOCUMENT',
    message: 'the file holds more than one YAML document',
    hint: 'write one file for each',
  },
  TAB_AS_INDENT: {
    code: 'SCN_YAML',
    message: 'a tab cannot indent YAML',
    hint: 'indent with spaces',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    code: 'SCN_YAML',
    message: 'a second colon would begin a mapping inside the line',
    hint: 'write text that contains ": " with quotes',
  },
};

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/;.*$/, '') ?? '';
}

interface Walk {
  readonly reader: Reader;
  readonly anchors: Map<string, unknown>;
  nodes: number;
  /** An attack was reported once; nothing more is said. */
  given: boolean;
}

function convert(walk: Walk, node: unknown, depth: number): SourceNode {
  const place = { at: rangeOf(node)[0], length: 1 };
  if (++walk.nodes > MAX_NODES) return giveUp(walk, { ...place, ...TOO_MANY });
  if (depth > MAX_DEPTH) {
    const message = `the values are nested more than ${MAX_DEPTH} deep`;
    return giveUp(walk, { ...place, code: 'SCN_TOO_DEEP', message });
  }
  if (isAlias(node)) return convertAlias(walk, node.source, { depth, ...place });
  remember(walk, node);
  if (isMap(node)) return convertMap(walk, node, depth);
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(walk, item, depth + 1));
    return { kind: 'list', items, span: spanOf(walk.reader, rangeOf(node)) };
  }
  return isScalar(node) ? convertScalar(walk.reader, node) : emptyMap(walk.reader);
}

const TOO_MANY = {
  code: 'SCN_ALIASES',
  message: `the file stands for more than ${MAX_NODES} values`,
} as const;

function giveUp(walk: Walk, problem: Problem): SourceNode {
  if (!walk.given) report(walk.reader, problem);
  walk.given = true;
  return emptyMap(walk.reader);
}

function remember(walk: Walk, node: unknown): void {
  if (isScalar(node) || isMap(node) || isSeq(node)) {
    if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  }
}

function convertAlias(
  walk: Walk,
  name: string,
  { depth, at }: { readonly depth: number; readonly at: number },
): SourceNode {
  const target = walk.anchors.get(name);
  if (target !== undefined && !walk.given) return convert(walk, target, depth + 1);
  const message = `there is no anchor "&${name}" before this alias`;
  if (!walk.given) report(walk.reader, { code: 'SCN_YAML', at, length: name.length + 1, message });
  return emptyMap(walk.reader);
}

function convertMap(walk: Walk, map: YAMLMap, depth: number): SourceNode {
  const entries = new Map<string, MapEntry>();
  for (const pair of map.items) {
    const entry = walk.given ? undefined : convertPair(walk, pair, depth);
    if (entry === undefined) continue;
    if (entries.has(entry.key)) reportTwice(walk.reader, entry);
    entries.set(entry.key, entry);
  }
  const span = spanOf(walk.reader, rangeOf(map));
  return { kind: 'map', entries: [...entries.values()], span };
}

function reportTwice({ found }: Reader, { key, keySpan }: MapEntry): void {
  const message = `the key "${key}" stands twice in the same mapping`;
  const hint = 'keep one of them';
  found.push({ code: 'SCN_DUPLICATE_KEY', severity: 'error', span: keySpan, message, hint });
}

function convertPair(walk: Walk, { key, value }: Pair, depth: number): MapEntry | undefined {
  const { reader } = walk;
  const range = rangeOf(key);
  const place = { at: range[0], length: Math.max(1, range[1] - range[0]) };
  if (!isScalar(key)) {
    report(reader, { ...place, code: 'SCN_YAML', message: 'a key has to be a text' });
    return undefined;
  }
  const name = scalarText(key);
  if (FORBIDDEN_KEYS.has(name)) {
    report(reader, { ...place, code: 'SCN_FORBIDDEN_KEY', message: `"${name}" cannot be a key` });
    return undefined;
  }
  remember(walk, key);
  const keySpan = spanOf(reader, range);
  const bare = value === null || (isScalar(value) && value.value === null && value.source === '');
  const node = bare ? { kind: 'map' as const, entries: [], span: keySpan } : undefined;
  return { key: name, keySpan, value: node ?? convert(walk, value, depth + 1) };
}

// Keys that would reach a JavaScript object's prototype.
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

function convertScalar(reader: Reader, scalar: Scalar): SourceNode {
  const range = rangeOf(scalar);
  const span = spanOf(reader, range);
  const value = scalarValue(scalar.value);
  if (value === undefined) {
    const message = `${scalarText(scalar)} is a value that JSON does not have`;
    report(reader, { code: 'SCN_BAD_VALUE', at: range[0], length: span.length, message });
  }
  const raw = reader.text.slice(range[0], range[1]);
  return { kind: 'scalar', value: value ?? null, text: scalarText(scalar), raw, span };
}

function scalarValue(value: unknown): null | boolean | number | string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  return undefined;
}

function scalarText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '');
}

function rangeOf(node: unknown): readonly [number, number] {
  const known = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  const range = known ? node.range : undefined;
  return range === undefined || range === null ? [0, 0] : [range[0], range[1]];
}

/** The place from its first character to its end, or to the end of its first line. */
function spanOf(reader: Reader, [start, end]: readonly [number, number]): SourceSpan {
  const text = reader.text.slice(start, end);
  const length = Math.max(1, (text.split(/\r|\n/)[0] ?? '').trimEnd().length);
  const { line, col } = reader.lines.linePos(start);
  return { file: reader.file, line: Math.max(1, line), column: Math.max(1, col), length };
}

interface Problem {
  readonly code: DiagnosticCode;
  readonly at: number;
  readonly length: number;
  readonly message: string;
  readonly hint?: string;
}

function report(reader: Reader, { at, length, ...problem }: Problem): void {
  const place = spanOf(reader, [at, at + 1]);
  reader.found.push({ severity: 'error', span: { ...place, length }, ...problem });
}

function emptyMap({ file }: Reader): SourceNode {
  return { kind: 'map', entries: [], span: { file, line: 1, column: 1, length: 1 } };
}
