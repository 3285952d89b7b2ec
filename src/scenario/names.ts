// The second pass: names that exist, names that are missing, names that are taken. Works on the
// validated tree, so that every mistake has its place; says nothing about what is not known yet.
import type { SourceSpan } from '../base/source-span.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import { judgeEvidencePath } from './evidence-field.ts';
import type { Invocation } from './model.ts';
import { PHASES, POINTS, parseMoment } from './moment.ts';
import { INVOCATIONS, ROOTS } from './path.ts';
import { momentReference, type Reference, referencesIn } from './reference.ts';
import { VERBS } from './schema-step.ts';
import { msOf } from './schema-value.ts';
import {
  childOf,
  entriesOf,
  entryOf,
  itemsOf,
  type MapEntry,
  numberOf,
  type SourceNode,
  textOf,
} from './source-node.ts';
import { suggestion } from './suggest.ts';
import { checkThresholds } from './threshold-names.ts';

/** What the steps of a case create. */
export interface Names {
  /** Connections in the order in which they are made. */
  readonly connections: readonly string[];
  /** The connections that a call is about, by the call's name. */
  readonly calls: ReadonlyMap<string, readonly string[]>;
}

/** The name of the only connection, where it has no other. */
export const CLIENT = 'client';

/** Collects the names of a validated scenario and reports every use that does not fit them. */
export function checkNames(root: SourceNode, found: Diagnostic[]): Names {
  const pass: Pass = {
    found,
    connections: new Map(),
    calls: new Map(),
    all: connectsBelow(childOf(root, 'steps')),
    open: false,
  };
  checkSteps(childOf(root, 'steps'), pass, { inRepeat: false });
  requireConnection(root, pass);
  for (const entry of entriesOf(childOf(root, 'checks'))) checkCheck(entry, pass);
  checkThresholds(root, {
    found,
    connections: pass.open ? 1 : pass.all.length,
    example: exampleOf(pass),
    membersOf: (connection) => membersOf(connection, pass),
    checkReference: (reference) => checkReference(reference, pass),
    isOpen,
  });
  return { connections: [...pass.connections.keys()], calls: pass.calls };
}

/** The verb of a step: its key and its argument. */
export function verbOf(step: SourceNode): MapEntry | undefined {
  return entriesOf(step).find(({ key }) => VERBS.includes(key));
}

/** The texts of a name or a list of names; undefined without any. */
export function namesOf(node: SourceNode | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined;
  const nodes = node.kind === 'list' ? node.items : [node];
  return nodes.flatMap((one) => textOf(one) ?? []);
}

/** The connections that a check is about; its moments and paths may name some themselves. */
export function connectionsOfCheck(check: SourceNode, names: Names): readonly string[] {
  const given = namesOf(childOf(check, 'connection'));
  if (given !== undefined) return [...new Set(given)];
  const [only, ...others] = names.connections;
  if (only !== undefined && others.length === 0) return [only];
  const named = referencesIn(check).flatMap(({ connection, call }) =>
    connection === undefined ? (names.calls.get(call ?? '') ?? []) : [connection],
  );
  return [...new Set(named)];
}

/** The connections that a threshold is about; what it samples names none. */
export function connectionsOfThreshold(threshold: SourceNode, names: Names): readonly string[] {
  return [...new Set(namesOf(childOf(threshold, 'connection')) ?? names.connections)];
}

interface Pass {
  readonly found: Diagnostic[];
  readonly connections: Map<string, Connection>;
  readonly calls: Map<string, readonly string[]>;
  /** Names of all `connect` steps, also of those further down. */
  readonly all: readonly (string | undefined)[];
  /** A step is not known yet: any name may still turn up. */
  open: boolean;
}

interface Connection {
  readonly holds: Set<Invocation | 'unknown'>;
  /** Members of its group; undefined: not known. */
  readonly count: number | undefined;
}

function membersOf(connection: SourceNode | undefined, pass: Pass): number | undefined {
  const given =
    connection === undefined ? pass.connections.keys() : knownConnections(connection, pass);
  if (pass.open || isOpen(connection)) return undefined;
  const counts = [...given].map((name) => pass.connections.get(name)?.count);
  return counts.reduce(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}

function exampleOf(pass: Pass): string {
  return pass.all.find((name) => name !== undefined) ?? 'name';
}

function connectsBelow(steps: SourceNode | undefined): (string | undefined)[] {
  return itemsOf(steps).flatMap((step) => {
    const verb = verbOf(step);
    if (verb?.key === 'connect') return [textOf(childOf(step, 'as'))];
    const inner = verb?.key === 'repeat' ? childOf(verb.value, 'steps') : verb?.value;
    return verb?.key === 'parallel' || verb?.key === 'repeat' ? connectsBelow(inner) : [];
  });
}

interface Around {
  readonly inRepeat: boolean;
}

function checkSteps(steps: SourceNode | undefined, pass: Pass, around: Around): void {
  if (isOpen(steps)) pass.open = true;
  for (const step of itemsOf(steps)) {
    const verb = verbOf(step);
    if (verb === undefined) pass.open ||= isOpen(step);
    else checkStep({ step, verb }, pass, around);
  }
}

interface OneStep {
  readonly step: SourceNode;
  readonly verb: MapEntry;
}

function checkStep({ step, verb }: OneStep, pass: Pass, around: Around): void {
  checkModifiers({ step, verb }, pass);
  switch (verb.key) {
    case 'connect':
      return checkConnect({ step, verb }, pass, around);
    case 'repeat':
      return checkSteps(childOf(verb.value, 'steps'), pass, { inRepeat: true });
    case 'parallel':
      return checkSteps(verb.value, pass, around);
    case 'idle':
      return;
    default:
      return checkActing({ step, verb }, pass);
  }
}

const CREATING = ['connect', 'postToConnection', 'getConnection', 'deleteConnection'];
const OF_NOBODY = ['connect', 'idle', 'repeat', 'parallel'];

function checkModifiers({ step, verb }: OneStep, { found }: Pass): void {
  const as = entryOf(step, 'as');
  if (as !== undefined && !CREATING.includes(verb.key)) {
    const message = `${verb.key} creates nothing that could be named`;
    const hint = 'write connection to say whom it is about';
    report(found, { code: 'SCN_MISPLACED', span: as.keySpan, message, hint });
  }
  const connection = entryOf(step, 'connection');
  if (connection === undefined || !OF_NOBODY.includes(verb.key)) return;
  const message = `${verb.key} is not about a connection`;
  const hint = verb.key === 'connect' ? 'write as to name the connection' : 'leave it out';
  report(found, { code: 'SCN_MISPLACED', span: connection.keySpan, message, hint });
}

function checkConnect({ step, verb }: OneStep, pass: Pass, { inRepeat }: Around): void {
  if (inRepeat) {
    const message = 'there is no connect in a repeat';
    const hint = 'make a group: connect: { count: 50 }';
    report(pass.found, { code: 'SCN_MISPLACED', span: verb.keySpan, message, hint });
  }
  const as = childOf(step, 'as');
  if (isOpen(as)) pass.open = true;
  const name = textOf(as) ?? CLIENT;
  if (as === undefined && pass.all.length > 1) {
    const message = 'with several connect steps each needs a name';
    const hint = 'add as: name';
    report(pass.found, { code: 'SCN_NAME_NEEDED', span: verb.keySpan, message, hint });
    return;
  }
  if (as !== undefined && !claim(name, as.span, pass)) return;
  const backend = childOf(verb.value, 'backend');
  const count = countOf(childOf(verb.value, 'count'));
  pass.connections.set(name, { holds: holdsOf(backend, pass), count });
}

function countOf(node: SourceNode | undefined): number | undefined {
  return node === undefined ? 1 : numberOf(node);
}

function claim(name: string, span: SourceSpan, pass: Pass): boolean {
  if (RESERVED.has(name)) {
    const message = `"${name}" is a word of the language`;
    report(pass.found, { code: 'SCN_RESERVED_NAME', span, message, hint: 'choose another name' });
  } else if (pass.connections.has(name) || pass.calls.has(name)) {
    const message = `"${name}" is taken`;
    report(pass.found, { code: 'SCN_DUPLICATE_NAME', span, message, hint: 'choose another name' });
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

function holdsOf(backend: SourceNode | undefined, pass: Pass): Set<Invocation | 'unknown'> {
  const holds = new Set<Invocation | 'unknown'>();
  if (isOpen(backend)) holds.add('unknown');
  for (const invocation of INVOCATIONS) {
    const plan = childOf(backend, invocation);
    if (isOpen(plan)) holds.add('unknown');
    if (hasHold(plan, pass)) holds.add(invocation);
  }
  return holds;
}

function hasHold(plan: SourceNode | undefined, { found }: Pass): boolean {
  const hold = childOf(plan, 'hold');
  const written = textOf(hold);
  if (hold === undefined || written === undefined) return hold !== undefined;
  if (!isOpen(hold) && msOf(written) < LEAST_HOLD_MS) {
    found.push({
      code: 'SCN_SHORT_HOLD',
      severity: 'warning',
      span: hold.span,
      message: `${written} is too short to catch an endpoint that answers a little early`,
      hint: 'hold for 500ms or more',
    });
  }
  return true;
}

const LEAST_HOLD_MS = 500;

function checkActing({ step, verb }: OneStep, pass: Pass): void {
  const names = connectionsOfStep({ step, verb }, pass);
  if (verb.key === 'wait') checkReference(momentReference(verb.value), pass);
  if (verb.key === 'send') addMessageHold(verb.value, { names, pass });
  if (verb.key === 'release') checkRelease(verb, { names, pass });
  if (CREATING.includes(verb.key)) nameCall({ step, verb }, { names, pass });
}

function connectionsOfStep({ step, verb }: OneStep, pass: Pass): readonly string[] {
  const given = childOf(step, 'connection');
  if (given !== undefined) return knownConnections(given, pass);
  if (verb.key === 'wait' && parseMoment(textOf(verb.value) ?? '')?.connection !== undefined)
    return [];
  if (pass.all.length > 1 && !pass.open) {
    const message = `with several connections ${verb.key} has to say which one it is about`;
    const hint = `add connection: ${exampleOf(pass)}`;
    report(pass.found, { code: 'SCN_NAME_NEEDED', span: verb.keySpan, message, hint });
  }
  if (pass.connections.size === 0 && pass.all.length > 0) {
    const message = `nothing is connected before this ${verb.key}`;
    report(pass.found, {
      code: 'SCN_MISPLACED',
      span: verb.keySpan,
      message,
      hint: 'connect first',
    });
  }
  return pass.connections.size === 1 ? [...pass.connections.keys()] : [];
}

function knownConnections(given: SourceNode, pass: Pass): readonly string[] {
  const nodes = given.kind === 'list' ? given.items : [given];
  return nodes.flatMap((node) => {
    const name = textOf(node);
    if (name === undefined || isOpen(node)) return [];
    if (pass.connections.has(name)) return [name];
    unknownConnection(name, { span: node.span, pass });
    return [];
  });
}

interface Place {
  readonly span: SourceSpan;
  readonly pass: Pass;
}

function unknownConnection(name: string, { span, pass }: Place): void {
  if (pass.open) return;
  const later = pass.all.includes(name) && !pass.connections.has(name);
  const message = later ? `"${name}" is connected only later` : `there is no connection "${name}"`;
  const hint = later
    ? 'put its connect step first'
    : suggestion(name, [...pass.connections.keys()]);
  report(pass.found, { code: 'SCN_UNKNOWN_NAME', span, message, hint });
}

interface About {
  readonly names: readonly string[];
  readonly pass: Pass;
}

function addMessageHold(send: SourceNode, { names, pass }: About): void {
  const plan = childOf(send, 'backend');
  const held = hasHold(plan, pass);
  for (const name of names) {
    if (held) pass.connections.get(name)?.holds.add('message');
    if (isOpen(plan) || isOpen(send)) pass.connections.get(name)?.holds.add('unknown');
  }
}

function checkRelease(verb: MapEntry, { names, pass }: About): void {
  const invocation = INVOCATIONS.find((one) => one === textOf(verb.value));
  if (invocation === undefined) return;
  for (const name of names) {
    const holds = pass.connections.get(name)?.holds;
    if (holds === undefined || holds.has(invocation) || holds.has('unknown')) continue;
    const where =
      invocation === 'message'
        ? 'send: { …, backend: { hold: 1s } }'
        : `backend: { ${invocation}: { hold: 1s } }`;
    const message = `nothing holds ${invocation} of "${name}"`;
    const hint = `write ${where} before it`;
    report(pass.found, { code: 'SCN_NOTHING_HELD', span: verb.value.span, message, hint });
  }
}

function nameCall({ step, verb }: OneStep, { names, pass }: About): void {
  const as = childOf(step, 'as');
  if (as !== undefined) {
    const name = textOf(as) ?? '';
    if (isOpen(as)) pass.open = true;
    else if (claim(name, as.span, pass)) pass.calls.set(name, names);
    return;
  }
  if (pass.calls.has(verb.key)) {
    const message = `this is the second ${verb.key}`;
    const hint = 'add as: name';
    report(pass.found, { code: 'SCN_NAME_NEEDED', span: verb.keySpan, message, hint });
  }
  pass.calls.set(verb.key, names);
}

function requireConnection(root: SourceNode, { all, open, found }: Pass): void {
  const steps = entryOf(root, 'steps');
  if (all.length > 0 || open || steps === undefined || itemsOf(steps.value).length === 0) return;
  const message = 'no step connects';
  report(found, {
    code: 'SCN_MISSING_KEY',
    span: steps.keySpan,
    message,
    hint: 'begin with - connect:',
  });
}

function checkCheck({ keySpan, value: check }: MapEntry, pass: Pass): void {
  const given = childOf(check, 'connection');
  if (given !== undefined) knownConnections(given, pass);
  const references = referencesIn(check);
  for (const reference of references) checkReference(reference, pass);
  if (given !== undefined || pass.open || pass.all.length < 2 || check.kind !== 'map') return;
  const nameless = references.some(
    ({ connection, call }) => connection === undefined && call === undefined,
  );
  if (references.length > 0 && !nameless) return;
  const message = 'with several connections a check has to say which one it is about';
  const hint = `add connection: ${exampleOf(pass)}`;
  report(pass.found, { code: 'SCN_NAME_NEEDED', span: keySpan, message, hint });
}

function checkReference({ node, connection, call, path }: Reference, pass: Pass): void {
  if (isOpen(node)) return;
  const wrong = path === undefined ? undefined : judgeEvidencePath(path);
  if (wrong !== undefined) {
    report(pass.found, { code: 'SCN_BAD_PATH', span: node.span, ...wrong });
  }
  if (connection !== undefined && !pass.connections.has(connection)) {
    unknownConnection(connection, { span: node.span, pass });
  }
  if (call === undefined || pass.calls.has(call) || pass.open) return;
  const message = `there is no call "${call}"`;
  const hint = suggestion(call, [...pass.calls.keys()]) || 'add a step that makes it';
  report(pass.found, { code: 'SCN_UNKNOWN_NAME', span: node.span, message, hint });
}

function isOpen(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && node.unresolved === true;
}

function report(
  found: Diagnostic[],
  problem: {
    readonly code: DiagnosticCode;
    readonly span: SourceSpan;
    readonly message: string;
    readonly hint: string;
  },
): void {
  found.push({ severity: 'error', ...problem });
}
