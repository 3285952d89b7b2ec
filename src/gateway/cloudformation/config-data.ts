// From the tree of a template to the data that the gateway's configuration is checked as, and from a problem with that data
// back to its place.
import type { SourceSpan } from '../../base/source-span.ts';
import { itemsOf, type TemplateNode, valueOf } from './template-node.ts';

/**
 * The data of a tree. CloudFormation takes numbers and truth values as text too; keys that hold one are converted, all
 * else is text. What is unknown is left out.
 */
export function toData(node: TemplateNode, key = ''): unknown {
  if (node.kind === 'unknown') return undefined;
  if (node.kind === 'list') return node.items.map((item) => toData(item, key));
  if (key === 'Schema') return plainData(node);
  if (node.kind === 'map') {
    const entries = node.entries.filter(({ value }) => value.kind !== 'unknown');
    return Object.fromEntries(entries.map((entry) => [entry.key, toData(entry.value, entry.key)]));
  }
  if (node.value === null) return null;
  if (BOOLEANS.has(key) && /^(true|false)$/i.test(node.text))
    return node.text.toLowerCase() === 'true';
  if (NUMBERS.has(key) && node.text.trim() !== '' && Number.isFinite(Number(node.text)))
    return Number(node.text);
  return node.text;
}

// Of a schema numbers stay numbers.
function plainData(node: TemplateNode): unknown {
  if (node.kind === 'unknown') return undefined;
  if (node.kind === 'list') return node.items.map(plainData);
  if (node.kind === 'map') {
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainData(value)]));
  }
  return node.value;
}

const BOOLEANS = new Set(['ApiKeyRequired', 'Enabled', 'DisableSchemaValidation', 'Required']);
const NUMBERS = new Set([
  'BurstLimit',
  'Limit',
  'Offset',
  'RateLimit',
  'ThrottlingBurstLimit',
  'ThrottlingRateLimit',
  'Timeout',
  'TimeoutInMillis',
]);

/** The place of a path, or of the nearest value above it. */
export function placeOf(root: TemplateNode, path: readonly (string | number)[]): SourceSpan {
  let node = root;
  let { span } = root;
  for (const part of path) {
    const next = typeof part === 'number' ? itemsOf(node)[part] : valueOf(node, part);
    if (next === undefined) break;
    node = next;
    span = node.span;
  }
  return span;
}
