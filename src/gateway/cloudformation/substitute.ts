// What names stand for, alone and in the midst of text: Ref and Fn::Sub.
import { attributeOf, referenceTo } from './attribute.ts';
import { lengthOf, madeText } from './made-text.ts';
import { pseudoParameter, type Scope, substitutionParts } from './scope.ts';
import { describeKind, type TemplateNode, textNode, textOf, valueOf } from './template-node.ts';

/** `Fn::Sub`. */
export function substitute(scope: Scope, argument: TemplateNode, call: TemplateNode): TemplateNode {
  const [template, own] = argument.kind === 'list' ? argument.items : [argument];
  const text = textOf(template);
  if (text === undefined || (argument.kind === 'list' && argument.items.length !== 2)) {
    const hint = 'write a text, or [text, { Name: value }]';
    scope.findings.problem(
      call.span,
      'Fn::Sub takes a text, or a list of a text and a mapping',
      hint,
    );
    return unknown(call);
  }
  const named = new Map<string, string | undefined>();
  const values = substitutionParts(text).map((part) => {
    if (part.kind === 'text') return part.text;
    if (!named.has(part.text)) named.set(part.text, textNamed(scope, part.text, { own, call }));
    return named.get(part.text);
  });
  const texts = values.filter((value) => value !== undefined);
  if (texts.length < values.length) return unknown(call);
  return madeText(scope, call, { length: lengthOf(texts), make: () => texts.join('') });
}

function textNamed(
  scope: Scope,
  name: string,
  { own, call }: { readonly own: TemplateNode | undefined; readonly call: TemplateNode },
): string | undefined {
  const given = valueOf(own, name);
  return given === undefined ? textOfName(scope, name, call) : evaluateText(scope, given);
}

function textOfName(scope: Scope, name: string, call: TemplateNode): string | undefined {
  const at = name.indexOf('.');
  const whole = scope.parameters.has(name) || at === -1;
  const value = whole
    ? reference(scope, name, call)
    : attributeOf(scope, {
        id: name.slice(0, at),
        attribute: name.slice(at + 1),
        at: call,
      });
  const text = textOf(value);
  if (text === undefined && value?.kind !== 'unknown') {
    scope.findings.problem(call.span, `\${${name}} is no text`, 'join it first with Fn::Join');
  }
  return text;
}

/** What a name stands for; `undefined` for `AWS::NoValue`. */
export function reference(
  scope: Scope,
  name: string,
  call: TemplateNode,
): TemplateNode | undefined {
  if (name === 'AWS::NoValue') return undefined;
  if (name === 'AWS::NotificationARNs') return { kind: 'list', items: [], span: call.span };
  const pseudo = pseudoParameter(scope, name);
  if (pseudo !== undefined) return textNode(pseudo, call.span);
  const parameter = scope.parameters.get(name);
  if (parameter !== undefined) return { ...parameter, span: call.span };
  return referenceTo(scope, { id: name, at: call });
}

/** Evaluates to a text; `undefined` when it is none, which is a finding. */
export function evaluateText(scope: Scope, node: TemplateNode): string | undefined {
  const value = scope.evaluate(node);
  const text = textOf(value);
  if (text === undefined && value?.kind !== 'unknown') {
    const found = value === undefined ? 'nothing' : describeKind(value);
    scope.findings.problem(node.span, `a text is needed here, and this is ${found}`);
  }
  return text;
}

function unknown(node: TemplateNode): TemplateNode {
  return { kind: 'unknown', span: node.span };
}
