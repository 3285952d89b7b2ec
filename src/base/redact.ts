// Keeps secrets out of everything that is kept. Applied when evidence is captured, so that nothing
// after that (judging, journal, reports) ever holds one. Two nets: by name (headers and query
// parameters that carry credentials) and by value (each registered secret in every encoding that a
// server may echo).
import type { Json } from './json.ts';

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
  let spellings: readonly Spelling[] = [];
  let pattern: RegExp | undefined;
  const known = new Set<string>();
  const register = (name: string, value: string): void => {
    if (value === '' || known.has(value)) return;
    known.add(value);
    const hidden = `[redacted:${name}]`;
    if (value.length < MIN_LENGTH) exact.set(value, hidden);
    const found = spellingsOf(value).filter(({ text }) => text.length >= MIN_LENGTH);
    spellings = [...spellings, ...found.map((one) => ({ ...one, hidden }))].toSorted(
      (one, other) => other.text.length - one.text.length,
    );
    pattern = new RegExp(spellings.map(({ source }) => source).join('|') || NEVER, 'g');
  };
  const signatures = new Set<string>();
  const bySignature = (text: string): string =>
    signatures.size === 0
      ? text
      : text.replace(SIGNATURE, (found) =>
          signatures.has(found.toLowerCase()) ? '[redacted:signature]' : found,
        );
  const hiddenFor = (found: string): string =>
    spellings.find(({ source }) => new RegExp(`^(?:${source})$`).test(found))?.hidden ?? REDACTED;
  const byValue = (text: string): string =>
    exact.get(text) ?? (pattern === undefined ? text : text.replace(pattern, hiddenFor));
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
    const begun = spellings.find((one) => endOf(hidden, one.text) > 0);
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

interface Spelling {
  /** As it is most often written. */
  readonly text: string;
  /** A regular expression: this way, and those that differ in how a character is escaped. */
  readonly source: string;
  readonly hidden: string;
}

const NEVER = '(?!)';

function spellingsOf(value: string): readonly Omit<Spelling, 'hidden'>[] {
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const coded = [bytes.toString('base64'), bytes.toString('base64url'), ...withinBase64(bytes)];
  return [
    { text: value, source: Array.from(value, escapesOf).join('') },
    ...[...new Set(coded)].map((text) => ({ text, source: escapeRegExp(text) })),
    { text: hex, source: anyCase(hex) },
  ];
}

// Base64 writes three bytes as four characters: inside a longer text a secret begins at the first,
// second or third of them. What stands for its bytes alone is looked for.
function withinBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const whole = coded.slice(
      Math.ceil((before * 8) / 6),
      Math.floor(((before + bytes.length) * 8) / 6),
    );
    if (whole.length < MIN_WITHIN_BASE64) return [];
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

// Fewer are found by chance in any base64.
const MIN_WITHIN_BASE64 = 8;

// A character as JSON, URLs, forms, HTML and those who read UTF-8 as Latin-1 write it. Letters and
// digits are left alone by all of them.
function escapesOf(character: string): string {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const bytes = Buffer.from(character, 'utf8');
  const code = character.codePointAt(0) ?? 0;
  const percent = [...bytes].map((byte) => `%${anyCase(byte.toString(16).padStart(2, '0'))}`);
  const units = character.split('').map((unit) => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return String.raw`\\u${anyCase(digits)}`;
  });
  const plain = [
    character,
    JSON.stringify(character).slice(1, -1),
    bytes.toString('latin1'),
    `\\${character}`,
    ...(character === ' ' ? ['+'] : []),
    ...(HTML_NAMES[character] ?? []),
  ];
  const all = [
    ...new Set(plain.map(escapeRegExp)),
    percent.join(''),
    units.join(''),
    `&#0*${code};`,
    `&#[xX]0*${anyCase(code.toString(16))};`,
  ];
  return `(?:${all.toSorted((one, other) => other.length - one.length).join('|')})`;
}

const HTML_NAMES: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;'],
  "'": ['&apos;'],
};

function anyCase(hex: string): string {
  return hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

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
