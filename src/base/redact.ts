// Keeps secrets out of everything that is kept. Applied when evidence is captured, so that nothing
// after that (judging, journal, reports) ever holds one. Two nets: by name (headers and query
// parameters that carry credentials) and by value (each registered secret in every encoding that a
// server may echo).
import type { Json } from './json.ts';
import { createSecretSearch, type Hiding } from './secret-search.ts';
import { spellingsOf } from './secret-spelling.ts';

/** Hides secrets in text and in JSON values. */
export interface Redactor {
  /** Registers a secret by value. Values shorter than 4 characters are hidden only as whole texts. */
  register(name: string, value: string): void;
  /**
   * Registers a SigV4 signature (64 hex digits). There is one for each request, so it is looked for as
   * it is written, in upper or lower case, and not in every spelling.
   */
  registerSignature(signature: string): void;
  /** Replaces every registered value, presigned query credentials, and passwords of URLs, in `text`. */
  text(text: string): string;
  /** The same for the beginning of a text: what may be the beginning of a secret at its end goes too. */
  cut(text: string): string;
  /** The value of a header as it may be kept: whole for harmless headers. */
  header(name: string, value: string): string;
  /** Every string inside `value`, keys included, and values under the names of credentials. */
  json<T>(value: T): T;
}

/** True for headers whose value is a credential whatever it is. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.has(name.toLowerCase());
}

/** True for query parameters whose value is a credential whatever it is. */
export function isSecretParameter(name: string): boolean {
  return SECRET_PARAMETERS.test(name);
}

/** Makes a redactor that knows no secret values yet. */
export function createRedactor(): Redactor {
  const exact = new Map<string, string>();
  let hidings: readonly Hiding[] = [];
  let search: ((text: string) => string) | undefined;
  const known = new Set<string>();
  const register = (name: string, value: string): void => {
    if (value === '' || known.has(value)) return;
    known.add(value);
    const hidden = `[redacted:${name}]`;
    if (value.length < MIN_LENGTH) exact.set(value, hidden);
    const found = spellingsOf(value).filter(({ text }) => text.length >= MIN_LENGTH);
    hidings = [...hidings, ...found.map((one) => ({ ...one, hidden }))].toSorted(
      (one, other) => other.text.length - one.text.length,
    );
    search = undefined;
  };
  const signatures = new Set<string>();
  const bySignature = (text: string): string =>
    signatures.size === 0
      ? text
      : text.replace(SIGNATURE, (found) =>
          signatures.has(found.toLowerCase()) ? '[redacted:signature]' : found,
        );
  const byValue = (text: string): string => {
    search ??= createSecretSearch(hidings);
    return exact.get(text) ?? search(text);
  };
  const text = (input: string): string =>
    bySignature(byValue(input))
      .replaceAll(URL_PASSWORD, `$1:${REDACTED}@`)
      .replaceAll(QUERY_CREDENTIAL, (whole, lead: string, key: string) =>
        isSecretParameter(decodeQuietly(key)) ? `${lead}${key}=${REDACTED}` : whole,
      );
  const header = (name: string, value: string): string =>
    isSecretHeader(name) && value !== '' ? REDACTED : text(value);
  const cut = (input: string): string => {
    const hidden = text(input);
    const begun = hidings.find((one) => endOf(hidden, one.text) > 0);
    return begun === undefined
      ? hidden
      : hidden.slice(0, hidden.length - endOf(hidden, begun.text)) + begun.hidden;
  };
  return {
    register,
    registerSignature: (signature) => void signatures.add(signature.toLowerCase()),
    text,
    cut,
    header,
    json: (value) => redactJson(value, { text, header }),
  };
}

const REDACTED = '[redacted]';
const SIGNATURE = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi;
const MIN_LENGTH = 4;

const SECRET_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'cookie',
  'set-cookie',
  'x-amz-security-token',
  'x-auth-token',
]);

const SECRET_PARAMETERS =
  /^(x-amz-signature|x-amz-security-token|x-amz-credential|access_token|id_token|token|api[-_]?key|x-api-key|usage_?identifier_?key|auth|authorization|password|secret|sig|signature)$/i;

const QUERY_CREDENTIAL = /([?&])([^=&#\s"'<>]{1,64})=([^&#\s"'<>]*)/g;

// `wss://name:password@host`; what has no end at an @ before the path is a host and its port. What
// was hidden by value already stays as it is.
const URL_PASSWORD =
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/(?!\[redacted)[^\s/?#:@"'<>]{0,256}):[^\s/?#@"'<>]{1,1024}@/gi;

// How many characters at the end of `text` are the beginning of `secret`, if they are enough to tell.
function endOf(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length >= MIN_LENGTH; length--) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}

function redactJson<T>(value: T, sinks: Pick<Redactor, 'text' | 'header'>): T {
  // The result has the shape of the input: only strings change.
  return walk(value as unknown as Json, sinks) as unknown as T;
}

function walk(value: Json, sinks: Pick<Redactor, 'text' | 'header'>): Json {
  if (typeof value === 'string') return sinks.text(value);
  if (Array.isArray(value)) return value.map((item: Json) => walk(item, sinks));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [sinks.text(key), walkUnder(key, item, sinks)]),
  );
}

function walkUnder(
  key: string,
  item: Json | undefined,
  sinks: Pick<Redactor, 'text' | 'header'>,
): Json | undefined {
  if (item === undefined) return undefined;
  const secret = isSecretHeader(key) || isSecretParameter(key);
  if (secret && typeof item === 'string' && item !== '') return REDACTED;
  if (secret && Array.isArray(item)) return item.map((one) => (one === '' ? '' : REDACTED));
  return walk(item, sinks);
}

function decodeQuietly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
