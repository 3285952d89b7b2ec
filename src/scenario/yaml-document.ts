// Text to a tree with places: YAML 1.2 core schema, one document a file. Refuses what could be an
// attack (size, depth, alias bombs, prototype keys) before anything walks it. A file with mistakes still
// becomes a tree where it can be told what was meant.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { SourceSpan } from '../base/source-span.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { MapEntry, SourceNode } from './source-node.ts';
import type { EditedText } from './yaml-edit.ts';
import type { YamlProblem } from './yaml-problem.ts';
import { MAX_DEPTH, readSyntax } from './yaml-syntax.ts';

/** A file as a tree, and all that is wrong with its YAML. */
export interface YamlReading {
  /** Undefined when too little can be read to say anything about its structure. */
  readonly root: SourceNode | undefined;
  readonly found: readonly Diagnostic[];
}

/** Files above this size are refused. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Values of a file after aliases are followed, at most; a catalogue of 300 requirements has 5000. */
const MAX_NODES = 20_000;

/**
 * Reads one YAML file. `key:` alone is an empty mapping; an explicit `null` stays null. Never throws.
 */
export function readYaml(file: string, text: string): YamlReading {
  const lines = countLines(text);
  const found: Diagnostic[] = [];
  if (text.length > MAX_FILE_BYTES || Buffer.byteLength(text) > MAX_FILE_BYTES) {
    const message = `the file is larger than ${MAX_FILE_BYTES / 1024} KiB`;
    report({ file, text, lines, found }, { code: 'SCN_TOO_LARGE', at: 0, length: 1, message });
    return { root: undefined, found };
  }
  const { document, edited, problems } = readSyntax(text);
  const reader: Reader = { file, text, lines, found, edited };
  for (const problem of problems.toSorted((a, b) => a.at - b.at)) report(reader, problem);
  if (document === undefined) return { root: undefined, found };
  const walk: Walk = { reader, anchors: new Map(), nodes: 0, given: false };
  const root = document.contents === null ? emptyMap(reader) : convert(walk, document.contents, 0);
  return { root: walk.given ? undefined : root, found };
}

interface Place {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly found: Diagnostic[];
}

interface Reader extends Place {
  /** The text that was parsed: the same as `text` where that has no mistakes. */
  readonly edited: EditedText;
}

// Counted here, not by the parser: places are needed before it runs and when it refuses.
function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g))
    lines.addNewLine(index + end.length);
  return lines;
}

interface Walk {
  readonly reader: Reader;
  readonly anchors: Map<string, unknown>;
  nodes: number;
  /** An attack was reported once; nothing more is said. */
  given: boolean;
}

function convert(walk: Walk, node: unknown, depth: number): SourceNode {
  const place = { at: rangeOf(walk.reader, node)[0], length: 1 };
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
    return { kind: 'list', items, span: spanOf(walk.reader, rangeOf(walk.reader, node)) };
  }
  return isScalar(node) ? convertScalar(walk.reader, node) : emptyMap(walk.reader);
}

const TOO_MANY = {
  code: 'SCN_ALIASES',
  message: `the file stands for more than ${MAX_NODES} values`,
} as const;

function giveUp(walk: Walk, problem: YamlProblem): SourceNode {
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
  const length = name.length + 1;
  if (!walk.given && !isReported(walk.reader, at)) {
    const hint = 'write text that begins with * with quotes';
    report(walk.reader, { code: 'SCN_YAML', at, length, message, hint });
  }
  return unknownValue(walk.reader, at);
}

function isReported({ file, lines, found }: Place, at: number): boolean {
  const { line, col } = lines.linePos(at);
  return found.some(({ span }) => span.file === file && span.line === line && span.column === col);
}

/** Stands for a value that a reported mistake hides: nothing more is said about it. */
function unknownValue(reader: Place, at: number): SourceNode {
  const span = spanOf(reader, [at, at + 1]);
  return { kind: 'scalar', value: '', text: '', raw: '', span, unresolved: true };
}

function convertMap(walk: Walk, map: YAMLMap, depth: number): SourceNode {
  const entries = new Map<string, MapEntry>();
  const rivals: MapEntry[] = [];
  for (const pair of map.items) {
    const entry = walk.given ? undefined : convertPair(walk, pair, depth);
    if (entry === undefined) continue;
    if (entries.has(entry.key)) {
      reportTwice(walk.reader, entry);
      rivals.push(entry);
    } else entries.set(entry.key, entry);
  }
  const span = spanOf(walk.reader, rangeOf(walk.reader, map));
  const also = rivals.length === 0 ? {} : { rivals };
  return { kind: 'map', entries: [...entries.values()], ...also, span };
}

function reportTwice({ found }: Reader, { key, keySpan }: MapEntry): void {
  const message = `the key "${key}" stands twice in the same mapping`;
  const hint = 'keep one of them';
  found.push({ code: 'SCN_DUPLICATE_KEY', severity: 'error', span: keySpan, message, hint });
}

function convertPair(walk: Walk, { key, value }: Pair, depth: number): MapEntry | undefined {
  const { reader } = walk;
  const range = rangeOf(reader, key);
  const place = { at: range[0], length: Math.max(1, range[1] - range[0]) };
  if (!isScalar(key)) {
    const message = 'a key has to be a text';
    report(reader, { ...place, code: 'SCN_YAML', message, hint: 'write a word and a colon' });
    return undefined;
  }
  const name = scalarText(key);
  if (FORBIDDEN_KEYS.has(name)) {
    const message = `"${name}" cannot be a key`;
    report(reader, { ...place, code: 'SCN_FORBIDDEN_KEY', message, hint: 'choose another' });
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
  const range = rangeOf(reader, scalar);
  const span = spanOf(reader, range);
  const raw = reader.text.slice(range[0], range[1]);
  const mended = reader.edited.valueBetween(range[0], range[1]);
  if (mended !== undefined) {
    const node = { kind: 'scalar' as const, value: raw, text: raw, raw, span };
    return mended === 'variable' ? node : { ...node, unresolved: true };
  }
  const value = scalarValue(scalar.value);
  if (value === undefined) {
    const message = `${scalarText(scalar)} is a value that JSON does not have`;
    const { length } = span;
    report(reader, {
      code: 'SCN_BAD_VALUE',
      at: range[0],
      length,
      message,
      hint: 'write a number',
    });
    return unknownValue(reader, range[0]);
  }
  return { kind: 'scalar', value, text: scalarText(scalar), raw, span };
}

function scalarValue(value: unknown): null | boolean | number | string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  return undefined;
}

function scalarText({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? '');
}

/** From where to where a node stands in the original text. */
function rangeOf({ edited }: Reader, node: unknown): readonly [number, number] {
  const known = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  const range = known ? node.range : undefined;
  if (range === undefined || range === null) return [0, 0];
  return [edited.originOf(range[0]), edited.originOf(range[1])];
}

/** The place from its first character to its end, or to the end of its first line. */
function spanOf(reader: Place, [start, end]: readonly [number, number]): SourceSpan {
  const text = reader.text.slice(start, end);
  const length = Math.max(1, (text.split(/\r|\n/)[0] ?? '').trimEnd().length);
  const { line, col } = reader.lines.linePos(start);
  return { file: reader.file, line: Math.max(1, line), column: Math.max(1, col), length };
}

function report(reader: Place, { at, length, ...problem }: YamlProblem): void {
  const place = spanOf(reader, [at, at + 1]);
  reader.found.push({ severity: 'error', span: { ...place, length }, ...problem });
}

function emptyMap({ file }: Place): SourceNode {
  return { kind: 'map', entries: [], span: { file, line: 1, column: 1, length: 1 } };
}
