// From a `connect` step and a target to what goes on the wire: URL, headers, query, nonce.
import { Buffer } from 'node:buffer';
import { NONCE_HEADER } from '../observe/correlate.ts';
import { type Parameter, PLAN_HEADER, planHeader } from '../probe/script.ts';
import type { ConnectSpec, HeaderSpec } from '../scenario/model.ts';
import { fillNonce } from '../scenario/variables.ts';
import type { Credentials, Target } from '../target/model.ts';

/** What one attempt sends. */
export interface AttemptRequest {
  readonly url: string;
  /** Path and query as written in the request line. */
  readonly target: string;
  readonly headers: readonly HeaderSpec[];
  readonly raw: string | undefined;
}

/**
 * Builds the request of one attempt. With a probe or an observer it carries the nonce where the
 * target says (`?assay=` by default), and beside it the script of a scripted probe; without either
 * nothing is added to what the user wrote.
 *
 * @throws RangeError when the target has no endpoint of that role (the plan excludes it)
 */
export function buildRequest(
  spec: ConnectSpec,
  target: Target,
  { nonce, script = [] }: { readonly nonce: string; readonly script?: readonly Parameter[] },
): AttemptRequest {
  const endpoint = target.endpoints[spec.endpoint];
  if (endpoint === undefined) throw new RangeError(`no endpoint ${spec.endpoint}`);
  const url = withTlsChoice(endpoint.url, spec);
  const credentials = credentialsFor(spec, endpoint.credentials);
  const fill = (text: string): string => fillNonce(text, nonce);
  const inQuery = target.correlate.kind === 'query' && spec.nonce === undefined;
  const query = [
    ...credentials.query,
    ...spec.query,
    ...(inQuery ? [{ name: 'assay', value: nonce }] : []),
  ];
  const headers = [
    ...credentials.headers.filter(({ name }) => !names(spec.headers).has(name.toLowerCase())),
    ...spec.headers,
    ...nonceHeader(spec, target, nonce),
  ];
  const path = fillStage(spec.path ?? pathOf(url), endpoint.stage);
  const written = addQuery(fill(path), [
    ...query.map((one) => filled(one, fill)),
    ...(inQuery ? script.map(([name, value]) => ({ name, value })) : []),
  ]);
  return {
    url,
    target: fillUp(written, spec.urlBytes, new URL(url).origin),
    headers: [
      ...headers.map((one) => filled(one, fill)),
      ...(inQuery || script.length === 0 ? [] : [{ name: PLAN_HEADER, value: planHeader(script) }]),
    ],
    raw: spec.raw === undefined ? undefined : fill(spec.raw),
  };
}

/** `{stage}` in a path, and `{STAGE}`, the stage in the other case; as it stands without a stage. */
export function fillStage(path: string, stage: string | undefined): string {
  if (stage === undefined) return path;
  return path.replaceAll('{stage}', stage).replaceAll('{STAGE}', inOtherCase(stage));
}

function inOtherCase(text: string): string {
  return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();
}

function nonceHeader(spec: ConnectSpec, { correlate }: Target, nonce: string): HeaderSpec[] {
  if (correlate.kind === 'header') return [{ name: correlate.name, value: nonce }];
  const moved = correlate.kind === 'query' && spec.nonce === 'header';
  return moved ? [{ name: NONCE_HEADER, value: nonce }] : [];
}

// A URL that is too long already stays as it is: `whyUnsent` keeps it from being sent.
function fillUp(written: string, urlBytes: number | undefined, origin: string): string {
  if (urlBytes === undefined) return written;
  const start = `${written}${written.includes('?') ? '&' : '?'}pad=`;
  const missing = urlBytes - Buffer.byteLength(`${origin}${start}`);
  return missing < 0 ? written : `${start}${'a'.repeat(missing)}`;
}

function filled({ name, value }: HeaderSpec, fill: (text: string) => string): HeaderSpec {
  return { name, value: value === undefined ? undefined : fill(value) };
}

function names(headers: readonly HeaderSpec[]): ReadonlySet<string> {
  return new Set(headers.map(({ name }) => name.toLowerCase()));
}

const NO_CREDENTIALS: Credentials = { headers: [], query: [] };

/** The credentials that a `connect` step names; none where the endpoint has none of that name. */
export function credentialsFor(
  spec: ConnectSpec,
  known: Readonly<Record<string, Credentials>>,
): Credentials {
  // `default` need not exist; any other name is a need of the case, so the plan has seen to it.
  return known[spec.credentials] ?? NO_CREDENTIALS;
}

function withTlsChoice(url: string, spec: ConnectSpec): string {
  return spec.tls === false ? url.replace(/^wss:/i, 'ws:') : url;
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

function addQuery(path: string, query: readonly HeaderSpec[]): string {
  const pairs = query.flatMap(({ name, value }) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}
