// Signing as a user writes it: in a target the way in which credentials sign, in a scenario how one
// request deviates from that.
import * as z from 'zod';
import { complaint, duration, object, oneWord, text } from './schema-value.ts';

const OFFSET_HINT = 'write a duration, with - for the past: -20m, 10m';

/** A duration from now: `10m`, or `-20m` for the past. */
const OFFSET = /^-?\d+(\.\d+)?(ms|s|m|h)$/;

const offset = z
  .string({ error: complaint({ what: 'a time from now', hint: OFFSET_HINT }) })
  .regex(OFFSET, { error: complaint({ what: 'a time from now', hint: OFFSET_HINT }) })
  .meta({ title: 'duration, also with `-`', examples: ['-20m', '10m'] });

const how = {
  in: oneWord(['header', 'query'])
    .optional()
    .describe('where the signature is: `header` (Authorization), or `query` (a presigned URL)'),
  region: text.optional().describe('region of the credential scope'),
  service: text.optional().describe('service of the credential scope; `execute-api`'),
  expires: duration.optional().describe('for how long a presigned URL is valid; 60s'),
};

/** How credentials of a target sign. */
export const signing = z
  .union(
    [
      z.literal(true, {
        error: complaint({ what: 'true or a mapping', hint: 'write true, or leave it out' }),
      }),
      object({
        ...how,
        accessKeyId: text.optional().describe('`AWS_ACCESS_KEY_ID` of the environment'),
        secretAccessKey: text.optional().describe('`AWS_SECRET_ACCESS_KEY` of the environment'),
        sessionToken: text
          .optional()
          .describe('of temporary credentials; `AWS_SESSION_TOKEN` of the environment'),
      }),
    ],
    { error: complaint({ what: 'true or a mapping', hint: 'write sign: true, or { in: query }' }) },
  )
  .meta({ title: '`true` or mapping' });

const token = z
  .union([z.literal(false), text], {
    error: complaint({ what: 'false or a text', hint: 'write false to leave it out, or a text' }),
  })
  .meta({ title: '`false` or text' });

/** How one request deviates from the right signature. */
export const deviation = z
  .union(
    [
      z.literal(false, {
        error: complaint({ what: 'false or a mapping', hint: 'write false, or leave it out' }),
      }),
      object({
        ...how,
        at: offset.optional().describe('the instant that the signature tells; now'),
        accessKeyId: text.optional().describe('another key id than that of the credentials'),
        secretAccessKey: text.optional().describe('another secret'),
        sessionToken: token.optional().describe('another token; `false` sends none'),
        tamper: oneWord(['signature', 'query'])
          .optional()
          .describe(
            'changes the request after it was signed: the last digit of the signature, or one more parameter (`tampered=1`)',
          ),
      }),
    ],
    {
      error: complaint({ what: 'false or a mapping', hint: 'write sign: false, or { at: -20m }' }),
    },
  )
  .meta({ title: '`false` or mapping' });
