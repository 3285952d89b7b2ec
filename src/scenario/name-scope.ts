// What the name pass knows while it goes through the steps: names that exist, names that a step with
// a mistake may have been meant to make, and the complaints about names.
import type { SourceSpan } from '../base/source-span.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import type { Invocation } from './model.ts';
import { PHASES, POINTS } from './moment.ts';
import { CLIENT } from './names.ts';
import { INVOCATIONS, ROOTS } from './path.ts';
import { VERBS } from './schema-step.ts';
import type { SourceNode } from './source-node.ts';
import { suggestion } from './suggest.ts';

/** The state of one pass. */
export interface NameScope {
  readonly found: Diagnostic[];
  readonly connections: Map<string, NamedConnection>;
  readonly calls: Map<string, readonly string[]>;
  /** Names of all `connect` steps, also of those further down. */
  readonly all: readonly (string | undefined)[];
  /** Names that a step with a mistake may have been meant to make. */
  readonly maybe: Set<string>;
  /** A step is not known yet: any name may still turn up. */
  open: boolean;
  /** A step has no verb of the language: it may be a `connect` or a call without a name. */
  stray: boolean;
}

/** What is known of a connection. */
export interface NamedConnection {
  readonly holds: Holds;
  /** Members of its group; undefined: not known. */
  readonly count: number | undefined;
}

/** What is held of a connection; `unknown` where a mistake or a variable hides it. */
export type Holds = Set<Invocation | 'unknown'>;

/** Verbs that create something with a name. */
export const CREATING = ['connect', 'postToConnection', 'getConnection', 'deleteConnection'];

/** True for a value that holds a variable without a value. */
export function isOpen(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && node.unresolved === true;
}

/** Adds a mistake. */
export function report(
  { found }: Pick<NameScope, 'found'>,
  problem: {
    readonly code: DiagnosticCode;
    readonly span: SourceSpan;
    readonly message: string;
    readonly hint: string;
  },
): void {
  found.push({ severity: 'error', ...problem });
}

/** True when the name can be given; else the mistake is reported, and nothing is said of its uses. */
export function claim(name: string, span: SourceSpan, scope: NameScope): boolean {
  const hint = 'choose another name';
  if (RESERVED.has(name)) {
    scope.maybe.add(name);
    const message = `"${name}" is a word of the language`;
    report(scope, { code: 'SCN_RESERVED_NAME', span, message, hint });
  } else if (scope.connections.has(name) || scope.calls.has(name)) {
    report(scope, { code: 'SCN_DUPLICATE_NAME', span, message: `"${name}" is taken`, hint });
  } else return true;
  return false;
}

const RESERVED: ReadonlySet<string> = new Set([
  ...POINTS,
  ...PHASES,
  ...VERBS,
  ...INVOCATIONS,
  ...ROOTS,
  'called',
  'returned',
]);

/** Reports the use of a connection that no step makes, or makes only later. */
export function demandConnection(name: string, span: SourceSpan, scope: NameScope): void {
  if (scope.connections.has(name) || mayExist(name, scope)) return;
  const later = scope.all.includes(name);
  const message = later ? `"${name}" is connected only later` : `there is no connection "${name}"`;
  const hint = later
    ? 'put its connect step first'
    : suggestion(name, [...scope.connections.keys()]) || 'add a step: connect, with as beside it';
  report(scope, { code: 'SCN_UNKNOWN_NAME', span, message, hint });
}

/** Reports the use of a call that no step makes. */
export function demandCall(name: string, span: SourceSpan, scope: NameScope): void {
  if (scope.calls.has(name) || mayExist(name, scope)) return;
  const message = `there is no call "${name}"`;
  const hint = suggestion(name, [...scope.calls.keys()]) || 'add a step that makes it';
  report(scope, { code: 'SCN_UNKNOWN_NAME', span, message, hint });
}

function mayExist(name: string, { open, maybe, stray }: NameScope): boolean {
  return open || maybe.has(name) || (stray && (name === CLIENT || CREATING.includes(name)));
}
