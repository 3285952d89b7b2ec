// What a user may write under `thresholds`. One statistic over many connections; modifiers beside it.
import * as z from 'zod';
import {
  answerFields,
  closed,
  elapsedTimes,
  events,
  frames,
  handshake,
  level,
  measures,
  never,
  received,
} from './schema-check.ts';
import { ASKS, estimate, estimated, estimateFits, rates } from './schema-estimate.ts';
import { durationConditions, integerMatcher, PERCENT, toleranceHasBase } from './schema-matcher.ts';
import {
  complaint,
  duration,
  feature,
  listOf,
  mapOf,
  moment,
  name,
  names,
  object,
  oneKey,
  oneWord,
  onlyTrue,
  type Rule,
  sentence,
  text,
  valuePart,
  withRules,
} from './schema-value.ts';

/** The percentiles by name, with the share of samples that they do not exceed. */
export const PERCENTILES: Readonly<Record<string, number>> = {
  p50: 0.5,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  'p99.9': 0.999,
  max: 1,
};

/** How a connection can have been ended by us. */
export const ENDINGS = ['close', 'fin', 'reset', 'silence', 'deleteConnection'] as const;

/** The share that a validated text means, from 0 to 1. */
export function shareOf(written: string): number {
  // Of the decimal digits: 99.9 / 100 is not 0.999 in binary.
  return Number(`${Number(PERCENT.exec(written)?.[1] ?? Number.NaN)}e-2`);
}

const shareComplaint = { error: complaint({ what: 'a share', hint: 'write a share: 99.9%' }) };

const percent = z
  .string(shareComplaint)
  .regex(PERCENT, shareComplaint)
  .refine((written) => shareOf(written) <= 1, shareComplaint)
  .meta({ title: 'share', examples: ['99.9%'] });

const exactComplaint = {
  error: complaint({
    what: 'a share that can be exact',
    hint: 'write 100% or 0%, which are about this sample, or { gte: 99% }',
  }),
};

/** A literal is about this sample, exactly: all of it or none. */
const wholeOrNone = z.enum(['100%', '0%'], exactComplaint).meta({ title: '`100%` `0%`' });

const something =
  (message: string, hint: string): Rule =>
  (value, found) => {
    if (Object.keys(value).length > 0) return;
    found('', complaint({ what: '', message, hint, wantsKey: true }));
  };

const NARROWS = something('nothing that narrows the samples', 'write handshake or ending');

/** What a share must be. */
export const share = z
  .union(
    [
      wholeOrNone,
      withRules(
        object({
          is: wholeOrNone.optional().describe('all of this sample, or none of it'),
          gte: percent.optional().describe('at least'),
          lte: percent.optional().describe('at most'),
        }),
        ASKS,
      ),
    ],
    exactComplaint,
  )
  .meta({ title: '`100%`, `0%`, or `{ gte, lte }`' });

const percentile = withRules(object(durationConditions), ASKS, toleranceHasBase).meta({
  title: '`{ gte, lte, is }` with durations',
});

/** What is counted: whether it holds of one connection. */
export const sampled = oneKey(
  'condition',
  {
    handshake: handshake.describe('as in a check'),
    received: received.describe('as in a check'),
    frames: frames.describe('as in a check'),
    events: events.describe('as in a check'),
    closed: closed.describe('as in a check'),
    answers: mapOf(answerFields).describe('as in a check'),
    order: listOf(moment, 2).describe('as in a check'),
    never: never.describe('as in a check'),
    elapsed: elapsedTimes.describe(
      'as in a check; under a percentile without `is`, `gte` and `lte`',
    ),
    same: listOf(valuePart, 2).describe('as in a check'),
  },
  { within: duration.optional().describe('how long to watch, counted from the cause') },
);

/** What narrows the samples. */
export const among = withRules(
  object({
    handshake: handshake.optional().describe('connections whose handshake came out like this'),
    ending: z
      .union([oneWord(ENDINGS), listOf(oneWord(ENDINGS), 1)], {
        error: complaint({ what: 'an ending', hint: `write one of: ${ENDINGS.join(', ')}` }),
      })
      .meta({ title: ENDINGS.map((word) => `\`${word}\``).join(' ') })
      .optional()
      .describe('connections that opened and that the scenario ended like this; one or a list'),
  }),
  NARROWS,
);

const confidenceComplaint = {
  error: complaint({
    what: 'a confidence',
    hint: 'write a share from 50% to 99.999%: confidence: 99%',
  }),
};

const confidence = z
  .string(confidenceComplaint)
  .regex(PERCENT, confidenceComplaint)
  .refine((written) => shareOf(written) >= 0.5 && shareOf(written) <= 0.999_99, confidenceComplaint)
  .meta({ title: 'share', examples: ['99%'] });

/** A percentile is of times, and says itself how long they may be; a count is of what holds. */
const fits: Rule = (value, found) => {
  const statistic = Object.keys(value).find((key) => Object.hasOwn(PERCENTILES, key));
  const of = value['of'];
  if (typeof of !== 'object' || of === null || Array.isArray(of)) return;
  const elapsed: unknown = 'elapsed' in of ? of.elapsed : undefined;
  const asks = (times: object): boolean => ['is', 'gte', 'lte'].some((key) => key in times);
  if (statistic !== undefined && elapsed === undefined) {
    const message = `${statistic} is of a time, and this is none`;
    const hint = 'write of: { elapsed: { from: …, to: … } }';
    found('of', complaint({ code: 'SCN_MISPLACED', what: '', message, hint }));
  } else if (typeof elapsed === 'object' && elapsed !== null) {
    if (statistic !== undefined && asks(elapsed)) {
      const message = `${statistic} itself says how long it may take`;
      const hint = `leave is, gte and lte to ${statistic}`;
      found('of', complaint({ code: 'SCN_MISPLACED', what: '', message, hint }));
    } else if (statistic === undefined) {
      measures(elapsed as Readonly<Record<string, unknown>>, (_, message) => found('of', message));
    }
  }
};

const confidenceHasShare: Rule = (value, found) => {
  if (!Object.hasOwn(value, 'confidence') || Object.hasOwn(value, 'share')) return;
  const message = 'only a share has a confidence';
  found(
    'confidence',
    complaint({ code: 'SCN_MISPLACED', what: '', message, hint: 'leave it out' }),
  );
};

const percentiles = {
  p50: percentile.describe('half of the times are not longer; needs 2 samples'),
  p90: percentile.describe('likewise 90%; needs 10 samples'),
  p95: percentile.describe('likewise 95%; needs 20 samples'),
  p99: percentile.describe('likewise 99%; needs 100 samples'),
  'p99.9': percentile.describe('likewise 99.9%; needs 1000 samples'),
  max: percentile.describe('the longest of the times'),
};

const STATISTICS = ['share', 'count', 'rate', ...Object.keys(PERCENTILES)];

/** One threshold. */
export const threshold = withRules(
  oneKey(
    'threshold',
    {
      share: share.describe('the share of connections of which it holds, judged by its interval'),
      count: integerMatcher.describe('the number of connections of which it holds'),
      rate: rates.describe('likewise, for each second of the phase; of a load'),
      ...percentiles,
      estimate: estimate.describe('what limits connects, by the interval; of a throttle'),
    },
    {
      of: z
        .union([sampled, estimated], {
          error: complaint({
            what: 'a condition',
            hint: 'write a condition: of: { handshake: { status: 101 } }',
          }),
        })
        .meta({ title: 'condition, or what is estimated' })
        .describe(
          'what is counted or measured of each connection; of an estimate `throttle.kind`, `throttle.rate`, `throttle.burst` or `throttle.recovery`',
        ),
      connection: names.optional().describe('whom it is about; not needed with a single `connect`'),
      among: among.optional().describe('which of them are samples'),
      during: names
        .optional()
        .describe('of a load: attempts that were due in this phase, or in one of these'),
      abort: onlyTrue
        .optional()
        .describe('of a load: ends it as soon as this threshold can no longer be met'),
      confidence: confidence.optional().describe('of the interval of a share; `95%`'),
      requirement: text.optional().describe('id of the requirement it tests; its level applies'),
      level: level.optional().describe('how strictly it binds; `must`'),
      title: sentence.optional().describe('what it shows, as a sentence'),
      needs: listOf(feature).optional().describe('features that only this threshold needs'),
    },
    {
      refused: { within: 'write it beside the condition: of: { …, within: 30s }' },
    },
  ),
  fits,
  estimateFits(STATISTICS),
  confidenceHasShare,
);

/** The thresholds of a scenario by id. */
export const thresholds = mapOf(threshold, name).describe(
  'what must hold of many connections together, by id; not one of the ids of `checks`',
);
