// What a user may write about what an endpoint costs.
import * as z from 'zod';
import { complaint, object, sentence, text } from '../scenario/schema-value.ts';

const DAY_HINT = 'write a day: 2026-11-24';

const day = z
  .string({ error: complaint({ what: 'a day', hint: DAY_HINT }) })
  .regex(/^\d{4}-\d\d-\d\d$/, { error: complaint({ what: 'a day', hint: DAY_HINT }) })
  .meta({ title: 'day', examples: ['2026-11-24'] });

const price = z
  .number({ error: complaint({ what: 'a price', hint: 'write a number: 0.25' }) })
  .min(0, { error: complaint({ what: 'a price', hint: 'write a number from 0 on' }) })
  .meta({ title: 'price', examples: [0.25] });

const perMillion = object({
  connections: price.optional().describe('attempts, with all that each sets off; 0'),
  messages: price.optional().describe('in either direction; 0'),
  connectionMinutes: price.optional().describe('minutes that connections are open, together; 0'),
});

/** `prices` of a target. */
export const prices = object({
  currency: text.describe('`USD`'),
  dated: day.describe('when they were looked up'),
  source: sentence.describe('where'),
  perMillion: perMillion.describe('a million of what costs how much'),
});
