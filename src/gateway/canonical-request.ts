// The canonical request of Signature Version 4, made from the request as it came: nothing is parsed
// into a URL and written again, because what was signed is what was sent. Text is Latin-1, as request
// heads are: one character a byte.
import { createHash } from 'node:crypto';
import {
  type HeaderField,
  headerValues,
  pathOf,
  queryOf,
  type RequestHead,
} from './request-head.ts';

/** What of a request goes into its canonical form. */
export interface SignedParts {
  readonly head: RequestHead;
  /** Lower-case names, sorted, as the signature lists them. */
  readonly signedHeaders: readonly string[];
  /** Hex SHA-256 of the body. */
  readonly payloadHash: string;
}

/** The canonical request; `X-Amz-Signature` is never part of its query. */
export function canonicalRequest({ head, signedHeaders, payloadHash }: SignedParts): string {
  const headers = signedHeaders.map((name) => `${name}:${canonicalValue(head, name)}\n`);
  return [
    head.method,
    canonicalPath(pathOf(head.target)),
    canonicalQuery(rawParameters(head)),
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** The parameters of the query as they came, each cut at its first `=`; `k` alone is `k=`. */
export function rawParameters(head: RequestHead): readonly HeaderField[] {
  return queryOf(head.target)
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at === -1 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    });
}

/** Hex SHA-256; text is Latin-1. */
export function sha256(bytes: string | Uint8Array): string {
  const hash = createHash('sha256');
  return (typeof bytes === 'string' ? hash.update(bytes, 'latin1') : hash.update(bytes)).digest(
    'hex',
  );
}

/** Percent-decoded bytes as Latin-1; `+` means itself, and what is no escape stays. */
export function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

// "Each path segment must be URI-encoded twice" (except for S3): the first time is the client's, for
// the request line. Empty segments, `.` and `..` are taken out before.
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const end = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.map(percentEncoded).join('/')}${end}`;
}

function canonicalQuery(parameters: readonly HeaderField[]): string {
  return parameters
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodedAgain(name), encodedAgain(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function canonicalValue(head: RequestHead, name: string): string {
  return headerValues(head, name)
    .map((value) => value.trim().replaceAll(/\s+/g, ' '))
    .join(',');
}

function encodedAgain(text: string): string {
  return percentEncoded(percentDecoded(text));
}

// RFC 3986 section 2.3: unreserved characters stay, every other byte becomes %XY.
function percentEncoded(latin1: string): string {
  return latin1.replaceAll(
    /[^A-Za-z0-9\-._~]/g,
    (byte) => `%${(byte.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
