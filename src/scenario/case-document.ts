// One case as a document: axis values and variables put in, validated, names checked.
import { asMeant } from './as-meant.ts';
import type { AxisValues } from './axis.ts';
import { checkNames } from './check-names.ts';
import { type Diagnostic, hasErrors } from './diagnostic.ts';
import { locate } from './locate.ts';
import type { Names } from './names.ts';
import { scenarioSchema } from './schema.ts';
import { childOf, entriesOf, type SourceNode } from './source-node.ts';
import { type Resolving, resolveVariables, type VariableScope } from './variables.ts';

/** What makes a case out of a scenario's document. */
export interface CaseInput {
  readonly values: AxisValues;
  readonly scope: VariableScope;
  readonly unknown: Resolving['unknown'];
  /** Mistakes and warnings are added here. */
  readonly found: Diagnostic[];
}

/**
 * Resolves and judges one case; mistakes go to `found`. Names are looked at even where other things are
 * wrong, on the document as it was meant.
 */
export function judgeCase(
  root: SourceNode,
  input: CaseInput,
): { readonly document: SourceNode; readonly names: Names | undefined } {
  const document = resolveCase(root, input);
  const { located, meant } = locate(document, scenarioSchema);
  input.found.push(...located.map(({ diagnostic }) => diagnostic));
  if (document.kind !== 'map') return { document, names: undefined };
  const ofNames: Diagnostic[] = [];
  const names = checkNames(located.length === 0 ? document : asMeant(meant), ofNames);
  const known = new Set(input.found.map(placeKey));
  const fresh = ofNames.filter((one) => !known.has(placeKey(one)));
  input.found.push(...fresh);
  return { document, names: hasErrors(input.found) ? undefined : names };
}

/** The document with its variables replaced; `axes` and `vars` stay as they were written. */
export function resolveCase(root: SourceNode, input: CaseInput): SourceNode {
  const { values, scope, unknown, found } = input;
  if (root.kind !== 'map') return root;
  const axes = Object.fromEntries(values.map(({ axis, node }) => [axis, node]));
  const defaults = Object.fromEntries(
    entriesOf(childOf(root, 'vars')).map(({ key, value }) => [key, value]),
  );
  const resolving: Resolving = { scope, own: [axes, defaults], unknown, found };
  const entries = root.entries.map((entry) =>
    entry.key === 'axes' || entry.key === 'vars'
      ? entry
      : { ...entry, value: resolveVariables(entry.value, resolving) },
  );
  return { ...root, entries };
}

// A place that already has a mistake gets no second one that may only follow from the first.
function placeKey({ span }: Diagnostic): string {
  return `${span.file}:${span.line}:${span.column}`;
}
