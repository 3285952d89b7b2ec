// Keeps secrets out of everything that is kept. Applied when evidence is captured, so that nothing
// after that (judging, journal, reports) ever holds one. Two nets: by name (headers and query
// parameters that carry credentials) and by value (each registered secret in every encoding that a
// server may echo).
import type { Json } from './json.ts';

/** Hides secrets in text and in JSON values. */
export interface Redactor {
  /** Registers a secret by value. Values shorter than 4 characters are hidden only as whole texts. */
  register(name: string, value: string): void;
  /** Replaces every registered value, presigned query credentials, and passwords of URLs, in `text`. */
  text(text: string): string;
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
  const encodings = new Map<string, string>();
  let pattern: RegExp | undefined;
  const register = (name: string, value: string): void => {
    if (value === '' || encodings.has(value)) return;
    for (const form of encodingsOf(value)) encodings.set(form, `[redacted:${name}]`);
    const longestFirst = [...encodings.keys()].toSorted((a, b) => b.length - a.length);
    const needles = longestFirst.filter((form) => form.length >= MIN_LENGTH).map(escapeRegExp);
    pattern = needles.length === 0 ? undefined : new RegExp(needles.join('|'), 'g');
  };
  const byValue = (text: string): string => {
    const whole = encodings.get(text);
    if (whole !== undefined) return whole;
    if (pattern === undefined) return text;
    return text.replace(pattern, (found) => encodings.get(found) ?? REDACTED);
  };
  const text = (input: string): string =>
    byValue(input)
      .replaceAll(URL_PASSWORD, `$1:${REDACTED}@`)
      .replaceAll(QUERY_CREDENTIAL, (whole, lead: string, key: string) =>
        isSecretParameter(decodeQuietly(key)) ? `${lead}${key}=${REDACTED}` : whole,
      );
  const header = (name: string, value: string): string =>
    isSecretHeader(name) && value !== '' ? REDACTED : text(value);
  return { register, text, header, json: (value) => redactJson(value, { text, header }) };
}

const REDACTED = '[redacted]';
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

function encodingsOf(value: string): Set<string> {
  const bytes = Buffer.from(value, 'utf8');
  const json = JSON.stringify(value).slice(1, -1);
  const percent = encodeURIComponent(value);
  return new Set([
    value,
    json,
    // as PHP writes JSON
    json.replaceAll('/', String.raw`\/`),
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    percent.replaceAll('%20', '+'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('latin1'),
  ]);
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

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function decodeQuietly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
