// The kinds of value that schemas are made of. There are two kinds of alternative, and no third, so
// that every mistake has one place: one key out of several in a strict object, and by YAML kind.
import * as z from 'zod';
import { DURATION, parseDuration } from '../base/duration.ts';
import { RATE } from '../base/rate.ts';
import type { DiagnosticCode } from './diagnostic.ts';
import { FEATURES } from './feature.ts';
import { parseMoment, suggestMoment } from './moment.ts';
import { CONNECTION, parseEvidencePath, parsePath } from './path.ts';
import { suggestion } from './suggest.ts';

/** What a schema says about a value it does not accept. */
export interface Complaint {
  readonly code: DiagnosticCode;
  /** `a duration`: goes into `"5 parsecs" is not a duration`. */
  readonly what: string;
  /** Replaces the whole sentence. */
  readonly message?: string;
  /** What to write. */
  readonly hint: string;
  /** It asks for a key: not said where the same mapping has an unknown one. */
  readonly wantsKey?: true;
  /** Of an unknown key: the known ones. */
  readonly allowed?: readonly string[];
  /** Keys that a later version will know. */
  readonly later?: readonly string[];
  /** Keys that mean something elsewhere, with what to do. */
  readonly refused?: Readonly<Record<string, string>>;
  /** What to write instead of an unknown key that resembles none. */
  readonly instead?: string;
  /** Keys that exclude one another, for `{keys}` in the message; the second one written is the mistake. */
  readonly among?: readonly string[];
  /** Words of other tools for which there is another one here, with what to write. */
  readonly words?: Readonly<Record<string, string>>;
  /** Modifiers that people write inside the argument, where they are unknown keys. */
  readonly beside?: readonly string[];
}

/** Carries a complaint through zod, whose issues hold only a text. */
export function complaint(
  one: Omit<Complaint, 'code'> & { readonly code?: DiagnosticCode },
): string {
  return JSON.stringify({ code: 'SCN_BAD_VALUE', ...one });
}

/** Reads it back; undefined for zod's own texts. */
export function readComplaint(message: string): Complaint | undefined {
  if (!message.startsWith('{')) return undefined;
  // Only `complaint` writes texts that begin with a brace.
  return JSON.parse(message) as Complaint;
}

const says = (what: string, hint: string, code?: DiagnosticCode): { error: string } => ({
  error: complaint(code === undefined ? { what, hint } : { what, hint, code }),
});

/** Text; a number is read as its text. */
export const text = z
  .union(
    [z.string(), z.number()],
    says('a text', 'write a text; with quotes where YAML sees another type'),
  )
  .meta({ title: 'text' });

/** Text that is not empty and no number. */
export const sentence = z
  .string(says('a text', 'write a sentence'))
  .regex(/\S/, says('a sentence', 'write a sentence'))
  .meta({ title: 'text' });

/** `250ms`, `5s`, `2m`, `1h`, `80% of 10m`. */
export const duration = durationOf('write a number and a unit: 250ms, 5s, 2m');

function durationOf(fix: string): z.ZodString {
  const complaintText = says('a duration', fix, 'SCN_BAD_DURATION');
  return z
    .string(complaintText)
    .regex(DURATION, complaintText)
    .meta({ title: 'duration', examples: ['250ms', '5s', '2m', '80% of 10m'] });
}

const rateComplaint = says('a rate', 'write a number and a unit: 50/s, 30/m');

/** `50/s`, `30/m`, `1/h`. */
export const rate = z
  .string(rateComplaint)
  .regex(RATE, rateComplaint)
  .meta({ title: 'rate', examples: ['50/s', '30/m'] });

/** An integer between two bounds, both allowed. */
export function integer(least: number, most: number): z.ZodInt {
  const range = most >= MAX_COUNT ? `of at least ${least}` : `from ${least} to ${most}`;
  const error = says(`an integer ${range}`, `write an integer ${range}`);
  return z.int(error).min(least, error).max(most, error).meta({ title: 'integer' });
}

/** The largest count anything can have. */
const MAX_COUNT = 1_000_000_000;

/** A count of things, from `least`. */
export function count(least = 0): z.ZodInt {
  return integer(least, MAX_COUNT);
}

/** true or false. */
export const flag = z
  .boolean(says('true or false', 'write true or false'))
  .meta({ title: 'boolean' });

/** Only `true`. */
export const onlyTrue = z
  .literal(true, says('true', 'write true, or leave it out'))
  .meta({ title: '`true`' });

/** One of some words. */
export function oneWord<const T extends readonly [string, ...string[]]>(
  words: T,
): z.ZodEnum<{
  [K in T[number]]: K;
}> {
  const error = (issue: { readonly input?: unknown }): string =>
    complaint({
      what: words.length === 1 ? `"${words[0]}"` : `one of ${words.join(', ')}`,
      hint: suggestion(typeof issue.input === 'string' ? issue.input : '', words),
    });
  return z.enum(words, { error }).meta({ title: words.map((word) => `\`${word}\``).join(' ') });
}

/** Any JSON value. */
export const json = z.unknown().meta({ title: 'any value' });

/** A name of a connection or of a call. */
export const name = z
  .string(says('a name', NAME_HINT()))
  .regex(CONNECTION, says('a name', NAME_HINT()))
  .meta({ title: 'name' });

function NAME_HINT(): string {
  return 'write letters, digits and hyphens, beginning with a letter: good-token';
}

/** A name or several. */
export const names = z
  .union(
    [name, listOf(name, 1)],
    says('a name or a list of names', 'write a name: connection: client'),
  )
  .meta({ title: 'name or list of names' });

/** A list of at least so many. */
export function listOf<T extends z.ZodType>(item: T, least = 0): z.ZodArray<T> {
  const error = says('a list', 'write a list: [a, b]', 'SCN_BAD_TYPE');
  const hint = least > 1 ? `write at least ${least} items` : 'write at least one';
  const short = complaint({ what: '', message: `the list has too few items`, hint });
  return z.array(item, error).min(least, { error: short }).meta({ title: 'list' });
}

/** A mapping whose keys the user chooses. */
export function mapOf<T extends z.ZodType>(
  value: T,
  key: z.ZodString = z.string(),
): z.ZodRecord<z.ZodString, T> {
  return z
    .record(key, value, says('a mapping', 'write a mapping: { key: value }', 'SCN_BAD_TYPE'))
    .meta({ title: 'mapping' });
}

/** What a strict mapping says about keys that it does not have. */
type ObjectOptions = Pick<Complaint, 'later' | 'instead' | 'refused' | 'beside' | 'words'>;

/** A strict mapping: unknown keys are errors; those in `later` are said to come. */
export function object<T extends z.ZodRawShape>(
  shape: T,
  { later = [], instead, refused, beside, words }: ObjectOptions = {},
): z.ZodObject<T, z.core.$strict> {
  const allowed = Object.keys(shape);
  const hint = `write a mapping of: ${allowed.join(', ')}`;
  const error = complaint({
    code: 'SCN_BAD_TYPE',
    what: 'a mapping',
    hint,
    allowed,
    later,
    ...(instead === undefined ? {} : { instead }),
    ...(refused === undefined ? {} : { refused }),
    ...(beside === undefined ? {} : { beside }),
    ...(words === undefined ? {} : { words }),
  });
  return z.strictObject(shape, { error }).meta({ title: 'mapping' });
}

/** Issues that a rule across keys finds. */
export type Rule = (
  value: Readonly<Record<string, unknown>>,
  found: (key: string, message: string) => void,
) => void;

/** Adds rules about keys that concern one another. They also run when single values are wrong. */
export function withRules<T extends z.ZodType>(schema: T, ...rules: readonly Rule[]): T {
  return schema.superRefine(
    (value, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      for (const rule of rules) {
        rule(value as Readonly<Record<string, unknown>>, (key, message) =>
          context.addIssue({ code: 'custom', path: key === '' ? [] : [key], message }),
        );
      }
    },
    { when: () => true },
  );
}

/** Of these keys at most one may be given; the second is the mistake. */
export function atMostOne(what: string, keys: readonly string[]): Rule {
  return (value, found) => {
    const given = keys.filter((key) => Object.hasOwn(value, key));
    if (given.length < 2) return;
    const message = '{keys} exclude one another';
    const hint = `write one ${what}`;
    found('', complaint({ code: 'SCN_ONE_OF', what: '', message, hint, among: given }));
  };
}

/** A strict mapping with exactly one of `variants` (its verb) and any of `modifiers`. */
export function oneKey<V extends z.ZodRawShape, M extends z.ZodRawShape>(
  what: string,
  variants: V,
  modifiers: M,
  options: ObjectOptions = {},
): z.ZodObject<{ [K in keyof V]: z.ZodOptional<V[K]> } & M, z.core.$strict> {
  const keys = Object.keys(variants);
  const optional = Object.fromEntries(
    Object.entries(variants).map(([key, value]) => [key, z.optional(value as z.ZodType)]),
  ) as unknown as { [K in keyof V]: z.ZodOptional<V[K]> }; // Object.fromEntries forgets the keys.
  return withRules(object({ ...optional, ...modifiers }, options), exactlyOne(what, keys)).meta({
    title: what,
    oneOf: keys.map((key) => ({ required: [key] })),
  });
}

function exactlyOne(what: string, keys: readonly string[]): Rule {
  return (value, found) => {
    const given = Object.keys(value).filter((key) => keys.includes(key));
    const [first, second] = given;
    const article = /^[aeiou]/.test(what) ? 'an' : 'a';
    if (first === undefined) {
      const message = `${article} ${what} needs one of its keys`;
      found(
        '',
        complaint({
          code: 'SCN_ONE_OF',
          what: '',
          message,
          hint: `write one of: ${keys.join(', ')}`,
          wantsKey: true,
        }),
      );
    }
    if (second === undefined) return;
    found('', complaint({ code: 'SCN_ONE_OF', what: '', ...tooMany(what), among: given }));
  };
}

// Of steps, checks and thresholds there can be two; of anything else one is chosen.
function tooMany(what: string): { message: string; hint: string } {
  if (!['step', 'check', 'threshold'].includes(what)) {
    return { message: '{keys} exclude one another', hint: 'keep one of them' };
  }
  return { message: `these are two ${what}s in one: {keys}`, hint: `write two ${what}s` };
}

/** An instant: `opened`, `$connect.released`, `b.opened`. */
export const moment = z
  .string({ error: momentError })
  .refine((written) => parseMoment(written) !== undefined, { error: momentError })
  .meta({ title: 'moment', examples: ['opened', '$connect.released', 'b.opened'] });

function momentError(issue: { readonly input?: unknown }): string {
  const written = typeof issue.input === 'string' ? issue.input : '';
  const isTime = parseDuration(written) !== undefined;
  const hint = isTime ? `to stay silent that long write idle: ${written}` : suggestMoment(written);
  return complaint({ code: 'SCN_BAD_MOMENT', what: 'a moment', hint });
}

const PATH_HINT = 'write a path: handshake.status, received[0].text, $connect.headers["x.y"]';

/** A path that begins with a root of the evidence. */
export const evidencePath = z
  .string(says('a path', PATH_HINT, 'SCN_BAD_PATH'))
  .refine(
    (written) => parseEvidencePath(written) !== undefined,
    says('a path into the evidence', PATH_HINT, 'SCN_BAD_PATH'),
  )
  .meta({ title: 'path', examples: ['handshake.status', '$connect.requestContext.connectionId'] });

const PART_HINT = 'write a path, or { path: authorizer.methodArn, part: "/([^/]+)$" }';

/** A path, or a path and which part of the text there is meant. */
export const valuePart = z
  .union(
    [
      evidencePath,
      object({
        path: evidencePath.describe('where the text stands'),
        part: z
          .lazy(() => pattern)
          .describe('a regular expression: its first group, else all that it matches'),
      }),
    ],
    says('a path, or a part', PART_HINT, 'SCN_BAD_PATH'),
  )
  .meta({ title: 'path, or part of a value' });

/** A path as a key, below `json` and in events. */
export const jsonPath = z
  .string()
  .refine(
    (written) => parsePath(written) !== undefined,
    says('a path', 'write a path: items[0].id, headers["x.y"]', 'SCN_BAD_PATH'),
  );

/** A regular expression of JavaScript. */
export const pattern = z
  .string(says('a regular expression', 'write a regular expression of JavaScript'))
  .refine(
    compiles,
    says('a regular expression', 'write a regular expression of JavaScript', 'SCN_BAD_PATTERN'),
  )
  .meta({ title: 'regular expression' });

function compiles(written: string): boolean {
  try {
    return new RegExp(written) instanceof RegExp;
  } catch {
    return false;
  }
}

/** A feature of a target: one of ours, or the user's own, which begins with `x-`. */
export const feature = z
  .string(says('a feature', 'write the name of a feature'))
  .refine((written) => written.startsWith('x-') || Object.hasOwn(FEATURES, written), {
    error: (issue) =>
      complaint({
        code: 'SCN_UNKNOWN_FEATURE',
        what: 'a feature',
        hint: featureHint(typeof issue.input === 'string' ? issue.input : ''),
      }),
  })
  .meta({ title: 'feature', examples: ['idle-timeout', 'x-your-own'] });

function featureHint(written: string): string {
  const hint = suggestion(written, Object.keys(FEATURES));
  return hint.startsWith('did') ? hint : `${hint}; your own begin with x-`;
}

/** Hexadecimal bytes. */
export const hex = z
  .union([z.string(), z.number()], says('hexadecimal', HEX_HINT()))
  .refine(
    (written) => /^(?:[0-9a-fA-F]{2})*$/.test(String(written)),
    says('hexadecimal', HEX_HINT()),
  )
  .meta({ title: 'hexadecimal', examples: ['ff0041'] });

function HEX_HINT(): string {
  return 'write two digits a byte, with quotes: "ff0041"';
}

/** Bytes to send, at most 1 GiB. */
export const payload = z
  .union(
    [
      z.string(),
      z.number(),
      oneKey(
        'payload',
        {
          size: integer(0, 1024 ** 3).describe('that many bytes of `a`'),
          hex: hex.describe('these bytes'),
        },
        {},
      ),
    ],
    says('a payload', 'write a text, { size: 1024 } or { hex: ff0041 }'),
  )
  .meta({ title: 'payload', examples: ['hello', { size: 131073 }, { hex: 'ff0041' }] });

/** Milliseconds of a duration that was validated before. */
export function msOf(written: string): number {
  // To the microsecond: 2073.573s has no exact binary form.
  return Math.round((parseDuration(written) ?? 0) * 1000) / 1000;
}
