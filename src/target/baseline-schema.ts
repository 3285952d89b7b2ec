// What a user may write in a baseline file.
import * as z from 'zod';
import type { OtherFile } from '../scenario/generate.ts';
import {
  complaint,
  json,
  listOf,
  mapOf,
  object,
  oneWord,
  sentence,
  text,
} from '../scenario/schema-value.ts';

const CHECK_HINT = 'write <scenario>#<check> or <scenario>[axis=value]#<check>, no pattern';

const check = z
  .string({ error: complaint({ what: 'the id of a check', hint: CHECK_HINT }) })
  .regex(/^[^#*]+#[^#*]+$/, { error: complaint({ what: 'the id of a check', hint: CHECK_HINT }) })
  .meta({ title: 'check id', examples: ['connect/throws#status-502'] });

const DATE_HINT = 'write year, month, day: 2027-03-01';

const DATE = /^\d{4}-\d\d-\d\d$/;

const date = z
  .string({ error: complaint({ code: 'BSL_BAD_DATE', what: 'a date', hint: DATE_HINT }) })
  .regex(DATE, {
    error: complaint({ code: 'BSL_BAD_DATE', what: 'a date', hint: DATE_HINT }),
  })
  .refine((written) => !DATE.test(written) || isOnCalendar(written), {
    error: complaint({ code: 'BSL_BAD_DATE', what: 'a day of the calendar', hint: DATE_HINT }),
  })
  .meta({ title: 'date', examples: ['2027-03-01'] });

/** True for `2027-03-01`, a day that exists. */
export function isDate(written: string): boolean {
  return DATE.test(written) && isOnCalendar(written);
}

function isOnCalendar(written: string): boolean {
  const time = Date.parse(`${written}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(written);
}

const entry = object({
  check: check.describe('`<case>#<check>`; without brackets that check of every case'),
  verdict: oneWord(['failed', 'warned']).describe('how it comes out'),
  actual: mapOf(json).describe(
    'what it fails with, as reports show it: path → value; what is not named may be anything',
  ),
  reason: sentence.describe('why it is known and put up with'),
  issue: text.optional().describe('where it is tracked'),
  expires: date.describe('the last day on which the entry holds'),
});

/** A baseline file. */
export const baselineSchema = object({
  target: text
    .optional()
    .describe('what it is for: `name` or `name@version`; `name@14` is for every 14.x'),
  entries: listOf(entry).describe('known deviations, one a check'),
}).meta({ title: 'Baseline, version 1', description: 'What a target is known to get wrong.' });

/** For the generated files. */
export const baselineFile: OtherFile = {
  name: 'baseline',
  schema: baselineSchema,
  variables: false,
  sections: [
    {
      title: 'Baseline file',
      text: '`targets/<name>/baseline.yaml`, named by `baseline` of the target. See [baselines](baselines.md).',
      schema: baselineSchema,
    },
    { title: 'Entry of a baseline', schema: entry },
  ],
};
