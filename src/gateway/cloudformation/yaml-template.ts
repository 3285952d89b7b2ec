// Reads the YAML or JSON of a template: short tags, places, and limits against files that stand for more than they are.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { SourceSpan } from '../../base/source-span.ts';
import { isIntrinsic, SHORT_TAGS } from './intrinsic-names.ts';
import type { Findings } from './problem.ts';
import type { TemplateEntry, TemplateNode } from './template-node.ts';

/** "The maximum size of a template in an S3 object is 1 MB" (CloudFormation quotas). */
const MAX_TEMPLATE_BYTES = 1024 * 1024;
/** Values of a template after aliases are followed; 500 resources with 100 values each are fewer. */
const MAX_NODES = 100_000;
/** Deeper than any template that CloudFormation takes. */
const MAX_DEPTH = 100;

/** Reads the text of a template; `undefined` after a problem that hides the rest. Never throws. */
export function readTemplateText(
  text: string,
  file: string,
  findings: Findings,
): TemplateNode | undefined {
  const top: SourceSpan = { file, line: 1, column: 1, length: 1 };
  if (Buffer.byteLength(text) > MAX_TEMPLATE_BYTES) {
    findings.problem(
      top,
      'the template is larger than 1 MiB, and CloudFormation takes none',
      'split it',
    );
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseQuietly(text, lines);
  if (document === undefined) {
    findings.problem(top, 'the values are nested too deep', `${MAX_DEPTH} levels at most`);
    return undefined;
  }
  const reader: Reader = {
    file,
    lines,
    text,
    findings,
    anchors: new Map(),
    nodes: 0,
    given: false,
  };
  for (const { message, pos } of document.errors) {
    findings.problem(spanOf(reader, [pos[0], pos[1]]), yamlMessage(message));
  }
  if (document.errors.length > 0) return undefined;
  if (document.contents === null) {
    findings.problem(top, 'the file is empty', 'a template has at least Resources');
    return undefined;
  }
  const root = convert(reader, document.contents, 0);
  return reader.given ? undefined : root;
}

interface Reader {
  readonly file: string;
  readonly lines: LineCounter;
  readonly text: string;
  readonly findings: Findings;
  readonly anchors: Map<string, Node>;
  nodes: number;
  /** An attack was reported once; nothing more is said. */
  given: boolean;
}

function parseQuietly(
  text: string,
  lineCounter: LineCounter,
): ReturnType<typeof parseDocument<ParsedNode>> | undefined {
  try {
    // Tags that YAML does not know stay on their nodes; `convert` looks at them.
    // Keys that stand twice it finds by comparing all with all.
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      logLevel: 'silent',
      uniqueKeys: false,
    });
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined; // the stack
    throw thrown;
  }
}

function yamlMessage(message: string): string {
  return message.startsWith('Maximum call stack') ? 'the values are nested too deep' : message;
}

function convert(reader: Reader, node: unknown, depth: number): TemplateNode {
  const span = spanOf(reader, rangeOf(node));
  if (reader.given) return { kind: 'unknown', span };
  if (++reader.nodes > MAX_NODES) {
    return giveUp(reader, span, `the template stands for more than ${MAX_NODES} values`);
  }
  if (depth > MAX_DEPTH) return giveUp(reader, span, 'the values are nested too deep');
  if (isAlias(node)) return convertAlias(reader, node.source, { span, depth });
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
    reader.anchors.set(node.anchor, node);
  }
  const value = convertValue(reader, node, { span, depth });
  return withTag(reader, node, value);
}

function giveUp(reader: Reader, span: SourceSpan, message: string): TemplateNode {
  if (!reader.given) reader.findings.problem(span, message, 'write it out');
  reader.given = true;
  return { kind: 'unknown', span };
}

interface At {
  readonly span: SourceSpan;
  readonly depth: number;
}

function convertAlias(reader: Reader, name: string, { span, depth }: At): TemplateNode {
  const target = reader.anchors.get(name);
  if (target !== undefined) return convert(reader, target, depth + 1);
  reader.findings.problem(span, `there is no anchor &${name} before this`);
  return { kind: 'unknown', span };
}

function convertValue(reader: Reader, node: unknown, { span, depth }: At): TemplateNode {
  if (isMap(node)) return { kind: 'map', entries: convertPairs(reader, node, depth), span };
  if (isSeq(node)) {
    return {
      kind: 'list',
      items: node.items.map((item) => convert(reader, item, depth + 1)),
      span,
    };
  }
  if (isScalar(node)) return convertScalar(node, span);
  return { kind: 'scalar', value: null, text: '', span };
}

function convertPairs(reader: Reader, map: YAMLMap, depth: number): readonly TemplateEntry[] {
  const merged: TemplateEntry[] = [];
  const names = new Set<string>();
  const own = map.items.flatMap(({ key, value }): readonly TemplateEntry[] => {
    const keySpan = spanOf(reader, rangeOf(key));
    if (!isScalar(key)) {
      reader.findings.problem(keySpan, 'a key has to be a text');
      return [];
    }
    const name = scalarText(key);
    if (FORBIDDEN.has(name)) {
      reader.findings.problem(keySpan, `"${name}" cannot be a key`, 'choose another');
      return [];
    }
    const node = value === null ? emptyAt(keySpan) : convert(reader, value, depth + 1);
    if (name !== '<<') {
      if (names.has(name)) {
        reader.findings.problem(keySpan, 'the key stands twice in the same mapping');
        return [];
      }
      names.add(name);
      return [{ key: name, keySpan, value: node }];
    }
    const from = node.kind === 'list' ? node.items : [node];
    merged.push(...from.flatMap((one) => (one.kind === 'map' ? one.entries : [])));
    return [];
  });
  return [...own, ...merged.filter(({ key }) => !names.has(key) && names.add(key))];
}

// Keys that would reach a JavaScript object's prototype.
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

function emptyAt(span: SourceSpan): TemplateNode {
  return { kind: 'scalar', value: null, text: '', span };
}

function convertScalar(node: Scalar, span: SourceSpan): TemplateNode {
  const { value } = node;
  const text = scalarText(node);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return { kind: 'scalar', value, text, span };
  }
  // Numbers that JSON does not have, and those too long for a number, are what was written.
  const exact = typeof value === 'number' && Number.isSafeInteger(value);
  const decimal = typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value);
  return { kind: 'scalar', value: exact || decimal ? value : text, text, span };
}

function scalarText({ value, source }: Scalar): string {
  if (typeof value === 'string') return value;
  return source ?? (typeof value === 'number' || typeof value === 'boolean' ? String(value) : '');
}

/** `!Ref x` is `{ Ref: x }`; `!GetAtt a.b` and `!Sub` likewise; `!Condition x` is `{ Condition: x }`. */
function withTag(reader: Reader, node: unknown, value: TemplateNode): TemplateNode {
  const tag = isScalar(node) || isMap(node) || isSeq(node) ? node.tag : undefined;
  if (tag === undefined || !tag.startsWith('!')) return value;
  const key = SHORT_TAGS.get(tag);
  if (key === undefined) {
    const known = [...SHORT_TAGS.keys()].join(', ');
    const hint = isIntrinsic(`Fn::${tag.slice(1)}`)
      ? `write Fn::${tag.slice(1)}:`
      : `there are ${known}`;
    reader.findings.problem(value.span, `CloudFormation has no tag ${tag}`, hint);
    return { kind: 'unknown', span: value.span };
  }
  const { span } = value;
  return { kind: 'map', entries: [{ key, keySpan: span, value }], span };
}

function rangeOf(node: unknown): readonly [number, number] {
  const known = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  const range = known ? node.range : undefined;
  return range === undefined || range === null ? [0, 1] : [range[0], range[1]];
}

/** From the first character to the end, or to the end of the first line. */
function spanOf(reader: Reader, [from, to]: readonly [number, number]): SourceSpan {
  const { line, col } = reader.lines.linePos(from);
  const shown = (reader.text.slice(from, to).split(/\r|\n/)[0] ?? '').trimEnd();
  return {
    file: reader.file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    length: Math.max(1, shown.length),
  };
}
