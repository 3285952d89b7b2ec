// A document as a tree of values that know where they stand. YAML files and objects built in
// TypeScript both become this; variables are replaced on it, so a place is never lost.
import type { Json } from '../base/json.ts';
import type { SourceSpan } from '../base/source-span.ts';

/** One value of a document. */
export type SourceNode = ScalarNode | ListNode | MapNode;

/** A value that is not a collection. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  /** The value as text, as it was written: `1.10` stays `1.10`. */
  readonly text: string;
  /** What stands in the file, quotes included; empty for values that come from elsewhere. */
  readonly raw: string;
  readonly span: SourceSpan;
  /** It holds a variable whose value is not known yet. */
  readonly unresolved?: true;
  /** It holds a secret: its value appears in no message. */
  readonly secret?: true;
  /** Limits of the target that it was made from. */
  readonly limits?: readonly string[];
  /** The first of them that the target does not declare; the value is then a stand-in. */
  readonly missingLimit?: string;
}

/** A list. */
interface ListNode {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
  readonly span: SourceSpan;
}

/** A mapping, in the order it was written; keys are unique. */
interface MapNode {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  /** Entries whose key stands there already, which was reported; their values are looked at too. */
  readonly rivals?: readonly MapEntry[];
  readonly span: SourceSpan;
}

/** A key and its value. */
export interface MapEntry {
  readonly key: string;
  readonly keySpan: SourceSpan;
  readonly value: SourceNode;
}

/** The value under `key`, or undefined when there is none or `node` is not a mapping. */
export function childOf(node: SourceNode | undefined, key: string): SourceNode | undefined {
  return entryOf(node, key)?.value;
}

/** The entry with that key. */
export function entryOf(node: SourceNode | undefined, key: string): MapEntry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

/** The entries of a mapping; none of anything else. */
export function entriesOf(node: SourceNode | undefined): readonly MapEntry[] {
  return node?.kind === 'map' ? node.entries : [];
}

/** The items of a list; none of anything else. */
export function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** The text of a scalar as it was written; undefined for null and collections. */
export function textOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? node.text : undefined;
}

/** The number of a scalar. */
export function numberOf(node: SourceNode | undefined): number | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}

/** The node at a path of keys and indexes; the deepest one that exists. */
export function nodeAt(root: SourceNode, path: readonly PropertyKey[]): SourceNode {
  let node = root;
  for (const key of path) {
    const next = typeof key === 'number' ? itemsOf(node)[key] : childOf(node, String(key));
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** The plain value: what JSON would hold. */
export function toPlain(node: SourceNode): Json {
  switch (node.kind) {
    case 'list':
      return node.items.map(toPlain);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, toPlain(value)]));
    case 'scalar':
  }
  return node.value;
}

/** A node for a value that stands in no file; every part of it is placed at `span`. */
export function nodeFromJson(value: Json, span: SourceSpan): SourceNode {
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item: Json) => nodeFromJson(item, span)), span };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [{ key, keySpan: span, value: nodeFromJson(item, span) }],
    );
    return { kind: 'map', entries, span };
  }
  return { kind: 'scalar', value, text: String(value ?? ''), raw: '', span };
}

/** Visits `node` and everything below it. */
export function walkNodes(node: SourceNode, visit: (node: SourceNode) => void): void {
  visit(node);
  if (node.kind === 'list') for (const item of node.items) walkNodes(item, visit);
  if (node.kind === 'map') for (const { value } of node.entries) walkNodes(value, visit);
}

/** The place of `part` inside a scalar; the whole scalar when it is not literally there. */
export function spanWithin(node: ScalarNode, part: string): SourceSpan {
  const index = node.raw.indexOf(part);
  if (index < 0) return node.span;
  const before = node.raw.slice(0, index).split('\n');
  const last = before.at(-1) ?? '';
  const line = node.span.line + before.length - 1;
  const column = before.length === 1 ? node.span.column + index : last.length + 1;
  return { file: node.span.file, line, column, length: part.length };
}
