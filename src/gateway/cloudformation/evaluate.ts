// Evaluates the intrinsic functions of a template (CloudFormation's "Intrinsic function reference"). What is wrong is a
// finding and gives an unknown value; that a name exists has been checked before, in reference.ts.
import { attributeOf } from './attribute.ts';
import { conditionHolds } from './condition.ts';
import {
  INTRINSIC_NAMES,
  type IntrinsicName,
  isConditionFunction,
  isEvaluated,
  isIntrinsic,
} from './intrinsic-names.ts';
import { lengthOf, madeText } from './made-text.ts';
import type { Scope } from './scope.ts';
import { evaluateText, reference, substitute } from './substitute.ts';
import { callOf } from './template.ts';
import {
  describeKind,
  entriesOf,
  itemsOf,
  type TemplateEntry,
  type TemplateNode,
  textNode,
  textOf,
  valueOf,
} from './template-node.ts';

/** The scope of a template whose parameters are known. */
export function scopeOf(known: Omit<Scope, 'evaluate' | 'known'>): Scope {
  const scope: Scope = {
    ...known,
    known: { names: new Map(), conditions: new Map(), made: 0 },
    evaluate: (node) => evaluate(scope, node),
  };
  return scope;
}

function evaluate(scope: Scope, node: TemplateNode): TemplateNode | undefined {
  const call = callOf(node);
  if (call !== undefined) return evaluateCall(scope, call, node);
  if (node.kind === 'list') {
    return { ...node, items: node.items.flatMap((item) => evaluate(scope, item) ?? []) };
  }
  if (node.kind !== 'map') return node;
  const entries = node.entries.flatMap((entry): readonly TemplateEntry[] => {
    const value = evaluate(scope, entry.value);
    return value === undefined ? [] : [{ ...entry, value }];
  });
  return { ...node, entries };
}

type Evaluation = (
  scope: Scope,
  argument: TemplateNode,
  call: TemplateNode,
) => TemplateNode | undefined;

function evaluateCall(
  scope: Scope,
  { key, keySpan, value }: TemplateEntry,
  call: TemplateNode,
): TemplateNode | undefined {
  if (value.kind === 'unknown') return value;
  if (isEvaluated(key)) return EVALUATIONS[key](scope, value, call);
  if (isConditionFunction(key)) {
    const holds = conditionHolds(scope, call);
    return holds === undefined ? unknown(call) : textNode(String(holds), call.span);
  }
  // The names of functions have been checked everywhere; this one is not served, and it is needed.
  const known = isIntrinsic(key);
  scope.findings.problem(
    keySpan,
    known ? `${key} is not served yet` : `CloudFormation has no function ${key}`,
    known ? 'write its value' : `there are ${INTRINSIC_NAMES}`,
  );
  return unknown(call);
}

const EVALUATIONS: Readonly<Record<IntrinsicName, Evaluation>> = {
  Ref: (scope, argument, call) => {
    const name = literal(scope, argument, 'Ref');
    return name === undefined ? unknown(call) : reference(scope, name, call);
  },
  'Fn::GetAtt': (scope, argument, call) => {
    const [id, attribute] = attributePath(scope, argument);
    if (id === undefined || attribute === undefined) return unknown(call);
    return attributeOf(scope, { id, attribute, at: call });
  },
  'Fn::Sub': substitute,
  'Fn::Join': (scope, argument, call) => {
    const [delimiter, list] = argumentsOf(scope, argument, { name: 'Fn::Join', count: 2 });
    const between = delimiter && evaluateText(scope, delimiter);
    const texts = list && textsOf(scope, list, 'Fn::Join');
    return between === undefined || texts === undefined
      ? unknown(call)
      : madeText(scope, call, {
          length: lengthOf(texts, between),
          make: () => texts.join(between),
        });
  },
  'Fn::Select': (scope, argument, call) => {
    const [which, list] = argumentsOf(scope, argument, { name: 'Fn::Select', count: 2 });
    const index = which && evaluateText(scope, which);
    const items = list && listOf(scope, list, 'Fn::Select');
    if (index === undefined || items === undefined) return unknown(call);
    const item = /^\d+$/.test(index) ? items[Number(index)] : undefined;
    if (item === undefined) {
      scope.findings.problem(
        call.span,
        `Fn::Select has no item ${index}`,
        `0 to ${items.length - 1}`,
      );
    }
    return item ?? unknown(call);
  },
  'Fn::Split': (scope, argument, call) => {
    const [delimiter, whole] = argumentsOf(scope, argument, { name: 'Fn::Split', count: 2 });
    const between = delimiter && evaluateText(scope, delimiter);
    const text = whole && evaluateText(scope, whole);
    if (between === undefined || text === undefined) return unknown(call);
    const items = between === '' ? [text] : text.split(between);
    return { kind: 'list', items: items.map((item) => textNode(item, call.span)), span: call.span };
  },
  'Fn::Base64': (scope, argument, call) => {
    const text = evaluateText(scope, argument);
    return text === undefined
      ? unknown(call)
      : madeText(scope, call, {
          length: text.length * 2,
          make: () => Buffer.from(text).toString('base64'),
        });
  },
  'Fn::If': (scope, argument, call) => {
    const [condition, yes, no] = argumentsOf(scope, argument, { name: 'Fn::If', count: 3 });
    if (condition === undefined || yes === undefined || no === undefined) return unknown(call);
    const holds = conditionHolds(scope, condition);
    return holds === undefined ? unknown(call) : evaluate(scope, holds ? yes : no);
  },
  'Fn::FindInMap': findInMap,
  'Fn::GetAZs': (scope, argument, call) => {
    const region = evaluateText(scope, argument) || scope.region;
    const items = ['a', 'b', 'c'].map((zone) => textNode(`${region}${zone}`, call.span));
    return { kind: 'list', items, span: call.span };
  },
  'Fn::ImportValue': (scope, argument, call) => {
    const name = evaluateText(scope, argument);
    if (name === undefined) return unknown(call);
    const given = Object.hasOwn(scope.imports, name) ? scope.imports[name] : undefined;
    if (given !== undefined) return textNode(given, call.span);
    scope.findings.problem(
      call.span,
      `the export ${name} is of another stack`,
      `give --import ${name}=…`,
    );
    return unknown(call);
  },
};

function attributePath(scope: Scope, argument: TemplateNode): readonly (string | undefined)[] {
  if (argument.kind === 'list') {
    const [id, ...rest] = argument.items;
    const parts = rest.map((part) => evaluateText(scope, part));
    return [textOf(id), parts.includes(undefined) ? undefined : parts.join('.')];
  }
  const [, id, attribute] =
    /^([^.]+)\.(.+)$/.exec(literal(scope, argument, 'Fn::GetAtt') ?? '') ?? [];
  return [id, attribute];
}

function findInMap(
  scope: Scope,
  argument: TemplateNode,
  call: TemplateNode,
): TemplateNode | undefined {
  const given = argumentsOf(scope, argument, { name: 'Fn::FindInMap', count: 3, more: 1 });
  const texts = given.slice(0, 3).map((part) => evaluateText(scope, part));
  const [map, first, second] = texts;
  if (map === undefined || first === undefined || second === undefined) return unknown(call);
  const found = valueOf(valueOf(scope.template.mappings.get(map)?.value, first), second);
  if (found !== undefined) return { ...found, span: call.span };
  const standard = valueOf(given[3], 'DefaultValue');
  if (standard !== undefined) return evaluate(scope, standard);
  if (scope.template.mappings.has(map)) {
    scope.findings.problem(call.span, `the mapping ${map} has no ${first}.${second}`);
  }
  return unknown(call);
}

function literal(scope: Scope, argument: TemplateNode, name: string): string | undefined {
  const text = textOf(argument);
  if (text === undefined) {
    scope.findings.problem(
      argument.span,
      `${name} takes a name, and this is ${describeKind(argument)}`,
    );
  }
  return text;
}

function argumentsOf(
  scope: Scope,
  argument: TemplateNode,
  {
    name,
    count,
    more = 0,
  }: { readonly name: string; readonly count: number; readonly more?: number },
): readonly TemplateNode[] {
  const items = itemsOf(argument);
  if (items.length >= count && items.length <= count + more) return items;
  scope.findings.problem(argument.span, `${name} takes a list of ${count}`);
  return [];
}

function listOf(
  scope: Scope,
  node: TemplateNode,
  name: string,
): readonly TemplateNode[] | undefined {
  const value = evaluate(scope, node);
  if (value?.kind === 'list') return value.items;
  if (value?.kind !== 'unknown') {
    scope.findings.problem(node.span, `${name} needs a list here`);
  }
  return undefined;
}

function textsOf(scope: Scope, node: TemplateNode, name: string): readonly string[] | undefined {
  const texts = listOf(scope, node, name)?.map((item) => evaluateText(scope, item));
  if (texts === undefined || texts.includes(undefined)) return undefined;
  return texts.filter((text) => text !== undefined);
}

function unknown(node: TemplateNode): TemplateNode {
  return { kind: 'unknown', span: node.span };
}

/** The properties of a resource, evaluated; a map without entries when there are none. */
export function evaluatedProperties(
  scope: Scope,
  {
    properties,
    span,
  }: { readonly properties: TemplateNode | undefined; readonly span: TemplateNode['span'] },
): TemplateNode {
  const value = properties === undefined ? undefined : evaluate(scope, properties);
  return value ?? { kind: 'map', entries: entriesOf(undefined), span };
}
