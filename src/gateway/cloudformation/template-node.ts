// A template as a tree in which every value knows its place. Intrinsic functions are maps with one key, also where they
// were written as tags; a value that came from one stands where that function stood.
import type { SourceSpan } from '../../base/source-span.ts';

/** A value of a template. */
export type TemplateNode = TemplateMap | TemplateList | TemplateScalar | TemplateUnknown;

/** Keys in the order of the file. */
export interface TemplateMap {
  readonly kind: 'map';
  readonly entries: readonly TemplateEntry[];
  readonly span: SourceSpan;
}

/** One key of a map. */
export interface TemplateEntry {
  readonly key: string;
  readonly keySpan: SourceSpan;
  readonly value: TemplateNode;
}

/** A list. */
export interface TemplateList {
  readonly kind: 'list';
  readonly items: readonly TemplateNode[];
  readonly span: SourceSpan;
}

/** A text, a number, a truth value or nothing. */
export interface TemplateScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it was written, without quotes: CloudFormation takes most values as text. */
  readonly text: string;
  readonly span: SourceSpan;
}

/** Stands for what a problem that has been reported hides; nothing more is said about it. */
export interface TemplateUnknown {
  readonly kind: 'unknown';
  readonly span: SourceSpan;
}

/** A text. */
export function textNode(text: string, span: SourceSpan): TemplateScalar {
  return { kind: 'scalar', value: text, text, span };
}

/** A map of what there is; `undefined` leaves a key out. */
export function mapNode(
  values: Readonly<Record<string, TemplateNode | undefined>>,
  span: SourceSpan,
): TemplateMap {
  const entries = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, keySpan: value.span, value }],
  );
  return { kind: 'map', entries, span };
}

/** The entries of a map; none of anything else. */
export function entriesOf(node: TemplateNode | undefined): readonly TemplateEntry[] {
  return node?.kind === 'map' ? node.entries : [];
}

/** The value of a key; `undefined` without one. */
export function valueOf(node: TemplateNode | undefined, key: string): TemplateNode | undefined {
  return entriesOf(node).find((entry) => entry.key === key)?.value;
}

/** The text of a scalar; `undefined` for anything else, and for `null`. */
export function textOf(node: TemplateNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? node.text : undefined;
}

/** The items of a list; none of anything else. */
export function itemsOf(node: TemplateNode | undefined): readonly TemplateNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** What a value is, for a message. */
export function describeKind(node: TemplateNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'unknown') return 'unknown';
  return node.value === null ? 'nothing' : `"${node.text}"`;
}
