// Matchers: a literal, or a mapping of conditions that must all hold. The same everywhere.
import * as z from 'zod';
import {
  complaint,
  count,
  duration,
  flag,
  json,
  jsonPath,
  listOf,
  mapOf,
  object,
  oneWord,
  pattern,
  type Rule,
  text,
  withRules,
} from './schema-value.ts';

/** A tolerance that is a share: `10%`. */
export const PERCENT = /^(\d+(?:\.\d+)?)%$/;

const toleranceHint = (what: string, hint: string): { error: string } => ({
  error: complaint({ what, hint }),
});

/** `10%`, or a number in the unit of the value. */
const numberTolerance = z
  .union(
    [
      z.number().min(0),
      z.string().regex(PERCENT, toleranceHint('a tolerance', 'write a share: 10%')),
    ],
    toleranceHint('a tolerance', 'write a share, 10%, or a number'),
  )
  .meta({ title: 'tolerance', examples: ['10%'] });

/** `10%` or `2s`. */
export const durationTolerance = z
  .string(toleranceHint('a tolerance', 'write a duration or a share: 2s, 10%'))
  .regex(
    /^\d+(\.\d+)?(%|ms|s|m|h)$/,
    toleranceHint('a tolerance', 'write a duration or a share: 2s, 10%'),
  )
  .meta({ title: 'tolerance', examples: ['2s', '10%'] });

/** `tolerance` widens something. */
export const toleranceHasBase: Rule = (value, found) => {
  if (!Object.hasOwn(value, 'tolerance')) return;
  if (['is', 'gte', 'lte'].some((key) => Object.hasOwn(value, key))) return;
  const message = 'tolerance stands beside is, gte or lte';
  found('tolerance', complaint({ what: '', message, hint: 'say what it widens: is: 5s' }));
};

/** A mapping of conditions has at least one. */
const notEmpty: Rule = (value, found) => {
  if (Object.keys(value).length > 0) return;
  const message = 'a matcher without a condition';
  found(
    '',
    complaint({
      what: '',
      message,
      hint: 'write a value, or is, not, oneOf, absent, …',
      wantsKey: true,
    }),
  );
};

const schemaOrFile = z
  .union(
    [z.string(), z.boolean(), mapOf(json)],
    toleranceHint(
      'a JSON Schema',
      'write a JSON Schema, or the name of a file beside the scenario',
    ),
  )
  .meta({ title: 'JSON Schema or file' });

/** A JSON Schema (2020-12), inline or as the name of a file beside the scenario. */
export const jsonSchema = schemaOrFile;

// What other tools call conditions.
const WORDS = {
  equals: 'equal to is written is, or just the value',
  eq: 'equal to is written is, or just the value',
  in: 'one of several is written oneOf',
  anyOf: 'one of several is written oneOf',
  min: 'at least is written gte',
  max: 'at most is written lte',
  gt: 'at least is written gte',
  lt: 'at most is written lte',
  regex: 'a regular expression is written matches',
  regexp: 'a regular expression is written matches',
  pattern: 'a regular expression is written matches',
  exists: 'that it is there is written absent: false',
  present: 'that it is there is written absent: false',
  startsWith: "write matches: '^…'",
  endsWith: "write matches: '…$'",
};

/** A matcher for values that `literal` describes, with the conditions of its kind. */
function matcherOf<L extends z.ZodType, O extends z.ZodRawShape>(literal: L, own: O, what: string) {
  const list = listOf(literal, 1);
  const plain = { is: literal.optional(), oneOf: list.optional(), absent: flag.optional(), ...own };
  const conditions = {
    is: literal.optional().describe('equal to this'),
    not: z
      .union([literal, withRules(object(plain), toleranceHasBase, notEmpty)])
      .meta({ title: 'value, or a matcher' })
      .optional()
      .describe('does not match this; also true of a value that is not there'),
    oneOf: list.optional().describe('equal to one of these'),
    absent: flag.optional().describe('`true`: there is no such value; `false`: there is one'),
    ...own,
  };
  const error = complaint({
    what,
    hint: `write ${what}, or a mapping: { not: … }, { absent: true }`,
  });
  return z
    .union([literal, withRules(object(conditions, { words: WORDS }), toleranceHasBase, notEmpty)], {
      error,
    })
    .meta({ title: `${what}, or a matcher` });
}

const order = <T extends z.ZodType>(value: T) => ({
  gte: value.optional().describe('at least'),
  lte: value.optional().describe('at most'),
});
const textual = {
  matches: pattern.optional().describe('matches this regular expression of JavaScript'),
  contains: text.optional().describe('contains this text'),
};
const structural = { schema: schemaOrFile.optional().describe('satisfies this JSON Schema') };

/** For integers: a status, a close code, a count. */
export const integerMatcher = matcherOf(
  count(),
  {
    ...order(count()),
    tolerance: numberTolerance.optional().describe('widens `is`, `gte`, `lte`'),
  },
  'an integer',
);

/** For texts. */
export const textMatcher = matcherOf(text, { ...textual, ...structural }, 'a text');

/** For true and false. */
export const flagMatcher = matcherOf(flag, {}, 'true or false');

/** For words out of a list. */
export function wordMatcher<const T extends readonly [string, ...string[]]>(words: T) {
  return matcherOf(oneWord(words), {}, `one of ${words.join(', ')}`);
}

/** For lists of words: a literal list, or what it contains. */
export function wordsMatcher<const T extends readonly [string, ...string[]]>(words: T) {
  const word = oneWord(words);
  const list = listOf(word);
  const conditions = {
    is: list.optional().describe('exactly these'),
    not: z
      .union([list, object({ contains: word.optional() })])
      .meta({ title: 'value, or a matcher' })
      .optional()
      .describe('not this'),
    contains: word.optional().describe('this is among them'),
    absent: flag.optional().describe('`true`: there are none; `false`: there is at least one'),
  };
  const error = complaint({
    what: 'a list',
    hint: 'write a list, or { contains: … }, { absent: true }',
  });
  return z
    .union([list, withRules(object(conditions), notEmpty)], { error })
    .meta({ title: 'list, or a matcher' });
}

const anyLiteral = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const numeric = z
  .number({ error: complaint({ what: 'a number', hint: 'write a number' }) })
  .meta({ title: 'number' });

const NESTED = {
  words: WORDS,
  instead: 'a nested field is a path: data.type; a matcher has is, not, oneOf, …',
};

const anyPlain = {
  is: json.optional().describe('equal to this'),
  oneOf: listOf(json, 1).optional().describe('equal to one of these'),
  absent: flag.optional().describe('`true`: there is no such value; `false`: there is one'),
  ...order(numeric),
  tolerance: numberTolerance.optional().describe('widens `is`, `gte`, `lte`'),
  matches: textual.matches,
  contains: json.optional().describe('contains this text or this element'),
  ...structural,
};

const anyConditions = {
  ...anyPlain,
  not: z
    .union([
      anyLiteral,
      listOf(json),
      withRules(object(anyPlain, NESTED), toleranceHasBase, notEmpty),
    ])
    .meta({ title: 'value, or a matcher' })
    .optional()
    .describe('does not match this; also true of a value that is not there'),
};

/** For any JSON value; a mapping is always a matcher and never a nested field. */
export const jsonMatcher = z
  .union([
    anyLiteral,
    listOf(json),
    withRules(object(anyConditions, NESTED), toleranceHasBase, notEmpty),
  ])
  .meta({ title: 'any value, or a matcher' });

/** Matchers under paths: `{ "items[0].id": 5 }`. */
export const jsonFields = mapOf(jsonMatcher, jsonPath).meta({ title: 'paths and their matchers' });

/** Matchers under header names. */
export const headerFields = mapOf(textMatcher).meta({ title: 'header names and their matchers' });

/** The duration matcher's keys, for `elapsed`. */
export const durationConditions = {
  is: duration.optional().describe('this long'),
  gte: duration.optional().describe('at least this long'),
  lte: duration.optional().describe('at most this long'),
  tolerance: durationTolerance.optional().describe('widens them: `2s` or `10%`'),
};
