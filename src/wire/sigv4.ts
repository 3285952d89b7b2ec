// AWS Signature Version 4 of a request, in its Authorization header or in its query (presigned), by the
// page "Create a signed AWS API request" of the IAM user guide. The path is encoded once more than it
// stands on the request line, as all services but S3 want it.
import { createHmac, hash } from 'node:crypto';
import type { HeaderField } from './transcript.ts';

/** Who signs. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials; it is sent along and signed. */
  readonly sessionToken?: string | undefined;
}

/** How a request is signed. */
export interface Signing {
  readonly keys: SigningKeys;
  readonly place: 'header' | 'query';
  readonly region: string;
  readonly service: string;
  /** The instant that the signature tells, in milliseconds since the epoch. */
  readonly dateMs: number;
  /** Seconds for which a presigned request says to be valid; not written when undefined. */
  readonly expires?: number | undefined;
}

/** The parts of a request that a signature is about. */
export interface SignableRequest {
  readonly method: string;
  /** Path and query as they stand on the request line. */
  readonly target: string;
  /** `Host`, and whatever else shall be signed; values of one name are joined in this order. */
  readonly headers: readonly HeaderField[];
  readonly body?: string | Uint8Array | undefined;
}

/** What a signature adds. */
export interface Signature {
  /** Path and query, with the signature where it is presigned. */
  readonly target: string;
  /** To be added to those of the request. */
  readonly headers: readonly HeaderField[];
}

/** Derives the key of a day, a region and a service. */
export type KeyOf = (signing: Signing) => Buffer;

/** Signs a request. Who signs many derives their key once: {@link rememberKey}. */
export function signRequest(
  request: SignableRequest,
  signing: Signing,
  keyOf: KeyOf = signingKey,
): Signature {
  return signing.place === 'query'
    ? presign(request, signing, keyOf)
    : signHeader(request, signing, keyOf);
}

/** Derives the key that was asked for last only once. */
export function rememberKey(): KeyOf {
  let last: { readonly of: string; readonly key: Buffer } | undefined;
  return (signing) => {
    const of = `${signing.keys.secretAccessKey}\n${scope(signing)}`;
    if (last?.of !== of) last = { of, key: signingKey(signing) };
    return last.key;
  };
}

function signHeader(request: SignableRequest, signing: Signing, keyOf: KeyOf): Signature {
  const { accessKeyId, sessionToken } = signing.keys;
  const own: readonly HeaderField[] = [
    ['X-Amz-Date', amzDate(signing)],
    ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken] as const]),
  ];
  const names = signedNames([...request.headers, ...own]);
  const signature = compute(
    { ...request, headers: [...request.headers, ...own] },
    { names, signing, keyOf },
  );
  const value = `${ALGORITHM} Credential=${accessKeyId}/${scope(signing)}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { target: request.target, headers: [...own, ['Authorization', value]] };
}

function presign(request: SignableRequest, signing: Signing, keyOf: KeyOf): Signature {
  const { accessKeyId, sessionToken } = signing.keys;
  const names = signedNames(request.headers);
  const parameters: readonly HeaderField[] = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${accessKeyId}/${scope(signing)}`],
    ['X-Amz-Date', amzDate(signing)],
    ...(signing.expires === undefined ? [] : [['X-Amz-Expires', String(signing.expires)] as const]),
    ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken] as const]),
    ['X-Amz-SignedHeaders', names.join(';')],
  ];
  // Encoded once, for the request and for what is signed: tokens are long.
  const added = parameters.map(([name, value]) => ({ name, value: uriEncode(value) }));
  const signature = compute(request, { names, signing, keyOf, added });
  return {
    target: withQuery(request.target, [...added, { name: 'X-Amz-Signature', value: signature }]),
    headers: [],
  };
}

// Encoded as they are signed.
interface Parameter {
  readonly name: string;
  readonly value: string;
}

function compute(
  { method, target, headers, body = '' }: SignableRequest,
  {
    names,
    signing,
    keyOf,
    added = [],
  }: {
    readonly names: readonly string[];
    readonly signing: Signing;
    readonly keyOf: KeyOf;
    /** To the query. */
    readonly added?: readonly Parameter[];
  },
): string {
  const [path, query] = cut(target, '?');
  const canonical = [
    method,
    canonicalPath(path),
    canonicalQuery([...parametersOf(query), ...added]),
    ...names.map((name) => `${name}:${valueOf(headers, name)}`),
    '',
    names.join(';'),
    digest(body),
  ].join('\n');
  const text = [ALGORITHM, amzDate(signing), scope(signing), digest(canonical)].join('\n');
  return hmac(keyOf(signing), text).toString('hex');
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

function signingKey({ keys, region, service, ...rest }: Signing): Buffer {
  const day = hmac(`AWS4${keys.secretAccessKey}`, amzDate(rest).slice(0, 8));
  return hmac(hmac(hmac(day, region), service), 'aws4_request');
}

function scope({ region, service, ...rest }: Signing): string {
  return `${amzDate(rest).slice(0, 8)}/${region}/${service}/aws4_request`;
}

function amzDate({ dateMs }: Pick<Signing, 'dateMs'>): string {
  return new Date(dateMs)
    .toISOString()
    .replace(/\.\d{3}/, '')
    .replaceAll(/[-:]/g, '');
}

// Remove empty segments and dots, then encode each byte that is not unreserved.
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(uriEncode(segment));
  }
  const slash = path.endsWith('/') && segments.length > 0 ? '/' : '';
  return `/${segments.join('/')}${slash}`;
}

function parametersOf(query: string): readonly Parameter[] {
  return query.split('&').flatMap((pair) => {
    const [name = '', value = ''] = cut(pair, '=').map((part) => uriEncode(decode(part)));
    return pair === '' ? [] : [{ name, value }];
  });
}

function canonicalQuery(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted((a, b) => order(a.name, b.name) || order(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&');
}

function signedNames(headers: readonly HeaderField[]): readonly string[] {
  return [...new Set(headers.map(([name]) => name.toLowerCase()))].toSorted(order);
}

function valueOf(headers: readonly HeaderField[], wanted: string): string {
  return headers
    .filter(([name]) => name.toLowerCase() === wanted)
    .map(([, value]) => value.trim().replaceAll(/\s+/g, ' '))
    .join(',');
}

function withQuery(target: string, parameters: readonly Parameter[]): string {
  const query = parameters.map(({ name, value }) => `${name}=${value}`).join('&');
  return `${target}${target.includes('?') ? '&' : '?'}${query}`;
}

// The part before the first separator and the part behind it, empty without one.
function cut(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  );
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const OF_NOTHING = hash('sha256', '', 'hex');

function digest(content: string | Uint8Array): string {
  return content === '' ? OF_NOTHING : hash('sha256', content, 'hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}
