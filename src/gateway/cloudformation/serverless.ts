// The part of the serverless transform (SAM) that concerns functions: `Globals`, and the words that it has of its own.
import type { Resource, Template } from './template.ts';
import {
  type TemplateEntry,
  type TemplateMap,
  type TemplateNode,
  valueOf,
} from './template-node.ts';

/** The properties of a serverless resource with those of `Globals.<section>` below them. */
export function withGlobals(
  { globals }: Pick<Template, 'globals'>,
  { properties, span }: Pick<Resource, 'properties' | 'span'>,
  section: string,
): TemplateNode {
  const own = properties ?? { kind: 'map', entries: [], span };
  const shared = valueOf(globals, section);
  return shared === undefined ? own : merged(shared, own);
}

// "Maps are merged, lists are additive, and primitive values are replaced" (SAM, "Globals section").
function merged(shared: TemplateNode, own: TemplateNode): TemplateNode {
  if (shared.kind === 'list' && own.kind === 'list') {
    return { ...own, items: [...shared.items, ...own.items] };
  }
  if (shared.kind !== 'map' || own.kind !== 'map' || isCall(shared) || isCall(own)) return own;
  return { ...own, entries: mergedEntries(shared, own) };
}

function mergedEntries(shared: TemplateMap, own: TemplateMap): readonly TemplateEntry[] {
  const kept = shared.entries.map((entry): TemplateEntry => {
    const mine = own.entries.find(({ key }) => key === entry.key);
    return mine === undefined ? entry : { ...mine, value: merged(entry.value, mine.value) };
  });
  const known = new Set(shared.entries.map(({ key }) => key));
  return [...kept, ...own.entries.filter(({ key }) => !known.has(key))];
}

function isCall({ entries }: TemplateMap): boolean {
  return entries.length === 1 && entries.some(({ key }) => key === 'Ref' || key.startsWith('Fn::'));
}
