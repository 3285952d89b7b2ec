// What a user may write about the backend of a target: how it is controlled, what sees it, how an
// attempt is recognised in it.
import * as z from 'zod';
import { parsePath } from '../scenario/path.ts';
import {
  complaint,
  duration,
  flag,
  jsonPath,
  listOf,
  mapOf,
  object,
  oneKey,
  oneWord,
  sentence,
  text,
} from '../scenario/schema-value.ts';
import { parseIdSource } from './id-source.ts';
import { address, url } from './schema-address.ts';

const remote = object({
  listen: address.optional().describe('where the runner listens; `127.0.0.1:0`'),
  advertise: url
    .optional()
    .describe('URL under which the probe reaches it, where that differs (containers)'),
});

const scripted = object({
  secret: text.describe('what plans are signed with: `"${secret:ASSAY_PROBE_SECRET}"`'),
  remembers: flag
    .optional()
    .describe('it remembers the plan of a connection until `$disconnect`; false'),
});

/** `probe` of a target. */
export const probe = oneKey(
  'probe',
  {
    remote: remote.nullable().describe('the probe asks the runner what to do'),
    scripted: scripted.describe('the probe does what the handshake says, and an observer tells'),
  },
  {},
);

const logPath = z
  .string({ error: pathComplaint })
  .refine((written) => parsePath(written) !== undefined, { error: pathComplaint })
  .meta({ title: 'path', examples: ['conn.id', 'items[0]', 'headers["x.y"]'] });

function pathComplaint(): string {
  return complaint({
    code: 'SCN_BAD_PATH',
    what: 'a path into a line of the log',
    hint: 'write a path: conn.id, items[0].id, headers["x.y"]',
  });
}

const wordAt = (words: readonly [string, ...string[]]) =>
  z
    .union(
      [
        logPath,
        object({
          path: logPath.describe('where it stands'),
          values: mapOf(oneWord(words))
            .optional()
            .describe(
              `what the log says → ${words.join(', ')}; lines with other values are left out`,
            ),
        }),
      ],
      { error: complaint({ what: 'a place', hint: 'write a path, or { path, values }' }) },
    )
    .meta({ title: 'path or `{ path, values }`' });

const instantAt = z
  .union(
    [
      logPath,
      object({
        path: logPath.describe('where it stands'),
        format: oneWord(['ms', 's', 'iso'])
          .optional()
          .describe('epoch milliseconds, epoch seconds, or ISO 8601; as it looks'),
      }),
    ],
    { error: complaint({ what: 'a place', hint: 'write a path, or { path, format }' }) },
  )
  .meta({ title: 'path or `{ path, format }`' });

/** `map` of an observer. */
export const map = object({
  type: wordAt(['AUTHORIZER', 'CONNECT', 'MESSAGE', 'DISCONNECT', 'CANARY']).describe(
    'which invocation a line is about',
  ),
  at: instantAt.describe('when it happened, on the clock of the backend'),
  connectionId: logPath.describe('whose it is'),
  phase: wordAt(['started', 'ended']).optional().describe('`started` where it is not given'),
  nonce: logPath
    .optional()
    .describe(
      'where what the request carried stands, also inside a longer text; else in the event',
    ),
  invocationId: logPath.optional().describe('one run of a handler: what tells a duplicate'),
  requestId: logPath.optional().describe('in its place'),
  event: mapOf(logPath, jsonPath)
    .optional()
    .describe('path in the event → path in the line; without it the whole line is the event'),
});

const redisUrl = z
  .string({ error: redisComplaint })
  .refine(isRedisUrl, { error: redisComplaint })
  .meta({
    title: 'URL',
    examples: ['redis://127.0.0.1:6379', 'rediss://redis.example.com:6380/1'],
  });

function isRedisUrl(written: string): boolean {
  return /^rediss?:\/\/[^/]/.test(written) && URL.canParse(written);
}

function redisComplaint(): string {
  return complaint({
    code: 'TGT_BAD_URL',
    what: 'the URL of a Redis store',
    hint: 'write redis://host:6379, or rediss://host:6379 for TLS; characters such as / in a password under password',
  });
}

const redis = object({
  url: redisUrl.describe('where the store is; `rediss://` over TLS'),
  stream: text.describe('key of the stream'),
  field: text
    .optional()
    .describe(
      'field of an entry that holds a record as JSON; `event`. Entries without it are flat fields, for `map`',
    ),
  username: text.optional().describe('instead of the one in the URL'),
  password: text.optional().describe('instead of the one in the URL: `"${secret:REDIS_PASSWORD}"`'),
  ca: sentence
    .optional()
    .describe('file with the certificates to trust; a path from the target file'),
});

const cwlogs = object({
  group: sentence.describe('name of the log group'),
  region: text.optional().describe('where it is; as the AWS SDK finds it'),
  endpoint: url.optional().describe('in place of that of AWS'),
  overlap: duration.optional().describe('how much later than newer ones a line may come; `30s`'),
});

/** `observer` of a target. */
export const observer = oneKey(
  'observer',
  {
    http: object({
      listen: address.optional().describe('where the runner listens; `127.0.0.1:0`'),
      advertise: url.optional().describe('URL under which the backend reaches it'),
      token: text
        .optional()
        .describe('what the backend shows: `"${secret:NAME}"`; drawn for each run'),
    })
      .nullable()
      .describe('the backend posts its events to the runner'),
    file: sentence.describe(
      'its events stand in this file, one a line; a path from the target file',
    ),
    exec: listOf(text, 1).describe('a command that prints them, one a line; no shell'),
    redis: redis.describe('they stand in a Redis stream; needs the package ioredis'),
    cwlogs: cwlogs.describe(
      'they stand in a log group of CloudWatch Logs, as the access log of API Gateway; needs the package @aws-sdk/client-cloudwatch-logs',
    ),
  },
  {
    map: map.optional().describe('where an existing log keeps the fields of an event record'),
    settle: duration.optional().describe('as `settle` beside it'),
    canary: listOf(text, 1)
      .optional()
      .describe(
        'a command that puts its standard input, a line, where the events go, once a second of a load; no shell',
      ),
  },
  { later: ['dynamodb', 'sqs'] },
);

const learned = z
  .string({ error: fromComplaint })
  .refine((written) => parseIdSource(written) !== undefined, { error: fromComplaint })
  .meta({
    title: 'path',
    examples: ['received.json.connectionId', 'handshake.headers.x-connection-id'],
  });

function fromComplaint(): string {
  return complaint({
    code: 'SCN_BAD_PATH',
    what: 'where a reply names the connection’s id',
    hint: 'write received.json.connectionId, received.text or handshake.headers.x-connection-id',
  });
}

/** `correlate` of a target. */
export const correlate = z
  .union(
    [
      oneWord(['query', 'close-reason']),
      oneKey(
        'way to correlate',
        {
          header: text.describe('name of a header that carries the nonce'),
          'connection-id': object({
            from: learned.describe('where a reply names the id'),
            ask: text
              .optional()
              .describe('a message that makes the endpoint tell it, for the look before the run'),
          }).describe('the id is learned from a reply; nothing is added to a request'),
        },
        {},
      ),
    ],
    {
      error: complaint({
        what: 'a way to correlate',
        hint: 'write query, close-reason, { header: x-name } or { connection-id: { from: … } }',
      }),
    },
  )
  .meta({ title: '`query`, `close-reason`, `{ header }` or `{ connection-id }`' });
