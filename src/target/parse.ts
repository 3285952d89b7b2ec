// A target file, in two stages: what can be said before anything is started (which ports it needs,
// how it is launched), and the target itself, once ports, probe and secrets are known.
import type { Json } from '../base/json.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from '../scenario/diagnostic.ts';
import { validate } from '../scenario/locate.ts';
import {
  childOf,
  entriesOf,
  nodeFromJson,
  type SourceNode,
  textOf,
} from '../scenario/source-node.ts';
import { resolveVariables, type VariableScope } from '../scenario/variables.ts';
import { readYaml } from '../scenario/yaml-document.ts';
import { buildTarget, endpointsOf, textsOf, urlOf } from './build.ts';
import { judgeStage, judgeUrl } from './endpoint-url.ts';
import type { Target } from './model.ts';
import { targetSchema } from './schema.ts';

/** A valid target file whose variables are not filled in yet. */
export interface TargetDescription {
  /** The name of its directory. */
  readonly name: string;
  readonly file: string;
  readonly title: string;
  /** Names of free ports that `resolveTarget` wants. */
  readonly ports: readonly string[];
  /** It has to be started: by a command, or as the reference gateway with this configuration. */
  readonly launch: 'command' | 'gateway' | undefined;
  /** It wants `probe` of `TargetVariables`: its integration asks the runner. */
  readonly probe: boolean;
  readonly warnings: readonly Diagnostic[];
  readonly root: SourceNode;
}

/** Values that only the run knows. */
export interface TargetVariables {
  /** `--var` of the command line, then the suite's `vars`; they win over the target's own. */
  readonly vars: Readonly<Record<string, Json>>;
  readonly ports: Readonly<Record<string, number>>;
  /** The probe listener that is running, `${probe.url}` and `${probe.token}`. */
  readonly probe: { readonly url: string; readonly token: string } | undefined;
  env(name: string): string | undefined;
  registerSecret(name: string, value: string): void;
  /** The text of a file beside the target (certificates). */
  readBeside?(path: string): string | undefined;
}

/** The target, or what is wrong with it. */
export type ResolvedTarget =
  | { readonly target: Target; readonly warnings: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

/** Parses a target file: all mistakes that can be known before it is started. Never throws. */
export function parseTargetFile(source: {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}): { readonly description: TargetDescription } | { readonly diagnostics: readonly Diagnostic[] } {
  const { file, name } = source;
  const read = readYaml(file, source.text);
  if (read.root === undefined) return { diagnostics: sortDiagnostics(read.found) };
  const ports = portsOf(read.root);
  const found: Diagnostic[] = [...read.found];
  const scope = scopeOf({
    vars: {},
    // Any number will do: what is looked at is the rest of the URL.
    ports: Object.fromEntries(ports.map((port) => [port, 1])),
    probe: undefined,
    env: () => undefined,
    registerSecret: () => undefined,
  });
  const root = judge(read.root, { scope, unknown: 'keep', found });
  const sorted = sortDiagnostics(found);
  if (hasErrors(sorted)) return { diagnostics: sorted };
  const launch = childOf(root, 'launch');
  const kind = childOf(launch, 'gateway') === undefined ? 'command' : 'gateway';
  const description: TargetDescription = {
    name,
    file,
    title: textOf(childOf(root, 'title')) ?? name,
    ports,
    launch: launch === undefined ? undefined : kind,
    probe: childOf(root, 'probe') !== undefined,
    warnings: sorted,
    root: read.root,
  };
  return { description };
}

/** Fills in the variables. Never throws; a missing variable or file is a diagnostic. */
export function resolveTarget(
  description: TargetDescription,
  variables: TargetVariables,
): ResolvedTarget {
  const found: Diagnostic[] = [];
  const scope = scopeOf(variables);
  const readBeside = (path: string): string | undefined => variables.readBeside?.(path);
  const root = judge(description.root, { scope, unknown: 'report', found });
  if (hasErrors(found)) return { diagnostics: sortDiagnostics(found) };
  const target = buildTarget(root, {
    origin: description,
    readBeside,
    found,
    env: (name) => variables.env(name),
    registerSecret: (name, value) => variables.registerSecret(name, value),
  });
  const sorted = sortDiagnostics(found);
  return hasErrors(sorted) ? { diagnostics: sorted } : { target, warnings: sorted };
}

/** Headers of `--header`, sent where a scenario names no other credentials; a list for a repeated one. */
export interface UrlHeaders {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** What `--sign` and `--region` say. */
  readonly sign?: { readonly in: string; readonly region?: string };
  /** For `${env:NAME}` and `${secret:NAME}` in them. */
  readonly variables: Pick<TargetVariables, 'env' | 'registerSecret'>;
}

/** The target that a bare `--url` stands for. */
export function targetFromUrl(url: string, sent?: UrlHeaders): ResolvedTarget {
  const span = { file: '--url', line: 1, column: 1, length: Math.max(1, url.length) };
  const found = [...judgeUrl(nodeFromJson(url, span), 'endpoint')];
  const root = sent === undefined ? nodeFromJson({ url }, span) : withHeaders(url, sent, found);
  if (hasErrors(found)) return { diagnostics: found };
  const name = new URL(url).host;
  const origin = { name, file: '--url', title: name };
  const target = buildTarget(root, {
    origin,
    readBeside: () => undefined,
    found,
    env: (variable) => sent?.variables.env(variable),
    registerSecret: (secret, value) => sent?.variables.registerSecret(secret, value),
  });
  return hasErrors(found) ? { diagnostics: found } : { target, warnings: found };
}

function withHeaders(
  url: string,
  { headers, sign, variables }: UrlHeaders,
  found: Diagnostic[],
): SourceNode {
  const file = Object.keys(headers).length === 0 ? '--sign' : '--header';
  const span = { file, line: 1, column: 1, length: 1 };
  const scope = scopeOf({ ...variables, vars: {}, ports: {}, probe: undefined });
  const own = { headers, ...(sign === undefined ? {} : { sign }) };
  const written = nodeFromJson({ url, credentials: { default: own } }, span);
  const open = resolveVariables(written, { scope, own: [{}, {}], unknown: 'report', found });
  const entry = { key: 'open', keySpan: span, value: open };
  const endpoints: SourceNode = { kind: 'map', span, entries: [entry] };
  return { kind: 'map', span, entries: [{ key: 'endpoints', keySpan: span, value: endpoints }] };
}

function portsOf(root: SourceNode): readonly string[] {
  return textsOf(childOf(childOf(root, 'launch'), 'ports'));
}

function scopeOf(variables: TargetVariables): VariableScope {
  const { vars, ports, probe } = variables;
  return {
    vars: { ...vars, port: ports, ...(probe === undefined ? {} : { probe: { ...probe } }) },
    limits: {},
    env: (name) => variables.env(name),
    registerSecret: (name, value) => variables.registerSecret(name, value),
  };
}

interface Judging {
  readonly scope: VariableScope;
  readonly unknown: 'report' | 'keep';
  readonly found: Diagnostic[];
}

function judge(written: SourceNode, { scope, unknown, found }: Judging): SourceNode {
  const own = Object.fromEntries(
    entriesOf(childOf(written, 'vars')).map(({ key, value }) => [key, value]),
  );
  const root = resolveVariables(written, { scope, own: [{}, own], unknown, found });
  found.push(...validate(root, targetSchema));
  const managed = [root, ...endpointsOf(root).map(({ value }) => value)];
  for (const { value } of endpointsOf(root)) {
    const url = urlOf(value);
    if (url === undefined || isOpen(url)) continue;
    found.push(...judgeUrl(url, 'endpoint'));
    const stage = childOf(value, 'stage');
    if (stage !== undefined && !isOpen(stage)) found.push(...judgeStage(stage, textOf(url) ?? ''));
  }
  if (unknown === 'keep') found.push(...writtenSecrets(root));
  for (const management of managed.map((node) => urlOf(childOf(node, 'management')))) {
    if (management === undefined || isOpen(management)) continue;
    found.push(...judgeUrl(management, 'management'));
  }
  return root;
}

/** Secrets that stand in the file itself, where everybody reads them. */
function writtenSecrets(root: SourceNode): readonly Diagnostic[] {
  const secrets = [
    childOf(childOf(childOf(root, 'probe'), 'scripted'), 'secret'),
    childOf(childOf(childOf(root, 'observer'), 'http'), 'token'),
    childOf(childOf(childOf(root, 'observer'), 'redis'), 'password'),
    ...signingSecrets(root),
  ];
  return secrets.flatMap((node) => {
    if (node?.kind !== 'scalar' || node.secret === true || isOpen(node)) return [];
    const message = 'a secret stands in the file';
    const hint = 'write "${secret:NAME}", and give NAME in the environment';
    return [{ code: 'TGT_SECRET_WRITTEN', severity: 'warning', span: node.span, message, hint }];
  });
}

/** The secrets that credentials sign with; those of a gateway that we start are anybody's. */
function signingSecrets(root: SourceNode): readonly (SourceNode | undefined)[] {
  if (childOf(childOf(root, 'launch'), 'gateway') !== undefined) return [];
  const owners = [...endpointsOf(root).map(({ value }) => value), childOf(root, 'management')];
  return owners
    .flatMap((owner) => entriesOf(childOf(owner, 'credentials')))
    .map(({ value }) => childOf(value, 'sign'))
    .flatMap((sign) => [childOf(sign, 'secretAccessKey'), childOf(sign, 'sessionToken')]);
}

function isOpen(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.unresolved === true;
}
