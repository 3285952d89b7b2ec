// The sections of a template: what has a name, and where it was declared.
import type { SourceSpan } from '../../base/source-span.ts';
import type { Findings } from './problem.ts';
import {
  describeKind,
  entriesOf,
  itemsOf,
  type TemplateEntry,
  type TemplateNode,
  textOf,
  valueOf,
} from './template-node.ts';

/** A template, its sections by name. */
export interface Template {
  readonly root: TemplateNode;
  readonly parameters: ReadonlyMap<string, TemplateEntry>;
  readonly mappings: ReadonlyMap<string, TemplateEntry>;
  readonly conditions: ReadonlyMap<string, TemplateEntry>;
  readonly resources: ReadonlyMap<string, Resource>;
  /** `Globals.Function`, `Globals.WebSocketApi` and so on, of the serverless transform. */
  readonly globals: TemplateNode | undefined;
}

/** A declared resource. */
export interface Resource {
  readonly id: string;
  /** Where its logical id stands. */
  readonly span: SourceSpan;
  readonly type: string;
  readonly typeSpan: SourceSpan;
  readonly properties: TemplateNode | undefined;
  /** The name of the condition under which it exists. */
  readonly condition: TemplateNode | undefined;
  readonly dependsOn: readonly TemplateNode[];
  readonly metadata: TemplateNode | undefined;
  /** The serverless resource that it is a part of. */
  readonly expandedFrom?: string;
}

/** Takes a template apart; `undefined` for a file that is none. */
export function takeApart(root: TemplateNode, findings: Findings): Template | undefined {
  if (root.kind !== 'map') {
    findings.problem(root.span, `a template is a mapping, and this is ${describeKind(root)}`);
    return undefined;
  }
  const resources = valueOf(root, 'Resources');
  if (resources === undefined) {
    const looks =
      valueOf(root, 'Apis') === undefined ? undefined : 'for a gateway.yaml write --config';
    findings.problem(root.span, 'a template has Resources, and this file has none', looks);
    return undefined;
  }
  const section = (name: string): ReadonlyMap<string, TemplateEntry> =>
    sectionOf(root, name, findings);
  return {
    root,
    parameters: section('Parameters'),
    mappings: section('Mappings'),
    conditions: section('Conditions'),
    resources: resourcesOf(section('Resources'), findings),
    globals: valueOf(root, 'Globals'),
  };
}

function sectionOf(
  root: TemplateNode,
  name: string,
  findings: Findings,
): ReadonlyMap<string, TemplateEntry> {
  const section = valueOf(root, name);
  const empty = section === undefined || (section.kind === 'scalar' && section.value === null);
  if (!empty && section.kind !== 'map') {
    findings.problem(section.span, `${name} is a mapping, and this is ${describeKind(section)}`);
  }
  return new Map(entriesOf(section).map((entry) => [entry.key, entry]));
}

/** "Maximum number of resources that you can declare in your CloudFormation template" (CloudFormation quotas). */
const MAX_RESOURCES = 500;

function resourcesOf(
  section: ReadonlyMap<string, TemplateEntry>,
  findings: Findings,
): ReadonlyMap<string, Resource> {
  const found = new Map<string, Resource>();
  const [beyond] = [...section.values()].slice(MAX_RESOURCES);
  if (beyond !== undefined) {
    const message = `CloudFormation takes ${MAX_RESOURCES} resources at most`;
    findings.problem(beyond.keySpan, message, 'split the template');
    return found;
  }
  for (const entry of section.values()) {
    const resource = resourceOf(entry, findings);
    if (resource !== undefined) found.set(entry.key, resource);
  }
  return found;
}

// "The logical ID must be alphanumeric (A–Z, a–z, 0–9) and unique within the template" (CloudFormation, "Resources"). Ours become folders.
const LOGICAL_ID = /^[A-Za-z0-9]{1,255}$/;

function resourceOf(
  { key, keySpan, value }: TemplateEntry,
  findings: Findings,
): Resource | undefined {
  if (key.startsWith('Fn::ForEach::')) {
    findings.problem(keySpan, 'Fn::ForEach is not served yet', 'write the resources out');
    return undefined;
  }
  if (!LOGICAL_ID.test(key)) {
    findings.problem(keySpan, `"${key}" is no logical id`, 'write letters and digits, 255 at most');
    return undefined;
  }
  const type = valueOf(value, 'Type');
  const name = textOf(type);
  if (type === undefined || name === undefined) {
    findings.problem(
      type?.span ?? keySpan,
      `the resource ${key} has no Type`,
      'write Type: AWS::…',
    );
    return undefined;
  }
  const properties = valueOf(value, 'Properties');
  const dependsOn = valueOf(value, 'DependsOn');
  return {
    id: key,
    span: keySpan,
    type: name,
    typeSpan: type.span,
    properties: checkedProperties(properties, findings),
    condition: valueOf(value, 'Condition'),
    dependsOn: dependsOn?.kind === 'scalar' ? [dependsOn] : itemsOf(dependsOn),
    metadata: valueOf(value, 'Metadata'),
  };
}

function checkedProperties(
  properties: TemplateNode | undefined,
  findings: Findings,
): TemplateNode | undefined {
  if (properties === undefined || properties.kind === 'map') return properties;
  if (properties.kind === 'scalar' && properties.value === null) return undefined;
  if (properties.kind === 'unknown') return properties;
  findings.problem(
    properties.span,
    `Properties is a mapping, and this is ${describeKind(properties)}`,
  );
  return undefined;
}

/** The name and the argument of the function that a value is; `undefined` for a plain value. */
export function callOf(node: TemplateNode): TemplateEntry | undefined {
  if (node.kind !== 'map' || node.entries.length !== 1) return undefined;
  const [entry] = node.entries;
  if (entry === undefined) return undefined;
  return entry.key === 'Ref' || entry.key.startsWith('Fn::') ? entry : undefined;
}
