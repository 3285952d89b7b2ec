// A target file, in two stages: what can be said before anything is started (which ports it needs,
// how it is launched), and the target itself, once ports, probe and secrets are known.
import { dirname, join } from 'node:path';
import type { Json } from '../base/json.ts';
import { buildHeaders, durationOf } from '../scenario/build-step.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from '../scenario/diagnostic.ts';
import { LIMITS } from '../scenario/limit.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type MapEntry,
  nodeFromJson,
  numberOf,
  type SourceNode,
  textOf,
  toPlain,
} from '../scenario/source-node.ts';
import { validate } from '../scenario/validate.ts';
import { resolveVariables, type VariableScope } from '../scenario/variables.ts';
import { readYaml } from '../scenario/yaml-document.ts';
import { judgeUrl } from './endpoint-url.ts';
import type { Credentials, Endpoint, Launch, Network, Readiness, Target } from './model.ts';
import { RATE, targetSchema } from './schema.ts';

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
  if ('diagnostics' in read) return { diagnostics: sortDiagnostics(read.diagnostics) };
  const ports = portsOf(read.root);
  const found: Diagnostic[] = [];
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
  const root = judge(description.root, { scope, unknown: 'report', found });
  if (hasErrors(found)) return { diagnostics: sortDiagnostics(found) };
  const target = build(root, { description, variables, found });
  const sorted = sortDiagnostics(found);
  return hasErrors(sorted) ? { diagnostics: sorted } : { target, warnings: sorted };
}

/** The target that a bare `--url` stands for. */
export function targetFromUrl(url: string, network: Partial<Network> = {}): ResolvedTarget {
  const span = { file: '--url', line: 1, column: 1, length: Math.max(1, url.length) };
  const root = nodeFromJson({ url }, span);
  const found = [...judgeUrl(nodeFromJson(url, span), 'endpoint')];
  if (hasErrors(found)) return { diagnostics: found };
  const name = new URL(url).host;
  const description = { ...BARE, name, title: name, file: '--url', root };
  const variables = { vars: {}, ports: {}, probe: undefined, env: none, registerSecret: none };
  const target = build(root, { description, variables, found });
  return { target: { ...target, network: { ...target.network, ...network } }, warnings: found };
}

const none = (): undefined => undefined;
const BARE = { ports: [], launch: undefined, probe: false, warnings: [] } as const;

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
  for (const { value } of endpointsOf(root)) {
    const url = urlOf(value);
    if (url !== undefined && !isOpen(url)) found.push(...judgeUrl(url, 'endpoint'));
  }
  const management = urlOf(childOf(root, 'management'));
  if (management !== undefined && !isOpen(management)) {
    found.push(...judgeUrl(management, 'management'));
  }
  return root;
}

function isOpen(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.unresolved === true;
}

function endpointsOf(root: SourceNode): readonly MapEntry[] {
  const url = childOf(root, 'url');
  const only = url === undefined ? [] : [{ key: 'open', keySpan: url.span, value: url }];
  return [...only, ...entriesOf(childOf(root, 'endpoints'))];
}

function urlOf(node: SourceNode | undefined): SourceNode | undefined {
  return node?.kind === 'map' ? childOf(node, 'url') : node;
}

interface Making {
  readonly description: TargetDescription;
  readonly variables: TargetVariables;
  readonly found: Diagnostic[];
}

function build(root: SourceNode, making: Making): Target {
  const { description } = making;
  const at = (key: string): SourceNode | undefined => childOf(root, key);
  const endpoints = endpointsOf(root).map(({ key, value }) => [key, buildEndpoint(value)] as const);
  const baseline = textOf(at('baseline'));
  const probe = childOf(at('probe'), 'remote');
  const http = childOf(at('observer'), 'http');
  return {
    name: description.name,
    title: textOf(at('title')) ?? description.title,
    version: textOf(at('version')),
    endpoints: Object.fromEntries(endpoints),
    management: textOf(urlOf(at('management'))),
    probe: probe && { listen: listenOf(probe), advertise: textOf(childOf(probe, 'advertise')) },
    observer: http && { kind: 'http', listen: listenOf(http) },
    settleMs: durationOf(at('settle')) ?? durationOf(childOf(at('observer'), 'settle')) ?? 1000,
    correlate: buildCorrelate(root),
    concurrency: numberOf(at('concurrency')) ?? 16,
    features: textsOf(at('features')),
    limits: Object.fromEntries(entriesOf(at('limits')).map(limitOf)),
    // The schema allows scalars only.
    vars: Object.fromEntries(
      entriesOf(at('vars')).map(({ key, value }) => [key, toPlain(value)]),
    ) as Target['vars'],
    network: buildNetwork(at('network'), making),
    launch: buildLaunch(at('launch'), { description, first: endpoints[0]?.[1].url ?? '' }),
    ...(baseline === undefined ? {} : { baseline: beside(description, baseline) }),
  };
}

function listenOf(node: SourceNode): string {
  return textOf(childOf(node, 'listen')) ?? '127.0.0.1:0';
}

function textsOf(node: SourceNode | undefined): readonly string[] {
  return itemsOf(node).flatMap((one) => textOf(one) ?? []);
}

function beside({ file }: TargetDescription, path: string): string {
  return join(dirname(file), path);
}

function buildEndpoint(node: SourceNode): Endpoint {
  const credentials = entriesOf(childOf(node, 'credentials')).map(
    ({ key, value }): [string, Credentials] => [
      key,
      {
        headers: buildHeaders(childOf(value, 'headers')),
        query: buildHeaders(childOf(value, 'query')),
      },
    ],
  );
  return { url: textOf(urlOf(node)) ?? '', credentials: Object.fromEntries(credentials) };
}

/** Without a probe and an observer nothing is added to a request. */
function buildCorrelate(root: SourceNode): Target['correlate'] {
  const node = childOf(root, 'correlate');
  const header = textOf(childOf(node, 'header'));
  if (header !== undefined) return { kind: 'header', name: header };
  const heard = childOf(root, 'probe') !== undefined || childOf(root, 'observer') !== undefined;
  return { kind: heard || node !== undefined ? 'query' : 'none' };
}

function limitOf({ key, value }: MapEntry): [string, number] {
  if (LIMITS[key] === 'duration') return [key, durationOf(value) ?? 0];
  const [, amount = '', unit = ''] = RATE.exec(textOf(value) ?? '') ?? [];
  const perSecond = Number(amount) / (SECONDS[unit] ?? 1);
  return [key, LIMITS[key] === 'rate' ? perSecond : (numberOf(value) ?? 0)];
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function buildNetwork(node: SourceNode | undefined, making: Making): Network {
  const pem = (key: string): string | undefined => readPem(childOf(node, key), making);
  return {
    ca: pem('ca'),
    cert: pem('cert'),
    key: pem('key'),
    servername: textOf(childOf(node, 'servername')),
    insecure: isTrue(childOf(node, 'insecure')),
  };
}

function isTrue(node: SourceNode | undefined): boolean {
  return node !== undefined && toPlain(node) === true;
}

function readPem(node: SourceNode | undefined, { variables, found }: Making): string | undefined {
  const written = textOf(node);
  if (node === undefined || written === undefined || written.startsWith('-----BEGIN'))
    return written;
  const text = variables.readBeside?.(written);
  if (text !== undefined) return text;
  const message = `there is no file ${written} beside the target`;
  const hint = 'write the name of a PEM file, or its text';
  found.push({ code: 'SCN_FILE_MISSING', severity: 'error', span: node.span, message, hint });
  return undefined;
}

function buildLaunch(
  node: SourceNode | undefined,
  { description, first }: { readonly description: TargetDescription; readonly first: string },
): Launch | undefined {
  if (node === undefined) return undefined;
  const gateway = textOf(childOf(node, 'gateway'));
  const env = entriesOf(childOf(node, 'env')).map(({ key, value }) => [key, textOf(value) ?? '']);
  const ready = childOf(node, 'ready');
  return {
    command: textsOf(childOf(node, 'command')),
    ...(gateway === undefined ? {} : { gateway: beside(description, gateway) }),
    directory: beside(description, textOf(childOf(node, 'directory')) ?? '.'),
    env: Object.fromEntries(env),
    ready: buildReadiness(ready, first),
    readyWithinMs: durationOf(childOf(ready, 'within')) ?? 30_000,
  };
}

function buildReadiness(node: SourceNode | undefined, first: string): Readiness {
  const url = textOf(childOf(node, 'http'));
  if (url !== undefined) return { kind: 'http', url };
  const pattern = textOf(childOf(node, 'line'));
  if (pattern !== undefined) return { kind: 'line', pattern };
  return { kind: 'tcp', address: textOf(childOf(node, 'tcp')) ?? addressOf(first) };
}

function addressOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? (protocol === 'wss:' ? 443 : 80) : port}`;
}
