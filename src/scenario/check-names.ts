// The second pass: names that exist, names that are missing, names that are taken. Works on the tree,
// so that every mistake has its place; says nothing about what is not known yet, and nothing that only
// follows from another mistake.
import type { Diagnostic } from './diagnostic.ts';
import { judgeEvidencePath } from './evidence-field.ts';
import { checkLoad, loadEntry } from './load-names.ts';
import { parseMoment } from './moment.ts';
import {
  CREATING,
  claim,
  demandCall,
  demandConnection,
  isOpen,
  type NamedConnection,
  type NameScope,
  report,
} from './name-scope.ts';
import { CLIENT, type Names, namesOf, verbOf } from './names.ts';
import { INVOCATIONS } from './path.ts';
import { planHolds, planIsUnclear, stepHolds } from './plan-hold.ts';
import { momentReference, type Reference, referencesIn } from './reference.ts';
import { VERBS } from './schema-step.ts';
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
import { checkThresholds } from './threshold-names.ts';

/**
 * Collects the names of a scenario and reports every use that does not fit them. The tree may have
 * mistakes: a step that has one still makes the name that it declares.
 */
export function checkNames(root: SourceNode, found: Diagnostic[]): Names {
  const driver = loadEntry(root);
  if (driver !== undefined) return checkLoad(root, driver, found);
  const steps = childOf(root, 'steps');
  const scope: NameScope = {
    found,
    connections: new Map(),
    calls: new Map(),
    all: connectsBelow(steps),
    maybe: new Set(),
    // Without a list of steps nobody knows what the steps are.
    open: itemsOf(steps).length === 0,
    stray: false,
  };
  checkSteps(steps, scope, { inRepeat: false });
  requireConnection(root, scope);
  for (const entry of checksOf(root)) checkCheck(entry, scope);
  checkThresholds(root, {
    found,
    connections: scope.open ? 1 : scope.all.length,
    example: firstName(scope),
    membersOf: (connection) => membersOf(connection, scope),
    checkReference: (reference) => checkReference(reference, scope),
    isOpen,
  });
  return { connections: [...scope.connections.keys()], calls: scope.calls };
}

/** How many members connections have; undefined where a mistake or a variable hides it. */
function membersOf(connection: SourceNode | undefined, scope: NameScope): number | undefined {
  const given =
    connection === undefined ? scope.connections.keys() : knownConnections(connection, scope);
  if (scope.open || scope.stray || scope.maybe.size > 0 || isOpen(connection)) return undefined;
  const counts = [...given].map((name) => scope.connections.get(name)?.count);
  return counts.reduce(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}

function checksOf(root: SourceNode): readonly MapEntry[] {
  const checks = childOf(root, 'checks');
  const rivals = checks?.kind === 'map' ? (checks.rivals ?? []) : [];
  return [...entriesOf(checks), ...rivals];
}

function connectsBelow(steps: SourceNode | undefined): (string | undefined)[] {
  return itemsOf(steps).flatMap((step) => {
    const verbs = verbsOf(step);
    const connects = verbs.filter(({ key }) => key === 'connect').map(() => namedBy(step));
    const inner = verbs.flatMap(({ key, value }) =>
      key === 'parallel' || key === 'repeat' ? connectsBelow(innerSteps(key, value)) : [],
    );
    return [...connects, ...inner];
  });
}

function innerSteps(verb: string, value: SourceNode): SourceNode | undefined {
  return verb === 'repeat' ? childOf(value, 'steps') : value;
}

/** Every verb of a step, also one that stands there twice; a good step has one. */
function verbsOf(step: SourceNode): readonly MapEntry[] {
  const rivals = step.kind === 'map' ? (step.rivals ?? []) : [];
  return [...entriesOf(step), ...rivals].filter(({ key }) => VERBS.includes(key));
}

/** What a connect is called: `as`, or `connection`, which people write instead. */
function namedBy(step: SourceNode): string | undefined {
  return textOf(childOf(step, 'as')) ?? textOf(childOf(step, 'connection'));
}

interface Around {
  readonly inRepeat: boolean;
}

function checkSteps(steps: SourceNode | undefined, scope: NameScope, around: Around): void {
  if (steps !== undefined && steps.kind !== 'list') scope.open = true;
  for (const step of itemsOf(steps)) {
    const verb = verbOf(step);
    if (isOpen(step)) scope.open = true;
    else if (verb === undefined) addStray(step, scope);
    else if (verbsOf(step).length > 1) checkMuddle(step, scope, around);
    else checkStep({ step, verb }, scope, around);
  }
}

/** A step without a verb of the language. What it calls its own may be a connection or a call. */
function addStray(step: SourceNode, scope: NameScope): void {
  addNames(step, scope);
  const others = entriesOf(step).filter(({ key }) => !['as', 'connection', 'within'].includes(key));
  const connection = childOf(step, 'connection');
  scope.stray ||= others.length > 0 || entriesOf(step).length === 0;
  if (connection !== undefined) knownConnections(connection, scope);
}

/** Several steps in one. Which name belongs to which is not known, and what is held neither. */
function checkMuddle(step: SourceNode, scope: NameScope, around: Around): void {
  addNames(step, scope);
  for (const name of namesOf(childOf(step, 'connection')) ?? []) scope.maybe.add(name);
  for (const { key, value } of verbsOf(step)) {
    if (key === 'connect')
      makeConnection(namedBy(step), { holds: new Set(), count: undefined }, scope);
    else if (CREATING.includes(key)) scope.calls.set(key, []);
    else if (key === 'parallel' || key === 'repeat') {
      checkSteps(innerSteps(key, value), scope, { inRepeat: around.inRepeat || key === 'repeat' });
    }
  }
  for (const { holds } of scope.connections.values()) holds.add('unknown');
}

/** Names that a step with a mistake wants to give; a step written twice gives two. */
function addNames(step: SourceNode, scope: NameScope): void {
  const rivals = step.kind === 'map' ? (step.rivals ?? []) : [];
  for (const { key, value } of [...entriesOf(step), ...rivals]) {
    if (key !== 'as') continue;
    if (value.kind === 'map' || isOpen(value)) scope.open = true;
    for (const name of namesOf(value) ?? []) scope.maybe.add(name);
  }
}

interface OneStep {
  readonly step: SourceNode;
  readonly verb: MapEntry;
}

function checkStep({ step, verb }: OneStep, scope: NameScope, around: Around): void {
  checkModifiers({ step, verb }, scope);
  switch (verb.key) {
    case 'connect':
      return checkConnect({ step, verb }, scope, around);
    case 'repeat':
      return checkSteps(innerSteps(verb.key, verb.value), scope, { inRepeat: true });
    case 'parallel':
      return checkSteps(verb.value, scope, around);
    case 'idle':
      return;
    default:
      return checkActing({ step, verb }, scope);
  }
}

const OF_NOBODY = ['connect', 'idle', 'repeat', 'parallel'];

function checkModifiers({ step, verb }: OneStep, scope: NameScope): void {
  const as = entryOf(step, 'as');
  if (as !== undefined && !CREATING.includes(verb.key)) {
    addNames(step, scope);
    const message = `${verb.key} creates nothing that could be named`;
    const hint = 'write connection to say whom it is about';
    report(scope, { code: 'SCN_MISPLACED', span: as.keySpan, message, hint });
  }
  const connection = entryOf(step, 'connection');
  if (connection === undefined || !OF_NOBODY.includes(verb.key)) return;
  for (const name of namesOf(connection.value) ?? []) scope.maybe.add(name);
  const message = `${verb.key} is not about a connection`;
  const hint = verb.key === 'connect' ? 'write as to name the connection' : 'leave it out';
  report(scope, { code: 'SCN_MISPLACED', span: connection.keySpan, message, hint });
}

function checkConnect({ step, verb }: OneStep, scope: NameScope, { inRepeat }: Around): void {
  if (inRepeat) {
    const message = 'there is no connect in a repeat';
    const hint = 'make a group: connect: { count: 50 }';
    report(scope, { code: 'SCN_MISPLACED', span: verb.keySpan, message, hint });
  }
  const as = childOf(step, 'as');
  if (isOpen(as)) scope.open = true;
  const holds = stepHolds(verb.value, scope);
  const name = namedBy(step);
  if (as === undefined && name === undefined && scope.all.length > 1) {
    const message = 'with several connect steps each needs a name';
    report(scope, { code: 'SCN_NAME_NEEDED', span: verb.keySpan, message, hint: 'add as: name' });
    scope.maybe.add(CLIENT);
    return;
  }
  // A name that is no text is a mistake of its own.
  if (as !== undefined && textOf(as) === undefined) addNames(step, scope);
  if (as !== undefined && !claim(name ?? CLIENT, as.span, scope)) return;
  const count = countOf(childOf(verb.value, 'count'));
  makeConnection(name, { holds, count }, scope);
}

function makeConnection(
  name: string | undefined,
  connection: NamedConnection,
  scope: NameScope,
): void {
  scope.connections.set(name ?? CLIENT, connection);
}

function countOf(node: SourceNode | undefined): number | undefined {
  return node === undefined ? 1 : numberOf(node);
}

function checkActing({ step, verb }: OneStep, scope: NameScope): void {
  const names = connectionsOfStep({ step, verb }, scope);
  if (verb.key === 'wait') checkReference(momentReference(verb.value), scope);
  if (verb.key === 'send') addMessageHold(verb.value, { names, scope });
  if (verb.key === 'release') checkRelease(verb, { names, scope });
  if (CREATING.includes(verb.key)) nameCall({ step, verb }, { names, scope });
}

function connectionsOfStep({ step, verb }: OneStep, scope: NameScope): readonly string[] {
  const given = childOf(step, 'connection');
  if (given !== undefined) return knownConnections(given, scope);
  if (verb.key === 'wait' && parseMoment(textOf(verb.value) ?? '')?.connection !== undefined)
    return [];
  if (scope.all.length > 1 && !scope.open) {
    const message = `with several connections ${verb.key} has to say which one it is about`;
    const hint = `add connection: ${firstName(scope)}`;
    report(scope, { code: 'SCN_NAME_NEEDED', span: verb.keySpan, message, hint });
  }
  if (scope.connections.size === 0 && scope.all.length > 0 && !scope.stray) {
    const message = `nothing is connected before this ${verb.key}`;
    const hint = 'connect first';
    report(scope, { code: 'SCN_MISPLACED', span: verb.keySpan, message, hint });
  }
  return scope.connections.size === 1 ? [...scope.connections.keys()] : [];
}

function firstName({ all }: NameScope): string {
  return all.find((name) => name !== undefined) ?? 'name';
}

function knownConnections(given: SourceNode, scope: NameScope): readonly string[] {
  const nodes = given.kind === 'list' ? given.items : [given];
  return nodes.flatMap((node) => {
    const name = textOf(node);
    if (name === undefined || isOpen(node)) return [];
    demandConnection(name, node.span, scope);
    return scope.connections.has(name) ? [name] : [];
  });
}

interface About {
  readonly names: readonly string[];
  readonly scope: NameScope;
}

function addMessageHold(send: SourceNode, { names, scope }: About): void {
  const plan = childOf(send, 'backend');
  const held = planHolds(plan, scope);
  for (const name of names) {
    const holds = scope.connections.get(name)?.holds;
    if (held) holds?.add('message');
    if (planIsUnclear(plan) || isOpen(send)) holds?.add('unknown');
  }
}

function checkRelease(verb: MapEntry, { names, scope }: About): void {
  const invocation = INVOCATIONS.find((one) => one === textOf(verb.value));
  if (invocation === undefined) return;
  for (const name of names) {
    const holds = scope.connections.get(name)?.holds;
    if (holds === undefined || holds.has(invocation) || holds.has('unknown')) continue;
    const where =
      invocation === 'message'
        ? 'send: { …, backend: { hold: 1s } }'
        : `backend: { ${invocation}: { hold: 1s } }`;
    const message = `nothing holds ${invocation} of "${name}"`;
    const hint = `write ${where} before it`;
    report(scope, { code: 'SCN_NOTHING_HELD', span: verb.value.span, message, hint });
  }
}

function nameCall({ step, verb }: OneStep, { names, scope }: About): void {
  const as = childOf(step, 'as');
  if (as !== undefined) {
    const name = textOf(as);
    if (name === undefined || isOpen(as)) addNames(step, scope);
    else if (claim(name, as.span, scope)) scope.calls.set(name, names);
    return;
  }
  if (scope.calls.has(verb.key)) {
    const message = `this is the second ${verb.key}`;
    report(scope, { code: 'SCN_NAME_NEEDED', span: verb.keySpan, message, hint: 'add as: name' });
  }
  scope.calls.set(verb.key, names);
}

function requireConnection(root: SourceNode, scope: NameScope): void {
  const steps = entryOf(root, 'steps');
  if (scope.all.length > 0 || scope.open || scope.stray || steps === undefined) return;
  const message = 'no step connects';
  const hint = 'begin with - connect:';
  report(scope, { code: 'SCN_MISSING_KEY', span: steps.keySpan, message, hint });
}

function checkCheck({ keySpan, value: check }: MapEntry, scope: NameScope): void {
  const given = childOf(check, 'connection');
  if (given !== undefined) knownConnections(given, scope);
  const references = referencesIn(check);
  for (const reference of references) checkReference(reference, scope);
  if (given !== undefined || scope.open || scope.all.length < 2 || check.kind !== 'map') return;
  // What cannot be read may name a connection itself.
  if (isOpen(check) || references.some(({ readable }) => !readable)) return;
  const nameless = references.some(
    ({ connection, call }) => connection === undefined && call === undefined,
  );
  if (references.length > 0 && !nameless) return;
  const message = 'with several connections a check has to say which one it is about';
  const hint = `add connection: ${firstName(scope)}`;
  report(scope, { code: 'SCN_NAME_NEEDED', span: keySpan, message, hint });
}

function checkReference({ node, connection, call, path }: Reference, scope: NameScope): void {
  if (isOpen(node)) return;
  const wrong = path === undefined ? undefined : judgeEvidencePath(path);
  if (wrong !== undefined) report(scope, { code: 'SCN_BAD_PATH', span: node.span, ...wrong });
  if (connection !== undefined) demandConnection(connection, node.span, scope);
  if (call !== undefined) demandCall(call, node.span, scope);
}
