// What a check refers to: connections and calls, by way of moments and paths.
import type { EvidencePath } from './model.ts';
import { parseMoment } from './moment.ts';
import { parseEvidencePath } from './path.ts';
import { childOf, entriesOf, itemsOf, type SourceNode, textOf } from './source-node.ts';

/** A moment, a path or a call that a step or a check names. */
export interface Reference {
  readonly node: SourceNode;
  /** Written before it. */
  readonly connection: string | undefined;
  /** The call that it is about, which says the connection too. */
  readonly call: string | undefined;
  /** It is a moment, a path or a call; false when it is none, or not text. */
  readonly readable: boolean;
  /** With a path. */
  readonly path?: EvidencePath | undefined;
}

/** Every moment, path and call that a check names. */
export function referencesIn(check: SourceNode): readonly Reference[] {
  const moments = [
    ...itemsOf(childOf(check, 'order')),
    ...entriesOf(childOf(check, 'never')).map(({ value }) => value),
    ...['from', 'to'].flatMap((key) => childOf(childOf(check, 'elapsed'), key) ?? []),
  ];
  const paths = [
    ...itemsOf(childOf(check, 'same')),
    ...['from', 'to'].flatMap((key) => childOf(childOf(check, 'between'), key) ?? []),
    ...itemsOf(childOf(check, 'record')),
    ...eachOf(childOf(check, 'distinct')),
  ];
  const calls = entriesOf(childOf(check, 'answers')).map(({ key, keySpan, value }) => ({
    node: { ...value, span: keySpan },
    connection: undefined,
    call: key,
    readable: true,
  }));
  return [...moments.map(momentReference), ...paths.map(pathReference), ...calls];
}

/** What a moment names. */
export function momentReference(node: SourceNode): Reference {
  const moment = parseMoment(textOf(node) ?? '');
  const call = moment?.of.kind === 'call' ? moment.of.call : undefined;
  return { node, connection: moment?.connection, call, readable: moment !== undefined };
}

/** The items of a list; anything else is its only one. */
function eachOf(node: SourceNode | undefined): readonly SourceNode[] {
  if (node === undefined) return [];
  return node.kind === 'list' ? itemsOf(node) : [node];
}

function pathReference(written: SourceNode): Reference {
  const node = childOf(written, 'path') ?? written;
  const path = parseEvidencePath(textOf(node) ?? '');
  const call = path?.root === 'answers' ? path.keys[0] : undefined;
  return {
    node,
    connection: path?.connection,
    call: call === undefined ? undefined : String(call),
    readable: path !== undefined,
    path,
  };
}
