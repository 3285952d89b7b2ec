// Credentials that sign: keys and region, from the target file or from the environment.
import { durationOf } from '../scenario/build-argument.ts';
import type { Diagnostic } from '../scenario/diagnostic.ts';
import { childOf, type SourceNode, textOf } from '../scenario/source-node.ts';
import type { SigningCredentials } from './model.ts';

/** What is needed beside the `sign` of the file. */
export interface SigningOrigin {
  /** Where requests go: AWS's host names tell their region. */
  readonly url: string;
  /** `aws: { region }` of the target. */
  readonly region: string | undefined;
  env(name: string): string | undefined;
  registerSecret(name: string, value: string): void;
  readonly found: Diagnostic[];
}

/** How credentials sign; `undefined` where they do not, or where something is missing and was told. */
export function buildSigning(
  node: SourceNode | undefined,
  origin: SigningOrigin,
): SigningCredentials | undefined {
  if (node === undefined) return undefined;
  const at = (key: string): string | undefined => textOf(childOf(node, key));
  const keys = keysOf(node, origin);
  const region = at('region') ?? origin.region ?? regionOf(origin.url);
  if (region === undefined) {
    const message = 'there is no region to sign for';
    const hint =
      'write aws: { region: eu-west-1 } in the target; beside --sign: --region eu-west-1';
    origin.found.push({
      code: 'SCN_MISSING_KEY',
      severity: 'error',
      span: node.span,
      message,
      hint,
    });
  }
  if (keys === undefined || region === undefined) return undefined;
  return {
    keys,
    in: at('in') === 'query' ? 'query' : 'header',
    region,
    service: at('service') ?? 'execute-api',
    expiresMs: durationOf(childOf(node, 'expires')) ?? 60_000,
  };
}

// A token of the environment belongs to the keys of the environment.
function keysOf(node: SourceNode, origin: SigningOrigin): SigningCredentials['keys'] | undefined {
  const at = (key: string): string | undefined => textOf(childOf(node, key));
  const own = at('accessKeyId') !== undefined || at('secretAccessKey') !== undefined;
  const accessKeyId = at('accessKeyId') ?? fromEnvironment('AWS_ACCESS_KEY_ID', node, origin);
  const secretAccessKey =
    at('secretAccessKey') ?? fromEnvironment('AWS_SECRET_ACCESS_KEY', node, origin);
  const sessionToken =
    at('sessionToken') ?? (own ? undefined : emptyAsNone(origin.env('AWS_SESSION_TOKEN')));
  if (secretAccessKey !== undefined) origin.registerSecret('secretAccessKey', secretAccessKey);
  if (sessionToken !== undefined) origin.registerSecret('sessionToken', sessionToken);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken };
}

function fromEnvironment(
  name: string,
  { span }: SourceNode,
  origin: SigningOrigin,
): string | undefined {
  const value = emptyAsNone(origin.env(name));
  if (value !== undefined) return value;
  const message = `the environment has no ${name}`;
  const hint = `set ${name} before the run`;
  origin.found.push({ code: 'SCN_MISSING_ENV', severity: 'error', span, message, hint });
  return undefined;
}

function emptyAsNone(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

// `a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com`
function regionOf(url: string): string | undefined {
  if (!URL.canParse(url.replaceAll('{id}', 'id'))) return undefined;
  const { hostname } = new URL(url.replaceAll('{id}', 'id'));
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(hostname)?.[1];
}
