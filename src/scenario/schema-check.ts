// What a user may write under `checks`. One condition a check; modifiers beside it.
import * as z from 'zod';
import type { Violation } from '../wire/handshake.ts';
import {
  durationConditions,
  flagMatcher,
  headerFields,
  integerMatcher,
  jsonFields,
  jsonSchema,
  textMatcher,
  toleranceHasBase,
  wordMatcher,
  wordsMatcher,
} from './schema-matcher.ts';
import { OPCODE_NAMES, opcode } from './schema-step.ts';
import {
  atMostOne,
  complaint,
  count,
  duration,
  evidencePath,
  feature,
  listOf,
  mapOf,
  moment,
  name,
  names,
  object,
  oneKey,
  oneWord,
  type Rule,
  sentence,
  text,
  valuePart,
  withRules,
} from './schema-value.ts';

/** How an attempt to connect can come out. */
const OUTCOMES = ['opened', 'refused', 'dropped', 'invalid', 'timeout', 'unreachable'] as const;

/** What an answer that claims to open a connection can violate. */
const VIOLATIONS = [
  'accept-mismatch',
  'upgrade-missing',
  'connection-missing',
  'subprotocol-not-offered',
  'subprotocol-repeated',
  'extension-not-offered',
  'not-http',
  'bare-lf',
  'header-invalid',
] as const satisfies readonly Violation[];

const SOMETHING: Rule = (value, found) => {
  if (Object.keys(value).length > 0) return;
  const message = 'a condition that asks for nothing';
  found('', complaint({ what: '', message, hint: 'write what must hold', wantsKey: true }));
};

const DISTINCT = complaint({
  what: 'a path or a list of paths',
  hint: 'write a path: distinct: $connect.requestContext.connectionId',
});

// What people write inside the condition, one level too deep.
const BESIDE = { beside: ['connection', 'within', 'requirement', 'level', 'title', 'needs'] };

const json = jsonFields.optional().describe('values in the body as JSON, by path');
const answer = {
  status: integerMatcher.optional().describe('HTTP status'),
  headers: headerFields.optional().describe('headers; names compare case-insensitively'),
  body: textMatcher.optional().describe('body as text'),
  json,
};

/** The fields of `handshake`. */
export const handshake = withRules(
  object(
    {
      outcome: wordMatcher(OUTCOMES)
        .optional()
        .describe(
          'how it came out; where nothing could be reached the check is errored, unless it names `unreachable`',
        ),
      ...answer,
      phrase: textMatcher.optional().describe('reason phrase of the answer'),
      subprotocol: textMatcher.optional().describe('chosen subprotocol'),
      violations: wordsMatcher(VIOLATIONS)
        .optional()
        .describe('what the answer violates of RFC 6455'),
    },
    BESIDE,
  ),
  SOMETHING,
);

const opcodeMatcher = z
  .union(
    [
      opcode,
      withRules(
        object({
          is: opcode.optional(),
          not: opcode.optional(),
          oneOf: listOf(opcode, 1).optional(),
        }),
        SOMETHING,
      ),
    ],
    {
      error: complaint({
        what: 'an opcode',
        hint: `write 0 to 15 or one of: ${OPCODE_NAMES.join(', ')}`,
      }),
    },
  )
  .meta({ title: 'opcode, or a matcher' });

/** The fields of a data message. */
export const messageFields = object({
  text: textMatcher.optional().describe('payload of a text message'),
  json,
  bytes: integerMatcher.optional().describe('bytes of payload'),
  binary: flagMatcher.optional().describe('it is a binary message'),
  fragments: integerMatcher.optional().describe('frames it came in'),
});

/** The fields of a frame. */
export const frameFields = object({
  opcode: opcodeMatcher.optional().describe('0 to 15, or a name'),
  payload: textMatcher.optional().describe('payload as text'),
  bytes: integerMatcher.optional().describe('bytes of payload'),
  fin: flagMatcher.optional().describe('the last frame of its message'),
  rsv: integerMatcher.optional().describe('the three reserved bits'),
  masked: flagMatcher.optional().describe('it is masked'),
});

const SOME_OF_THEM = Object.fromEntries(
  [...Object.keys(messageFields.shape), ...Object.keys(frameFields.shape)].map((key) => [
    key,
    `say of which: some: { ${key}: … }, or each`,
  ]),
);

/** A number, or how many and what of them. */
function quantity<T extends z.ZodType, O extends z.ZodRawShape>(fields: T, own: O) {
  const shape = {
    count: integerMatcher.optional().describe('how many'),
    each: fields.optional().describe('each of them, and there is at least one'),
    some: fields.optional().describe('at least one of them'),
    none: fields.optional().describe('none of them'),
    ...own,
  };
  return z
    .union([count(), withRules(object(shape, { ...BESIDE, words: SOME_OF_THEM }), SOMETHING)], {
      error: complaint({
        what: 'a quantity',
        hint: 'write a number, or { count, each, some, none }',
      }),
    })
    .meta({ title: 'number, or `{ count, each, some, none }`' });
}

/** How many data messages, and what of them. */
export const received = quantity(messageFields, {});

/** How many frames. */
export const frames = quantity(frameFields, {});

const eventQuantity = quantity(jsonFields, {
  schema: jsonSchema
    .optional()
    .describe('each satisfies this JSON Schema, and there is at least one'),
});

/** How many events of each invocation. */
export const events = withRules(
  object(
    {
      authorizer: eventQuantity.optional().describe('of the authorizer'),
      $connect: eventQuantity.optional().describe('of `$connect`'),
      message: eventQuantity.optional().describe('of a message route'),
      $disconnect: eventQuantity.optional().describe('of `$disconnect`'),
    },
    BESIDE,
  ),
  SOMETHING,
);

/** The fields of `closed`. */
export const closed = withRules(
  object(
    {
      by: wordMatcher(['client', 'server']).optional().describe('who began'),
      how: wordMatcher(['close-frame', 'fin', 'reset']).optional().describe('with what'),
      code: integerMatcher
        .optional()
        .describe("code of the server's close frame; 1005 if it was empty, 1006 without one"),
      reason: textMatcher.optional().describe("reason of the server's close frame"),
      clean: flagMatcher.optional().describe('as a browser reports it'),
    },
    BESIDE,
  ),
  SOMETHING,
);

/** The fields of the answer of a management call. */
export const answerFields = withRules(object(answer, BESIDE), SOMETHING);

/** `never`. */
export const never = withRules(
  object(
    {
      moment: moment.describe('what must not occur'),
      before: moment.optional().describe('not before this one, which must occur'),
      after: moment.optional().describe('not after this one, which must occur'),
    },
    BESIDE,
  ),
  atMostOne('side', ['before', 'after']),
);

/** `elapsed` in a check says how long it may take. */
export const measures: Rule = saysHowLong('elapsed');

function saysHowLong(condition: string): Rule {
  return (value, found) => {
    if (['is', 'gte', 'lte'].some((key) => Object.hasOwn(value, key))) return;
    const message = `${condition} does not say how long`;
    found(
      '',
      complaint({
        code: 'SCN_ONE_OF',
        what: '',
        message,
        hint: 'write is, gte or lte beside from and to',
        wantsKey: true,
      }),
    );
  };
}

const BOUND_WORDS = {
  max: 'at most is lte: 300ms',
  min: 'at least is gte: 300ms',
  lt: 'at most is lte: 300ms',
  gt: 'at least is gte: 300ms',
};

/** `elapsed`, with or without saying how long. */
export const elapsedTimes = withRules(
  object(
    {
      from: moment.describe('begins here'),
      to: moment.describe('ends here'),
      ...durationConditions,
    },
    { ...BESIDE, words: BOUND_WORDS },
  ),
  toleranceHasBase,
);

/** `elapsed`. */
export const elapsed = withRules(elapsedTimes, measures);

/** `between`. */
export const between = withRules(
  object(
    {
      from: evidencePath.describe('a date in text (ISO 8601) or milliseconds since 1970'),
      to: evidencePath.describe('likewise'),
      ...durationConditions,
    },
    { ...BESIDE, words: BOUND_WORDS },
  ),
  toleranceHasBase,
  saysHowLong('between'),
);

/** How strictly a requirement binds. */
export const level = oneWord(['must', 'should', 'may']);

const within = (condition: string, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [key, `write ${condition}: { ${key}: … }`]));

const CHECK_WORDS = {
  ...within('handshake', Object.keys(answer)),
  ...within('handshake', ['outcome', 'phrase', 'subprotocol', 'violations']),
  ...within('closed', ['by', 'how', 'code', 'reason', 'clean']),
  ...within('elapsed', ['from', 'to', 'lte', 'gte']),
  message: 'write received: { some: { text: … } }',
  messages: 'write received: { some: { text: … } }',
  timeout: 'write within: 5s',
};

/** One check. */
export const check = oneKey(
  'check',
  {
    handshake: handshake.describe('these fields of the answer to the upgrade request match'),
    received: received.describe('so many data messages came in, with these fields'),
    frames: frames.describe('so many frames came in, with these fields'),
    events: events.describe(
      'so many events of the backend, by invocation; keys are paths into the event',
    ),
    closed: closed.describe('the connection ended like this'),
    answers: withRules(mapOf(answerFields), SOMETHING).describe(
      'the answer of each call named matches',
    ),
    order: listOf(moment, 2).describe('all these moments occur, in this order'),
    never: never.describe('the moment does not occur; with `before` or `after` not on that side'),
    elapsed: elapsed.describe('the time from one moment to another'),
    same: listOf(valuePart, 2).describe('the values at these paths, or parts of them, are equal'),
    between: between.describe(
      'the time from the instant that stands at one path to that at another',
    ),
    distinct: z
      .union([evidencePath, listOf(evidencePath, 2)], { error: DISTINCT })
      .meta({ title: 'path or list of paths' })
      .describe(
        'the values at this path, or at all of these, differ between all members of a group',
      ),
    record: listOf(evidencePath, 1).describe(
      'always holds: puts the values at these paths into the report',
    ),
  },
  {
    requirement: text.optional().describe('id of the requirement it tests; its level applies'),
    level: level.optional().describe('how strictly it binds; `must`'),
    title: sentence.optional().describe('what it shows, as a sentence'),
    connection: names.optional().describe('whom it is about; not needed with a single `connect`'),
    within: duration.optional().describe('how long to watch, counted from the cause'),
    needs: listOf(feature).optional().describe('features that only this check needs'),
  },
  { words: CHECK_WORDS },
);

/** The checks of a scenario by id. */
export const checks = mapOf(check, name).describe('what must hold, by id');
