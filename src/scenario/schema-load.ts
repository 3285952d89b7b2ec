// What a user may write under `load` and `throttle`, which stand where `steps` stand otherwise.
import * as z from 'zod';
import { PERCENT } from './schema-matcher.ts';
import { authorizerPlan, close, connect, integrationPlan } from './schema-step.ts';
import {
  complaint,
  duration,
  integer,
  json,
  listOf,
  name,
  object,
  oneKey,
  oneWord,
  onlyTrue,
  type Rule,
  rate,
  text,
  withRules,
} from './schema-value.ts';

const shareComplaint = {
  error: complaint({ what: 'a share', hint: 'write a share from 0% to 100%: 60%' }),
};

/** A part of all. */
const part = z
  .string(shareComplaint)
  .regex(PERCENT, shareComplaint)
  .refine((written) => Number(PERCENT.exec(written)?.[1]) <= 100, shareComplaint)
  .meta({ title: 'share', examples: ['60%'] });

const REFUSED = {
  count: 'the phases say how many: phases: [{ arrivals: 500 }]',
  atOnce: 'nothing waits for anything in a load: the phases say when each attempt starts',
  until: 'an attempt of a load is over when its connection has ended',
  raw: 'a load writes the handshake itself, each with its own key: use headers, query, path',
  within: 'within stands beside connect',
  as: 'there is one connection in a load, and nothing names it',
};

const { shape } = connect;

const connectShape = {
  endpoint: shape.endpoint,
  credentials: shape.credentials,
  sign: shape.sign,
  subprotocols: shape.subprotocols,
  extensions: shape.extensions,
  headers: shape.headers,
  query: shape.query,
  method: shape.method,
  path: shape.path,
  nonce: shape.nonce,
  tls: z
    .union(
      [
        z.literal(false),
        object({
          resume: onlyTrue
            .optional()
            .describe('resumes TLS sessions, as returning clients do; full handshakes otherwise'),
        }),
      ],
      {
        error: complaint({
          what: 'false or a mapping',
          hint: 'write false, or { resume: true }',
        }),
      },
    )
    .meta({ title: '`false` or mapping' })
    .optional()
    .describe('`false` speaks plain text'),
  backend: object({
    authorizer: authorizerPlan.optional().describe('what the authorizer does'),
    $connect: integrationPlan.optional().describe('what the `$connect` integration does'),
    $disconnect: integrationPlan.optional().describe('what the `$disconnect` integration does'),
  })
    .optional()
    .describe('plans for every connection; needs a remote probe'),
};

/** `connect` of a load: one kind of attempt. */
export const loadConnect = object(connectShape, { refused: REFUSED });

const shared = object(
  { share: part.describe('of the attempts; all shares add up to 100%'), ...connectShape },
  { refused: REFUSED },
);

const connects = z
  .union([loadConnect, listOf(shared, 1)], {
    error: complaint({
      what: 'a mapping or a list',
      hint: 'write { endpoint: … }, or a list of those with share',
    }),
  })
  .meta({ title: 'mapping, or list of mappings with `share`' });

const needsBeside =
  (key: string, others: readonly string[], hint: string): Rule =>
  (value, found) => {
    if (!Object.hasOwn(value, key)) return;
    const missing = others.find((one) => !Object.hasOwn(value, one));
    if (missing === undefined) return;
    const message = `${key} needs ${missing} beside it`;
    found(key, complaint({ code: 'SCN_MISSING_KEY', what: '', message, hint }));
  };

const onlyBeside =
  (key: string, one: string, hint: string): Rule =>
  (value, found) => {
    if (!Object.hasOwn(value, key) || Object.hasOwn(value, one)) return;
    const message = `${key} stands beside ${one}`;
    found(key, complaint({ code: 'SCN_MISPLACED', what: '', message, hint }));
  };

const PHASE_WORDS = {
  rate: 'write arrivalRate: 50/s',
  target: 'write rampTo: 1000/s',
  for: 'write duration: 30s',
  maxVusers: 'the model is open: nothing limits how many are open at a time',
  arrivalCount: 'so many at one instant is written arrivals: 500',
  think: 'to offer nothing for a while write pause: true',
};

/** The most arrivals that one burst, and the most steps that one staircase has. */
const MOST_ARRIVALS = 1_000_000;
const MOST_STEPS = 1000;

/** One phase of a load. */
export const phase = withRules(
  oneKey(
    'phase',
    {
      arrivalRate: rate.describe('attempts start at this rate'),
      arrivals: integer(1, MOST_ARRIVALS).describe('so many attempts start at one instant'),
      pause: onlyTrue.describe('nobody comes'),
    },
    {
      rampTo: rate.optional().describe('beside `arrivalRate`: the rate changes evenly to this one'),
      stepTo: rate
        .optional()
        .describe('beside `arrivalRate` and `steps`: the rate rises in equal steps to this one'),
      steps: integer(2, MOST_STEPS)
        .optional()
        .describe('beside `stepTo`: how many rates there are, the first and the last among them'),
      duration: duration
        .optional()
        .describe('how long it lasts; of all steps together; not beside `arrivals`'),
      name: name.optional().describe('for `during` and for the reports; `phase-1`'),
    },
    { words: PHASE_WORDS },
  ),
  needsBeside('arrivalRate', ['duration'], 'write duration: 30s beside it'),
  needsBeside('pause', ['duration'], 'write duration: 30s beside it'),
  needsBeside('steps', ['stepTo'], 'write stepTo: 1000/s beside it'),
  needsBeside('stepTo', ['steps'], 'write steps: 10 beside it'),
  onlyBeside('rampTo', 'arrivalRate', 'write arrivalRate: 50/s, the rate at which it begins'),
  onlyBeside('stepTo', 'arrivalRate', 'write arrivalRate: 50/s, the rate at which it begins'),
  (value, found) => {
    if (!Object.hasOwn(value, 'arrivals') || !Object.hasOwn(value, 'duration')) return;
    const message = 'arrivals come at one instant';
    const hint = 'leave duration out, or write arrivalRate';
    found('duration', complaint({ code: 'SCN_MISPLACED', what: '', message, hint }));
  },
  (value, found) => {
    if (!Object.hasOwn(value, 'rampTo') || !Object.hasOwn(value, 'stepTo')) return;
    const message = 'rampTo and stepTo exclude one another';
    found('stepTo', complaint({ code: 'SCN_ONE_OF', what: '', message, hint: 'keep one of them' }));
  },
);

/** How a connection of a load ends. */
export const ending = oneKey(
  'ending',
  {
    close: close.nullable().describe('sends a close frame'),
    drop: oneWord(['fin', 'reset', 'silence']).describe('leaves without closing handshake'),
    deleteConnection: object({
      credentials: text
        .optional()
        .describe('a name in the credentials of `management`; `default`, where there is one'),
    })
      .nullable()
      .describe('the backend ends it: `DELETE @connections/{id}`'),
    abort: oneWord(['handshake']).describe('leaves when half of the request is sent'),
  },
  {
    share: part
      .optional()
      .describe('of the connections; all shares add up to 100%; of a single ending 100%'),
  },
);

const message = oneKey(
  'message',
  { text: text.describe('a text message'), json: json.describe('a text message holding this') },
  { every: duration.describe('how often each connection sends it') },
);

const load = {
  connect: connects.optional().describe('to what the attempts connect, and how; `open`'),
  arrivals: oneWord(['even', 'poisson'])
    .optional()
    .describe('evenly spaced, or independent of one another as clients are; `even`'),
  seed: text.optional().describe('of `poisson`, the endings and what else is drawn; `--seed`'),
  phases: listOf(phase, 1).describe('when attempts start, one phase after the other'),
  openFor: duration.optional().describe('how long a connection stays open; `0s`'),
  endings: listOf(ending, 1).optional().describe('how connections end; `close: { code: 1000 }`'),
  messages: message.optional().describe('sent while a connection is open'),
  pings: object({ every: duration.describe('how often each connection sends one') })
    .optional()
    .describe('sent while a connection is open'),
  reconnect: object({
    after: duration.describe('how long a client waits'),
    jitter: duration.optional().describe('and at random up to so long more; `0s`'),
    times: integer(1, 1000).optional().describe('how often at most; 1'),
  })
    .optional()
    .describe('who was refused, or ended by the server, comes again: a storm'),
  within: duration.optional().describe('an attempt without an answer by then has timed out; `10s`'),
  drain: duration
    .optional()
    .describe('the longest watch after the last ending; by the thresholds where nothing is said'),
};

const LOAD_WORDS = {
  rate: 'write phases: [{ arrivalRate: 50/s, duration: 30s }]',
  arrivalRate: 'write phases: [{ arrivalRate: 50/s, duration: 30s }]',
  duration: 'write phases: [{ arrivalRate: 50/s, duration: 30s }]',
  endpoint: 'it belongs inside connect: connect: { endpoint: … }',
  headers: 'it belongs inside connect: connect: { headers: … }',
  query: 'it belongs inside connect: connect: { query: … }',
  subprotocols: 'it belongs inside connect: connect: { subprotocols: … }',
  backend: 'it belongs inside connect: connect: { backend: … }',
  hold: 'how long a connection stays open is written openFor',
  timeout: 'write within: 5s',
  close: 'write endings: [{ close: { code: 1000 } }]',
  drop: 'write endings: [{ drop: reset }]',
  workers: 'an option of the command: --workers 4',
  precise: 'an option of the command: --precise',
};

/** The argument of `load`. */
export const loadSchema = object(load, { words: LOAD_WORDS });

/** The argument of `throttle`. */
export const throttleSchema = object(
  {
    connect: loadConnect.optional().describe('to what the attempts connect, and how'),
    offer: rate.describe('the rate that is offered, above the limit; never more is sent'),
    saturateFor: duration.optional().describe('how long it is offered each time; `20s`'),
    rounds: integer(1, 100).optional().describe('how often: more rounds, narrower intervals; 3'),
    within: load.within,
  },
  {
    words: {
      rate: 'write offer: 200/s',
      duration: 'write saturateFor: 20s',
      phases: 'a throttle has offer, saturateFor and rounds; phases belong to load',
      endpoint: 'it belongs inside connect: connect: { endpoint: … }',
    },
  },
);
