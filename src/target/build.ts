// A validated target file to the target of the model: defaults filled in.

import { dirname, join } from 'node:path';
import { parseRate } from '../base/rate.ts';
import { buildHeaders, durationOf } from '../scenario/build-argument.ts';
import type { Diagnostic } from '../scenario/diagnostic.ts';
import { LIMITS } from '../scenario/limit.ts';
import {
  childOf,
  entriesOf,
  itemsOf,
  type MapEntry,
  numberOf,
  type SourceNode,
  textOf,
  toPlain,
} from '../scenario/source-node.ts';
import { parseOverride, parseProxy } from '../wire/route.ts';
import { stageOfHost } from './endpoint-url.ts';
import { parseIdSource } from './id-source.ts';
import type {
  Credentials,
  Endpoint,
  Launch,
  Network,
  Provision,
  Readiness,
  Target,
} from './model.ts';
import { buildObserver, listenOf } from './observer-spec.ts';
import { buildSigning, type SigningOrigin } from './signing.ts';

/** Where a target comes from. */
interface TargetOrigin {
  readonly name: string;
  readonly file: string;
  readonly title: string;
}

/** What building needs besides the document. */
interface Making {
  readonly origin: TargetOrigin;
  /** The text of a file beside the target. */
  readonly readBeside: (path: string) => string | undefined;
  readonly found: Diagnostic[];
  env(name: string): string | undefined;
  registerSecret(name: string, value: string): void;
}

/** The target of a document whose variables are filled in. */
export function buildTarget(root: SourceNode, making: Making): Target {
  const { origin } = making;
  const at = (key: string): SourceNode | undefined => childOf(root, key);
  const signer: Signer = { ...making, region: textOf(childOf(at('aws'), 'region')) };
  const endpoints = endpointsOf(root).map(
    ({ key, value }) => [key, buildEndpoint(value, signer)] as const,
  );
  const management = textOf(urlOf(at('management')));
  const managementCredentials = credentialsOf(at('management'), {
    ...signer,
    url: management ?? '',
  });
  const probe = buildProbe(at('probe'));
  const settle = durationOf(at('settle')) ?? durationOf(childOf(at('observer'), 'settle'));
  return {
    name: origin.name,
    title: textOf(at('title')) ?? origin.title,
    version: textOf(at('version')),
    endpoints: Object.fromEntries(endpoints),
    management,
    ...(Object.keys(managementCredentials).length === 0 ? {} : { managementCredentials }),
    probe,
    observer: buildObserver(at('observer'), dirname(origin.file)),
    settleMs: settle ?? (probe?.kind === 'scripted' ? SCRIPTED_SETTLE_MS : SETTLE_MS),
    correlate: buildCorrelate(root),
    concurrency: numberOf(at('concurrency')) ?? 16,
    features: textsOf(at('features')),
    limits: Object.fromEntries(entriesOf(at('limits')).map(limitOf)),
    // The schema allows scalars only.
    vars: Object.fromEntries(
      entriesOf(at('vars')).map(({ key, value }) => [key, toPlain(value)]),
    ) as Target['vars'],
    network: buildNetwork(at('network'), making),
    ...baselineOf(root, origin),
    ...pricesOf(at('prices')),
    ...provisionOf(at('provision')),
    launch: buildLaunch(at('launch'), { origin, first: endpoints[0]?.[1].url ?? '' }),
  };
}

const SETTLE_MS = 1000;
// What is absent may still be on its way through a sink.
const SCRIPTED_SETTLE_MS = 5000;

function buildProbe(node: SourceNode | undefined): Target['probe'] {
  const remote = childOf(node, 'remote');
  if (remote !== undefined) {
    const advertise = textOf(childOf(remote, 'advertise'));
    return { kind: 'remote', listen: listenOf(remote), advertise };
  }
  const scripted = childOf(node, 'scripted');
  if (scripted === undefined) return undefined;
  const secret = textOf(childOf(scripted, 'secret')) ?? '';
  return { kind: 'scripted', secret, remembers: isTrue(childOf(scripted, 'remembers')) };
}

/** The texts of a list. */
export function textsOf(node: SourceNode | undefined): readonly string[] {
  return itemsOf(node).flatMap((one) => textOf(one) ?? []);
}

function beside({ file }: TargetOrigin, path: string): string {
  return join(dirname(file), path);
}

function baselineOf(root: SourceNode, origin: TargetOrigin): Pick<Target, 'baseline'> {
  const written = textOf(childOf(root, 'baseline'));
  return written === undefined ? {} : { baseline: beside(origin, written) };
}

function pricesOf(node: SourceNode | undefined): Pick<Target, 'prices'> {
  if (node === undefined) return {};
  const said = (key: string): string => textOf(childOf(node, key)) ?? '';
  const price = (key: string): number => numberOf(childOf(childOf(node, 'perMillion'), key)) ?? 0;
  const prices = {
    currency: said('currency'),
    dated: said('dated'),
    source: said('source'),
    perMillion: {
      connections: price('connections'),
      messages: price('messages'),
      connectionMinutes: price('connectionMinutes'),
    },
  };
  return { prices };
}

function provisionOf(node: SourceNode | undefined): { readonly provision?: Provision } {
  if (node === undefined) return {};
  const at = (key: string, otherwise: string): string => textOf(childOf(node, key)) ?? otherwise;
  const provision = {
    endpoint: at('endpoint', ''),
    region: at('region', 'us-east-1'),
    accessKeyId: at('accessKeyId', 'test'),
    secretAccessKey: at('secretAccessKey', 'test'),
  };
  return { provision };
}

type Signer = Omit<SigningOrigin, 'url'>;

/** The credentials of an endpoint, or of the management API, by name. */
function credentialsOf(
  node: SourceNode | undefined,
  origin: SigningOrigin,
): Readonly<Record<string, Credentials>> {
  const entries = entriesOf(childOf(node, 'credentials')).map(
    ({ key, value }): [string, Credentials] => {
      const sign = buildSigning(childOf(value, 'sign'), origin);
      return [
        key,
        {
          headers: buildHeaders(childOf(value, 'headers')),
          query: buildHeaders(childOf(value, 'query')),
          usageIdentifierKey: textOf(childOf(value, 'usageIdentifierKey')),
          ...(sign === undefined ? {} : { sign }),
        },
      ];
    },
  );
  return Object.fromEntries(entries);
}

function buildEndpoint(node: SourceNode, signer: Signer): Endpoint {
  const url = textOf(urlOf(node)) ?? '';
  const called = childOf(node, 'management');
  const management = textOf(urlOf(called));
  const stage = textOf(childOf(node, 'stage')) ?? stageOfHost(url);
  return {
    url,
    ...(stage === undefined ? {} : { stage }),
    credentials: credentialsOf(node, { ...signer, url }),
    ...(management === undefined
      ? {}
      : {
          management,
          ...(childOf(called, 'credentials') === undefined
            ? {}
            : { managementCredentials: credentialsOf(called, { ...signer, url: management }) }),
        }),
  };
}

/** Without a probe and an observer nothing is added to a request. */
function buildCorrelate(root: SourceNode): Target['correlate'] {
  const node = childOf(root, 'correlate');
  const header = textOf(childOf(node, 'header'));
  if (header !== undefined) return { kind: 'header', name: header };
  const learned = childOf(node, 'connection-id');
  const from = parseIdSource(textOf(childOf(learned, 'from')) ?? '');
  if (from !== undefined) {
    return { kind: 'connection-id', from, ask: textOf(childOf(learned, 'ask')) };
  }
  if (textOf(node) === 'close-reason') return { kind: 'close-reason' };
  const heard = childOf(root, 'probe') !== undefined || childOf(root, 'observer') !== undefined;
  return { kind: heard || node !== undefined ? 'query' : 'none' };
}

function limitOf({ key, value }: MapEntry): [string, number] {
  if (LIMITS[key] === 'duration') return [key, durationOf(value) ?? 0];
  if (LIMITS[key] === 'rate') return [key, parseRate(textOf(value) ?? '') ?? 0];
  return [key, numberOf(value) ?? 0];
}

function buildNetwork(node: SourceNode | undefined, making: Making): Network {
  const pem = (key: string): string | undefined => readPem(childOf(node, key), making);
  return {
    ca: pem('ca'),
    cert: pem('cert'),
    key: pem('key'),
    servername: textOf(childOf(node, 'servername')),
    insecure: isTrue(childOf(node, 'insecure')),
    overrides: textsOf(childOf(node, 'resolve')).flatMap((text) => parseOverride(text) ?? []),
    proxy: buildProxy(textOf(childOf(node, 'proxy'))),
  };
}

function buildProxy(text: string | undefined): Network['proxy'] {
  return text === undefined || text === 'direct' ? text : parseProxy(text);
}

function isTrue(node: SourceNode | undefined): boolean {
  return node !== undefined && toPlain(node) === true;
}

function readPem(node: SourceNode | undefined, { readBeside, found }: Making): string | undefined {
  const written = textOf(node);
  if (node === undefined || written === undefined || written.startsWith('-----BEGIN'))
    return written;
  const text = readBeside(written);
  if (text !== undefined) return text;
  const message = `there is no file ${written} beside the target`;
  const hint = 'write the name of a PEM file, or its text';
  found.push({ code: 'SCN_FILE_MISSING', severity: 'error', span: node.span, message, hint });
  return undefined;
}

function buildLaunch(
  node: SourceNode | undefined,
  { origin, first }: { readonly origin: TargetOrigin; readonly first: string },
): Launch | undefined {
  if (node === undefined) return undefined;
  const gateway = textOf(childOf(node, 'gateway'));
  const env = entriesOf(childOf(node, 'env')).map(({ key, value }) => [key, textOf(value) ?? '']);
  const ready = childOf(node, 'ready');
  return {
    command: textsOf(childOf(node, 'command')),
    ...(gateway === undefined ? {} : { gateway: beside(origin, gateway) }),
    directory: beside(origin, textOf(childOf(node, 'directory')) ?? '.'),
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

/** The endpoints by role, also the one of `url`. */
export function endpointsOf(root: SourceNode): readonly MapEntry[] {
  const url = childOf(root, 'url');
  const only = url === undefined ? [] : [{ key: 'open', keySpan: url.span, value: url }];
  return [...only, ...entriesOf(childOf(root, 'endpoints'))];
}

/** The URL itself, where it stands in a mapping. */
export function urlOf(node: SourceNode | undefined): SourceNode | undefined {
  return node?.kind === 'map' ? childOf(node, 'url') : node;
}
