// The parameters of a template: given on the command line, or their defaults, checked as CloudFormation checks them.
import type { SourceSpan } from '../../base/source-span.ts';
import type { Findings } from './problem.ts';
import { referredNames } from './reference.ts';
import type { Template } from './template.ts';
import {
  itemsOf,
  type TemplateEntry,
  type TemplateNode,
  textNode,
  textOf,
  valueOf,
} from './template-node.ts';

/** Reads the values of all parameters; what is wrong with one is a finding, and the value unknown. */
export function readParameters(
  template: Template,
  given: Readonly<Record<string, string>>,
  findings: Findings,
): ReadonlyMap<string, TemplateNode> {
  for (const name of Object.keys(given)) {
    if (template.parameters.has(name)) continue;
    const known = [...template.parameters.keys()].join(', ') || 'none';
    findings.problem(template.root.span, `there is no parameter ${name}`, `there are: ${known}`);
  }
  const referred = referredNames(template);
  const needed = [...template.parameters.values()].filter(
    // CDK declares one in every template that nothing depends on.
    ({ key, value }) => referred.has(key) || !isStored(value),
  );
  const values = needed.map((entry): [string, TemplateNode] => [
    entry.key,
    valueOfParameter(
      entry,
      Object.hasOwn(given, entry.key) ? given[entry.key] : undefined,
      findings,
    ),
  ]);
  return new Map(values);
}

function valueOfParameter(
  { key, keySpan, value: declaration }: TemplateEntry,
  given: string | undefined,
  findings: Findings,
): TemplateNode {
  const type = textOf(valueOf(declaration, 'Type')) ?? 'String';
  const standard = valueOf(declaration, 'Default');
  const fromStore = isStored(declaration);
  const text = given ?? (fromStore ? undefined : textOf(standard));
  const span = given === undefined ? (standard?.span ?? keySpan) : keySpan;
  if (text === undefined) {
    const why = fromStore ? 'is read from the parameter store on AWS' : 'has no default';
    findings.problem(keySpan, `the parameter ${key} ${why}`, `give --parameter ${key}=…`);
    return { kind: 'unknown', span };
  }
  const wrong = constraintOf(declaration, type, text);
  if (wrong !== undefined) {
    findings.problem(
      span,
      `the parameter ${key}: ${wrong}`,
      textOf(valueOf(declaration, 'ConstraintDescription')),
    );
    return { kind: 'unknown', span };
  }
  return isList(type) ? listOf(text, span) : textNode(text, span);
}

function isStored(declaration: TemplateNode): boolean {
  return textOf(valueOf(declaration, 'Type'))?.startsWith('AWS::SSM::') === true;
}

function isList(type: string): boolean {
  return type === 'CommaDelimitedList' || /List<.*>$/.test(type);
}

function listOf(text: string, span: SourceSpan): TemplateNode {
  const items = text.split(',').map((item) => textNode(item.trim(), span));
  return { kind: 'list', items: text === '' ? [] : items, span };
}

function constraintOf(declaration: TemplateNode, type: string, text: string): string | undefined {
  const shown = isHidden(declaration) ? 'its value' : `"${text}"`;
  const limit = (name: string): number | undefined => numberOf(valueOf(declaration, name));
  const checks: readonly (readonly [boolean, string])[] = [
    [type === 'Number' && !isNumber(text), `${shown} is no number`],
    [
      type === 'List<Number>' && !text.split(',').every((one) => isNumber(one.trim())),
      `${shown} is no list of numbers`,
    ],
    [!isAllowed(declaration, text), `${shown} is none of ${allowedText(declaration)}`],
    [
      !matches(declaration, text),
      `${shown} does not match ${textOf(valueOf(declaration, 'AllowedPattern'))}`,
    ],
    [text.length < (limit('MinLength') ?? 0), `${shown} is shorter than ${limit('MinLength')}`],
    [
      text.length > (limit('MaxLength') ?? Infinity),
      `${shown} is longer than ${limit('MaxLength')}`,
    ],
    [
      type === 'Number' && Number(text) < (limit('MinValue') ?? -Infinity),
      `${shown} is less than ${limit('MinValue')}`,
    ],
    [
      type === 'Number' && Number(text) > (limit('MaxValue') ?? Infinity),
      `${shown} is more than ${limit('MaxValue')}`,
    ],
  ];
  return checks.find(([broken]) => broken)?.[1];
}

function isHidden(declaration: TemplateNode): boolean {
  return textOf(valueOf(declaration, 'NoEcho')) === 'true';
}

function numberOf(node: TemplateNode | undefined): number | undefined {
  const text = textOf(node);
  return text === undefined || !isNumber(text) ? undefined : Number(text);
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

function isAllowed(declaration: TemplateNode, text: string): boolean {
  const allowed = valueOf(declaration, 'AllowedValues');
  return allowed === undefined || itemsOf(allowed).some((one) => textOf(one) === text);
}

function allowedText(declaration: TemplateNode): string {
  return itemsOf(valueOf(declaration, 'AllowedValues')).map(textOf).join(', ');
}

// Java's regular expressions, of which JavaScript cannot read all; what it cannot read is not checked.
function matches(declaration: TemplateNode, text: string): boolean {
  const pattern = textOf(valueOf(declaration, 'AllowedPattern'));
  if (pattern === undefined || pattern.length > 500) return true;
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return true;
  }
}
