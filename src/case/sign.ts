// Signs what is about to be sent, as its credentials and its step say. The last thing that happens to a
// request: what is added behind it is not signed.
import { Buffer } from 'node:buffer';
import type { Redactor } from '../base/redact.ts';
import type { ConnectSpec, HeaderSpec, SignSpec } from '../scenario/model.ts';
import type { Credentials, SigningCredentials, Target } from '../target/model.ts';
import { type Signing, signRequest } from '../wire/sigv4.ts';
import { tampered } from '../wire/tampered-signature.ts';
import { type AttemptRequest, credentialsFor } from './request.ts';

/** A request that may be signed. */
export interface Unsigned {
  readonly method: string;
  /** Where it goes: its host is signed, unless a header names another. */
  readonly url: string;
  /** Path and query as they stand on the request line. */
  readonly target: string;
  readonly headers: readonly HeaderSpec[];
  readonly body?: string | undefined;
}

/** What the signature depends on beside the request. */
export interface SigningContext {
  /** `undefined` for credentials that do not sign. */
  readonly credentials: SigningCredentials | undefined;
  /** What the step says; `false` leaves the request unsigned. */
  readonly spec: SignSpec | false | undefined;
  /** Now, in milliseconds since the epoch. */
  readonly wallMs: number;
}

/** A request as it is sent. */
export type SignedRequest = Pick<Unsigned, 'target' | 'headers'> & {
  /** Its signature was made here, for it alone. */
  readonly isSigned: boolean;
};

/** Path and query, and the headers, of the request when it is signed; both as they are when it is not. */
export function signed(
  request: Unsigned,
  { credentials, spec, wallMs }: SigningContext,
): SignedRequest {
  const { target, headers } = request;
  if (credentials === undefined || spec === false) return { target, headers, isSigned: false };
  const signing = signingOf(credentials, spec, wallMs);
  const body = request.body === undefined ? {} : { body: Buffer.from(request.body) };
  const signature = signRequest(
    { method: request.method, target, headers: headersToSign(request), ...body },
    signing,
  );
  const changed = tampered(signature, spec?.tamper);
  const own = changed.headers.map(([name, value]) => ({ name, value }));
  return { target: changed.target, headers: [...headers, ...own], isSigned: true };
}

/** The request of an attempt, signed where its credentials sign. A request written out is left alone. */
export function signAttempt(
  request: AttemptRequest,
  spec: ConnectSpec,
  context: { readonly target: Target; readonly wallMs: number },
): AttemptRequest & Pick<SignedRequest, 'isSigned'> {
  if (request.raw !== undefined) return { ...request, isSigned: false };
  const known = context.target.endpoints[spec.endpoint]?.credentials ?? {};
  const { sign: credentials } = credentialsFor(spec, known);
  const { wallMs } = context;
  const { method } = spec;
  return {
    ...request,
    ...signed({ ...request, method }, { credentials, spec: spec.sign, wallMs }),
  };
}

/** Registers the secrets that a step signs with instead of those of its credentials. */
export function registerDeviation(redactor: Redactor, spec: SignSpec | false | undefined): void {
  if (spec === false || spec === undefined) return;
  const { secretAccessKey = '', sessionToken } = spec;
  if (secretAccessKey.length >= MIN_LENGTH) redactor.register('secretAccessKey', secretAccessKey);
  if (typeof sessionToken === 'string' && sessionToken.length >= MIN_LENGTH) {
    redactor.register('sessionToken', sessionToken);
  }
}

/** The credentials that a call names, of the endpoint's own management first. */
export function callCredentials(
  { endpoints, managementCredentials }: Target,
  name = 'default',
  role?: string,
): Credentials | undefined {
  const own = role === undefined ? undefined : endpoints[role]?.managementCredentials?.[name];
  return own ?? managementCredentials?.[name];
}

// Shorter ones are words like `wrong`.
const MIN_LENGTH = 8;

/** The right signature of an instant, or how a step deviates from it. */
export function signingOf(
  { keys, ...usual }: SigningCredentials,
  spec: SignSpec | undefined,
  wallMs: number,
): Signing {
  const token = spec?.sessionToken ?? keys.sessionToken;
  const place = spec?.in ?? usual.in;
  const expiresMs = spec?.expiresMs ?? usual.expiresMs;
  return {
    keys: {
      accessKeyId: spec?.accessKeyId ?? keys.accessKeyId,
      secretAccessKey: spec?.secretAccessKey ?? keys.secretAccessKey,
      sessionToken: token === false ? undefined : token,
    },
    place,
    region: spec?.region ?? usual.region,
    service: spec?.service ?? usual.service,
    dateMs: wallMs + (spec?.atMs ?? 0),
    ...(place === 'query' ? { expires: Math.floor(expiresMs / 1000) } : {}),
  };
}

/** `Host`, and every header of Amazon that the request has. */
export function headersToSign({
  url,
  headers,
}: Pick<Unsigned, 'url' | 'headers'>): readonly (readonly [string, string])[] {
  const given = headers.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name.toLowerCase(), value] as const],
  );
  const host = given.findLast(([name]) => name === 'host')?.[1] ?? new URL(url).host;
  return [['host', host], ...given.filter(([name]) => name.startsWith('x-amz-'))];
}
