// Secrets that were not written as `${secret:NAME}`: what a request carries under the names of
// credentials is registered by value before it is sent, because the endpoint may repeat it anywhere
// and in any encoding.
import { isSecretHeader, isSecretParameter, type Redactor } from '../base/redact.ts';
import type { HeaderSpec, Plan } from '../scenario/model.ts';

/** The parts of a request that may carry credentials. */
export interface CarryingRequest {
  /** URL, or path and query. */
  readonly target: string;
  readonly headers: readonly HeaderSpec[];
  /** The whole request instead, where the user wrote it. */
  readonly raw?: string | undefined;
  /** Its signature was made for it alone, and not written by the user. */
  readonly isSigned?: boolean;
  /** What its authorizer will say. */
  readonly authorizer?: Plan | undefined;
}

/** Registers every credential of a request. */
export function registerCredentials(redactor: Redactor, request: CarryingRequest): void {
  const { target, headers, raw = '', authorizer, isSigned = false } = request;
  if (authorizer?.answer.kind === 'authorizer') {
    registerLong(redactor, 'usageIdentifierKey', authorizer.answer.usageIdentifierKey ?? '');
  }
  for (const { name, value } of [...headers, ...headersIn(raw)]) {
    if (!isSecretHeader(name) || value === undefined) continue;
    const signature = SIGNED.exec(value)?.[1];
    if (signature !== undefined && isSigned) redactor.registerSignature(signature);
    else for (const secret of secretsIn(value)) redactor.register(name.toLowerCase(), secret);
  }
  for (const text of [target, raw.split(/\r?\n/, 1)[0] ?? '']) {
    for (const [name, value] of parametersIn(text)) {
      if (isSigned && name === 'X-Amz-Signature') redactor.registerSignature(value);
      else if (isSecretParameter(name)) registerLong(redactor, name, value);
    }
  }
}

// Of what SigV4 writes only the signature is secret: the rest are names, which others have too.
const SIGNED = /^AWS4-\S+ .*\bSignature=([0-9a-f]{64})$/i;

// Shorter ones are words like `deny` or `nobody`: to hide them everywhere would hide what was seen.
const MIN_LENGTH = 8;

function registerLong(redactor: Redactor, name: string, value: string): void {
  if (value.length >= MIN_LENGTH) redactor.register(name, value);
}

/**
 * `Bearer abc`: the whole and `abc`. `session=abc; lang=en`: also the values of the pairs. The first
 * of several words is the scheme, which is no secret.
 */
function secretsIn(value: string): readonly string[] {
  const signature = SIGNED.exec(value)?.[1];
  if (signature !== undefined) return [value, signature];
  const words = value.split(/[\s,;]+/).filter((word) => word !== '');
  const secrets = words.length === 1 || words[0]?.includes('=') ? words : words.slice(1);
  const values = secrets.flatMap((word) => (/^[\w-]+=(.+)$/.exec(word) ?? [])[1] ?? []);
  const basic = words[0]?.toLowerCase() === 'basic' ? basicSecrets(words[1] ?? '') : [];
  return [...new Set([value, ...secrets, ...values, ...basic])].filter(
    (one) => one.length >= MIN_LENGTH,
  );
}

// RFC 7617: `name:password` in base64. A server reads it, and may repeat what it read.
function basicSecrets(word: string): readonly string[] {
  const pair = Buffer.from(word, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? [] : [pair, pair.slice(colon + 1)];
}

function headersIn(raw: string): readonly HeaderSpec[] {
  return raw
    .split(/\r?\n/)
    .slice(1)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) return [];
      return [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
    });
}

function parametersIn(text: string): readonly (readonly [string, string])[] {
  const query = /\?([^\s#]*)/.exec(text)?.[1] ?? '';
  return [...new URLSearchParams(query)];
}
