// Every structural mistake of a tree, also those that another mistake would hide: below a misspelt key,
// and below a key that stands twice.
import type * as z from 'zod';
import type { Diagnostic } from './diagnostic.ts';
import type { MapEntry, SourceNode } from './source-node.ts';
import { judgeTree, type Located } from './validate.ts';

type Path = readonly PropertyKey[];

/** Everything that is wrong with `root`. */
export function validate(root: SourceNode, schema: z.ZodType): Diagnostic[] {
  return locate(root, schema).located.map(({ diagnostic }) => diagnostic);
}

/** What is wrong, and the tree with misspelt keys put right. */
export function locate(
  root: SourceNode,
  schema: z.ZodType,
): { readonly located: readonly Located[]; readonly meant: SourceNode } {
  const located = [...judgeTree(root, schema), ...belowRivals(root, schema)];
  let meant = root;
  let fresh: readonly Located[] = located;
  for (let round = 0; round < MAX_ROUNDS && fresh.some(({ misspelt }) => misspelt); round++) {
    const places = fresh.flatMap(({ path, misspelt }) =>
      misspelt === undefined ? [] : [[...path, misspelt.meant]],
    );
    meant = rename(meant, [], renamesOf(fresh));
    fresh = judgeTree(meant, schema).filter(({ path }) =>
      places.some((place) => isBelow(path, place)),
    );
    located.push(...fresh);
  }
  return { located, meant };
}

// A misspelt key below a misspelt key, and so on.
const MAX_ROUNDS = 4;

type Renames = ReadonlyMap<string, ReadonlyMap<string, string>>;

function renamesOf(located: readonly Located[]): Renames {
  const renames = new Map<string, Map<string, string>>();
  for (const { path, misspelt } of located) {
    if (misspelt === undefined) continue;
    const place = JSON.stringify(path);
    const known = renames.get(place) ?? new Map<string, string>();
    renames.set(place, known.set(misspelt.written, misspelt.meant));
  }
  return renames;
}

function rename(node: SourceNode, path: Path, renames: Renames): SourceNode {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') {
    const items = node.items.map((item, index) => rename(item, [...path, index], renames));
    return { ...node, items };
  }
  const here = renames.get(JSON.stringify(path));
  const written = new Set(node.entries.map(({ key }) => key));
  const entries = node.entries.map((entry): MapEntry => {
    const meant = here?.get(entry.key);
    const key = meant === undefined || written.has(meant) ? entry.key : meant;
    return { ...entry, key, value: rename(entry.value, [...path, entry.key], renames) };
  });
  return { ...node, entries };
}

/** Of a key that stands twice the other value is judged as if it stood there alone. */
function belowRivals(root: SourceNode, schema: z.ZodType): Located[] {
  return rivalsBelow(root, [])
    .slice(0, MAX_RIVALS)
    .flatMap(({ path, entry }) =>
      judgeTree(withEntry(root, path, entry), schema).filter((one) =>
        isBelow(one.path, [...path, entry.key]),
      ),
    );
}

// Each is a validation of its own.
const MAX_RIVALS = 20;

interface Rival {
  /** Of the mapping in which the key stands twice. */
  readonly path: Path;
  readonly entry: MapEntry;
}

function rivalsBelow(node: SourceNode, path: Path): Rival[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'list') {
    return node.items.flatMap((item, index) => rivalsBelow(item, [...path, index]));
  }
  return [
    ...(node.rivals ?? []).map((entry) => ({ path, entry })),
    ...node.entries.flatMap(({ key, value }) => rivalsBelow(value, [...path, key])),
  ];
}

function withEntry(node: SourceNode, path: Path, entry: MapEntry): SourceNode {
  const [first, ...rest] = path;
  if (node.kind === 'list') {
    const items = node.items.map((item, index) =>
      index === first ? withEntry(item, rest, entry) : item,
    );
    return { ...node, items };
  }
  if (node.kind === 'scalar') return node;
  const entries = node.entries.map((one) => {
    if (first === undefined) return one.key === entry.key ? entry : one;
    return one.key === first ? { ...one, value: withEntry(one.value, rest, entry) } : one;
  });
  return { ...node, entries };
}

function isBelow(path: Path, above: Path): boolean {
  return above.every((key, index) => path[index] === key);
}
