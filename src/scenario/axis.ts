// Axes: a scenario runs once for each combination of their values.
import type { Diagnostic } from './diagnostic.ts';
import {
  entriesOf,
  entryOf,
  itemsOf,
  type MapEntry,
  type SourceNode,
  textOf,
} from './source-node.ts';

/** One axis. */
export interface Axis {
  readonly name: string;
  readonly values: readonly AxisValue[];
}

/** One of its values, with the label that stands in case ids. */
interface AxisValue {
  readonly label: string;
  readonly node: SourceNode;
}

/** The values of one case, by axis, sorted by the axes' names. */
export type AxisValues = readonly (AxisValue & { readonly axis: string })[];

/** More cases than this are a mistake. */
const MAX_CASES = 1000;

/** The axes of a scenario in the order written; labels that cannot stand in an id are reported. */
export function axesOf(root: SourceNode, found: Diagnostic[]): readonly Axis[] {
  const axes = entryOf(root, 'axes');
  return entriesOf(axes?.value).map((entry) => axisOf(entry, found));
}

/** Every combination, in the order written; one without values where there are no axes. */
export function combinations(
  axes: readonly Axis[],
  { root, found }: { readonly root: SourceNode; readonly found: Diagnostic[] },
): readonly AxisValues[] {
  const total = axes.reduce((product, { values }) => product * Math.max(1, values.length), 1);
  if (total > MAX_CASES) {
    const span = entryOf(root, 'axes')?.keySpan ?? root.span;
    const message = `these axes make ${total} cases`;
    const hint = `write several scenarios: at most ${MAX_CASES} cases each`;
    found.push({ code: 'SCN_TOO_MANY_CASES', severity: 'error', span, message, hint });
    return [];
  }
  let all: AxisValues[] = [[]];
  for (const { name, values } of axes.filter((axis) => axis.values.length > 0)) {
    all = all.flatMap((some) => values.map((value) => [...some, { ...value, axis: name }]));
  }
  return all.map((some) => some.toSorted((a, b) => (a.axis < b.axis ? -1 : 1)));
}

/** `connect/status-passthrough[status=403]`; the bare id without axes. */
export function caseId(id: string, values: AxisValues): string {
  if (values.length === 0) return id;
  return `${id}[${values.map(({ axis, label }) => `${axis}=${label}`).join(',')}]`;
}

// Free of what ids and patterns use themselves: / [ ] , = # * and white space.
const LABEL = /^[\w.+~:@-]+$/;

function axisOf({ key, value }: MapEntry, found: Diagnostic[]): Axis {
  const values =
    value.kind === 'map'
      ? value.entries.map((entry) => ({ label: entry.key, node: entry.value, span: entry.keySpan }))
      : itemsOf(value).map((node) => ({ label: textOf(node) ?? '', node, span: node.span }));
  if (value.kind === 'map' && values.length === 0) {
    found.push(badAxis(value.span, 'an axis without values', 'write a list of values'));
  }
  const seen = new Set<string>();
  for (const { label, span } of values) {
    if (seen.has(label)) found.push(badAxis(span, `"${label}" stands twice`, 'keep one of them'));
    else if (!LABEL.test(label)) {
      const hint = 'write a mapping of short labels to values';
      found.push(badAxis(span, `${JSON.stringify(label)} cannot stand in an id`, hint));
    }
    seen.add(label);
  }
  return { name: key, values: values.map(({ label, node }) => ({ label, node })) };
}

function badAxis(span: Diagnostic['span'], message: string, hint: string): Diagnostic {
  return { code: 'SCN_BAD_AXIS', severity: 'error', span, message, hint };
}
