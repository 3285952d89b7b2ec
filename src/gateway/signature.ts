// The signature of a request, Signature Version 4: read from its Authorization header or its query,
// and computed again. Which signature is good enough is decided in iam.ts.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalRequest, percentDecoded, rawParameters, sha256 } from './canonical-request.ts';
import { type HeaderField, headerValues, type RequestHead } from './request-head.ts';

/** A signature and what it says about itself; nothing of it is verified. */
export interface ClaimedSignature {
  readonly place: 'header' | 'query';
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  /** `yyyymmddThhmmssZ`. */
  readonly date: string;
  /** Seconds for which it says to be valid; `undefined` in a header, optional in a query. */
  readonly expires: string | undefined;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

/** What a signing key is for. */
interface CredentialScope {
  /** `yyyymmdd`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** `aws4_request`. */
  readonly terminator: string;
}

/** What looking for a signature gives. */
export type SignatureReading =
  | { readonly kind: 'absent' }
  /** There is something that wants to be one: what is wrong with it, without quoting it. */
  | { readonly kind: 'incomplete'; readonly message: string }
  | { readonly kind: 'claimed'; readonly claimed: ClaimedSignature };

/** Looks for the one signature of a request. */
export function readSignature(head: RequestHead): SignatureReading {
  const authorizations = headerValues(head, 'authorization');
  const inQuery = rawParameters(head).some(([name]) => QUERY_NAMES.has(percentDecoded(name)));
  if (authorizations.length === 0) return inQuery ? fromQuery(head) : { kind: 'absent' };
  if (inQuery) return incomplete('A request is signed in its header or in its query, not in both.');
  const [authorization = '', second] = authorizations;
  if (second !== undefined) return incomplete('Authorization header occurs more than once.');
  return fromHeader(head, authorization);
}

/** The signature that the request should have. */
export function expectedSignature(
  claimed: ClaimedSignature,
  secretAccessKey: string,
  request: { readonly head: RequestHead; readonly payloadHash: string },
): string {
  const { date, region, service, terminator } = claimed.scope;
  const text = canonicalRequest({ ...request, signedHeaders: claimed.signedHeaders });
  const scope = [date, region, service, terminator].join('/');
  const toSign = [ALGORITHM, claimed.date, scope, sha256(text)].join('\n');
  const key = [date, region, service, terminator].reduce<Buffer | string>(
    hmac,
    `AWS4${secretAccessKey}`,
  );
  return hmac(key, toSign).toString('hex');
}

/** Compares two secrets, in a time that does not tell how alike they are. */
export function sameSecret(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Milliseconds since the epoch of `yyyymmddThhmmssZ`; `undefined` for what is no such date. */
export function dateOf(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

// What makes a query one that wants to be signed; names are compared with case.
const QUERY_NAMES = new Set(['X-Amz-Algorithm', 'X-Amz-Signature', 'X-Amz-Credential']);

function fromHeader(head: RequestHead, authorization: string): SignatureReading {
  const [, algorithm, rest = ''] = /^(\S+)\s+(.*)$/.exec(authorization) ?? [];
  if (algorithm !== ALGORITHM) return incomplete(`Authorization header requires ${ALGORITHM}.`);
  const parts = rest.split(',').map((part): HeaderField => {
    const at = part.indexOf('=');
    return at === -1 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
  const one = (name: string): string | undefined => only(parts, name);
  const dates = headerValues(head, 'x-amz-date');
  const tokens = headerValues(head, 'x-amz-security-token');
  if (parts.length !== 3) {
    return incomplete('Authorization header requires Credential, SignedHeaders and Signature.');
  }
  if (dates.length !== 1)
    return incomplete("Authorization header requires one 'X-Amz-Date' header.");
  if (tokens.length > 1) return incomplete("'X-Amz-Security-Token' occurs more than once.");
  return assemble('header', 'Authorization header requires', {
    Credential: one('Credential'),
    SignedHeaders: one('SignedHeaders'),
    Signature: one('Signature'),
    Date: dates[0],
    Expires: undefined,
    Token: tokens[0],
  });
}

function fromQuery(head: RequestHead): SignatureReading {
  const parameters = rawParameters(head).map(
    ([name, value]): HeaderField => [percentDecoded(name), percentDecoded(value)],
  );
  const one = (name: string): string | undefined => only(parameters, `X-Amz-${name}`);
  const counted = ['Expires', 'Security-Token'].find(
    (name) => parameters.filter(([key]) => key === `X-Amz-${name}`).length > 1,
  );
  if (counted !== undefined) return incomplete(`'X-Amz-${counted}' occurs more than once.`);
  if (one('Algorithm') !== ALGORITHM) return incomplete(`X-Amz-Algorithm must be ${ALGORITHM}.`);
  return assemble('query', 'AWS query-string parameters must include one X-Amz-', {
    Credential: one('Credential'),
    SignedHeaders: one('SignedHeaders'),
    Signature: one('Signature'),
    Date: one('Date'),
    Expires: one('Expires'),
    Token: one('Security-Token'),
  });
}

type Part = 'Credential' | 'SignedHeaders' | 'Signature' | 'Date';

function assemble(
  place: ClaimedSignature['place'],
  wants: string,
  parts: Readonly<Record<Part | 'Expires' | 'Token', string | undefined>>,
): SignatureReading {
  const missing = PARTS.find((part) => (parts[part] ?? '') === '');
  const gap = place === 'header' ? ` '${missing}' parameter` : missing;
  if (missing !== undefined) return incomplete(`${wants}${gap}.`);
  const credential = (parts.Credential ?? '').split('/');
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = credential;
  if (credential.length !== 5)
    return incomplete('Credential must have exactly 5 slash-delimited elements.');
  const claimed: ClaimedSignature = {
    place,
    accessKeyId,
    scope: { date, region, service, terminator },
    date: parts.Date ?? '',
    expires: parts.Expires,
    signedHeaders: (parts.SignedHeaders ?? '').split(';'),
    signature: parts.Signature ?? '',
    sessionToken: parts.Token,
  };
  return { kind: 'claimed', claimed };
}

const PARTS: readonly Part[] = ['Credential', 'SignedHeaders', 'Signature', 'Date'];

function only(fields: readonly HeaderField[], name: string): string | undefined {
  const found = fields.filter(([key]) => key === name);
  return found.length === 1 ? found[0]?.[1] : undefined;
}

function incomplete(message: string): SignatureReading {
  return { kind: 'incomplete', message };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}
