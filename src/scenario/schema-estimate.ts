// What thresholds may ask of rates, and of the limiter that a throttle scenario met.
import * as z from 'zod';
import { DURATION } from '../base/duration.ts';
import { RATE } from '../base/rate.ts';
import { durationTolerance, toleranceHasBase } from './schema-matcher.ts';
import { complaint, object, oneWord, type Rule, rate, withRules } from './schema-value.ts';

/** What an estimate can be of, and how its values are written. */
const ESTIMATED = {
  'throttle.kind': 'word',
  'throttle.rate': 'rate',
  'throttle.burst': 'integer',
  'throttle.recovery': 'duration',
} as const;

/** The limiters that can be told apart. */
const LIMITERS = [
  'token-bucket',
  'fixed-window',
  'sliding-log',
  'concurrency-cap',
  'none',
] as const;

/** A statistic that asks nothing decides nothing. */
export const ASKS: Rule = (value, found) => {
  if (Object.keys(value).length > 0) return;
  const message = 'a statistic of which nothing is asked';
  found('', complaint({ what: '', message, hint: 'write gte or lte', wantsKey: true }));
};

/** `of` an estimate. */
export const estimated = oneWord([
  'throttle.kind',
  'throttle.rate',
  'throttle.burst',
  'throttle.recovery',
]);

/** What a rate must be. */
export const rates = withRules(
  object({
    is: rate.optional().describe('this rate'),
    gte: rate.optional().describe('at least'),
    lte: rate.optional().describe('at most'),
    tolerance: durationTolerance.optional().describe('widens them: `10%`'),
  }),
  ASKS,
  toleranceHasBase,
).meta({ title: '`{ gte, lte, is }` with rates' });

const quantity = z
  .union([z.string(), z.number()], {
    error: complaint({ what: 'a value', hint: 'write a rate, an integer or a duration' }),
  })
  .meta({ title: 'rate, integer or duration' });

/** What an estimate must be. */
export const estimate = z
  .union(
    [
      oneWord(LIMITERS),
      withRules(
        object({
          is: quantity.optional().describe('the estimate and its whole interval are this'),
          gte: quantity.optional().describe('the whole interval is at least this'),
          lte: quantity.optional().describe('the whole interval is at most this'),
          tolerance: durationTolerance.optional().describe('widens them: `10%`'),
        }),
        ASKS,
        toleranceHasBase,
      ),
    ],
    {
      error: complaint({
        what: 'an estimate',
        hint: `write one of: ${LIMITERS.join(', ')}; or { is: …, tolerance: 10% }`,
      }),
    },
  )
  .meta({ title: 'a limiter, or `{ is, gte, lte, tolerance }`' });

const WRITTEN = {
  rate: { pattern: RATE, what: 'a rate', hint: 'write a number and a unit: 50/s, 30/m' },
  integer: { pattern: /^\d+$/, what: 'an integer', hint: 'write an integer: 500' },
  duration: { pattern: DURATION, what: 'a duration', hint: 'write a number and a unit: 250ms, 5s' },
} as const;

/** Of a limiter an estimate is asked, and its values are of the kind of what is estimated. */
export function estimateFits(statistics: readonly string[]): Rule {
  return (value, found) => {
    const { of, estimate: asked } = value;
    const isEstimate = Object.hasOwn(value, 'estimate');
    if (typeof of !== 'string' || !Object.hasOwn(ESTIMATED, of)) {
      if (isEstimate && typeof of === 'object' && of !== null) found('of', notLimiter());
      return;
    }
    const kind = ESTIMATED[of as keyof typeof ESTIMATED];
    if (isEstimate) judgeValues(asked, { of, kind, found });
    else if (statistics.some((key) => Object.hasOwn(value, key))) {
      found('of', notEstimated(of, kind));
    }
  };
}

function notLimiter(): string {
  const message = 'an estimate is of a limiter, and this is a condition';
  const hint = `write one of: ${Object.keys(ESTIMATED).join(', ')}`;
  return complaint({ code: 'SCN_MISPLACED', what: '', message, hint });
}

function notEstimated(of: string, kind: string): string {
  const message = `${of} is estimated, and this is another statistic`;
  const hint = kind === 'word' ? 'write estimate: token-bucket' : 'write estimate: { is: … }';
  return complaint({ code: 'SCN_MISPLACED', what: '', message, hint });
}

interface Asked {
  readonly of: string;
  readonly kind: 'word' | keyof typeof WRITTEN;
  readonly found: (key: string, message: string) => void;
}

function judgeValues(asked: unknown, { of, kind, found }: Asked): void {
  if (kind === 'word' ? typeof asked === 'object' : typeof asked === 'string') {
    // A word that is none has been said already, and so has an unresolved variable.
    if (typeof asked === 'string' && !LIMITERS.some((word) => word === asked)) return;
    const message = `this is not what ${of} can be`;
    const hint =
      kind === 'word' ? `write one of: ${LIMITERS.join(', ')}` : `write ${WRITTEN[kind].what}`;
    return found('estimate', complaint({ what: '', message, hint }));
  }
  if (kind === 'word' || typeof asked !== 'object' || asked === null) return;
  const { pattern, what, hint } = WRITTEN[kind];
  for (const [key, one] of Object.entries(asked)) {
    const written = String(one);
    if (key === 'tolerance' || pattern.test(written) || written.includes('${')) continue;
    const message = `${of} is ${what}, and ${JSON.stringify(one)} is none`;
    found('estimate', complaint({ what: '', message, hint }));
  }
}
