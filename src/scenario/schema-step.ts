// What a user may write under `steps`. One verb a step; modifiers beside it.
import * as z from 'zod';
import { INVOCATIONS } from './path.ts';
import { deviation } from './schema-sign.ts';
import {
  atMostOne,
  complaint,
  duration,
  flag,
  hex,
  integer,
  json,
  listOf,
  mapOf,
  moment,
  name,
  names,
  object,
  oneKey,
  oneWord,
  onlyTrue,
  payload,
  type Rule,
  sentence,
  text,
  withRules,
} from './schema-value.ts';

/** Opcodes that have a name. */
export const OPCODES = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** The names of opcodes. */
export const OPCODE_NAMES = ['continuation', 'text', 'binary', 'close', 'ping', 'pong'] as const;

/** An opcode by number or name. */
export const opcode = z
  .union([integer(0, 15), oneWord(OPCODE_NAMES)], {
    error: complaint({
      what: 'an opcode',
      hint: `write 0 to 15 or one of: ${OPCODE_NAMES.join(', ')}`,
    }),
  })
  .meta({ title: 'opcode' });

const when = {
  delay: duration.optional().describe('answers after that time'),
  hold: duration
    .optional()
    .describe('answers at the `release` step, not before it was held that long; 500 ms or more'),
  hang: onlyTrue.optional().describe('never answers'),
};

const failing = {
  throw: text.optional().describe('fails with that error message'),
  return: json.optional().describe('returns it as it stands'),
};

/** `throw`, `return` and the answer in parts exclude one another. */
function oneAnswer(parts: readonly string[]): Rule[] {
  return parts.map((part) => atMostOne('answer', ['throw', 'return', part]));
}

const integrationParts = {
  status: integer(100, 599).optional().describe('status of the answer; 200'),
  headers: mapOf(text).optional().describe('headers of the answer'),
  body: text.optional().describe('body of the answer'),
  subprotocol: text.optional().describe('the header `Sec-WebSocket-Protocol` of the answer'),
  echo: onlyTrue.optional().describe('answers with the body of the message'),
};

const ONE_TIME = atMostOne('time of answering', ['delay', 'hold', 'hang']);

/** What the integration does: `$connect`, `$disconnect`, `send.backend`. */
export const integrationPlan = withRules(
  object({ ...when, ...failing, ...integrationParts }),
  ONE_TIME,
  ...oneAnswer(Object.keys(integrationParts)),
  atMostOne('body', ['body', 'echo']),
);

const authorizerParts = {
  effect: oneWord(['allow', 'deny']).optional().describe('what its policy says; `allow`'),
  principalId: text.optional().describe('`assay`'),
  context: mapOf(json).optional().describe('handed to the integration'),
  policy: mapOf(json)
    .optional()
    .describe(
      'the policy document instead of the one that `effect` makes; `{methodArn}` `{partition}` `{region}` `{account}` `{apiId}` `{stage}` in it are filled in from the event',
    ),
  usageIdentifierKey: text.optional().describe('an API key'),
  resultBytes: integer(256, 1024 * 1024)
    .optional()
    .describe(
      'fills up its context until the whole result, as JSON, has that many bytes; needs a remote probe',
    ),
};

/** What the authorizer does. */
export const authorizerPlan = withRules(
  object({ ...when, ...failing, ...authorizerParts }),
  ONE_TIME,
  ...oneAnswer(Object.keys(authorizerParts)),
  atMostOne('policy', ['effect', 'policy']),
);

const sized = object({ size: integer(0, 16 * 1024 * 1024).describe('that many bytes of `a`') });

const fieldValue = z
  .union([z.string(), z.number(), z.null(), listOf(text, 1), sized], {
    error: complaint({
      what: 'a header value',
      hint: 'write a text, a list of texts, { size: 100 } or null',
    }),
  })
  .meta({ title: 'text, list, `{ size }` or null' });

const queryValue = z
  .union([z.string(), z.number(), listOf(text, 1), sized], {
    error: complaint({
      what: 'a query value',
      hint: 'write a text, a list of texts or { size: 100 }',
    }),
  })
  .meta({ title: 'text, list or `{ size }`' });

const tls = z
  .union(
    [
      z.literal(false),
      object({
        version: text.optional().describe('the only version offered: "1.1", "1.2", "1.3"'),
        alpn: listOf(text, 1).optional().describe('protocols offered by ALPN'),
      }),
    ],
    {
      error: complaint({ what: 'false or a mapping', hint: 'write false, or { version: "1.2" }' }),
    },
  )
  .meta({ title: '`false` or mapping' });

// What people write inside the argument, one level too deep.
const BESIDE = { beside: ['as', 'connection', 'within'] };

/** The argument of `connect`. */
export const connect = object(
  {
    endpoint: text.optional().describe('role in the target file; `open`'),
    credentials: text
      .optional()
      .describe(
        "a name in that endpoint's credentials; `default`, where there is one; `none` sends none",
      ),
    sign: deviation
      .optional()
      .describe('deviations from the right signature of credentials that sign, or `false`'),
    subprotocols: listOf(text)
      .optional()
      .describe('offered in this order; for another spelling write the header'),
    extensions: text
      .optional()
      .describe('text of `Sec-WebSocket-Extensions`; none is offered otherwise'),
    headers: mapOf(fieldValue)
      .optional()
      .describe(
        "sent besides the handshake's own; a list is sent repeatedly, `null` leaves a header out",
      ),
    query: mapOf(queryValue).optional().describe('added to the URL; a list is sent repeatedly'),
    method: text.optional().describe('`GET`'),
    path: text
      .optional()
      .describe(
        "path and query instead of the endpoint's; `{stage}` in it is the stage of the endpoint, `{STAGE}` the same in the other case",
      ),
    urlBytes: integer(16, 1024 * 1024)
      .optional()
      .describe('fills up the query until the whole URL, from `ws` on, has that many bytes'),
    nonce: oneWord(['header'])
      .optional()
      .describe('where the nonce travels when the query shall stay as written: `x-assay`'),
    raw: sentence.optional().describe('the whole request as text'),
    tls: tls.optional().describe('`false` speaks plain text; a mapping narrows what is offered'),
    backend: object({
      authorizer: authorizerPlan.optional().describe('what the authorizer does'),
      $connect: integrationPlan.optional().describe('what the `$connect` integration does'),
      $disconnect: integrationPlan.optional().describe('what the `$disconnect` integration does'),
    })
      .optional()
      .describe("plans for the connection's invocations"),
    count: integer(1, 100_000).optional().describe('size of the group; 1'),
    atOnce: integer(1, 100_000).optional().describe('how many may be on their way at a time; all'),
    until: oneWord(['sent']).optional().describe('ends the step as soon as the request is written'),
  },
  BESIDE,
);

/** One frame of `send`. */
export const frame = object({
  opcode: opcode.describe('0 to 15, or a name'),
  fin: flag.optional().describe('`true`'),
  rsv: integer(0, 7).optional().describe('the three reserved bits; 0'),
  masked: flag.optional().describe('`true`'),
  payload: payload.optional().describe('empty'),
});

/** The argument of `send`. */
export const send = oneKey(
  'message',
  {
    text: payload.describe('a text message'),
    binary: payload.describe('a binary message'),
    ping: payload.describe('a ping'),
    pong: payload.describe('a pong'),
    json: json.describe('a text message holding this value as JSON'),
    frames: listOf(frame, 1).describe('exactly these frames, valid or not'),
    bytes: object({ hex: hex.describe('the bytes') }).describe('exactly these bytes'),
  },
  {
    fragmentSize: integer(1, 2 ** 31)
      .optional()
      .describe('bytes of payload a frame; in one frame otherwise'),
    backend: integrationPlan.optional().describe('what the backend does with the message'),
  },
  BESIDE,
);

/** The argument of `close`. */
export const close = object(
  {
    code: integer(0, 65_535).optional().describe('close code; without it the close frame is empty'),
    reason: text.optional().describe('close reason; needs a code'),
  },
  BESIDE,
);

const closeStep = withRules(close, (value, found) => {
  if (!Object.hasOwn(value, 'reason') || Object.hasOwn(value, 'code')) return;
  const message = 'a close frame has no reason without a code';
  found('reason', complaint({ what: '', message, hint: 'write a code beside it: code: 1000' }));
});

const call = {
  id: text.optional().describe('another connection id than its own'),
  credentials: text
    .optional()
    .describe(
      'a name in the credentials of `management`; `default`, where there is one; `none` sends none',
    ),
  sign: deviation
    .optional()
    .describe('deviations from the right signature of credentials that sign, or `false`'),
  path: text
    .optional()
    .describe('path instead of that of `management`; `{id}`, and `{stage}` of the endpoint `open`'),
  headers: mapOf(fieldValue).optional().describe('sent with the call'),
};
const otherCall = object(call, BESIDE);

/** The argument of `postToConnection`. */
export const post = object(
  {
    body: z
      .union([z.string(), z.number(), sized], {
        error: complaint({ what: 'a body', hint: 'write a text or { size: 1024 }' }),
      })
      .meta({ title: 'text or `{ size }`' })
      .optional()
      .describe('what is sent to the connection; empty'),
    ...call,
  },
  BESIDE,
);

/** The argument of `getConnection` and `deleteConnection`. */
export { otherCall };

const modifiers = {
  as: name
    .optional()
    .describe('names the connection, or the answer of a call, that the step creates'),
  connection: names
    .optional()
    .describe('whom the step is about; not needed with a single `connect`'),
  within: duration.optional().describe('deadline of the step'),
};

const inner = {
  connect: connect
    .nullable()
    .describe(
      'opens TCP and TLS and sends the upgrade request; ends when the endpoint has answered or an invocation is being held; within 10s',
    ),
  release: oneWord(INVOCATIONS).describe('lets a held invocation go; within 10s'),
  send: send.describe('writes at once, whatever the state; within 5s'),
  close: closeStep
    .nullable()
    .describe('sends a close frame and ends when TCP has ended; within 5s'),
  drop: oneWord(['fin', 'reset', 'silence']).describe(
    'leaves without closing handshake; within 5s',
  ),
  postToConnection: post.nullable().describe('`POST @connections/{id}`; within 5s'),
  getConnection: otherCall.nullable().describe('`GET @connections/{id}`; within 5s'),
  deleteConnection: otherCall.nullable().describe('`DELETE @connections/{id}`; within 5s'),
  wait: moment.describe('waits for a moment; within 10s'),
  idle: duration.describe('stays silent that long'),
};

/** All verbs. */
export const VERBS: readonly string[] = [...Object.keys(inner), 'repeat', 'parallel'];

type FlatStep = Partial<z.input<z.ZodObject<typeof inner & typeof modifiers>>>;

/** One step as it is written in TypeScript. @public */
export interface StepInput extends FlatStep {
  readonly repeat?: {
    readonly times: number;
    readonly every?: string | undefined;
    readonly atOnce?: number | undefined;
    readonly steps: readonly StepInput[];
  };
  readonly parallel?: readonly StepInput[];
}

// Lazily, because steps contain steps; the type is written out for the same reason.
const steps: z.ZodType<readonly StepInput[], readonly StepInput[]> = z.lazy(() =>
  listOf(step as unknown as z.ZodType<StepInput, StepInput>, 1),
);

/** The argument of `repeat`. */
export const repeat = object({
  times: integer(1, 1_000_000).describe('how many rounds'),
  every: duration.optional().describe('how often a round starts; one after the other otherwise'),
  atOnce: integer(1, 100_000).optional().describe('rounds that may run at a time; 1'),
  steps: steps.describe('the steps of a round; no `connect` among them'),
});

const inside = (key: string): [string, string] => [
  key,
  `it belongs inside connect: connect: { ${key}: … }`,
];

const STEP_WORDS = {
  ...Object.fromEntries(Object.keys(connect.shape).map(inside)),
  backend: 'it belongs inside connect or send: send: { text: …, backend: { … } }',
  sleep: 'to stay silent for a time write idle: 3s',
  pause: 'to stay silent for a time write idle: 3s',
  delay: 'to stay silent for a time write idle: 3s; a plan of the backend has delay',
  disconnect: 'write close: { code: 1000 }, or drop: reset',
  expect: 'steps never judge: write a check under checks',
  assert: 'steps never judge: write a check under checks',
  receive: 'to wait for a message write wait: received',
  message: 'write send: { text: … }',
  name: 'write as to name a connection',
  loop: 'write repeat: { times: 3, steps: […] }',
};

/** One step. */
export const step = oneKey(
  'step',
  {
    ...inner,
    repeat: repeat.describe('rounds of steps'),
    parallel: steps.describe('starts all of these steps at one instant'),
  },
  modifiers,
  { words: STEP_WORDS },
);

/** The steps of a scenario. */
export { steps };
