// The ways in which a server may write a secret that it echoes: as it is, escaped, in base64, in hexadecimal.

/** One of them. */
export interface Spelling {
  /** As it is most often written. */
  readonly text: string;
  /** A regular expression: this way, and those that differ in how a character is escaped. */
  readonly source: string;
  /** ASCII letters and digits, six of them, that stand in all of these, but for their case; undefined where none do. */
  readonly anchor: string | undefined;
}

/** Characters of an anchor. */
export const ANCHOR_LENGTH = 6;

/** Every spelling of a secret; the plain one first. */
export function spellingsOf(value: string): readonly Spelling[] {
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const coded = [bytes.toString('base64'), bytes.toString('base64url'), ...withinBase64(bytes)];
  return [
    { text: value, source: Array.from(value, escapesOf).join('') },
    ...[...new Set(coded)].map((text) => ({ text, source: escapeRegExp(text) })),
    { text: hex, source: anyCase(hex) },
  ].map((one) => ({ ...one, anchor: ANCHOR.exec(one.text)?.[0] }));
}

// No escape touches letters and digits.
const ANCHOR = new RegExp(`[A-Za-z0-9]{${ANCHOR_LENGTH}}`);

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

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
