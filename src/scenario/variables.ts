// Variables, replaced on the tree before anything is validated, so that a mistake inside an axis
// value has its place there.
//
//   text = { character | "$${" | "${" ref "}" }          "$${" is a literal "${"
//   ref  = "env:" NAME | "secret:" NAME | "nonce" | "limits." name | name { "." key }
//   name = letter { letter | digit | "-" | "_" }         key = name | digits
//
// A value that is exactly one variable keeps its type, also a mapping; inside longer text it becomes
// text. `${nonce}` stays as it is until a connection is made. Keys are not replaced.
import type { Json } from '../base/json.ts';
import type { SourceSpan } from '../base/source-span.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import { LIMITS, limitText } from './limit.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type MapEntry,
  nodeFromJson,
  type ScalarNode,
  type SourceNode,
  spanWithin,
} from './source-node.ts';
import { suggest, suggestion } from './suggest.ts';

/** Where variables come from. */
export interface VariableScope {
  /** Values by name, already merged: those of the command line win, then the suite's, then the target's. */
  readonly vars: Readonly<Record<string, Json>>;
  /** Limits that the target declares; durations in milliseconds, rates per second. */
  readonly limits: Readonly<Record<string, number>>;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Told of every secret before its value is used anywhere. */
  registerSecret(name: string, value: string): void;
  /** The text of a file beside the scenario (`schema: event.schema.json`). */
  readBeside?(path: string): string | undefined;
}

/** What `resolveVariables` needs besides the tree. */
export interface Resolving {
  readonly scope: VariableScope;
  /** Named values that stand in the file itself, axes before defaults; replaced in their turn. */
  readonly own: readonly Readonly<Record<string, SourceNode>>[];
  /** `keep`: a value that is not known stays as it is, marked `unresolved`. */
  readonly unknown: 'report' | 'keep';
  /** Mistakes are added here. */
  readonly found: Diagnostic[];
}

/** Replaces every variable below `node`. Never throws; mistakes go to `resolving.found`. */
export function resolveVariables(node: SourceNode, resolving: Resolving): SourceNode {
  return resolve(node, { ...resolving, within: [] });
}

/** Puts a connection's nonce into a text that was resolved before. */
export function fillNonce(text: string, nonce: string): string {
  return text.replaceAll(/(\$?)\$\{nonce\}/g, (_, escaped) =>
    escaped === '$' ? '${nonce}' : nonce,
  );
}

interface Context extends Resolving {
  /** Names that are being looked up, to find circles. */
  readonly within: readonly string[];
}

function resolve(node: SourceNode, context: Context): SourceNode {
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item) => resolve(item, context)) };
  }
  if (node.kind === 'map') {
    const inside = (one: MapEntry): MapEntry => ({ ...one, value: resolve(one.value, context) });
    const rivals = node.rivals === undefined ? {} : { rivals: node.rivals.map(inside) };
    return { ...node, entries: node.entries.map(inside), ...rivals };
  }
  return typeof node.value === 'string' ? resolveText(node, context) : node;
}

function resolveText(node: ScalarNode, context: Context): SourceNode {
  const parts = splitText(node.text);
  const [only, ...others] = parts;
  if (only === undefined) return node;
  if (others.length > 0) return joinParts(node, parts, context);
  if (only.kind === 'text') return { ...node, value: only.text, text: only.text };
  const value = evaluate(only, { node, context });
  return value === undefined ? { ...node, unresolved: true } : value;
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `written` is the whole of `${…}`. */
  | { readonly kind: 'ref'; readonly written: string; readonly ref: string };

function splitText(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$\$\{nonce\}|\$\$\{|\$\{([^}]*)\}?/g)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    parts.push(partOf(match[0], match[1]));
    from = match.index + match[0].length;
  }
  if (from < text.length || parts.length === 0)
    parts.push({ kind: 'text', text: text.slice(from) });
  return mergeTexts(parts);
}

function partOf(written: string, ref: string | undefined): Part {
  // The escape of the nonce is kept: the nonce itself is filled in later, by fillNonce.
  if (written === '$${nonce}') return { kind: 'text', text: written };
  return ref === undefined ? { kind: 'text', text: '${' } : { kind: 'ref', written, ref };
}

function mergeTexts(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.kind === 'text' && last?.kind === 'text') {
      merged[merged.length - 1] = { kind: 'text', text: last.text + part.text };
    } else merged.push(part);
  }
  return merged;
}

function joinParts(node: ScalarNode, parts: readonly Part[], context: Context): ScalarNode {
  let text = '';
  let unresolved = false;
  let secret = false;
  const limits: string[] = [];
  let missingLimit: string | undefined;
  for (const part of parts) {
    const value = part.kind === 'text' ? undefined : evaluate(part, { node, context });
    if (value?.kind === 'scalar') {
      limits.push(...(value.limits ?? []));
      missingLimit ??= value.missingLimit;
      unresolved ||= value.unresolved === true;
      secret ||= value.secret === true;
    }
    if (part.kind === 'text') text += part.text;
    else if (value === undefined) [text, unresolved] = [text + part.written, true];
    else text += textInside(value, part, { node, context });
  }
  const marks = {
    ...(unresolved ? { unresolved: true as const } : {}),
    ...(secret ? { secret: true as const } : {}),
    ...(limits.length > 0 ? { limits } : {}),
    ...(missingLimit === undefined ? {} : { missingLimit }),
  };
  return { ...node, value: text, text, ...marks };
}

interface At {
  readonly node: ScalarNode;
  readonly context: Context;
}

function textInside(value: SourceNode, part: Part & { kind: 'ref' }, at: At): string {
  if (value.kind === 'scalar') return value.text;
  const what = value.kind === 'map' ? 'a mapping' : 'a list';
  report(at, part, {
    code: 'SCN_BAD_VARIABLE',
    message: `${part.written} is ${what} and cannot stand inside text`,
    hint: 'name one of its values: ${name.key}',
  });
  return '';
}

/** The value of one variable; undefined when it is not known (reported unless it may be kept). */
function evaluate(part: Part & { kind: 'ref' }, at: At): SourceNode | undefined {
  const { ref } = part;
  if (ref === 'nonce') return { ...at.node, value: part.written, text: part.written };
  if (ref.startsWith('env:')) return fromEnvironment(part, at, ref.slice(4));
  if (ref.startsWith('secret:')) return fromEnvironment(part, at, ref.slice(7));
  if (!part.written.endsWith('}') || !REFERENCE.test(ref)) return malformed(part, at);
  if (ref.startsWith('limits.')) return limit(part, at, ref.slice(7));
  return lookUp(part, at);
}

const REFERENCE = /^[A-Za-z][\w-]*(?:\.[\w-]+)*$/;
const ENVIRONMENT_NAME = /^[A-Za-z_]\w*$/;

function malformed(part: Part & { kind: 'ref' }, at: At): undefined {
  report(at, part, {
    code: 'SCN_BAD_VARIABLE',
    message: `${part.written} is not a variable`,
    hint: 'write ${name}, ${env:NAME} or ${secret:NAME}; $${ is a literal ${',
  });
}

function fromEnvironment(
  part: Part & { kind: 'ref' },
  at: At,
  name: string,
): SourceNode | undefined {
  if (!part.written.endsWith('}') || !ENVIRONMENT_NAME.test(name)) return malformed(part, at);
  if (at.context.unknown === 'keep') return undefined;
  const value = at.context.scope.env(name);
  if (value === undefined) {
    report(at, part, {
      code: 'SCN_MISSING_ENV',
      message: `the environment has no ${name}`,
      hint: `set ${name} before the run`,
    });
    return undefined;
  }
  const node: ScalarNode = { ...at.node, value, text: value, raw: '' };
  if (!part.ref.startsWith('secret:')) return node;
  at.context.scope.registerSecret(name, value);
  return { ...node, secret: true };
}

function limit(part: Part & { kind: 'ref' }, at: At, name: string): SourceNode | undefined {
  const kind = LIMITS[name];
  if (kind === undefined) {
    report(at, part, {
      code: 'SCN_UNKNOWN_LIMIT',
      message: `there is no limit "${name}"`,
      hint: suggestion(name, Object.keys(LIMITS)),
    });
    return undefined;
  }
  const declared = at.context.scope.limits[name];
  // A stand-in of the right kind: what uses it is not applicable and never judged.
  const value = limitText(kind, declared ?? 1);
  const marks = { limits: [name], ...(declared === undefined ? { missingLimit: name } : {}) };
  return { ...at.node, value, text: String(value), raw: '', ...marks };
}

function lookUp(part: Part & { kind: 'ref' }, at: At): SourceNode | undefined {
  const { context } = at;
  const [name = '', ...keys] = part.ref.split('.');
  const value = valueOf(name, at);
  if (value === undefined) return unknownVariable(part, at, name);
  if (context.within.includes(name)) {
    report(at, part, {
      code: 'SCN_VARIABLE_CYCLE',
      message: `${[...context.within, name].join(' -> ')} -> … never ends`,
      hint: 'give one of them a value of its own',
    });
    return undefined;
  }
  const whole = value.own
    ? resolve(value.node, { ...context, within: [...context.within, name] })
    : value.node;
  return keys.reduce<SourceNode | undefined>((node, key) => partAt(node, key, { part, at }), whole);
}

function valueOf(
  name: string,
  { node, context }: At,
): { node: SourceNode; own: boolean } | undefined {
  const [axes, defaults] = context.own;
  const axis = axes !== undefined && Object.hasOwn(axes, name) ? axes[name] : undefined;
  if (axis !== undefined) return { node: axis, own: true };
  const given = Object.hasOwn(context.scope.vars, name) ? context.scope.vars[name] : undefined;
  if (given !== undefined) return { node: nodeFromJson(given, node.span), own: false };
  const fallback =
    defaults !== undefined && Object.hasOwn(defaults, name) ? defaults[name] : undefined;
  return fallback === undefined ? undefined : { node: fallback, own: true };
}

function unknownVariable(part: Part & { kind: 'ref' }, at: At, name: string): undefined {
  if (at.context.unknown === 'keep') return;
  const known = [...at.context.own.flatMap(Object.keys), ...Object.keys(at.context.scope.vars)];
  const meant = suggest(name, known);
  report(at, part, {
    code: 'SCN_UNKNOWN_VARIABLE',
    message: `nothing gives the variable "${name}" a value`,
    hint: meant === undefined ? `give it one: --var ${name}=…` : `did you mean "${meant}"?`,
  });
}

function partAt(
  node: SourceNode | undefined,
  key: string,
  { part, at }: { readonly part: Part & { kind: 'ref' }; readonly at: At },
): SourceNode | undefined {
  if (node === undefined || (node.kind === 'scalar' && node.unresolved === true)) return undefined;
  const value = node.kind === 'list' ? itemsOf(node)[Number(key)] : childOf(node, key);
  if (value !== undefined) return value;
  const keys = entriesOf(node).map((entry) => entry.key);
  report(at, part, {
    code: 'SCN_UNKNOWN_VARIABLE',
    message: `${part.written}: there is no "${key}"`,
    hint: suggestion(key, keys),
  });
  return undefined;
}

function report(
  { node, context }: At,
  part: Part & { kind: 'ref' },
  problem: { readonly code: DiagnosticCode; readonly message: string; readonly hint: string },
): void {
  const span: SourceSpan = spanWithin(node, part.written);
  context.found.push({ severity: 'error', span, ...problem });
}
