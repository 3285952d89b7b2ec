// A scenario and the values of its variables: the cases, ready to be driven and judged.
import { type AxisValues, axesOf, caseId, combinations } from './axis.ts';
import { buildChecks } from './build-check.ts';
import { buildThresholds } from './build-threshold.ts';
import { judgeCase } from './case-document.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts';
import { drivenOf, isolationOf } from './driver.ts';
import { LIMITS } from './limit.ts';
import type { CaseSpec, CheckSpec, Moment, Tier } from './model.ts';
import type { Names } from './names.ts';
import { limitsIn } from './needs.ts';
import type { ScenarioFile } from './parse.ts';
import { childOf, entriesOf, itemsOf, type SourceNode, textOf } from './source-node.ts';
import { TIERS, tierOf } from './tier.ts';
import type { VariableScope } from './variables.ts';

/** One case, or why there is none. */
export type CaseExpansion =
  | { readonly kind: 'case'; readonly case: CaseSpec }
  /** Its steps use a limit that the target does not declare: `limits.idleTimeout`. */
  | {
      readonly kind: 'not-applicable';
      readonly id: string;
      readonly scenario: string;
      readonly file: string;
      readonly title: string;
      readonly feature: string;
    }
  | {
      readonly kind: 'invalid';
      readonly id: string;
      readonly diagnostics: readonly Diagnostic[];
    };

/**
 * Expands a scenario into its cases, one for each combination of axis values in the order written.
 * A variable without value is a mistake of the case that uses it. Never throws.
 */
export function expandScenario(
  scenario: ScenarioFile,
  scope: VariableScope,
): readonly CaseExpansion[] {
  const { root } = scenario;
  return combinations(axesOf(root, []), { root, found: [] }).map((values) =>
    expandCase(scenario, { values, scope }),
  );
}

interface One {
  readonly values: AxisValues;
  readonly scope: VariableScope;
}

function expandCase(scenario: ScenarioFile, { values, scope }: One): CaseExpansion {
  const id = caseId(scenario.id, values);
  const found: Diagnostic[] = [];
  const { document, names } = judgeCase(scenario.root, { values, scope, unknown: 'report', found });
  if (names === undefined) return { kind: 'invalid', id, diagnostics: sortDiagnostics(found) };
  const title = textOf(childOf(document, 'title')) ?? scenario.title;
  const limits = limitsIn(withoutChecks(document));
  if (limits.missing !== undefined) {
    const { id: of, file } = scenario;
    return { kind: 'not-applicable', id, scenario: of, file, title, feature: limits.missing };
  }
  const readBeside = (path: string): string | undefined => scope.readBeside?.(path);
  const built = buildCase({
    scenario,
    document,
    names,
    values,
    found,
    readBeside,
    limits: limits.needs,
    longestLimitMs: longestLimit(without(document, ['axes', 'vars']), scope.limits),
  });
  if (hasErrors(found)) return { kind: 'invalid', id, diagnostics: sortDiagnostics(found) };
  return { kind: 'case', case: { ...built, id, title } };
}

interface Parts {
  readonly scenario: ScenarioFile;
  readonly document: SourceNode;
  readonly names: Names;
  readonly values: AxisValues;
  readonly found: Diagnostic[];
  readonly readBeside: (path: string) => string | undefined;
  readonly limits: readonly string[];
  /** Of the time limits that steps and checks name. */
  readonly longestLimitMs: number;
}

function buildCase(parts: Parts): Omit<CaseSpec, 'id' | 'title'> {
  const { scenario, document, names, values, found, readBeside, limits } = parts;
  const nodes = {
    checks: childOf(document, 'checks'),
    thresholds: childOf(document, 'thresholds'),
  };
  const around = { names, building: { readBeside, found } };
  const built = [
    ...buildChecks(nodes.checks, around),
    ...buildThresholds(nodes.thresholds, around),
  ].map((check) => {
    const among = isCheck(check) ? nodes.checks : nodes.thresholds;
    return { check, node: childOf(among, check.id) };
  });
  const driven = drivenOf(document, {
    names,
    watchMs: Math.max(0, ...built.map(({ check }) => watchMs(check))),
  });
  const waitMs = Math.max(driven.waitMs, parts.longestLimitMs);
  const needs = new Set([...textsOf(document, 'needs'), ...driven.needs, ...limits]);
  return {
    scenario: scenario.id,
    file: scenario.file,
    axes: Object.fromEntries(values.map(({ axis, label }) => [axis, label])),
    description: textOf(childOf(document, 'description')),
    tags: textsOf(document, 'tags'),
    isolation: isolationOf(document),
    needs: [...needs].toSorted(),
    ...driven.driver,
    checks: built.map(({ check, node }) => withNeeds(check, { node, needs })),
    longestMs: driven.longestMs,
    tier: declaredTier(document) ?? tierOf(waitMs),
    waitMs,
  };
}

function isCheck({ condition }: CheckSpec): boolean {
  return condition.kind !== 'threshold' && condition.kind !== 'estimate';
}

/** What only the check needs; what the case needs anyway is not repeated. */
function withNeeds(
  check: CheckSpec,
  { node, needs }: { readonly node: SourceNode | undefined; readonly needs: ReadonlySet<string> },
): CheckSpec {
  const all = new Set([...check.needs, ...limitsIn(node).needs]);
  return { ...check, needs: [...all].filter((one) => !needs.has(one)).toSorted() };
}

/** The longest duration among the limits that a document names; 0 without any. */
function longestLimit(document: SourceNode, limits: Readonly<Record<string, number>>): number {
  const names = limitsIn(document).needs.map((need) => need.slice('limits.'.length));
  return Math.max(
    0,
    ...names.filter((name) => LIMITS[name] === 'duration').map((name) => limits[name] ?? 0),
  );
}

function declaredTier(document: SourceNode): Tier | undefined {
  const written = textOf(childOf(document, 'tier'));
  return TIERS.find((tier) => tier === written);
}

function withoutChecks(document: SourceNode): SourceNode {
  return without(document, ['checks', 'thresholds', 'axes', 'vars']);
}

function without(document: SourceNode, keys: readonly string[]): SourceNode {
  const entries = entriesOf(document).filter(({ key }) => !keys.includes(key));
  return { kind: 'map', entries, span: document.span };
}

function textsOf(document: SourceNode, key: string): readonly string[] {
  return itemsOf(childOf(document, key)).flatMap((one) => textOf(one) ?? []);
}

/** How long a check watches at most: its `within`, else the default of its condition. */
function watchMs({ withinMs, condition }: CheckSpec): number {
  return withinMs ?? defaultWatchMs(condition);
}

// language: the table of `within`; a target's `settle` is not known here, the longest default is 5 s.
function defaultWatchMs(condition: CheckSpec['condition']): number {
  switch (condition.kind) {
    case 'estimate':
      return 0;
    case 'threshold':
      return defaultWatchMs(condition.of);
    case 'received':
    case 'frames':
    case 'closed':
      return 5000;
    case 'events':
      return 10_000;
    case 'order':
      return ofMoments(condition.moments);
    case 'never':
      return ofMoments([condition.moment]);
    case 'elapsed':
      return ofMoments([condition.from, condition.to]);
    case 'same':
    case 'between':
      return 10_000;
    case 'handshake':
    case 'answers':
    case 'distinct':
    case 'record':
  }
  return 0;
}

function ofMoments(moments: readonly Moment[]): number {
  return moments.some(({ of }) => of.kind === 'invocation') ? 10_000 : 5000;
}
