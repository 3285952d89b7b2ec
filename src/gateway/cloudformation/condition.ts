// Conditions of a template: whether they hold.
import type { Scope } from './scope.ts';
import { describeKind, itemsOf, type TemplateNode, textOf } from './template-node.ts';

/**
 * Whether a condition holds: one of `Condition`, `Fn::And`, `Fn::Or`, `Fn::Not`, `Fn::Equals`, or the name of a declared
 * one. `undefined` when that cannot be told, which has been reported.
 */
export function conditionHolds(scope: Scope, node: TemplateNode): boolean | undefined {
  const name = textOf(node);
  if (name !== undefined) return namedHolds(scope, name);
  const [entry] = node.kind === 'map' && node.entries.length === 1 ? node.entries : [];
  const judge = entry === undefined ? undefined : JUDGES[entry.key];
  if (entry !== undefined && judge !== undefined) return judge(scope, entry.value);
  if (node.kind !== 'unknown') {
    const hint = 'Condition, Fn::And, Fn::Or, Fn::Not or Fn::Equals';
    scope.findings.problem(
      node.span,
      `a condition is needed, and this is ${describeKind(node)}`,
      hint,
    );
  }
  return undefined;
}

type Judge = (scope: Scope, argument: TemplateNode) => boolean | undefined;

const JUDGES: Readonly<Record<string, Judge>> = {
  Condition: (scope, argument) => {
    const name = textOf(argument);
    return name === undefined ? undefined : namedHolds(scope, name);
  },
  'Fn::Not': (scope, argument) => {
    const [inner] = operands(scope, argument, ['Fn::Not', 1, 1]);
    const holds = inner && conditionHolds(scope, inner);
    return holds === undefined ? undefined : !holds;
  },
  'Fn::And': (scope, argument) => {
    const all = operands(scope, argument, ['Fn::And', 2, 10]).map((one) =>
      conditionHolds(scope, one),
    );
    return all.length === 0 || all.includes(undefined) ? undefined : all.every(Boolean);
  },
  'Fn::Or': (scope, argument) => {
    const all = operands(scope, argument, ['Fn::Or', 2, 10]).map((one) =>
      conditionHolds(scope, one),
    );
    return all.length === 0 || all.includes(undefined) ? undefined : all.some(Boolean);
  },
  'Fn::Equals': (scope, argument) => {
    const [one, other] = operands(scope, argument, ['Fn::Equals', 2, 2]).map((operand) =>
      scope.evaluate(operand),
    );
    if (
      one === undefined ||
      other === undefined ||
      one.kind === 'unknown' ||
      other.kind === 'unknown'
    )
      return undefined;
    return canonical(one) === canonical(other);
  },
};

function namedHolds(scope: Scope, name: string): boolean | undefined {
  const known = scope.known.conditions;
  const declared = scope.template.conditions.get(name);
  // Each once: conditions that are made of one another would take time without end otherwise.
  if (declared !== undefined && !known.has(name))
    known.set(name, conditionHolds(scope, declared.value));
  return known.get(name);
}

function operands(
  scope: Scope,
  argument: TemplateNode,
  [name, least, most]: readonly [string, number, number],
): readonly TemplateNode[] {
  const items = itemsOf(argument);
  if (items.length >= least && items.length <= most) return items;
  if (argument.kind !== 'unknown') {
    const count = least === most ? String(least) : `${least} to ${most}`;
    scope.findings.problem(argument.span, `${name} takes a list of ${count}`);
  }
  return [];
}

// Compared as text: `true` and "true" are the same to CloudFormation.
function canonical(node: TemplateNode): string {
  if (node.kind === 'list') return JSON.stringify(node.items.map(canonical));
  if (node.kind !== 'map') return textOf(node) ?? '';
  return JSON.stringify(
    node.entries
      .map(({ key, value }) => JSON.stringify([key, canonical(value)]))
      .toSorted(compareText),
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
