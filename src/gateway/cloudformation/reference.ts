// Looks through a whole template, also what is not evaluated: names that do not exist, functions that CloudFormation does
// not have, and circles.
import type { SourceSpan } from '../../base/source-span.ts';
import { generatedBy } from './attribute.ts';
import { INTRINSIC_NAMES, isIntrinsic } from './intrinsic-names.ts';
import type { Findings } from './problem.ts';
import { PSEUDO_PARAMETERS, substitutionParts } from './scope.ts';
import type { Template } from './template.ts';
import { entriesOf, itemsOf, type TemplateNode, textOf, valueOf } from './template-node.ts';

/** Reports every name that is not there; true when nothing goes in a circle, so that values can be evaluated. */
export function checkReferences(template: Template, findings: Findings): boolean {
  const checker: Checker = { template, findings };
  for (const { id, properties, dependsOn, condition } of template.resources.values()) {
    if (properties !== undefined) walk(checker, properties);
    for (const node of dependsOn) checkDependency(checker, node, id);
    if (condition !== undefined) checkCondition(checker, condition);
  }
  for (const { value } of template.conditions.values()) walk(checker, value);
  for (const { value } of entriesOf(valueOf(template.root, 'Outputs'))) walk(checker, value);
  if (template.globals !== undefined) walk(checker, template.globals);
  const resources = [...template.resources.values()].map(
    ({ id, span, properties, dependsOn }): Vertex => ({
      id,
      span,
      edges: new Set([
        ...(properties === undefined ? [] : namesIn(properties)),
        ...dependsOn.flatMap((node) => textOf(node) ?? []),
      ]),
    }),
  );
  const conditions = [...template.conditions.values()].map(
    ({ key, keySpan, value }): Vertex => ({ id: key, span: keySpan, edges: conditionsIn(value) }),
  );
  const straight = !hasCircle(resources, 'resources', findings);
  return !hasCircle(conditions, 'conditions', findings) && straight;
}

/** The names that resources and conditions refer to. */
export function referredNames(template: Template): ReadonlySet<string> {
  const nodes = [...template.resources.values()].flatMap(({ properties }) => properties ?? []);
  const conditions = [...template.conditions.values()].map(({ value }) => value);
  return new Set([...nodes, ...conditions].flatMap(namesIn));
}

interface Checker {
  readonly template: Template;
  readonly findings: Findings;
}

function walk(checker: Checker, node: TemplateNode): void {
  for (const item of itemsOf(node)) walk(checker, item);
  const entries = entriesOf(node);
  for (const { key, keySpan, value } of entries) {
    if (key.startsWith('Fn::') && !isIntrinsic(key)) {
      const hint = `there are ${INTRINSIC_NAMES}`;
      checker.findings.problem(keySpan, `CloudFormation has no function ${key}`, hint);
    }
    if (entries.length === 1) CHECKS[key]?.(checker, value);
    walk(checker, value);
  }
}

const CHECKS: Readonly<Record<string, (checker: Checker, value: TemplateNode) => void>> = {
  Ref: (checker, value) => {
    const name = textOf(value);
    if (name !== undefined) checkName(checker, name, value.span);
  },
  'Fn::GetAtt': (checker, value) => {
    const id = attributeOwner(value);
    if (id !== undefined && id !== '') checkResource(checker, id, value.span);
    else if (value.kind !== 'unknown') {
      checker.findings.problem(
        value.span,
        'Fn::GetAtt takes a resource and an attribute',
        'write Resource.Attribute',
      );
    }
  },
  'Fn::Sub': (checker, value) => {
    const [template, own] = value.kind === 'list' ? value.items : [value];
    for (const { kind, text } of substitutionParts(textOf(template) ?? '')) {
      if (kind !== 'name' || valueOf(own, text) !== undefined) continue;
      const at = template?.span ?? value.span;
      if (text.includes('.') && !checker.template.parameters.has(text)) {
        checkResource(checker, text.slice(0, text.indexOf('.')), at);
      } else checkName(checker, text, at);
    }
  },
  'Fn::FindInMap': (checker, value) => {
    const [map] = itemsOf(value);
    const name = textOf(map);
    if (map === undefined || name === undefined || checker.template.mappings.has(name)) return;
    const known = [...checker.template.mappings.keys()];
    checker.findings.problem(
      map.span,
      `there is no mapping ${name}`,
      suggestion(checker.findings, name, known),
    );
  },
  'Fn::If': (checker, value) => {
    const [condition] = itemsOf(value);
    if (condition !== undefined && textOf(condition) !== undefined)
      checkCondition(checker, condition);
  },
  Condition: checkNamedCondition,
};

// `Condition: { … }` is a part of policies, too.
function checkNamedCondition(checker: Checker, value: TemplateNode): void {
  if (textOf(value) !== undefined) checkCondition(checker, value);
}

function checkCondition({ template, findings }: Checker, node: TemplateNode): void {
  const name = textOf(node);
  if (name === undefined || template.conditions.has(name)) return;
  findings.problem(
    node.span,
    `there is no condition ${name}`,
    suggestion(findings, name, [...template.conditions.keys()]),
  );
}

function checkDependency(checker: Checker, node: TemplateNode, self: string): void {
  const name = textOf(node);
  if (name !== undefined && name !== self) checkResource(checker, name, node.span);
}

function checkName(checker: Checker, name: string, span: SourceSpan): void {
  if (PSEUDO_PARAMETERS.includes(name) || checker.template.parameters.has(name)) return;
  if (name.startsWith('AWS::')) {
    const hint = suggestion(checker.findings, name, PSEUDO_PARAMETERS);
    checker.findings.problem(span, `CloudFormation has no pseudo parameter ${name}`, hint);
  } else checkResource(checker, name, span, 'parameter or resource');
}

function checkResource(checker: Checker, id: string, span: SourceSpan, what = 'resource'): void {
  const { resources, parameters } = checker.template;
  if (resources.has(id) || generatedBy(checker, id) !== undefined || id.startsWith('Serverless'))
    return;
  const known = [...resources.keys(), ...(what === 'resource' ? [] : parameters.keys())];
  checker.findings.problem(
    span,
    `there is no ${what} ${id}`,
    suggestion(checker.findings, id, known),
  );
}

/** "did you mean X", or nothing. */
function suggestion(
  { problems }: Findings,
  name: string,
  known: readonly string[],
): string | undefined {
  // A file full of mistakes is no misspelt one; comparing all with all would take long.
  if (problems.length > 100) return undefined;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const found =
    known.find((one) => plain(one) === plain(name)) ??
    known.find((one) => distanceAtMost(plain(one), plain(name), 2));
  return found === undefined ? undefined : `did you mean ${found}?`;
}

// Levenshtein's distance, which for two names of a template is small work.
function distanceAtMost(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most || a.length > 100) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? Infinity) <= most;
}

interface Vertex {
  readonly id: string;
  readonly span: SourceSpan;
  readonly edges: ReadonlySet<string>;
}

function namesIn(node: TemplateNode): readonly string[] {
  const below = [...itemsOf(node), ...entriesOf(node).map(({ value }) => value)].flatMap(namesIn);
  const [entry] = entriesOf(node).length === 1 ? entriesOf(node) : [];
  return entry === undefined ? below : [...below, ...namesOfCall(entry.key, entry.value)];
}

function namesOfCall(key: string, value: TemplateNode): readonly string[] {
  if (key === 'Ref') return [textOf(value) ?? ''];
  if (key === 'Fn::GetAtt') return [attributeOwner(value) ?? ''];
  if (key !== 'Fn::Sub') return [];
  const [template, own] = value.kind === 'list' ? value.items : [value];
  return substitutionParts(textOf(template) ?? '').flatMap(({ kind, text }) =>
    kind === 'name' && valueOf(own, text) === undefined ? [text.replace(/\..*$/, '')] : [],
  );
}

function attributeOwner(value: TemplateNode): string | undefined {
  if (value.kind === 'list') return value.items.length < 2 ? undefined : textOf(value.items[0]);
  return /^([^.]+)\../.exec(textOf(value) ?? '')?.[1];
}

function conditionsIn(node: TemplateNode): ReadonlySet<string> {
  const below = [...itemsOf(node), ...entriesOf(node).map(({ value }) => value)];
  const own = entriesOf(node).flatMap(({ key, value }) =>
    key === 'Condition'
      ? [textOf(value) ?? '']
      : key === 'Fn::If'
        ? [textOf(itemsOf(value)[0]) ?? '']
        : [],
  );
  return new Set([...own, ...below.flatMap((one) => [...conditionsIn(one)])]);
}

function hasCircle(vertices: readonly Vertex[], what: string, findings: Findings): boolean {
  const byId = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const done = new Set<string>();
  let found = false;
  const visit = (vertex: Vertex, trail: readonly string[]): void => {
    const at = trail.indexOf(vertex.id);
    if (at !== -1) {
      const circle = [...trail.slice(at), vertex.id].join(' → ');
      findings.problem(
        byId.get(trail[at] ?? '')?.span ?? vertex.span,
        `${what} refer to one another in a circle: ${circle}`,
        'break it at one place',
      );
      found = true;
      return;
    }
    if (done.has(vertex.id)) return;
    for (const id of vertex.edges) {
      const next = byId.get(id);
      if (next !== undefined) visit(next, [...trail, vertex.id]);
    }
    done.add(vertex.id);
  };
  for (const vertex of vertices) visit(vertex, []);
  return found;
}
