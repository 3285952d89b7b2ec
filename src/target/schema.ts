// What a user may write in a target file: where the endpoints are, what they can do, how to start them.
import * as z from 'zod';
import type { OtherFile } from '../scenario/generate.ts';
import { LIMITS } from '../scenario/limit.ts';
import { VARIABLE_NAME } from '../scenario/schema.ts';
import { signing } from '../scenario/schema-sign.ts';
import {
  atMostOne,
  complaint,
  count,
  duration,
  feature,
  flag,
  integer,
  listOf,
  mapOf,
  object,
  oneKey,
  pattern,
  rate,
  sentence,
  text,
  withRules,
} from '../scenario/schema-value.ts';
import { parseOverride, parseProxy } from '../wire/route.ts';
import { address, url } from './schema-address.ts';
import { correlate, map, observer, probe } from './schema-backend.ts';
import { prices } from './schema-prices.ts';
import { provision } from './schema-provision.ts';

const PROXY_HINT = 'write http://host:port, with user:password@ where it asks for them, or direct';
const OVERRIDE_HINT = 'write host:port:address, e.g. chat.example.com:443:127.0.0.1';

const word = (what: string): z.ZodString =>
  z.string().regex(VARIABLE_NAME, {
    error: complaint({ what, hint: 'write letters, digits and hyphens, beginning with a letter' }),
  });

const KINDS = { duration, rate, integer: count(1) } as const;

const limits = object(
  Object.fromEntries(
    Object.entries(LIMITS).map(([name, kind]) => [name, KINDS[kind].optional().describe(kind)]),
  ),
);

const values = z
  .union([z.string(), z.number(), listOf(text, 1)], {
    error: complaint({ what: 'a text', hint: 'write a text or a list of texts' }),
  })
  .meta({ title: 'text or list' });

const credentials = object(
  {
    headers: mapOf(values).optional().describe('added to the request'),
    query: mapOf(values).optional().describe('added to the URL'),
    sign: signing.optional().describe('signs the request by SigV4, for AWS_IAM'),
    usageIdentifierKey: text
      .optional()
      .describe('API key that the probe gives as authorizer of the connection'),
  },
  { later: ['profile'] },
);

const callCredentials = object(
  {
    headers: mapOf(values).optional().describe('added to the call'),
    sign: signing.optional().describe('signs the call by SigV4'),
  },
  { later: ['profile'] },
);

const aws = object(
  { region: text.optional().describe('that requests are signed for') },
  { later: ['profile'] },
);

const management = z
  .union(
    [
      url,
      object({
        url: url.describe('contains `{id}`'),
        credentials: mapOf(callCredentials, word('a name'))
          .optional()
          .describe('by name; `default` is used when a call names none'),
      }),
    ],
    {
      error: complaint({ what: 'a management URL', hint: 'write https://host/@connections/{id}' }),
    },
  )
  .meta({ title: 'URL with `{id}`, or `{ url, credentials }`' });

const endpoint = z
  .union(
    [
      url,
      object({
        url: url.describe('where it is: ws:// or wss://'),
        stage: text
          .optional()
          .describe(
            'its path is this stage of an API, and nothing else; known by itself on `execute-api` hosts of AWS',
          ),
        credentials: mapOf(credentials, word('a name'))
          .optional()
          .describe('by name; `default` is sent when a scenario names none'),
        management: management
          .optional()
          .describe('where its connections are managed, when not where those of the target are'),
      }),
    ],
    { error: complaint({ what: 'an endpoint', hint: 'write a URL, or { url, credentials }' }) },
  )
  .meta({ title: 'URL or `{ url, credentials }`' });

const proxy = z
  .string({ error: complaint({ what: 'a proxy', hint: PROXY_HINT }) })
  .refine((written) => written === 'direct' || parseProxy(written) !== undefined, {
    error: complaint({ what: 'a proxy', hint: PROXY_HINT }),
  })
  .meta({ title: 'proxy', examples: ['http://proxy.example.com:3128'] });

const override = z
  .string({ error: complaint({ what: 'an override', hint: OVERRIDE_HINT }) })
  .refine((written) => parseOverride(written) !== undefined, {
    error: complaint({ what: 'an override', hint: OVERRIDE_HINT }),
  })
  .meta({ title: 'host:port:address', examples: ['chat.example.com:443:127.0.0.1'] });

const network = object(
  {
    ca: text.optional().describe('certificate authorities: PEM text, or a file beside the target'),
    cert: text.optional().describe('client certificate, likewise'),
    key: text.optional().describe('its key, likewise'),
    servername: text.optional().describe('name for SNI and verification'),
    insecure: flag.optional().describe('does not verify certificates, and says so in every report'),
    proxy: proxy
      .optional()
      .describe(
        'HTTP proxy for all endpoints (CONNECT), or `direct`; else as the environment says (`https_proxy`, `http_proxy`, `no_proxy`)',
      ),
    resolve: listOf(override)
      .optional()
      .describe('addresses to use instead of asking DNS: `host:port:address`'),
  },
  { later: ['sourceAddresses'] },
);

const ready = oneKey(
  'readiness',
  {
    tcp: address.describe('it accepts connections there'),
    http: url.describe('a GET there answers'),
    line: pattern.describe('it prints a line that matches this'),
  },
  { within: duration.optional().describe('how long it may take; 30s') },
);

const launch = oneKey(
  'way to launch',
  {
    command: listOf(text, 1).describe('program and arguments; no shell'),
    gateway: text.describe('a configuration of the reference gateway, beside the target'),
  },
  {
    directory: text.optional().describe('working directory, from the target file; its own'),
    env: mapOf(text).optional().describe('added to the environment'),
    ports: listOf(word('a name'))
      .optional()
      .describe('names of free ports to choose; `${port.NAME}` is one'),
    ready: ready
      .optional()
      .describe('when it is ready; when it accepts connections to its first endpoint'),
  },
);

/** A target file. */
export const targetSchema = withRules(
  object({
    title: sentence.optional().describe('for reports; the name of its directory'),
    version: text.optional().describe('of what is tested; a certificate needs one'),
    url: url.optional().describe('the only endpoint: short for `endpoints: { open: … }`'),
    endpoints: mapOf(endpoint, word('a role')).optional().describe('by role'),
    management: management
      .optional()
      .describe('the @connections API: a URL with `{id}`, which is percent-encoded'),
    aws: aws.optional().describe('what is signed for, where credentials do not say it'),
    probe: probe.optional().describe('its integration is the probe'),
    observer: observer.optional().describe('where its backend tells of its events'),
    settle: duration
      .optional()
      .describe('how long the runner watches for what must not happen; 1s'),
    correlate: correlate
      .optional()
      .describe('how an attempt is recognised in the backend; `query`: `?assay=`'),
    concurrency: integer(1, 10_000).optional().describe('cases at a time that it bears; 16'),
    features: listOf(feature).optional().describe('what it can do'),
    limits: limits.optional().describe('its limits'),
    vars: mapOf(
      z.union([z.string(), z.number(), z.boolean()], {
        error: complaint({ what: 'a scalar', hint: 'write a text, a number, true or false' }),
      }),
      word('a name for a variable'),
    )
      .optional()
      .describe('values of variables'),
    network: network.optional().describe('how to reach it'),
    baseline: text
      .optional()
      .describe('what it is known to get wrong: a baseline file, beside the target'),
    prices: prices
      .optional()
      .describe('what it costs to use: for `run --dry-run` and `run --max-cost`'),
    launch: launch.optional().describe('how to start it'),
    provision: provision
      .optional()
      .describe('sets up the probe through the API of AWS; URLs have `{apiId}` then'),
  }),
  atMostOne('endpoint', ['url', 'endpoints']),
  (value, found) => {
    const { probe: control, observer: eyes } = value;
    if (!hasKey(control, 'scripted') || eyes !== undefined) return;
    const message = 'a scripted probe needs an observer that tells what happened';
    const hint = 'write observer: { file: … }, { exec: […] } or { http: }';
    found('probe', complaint({ code: 'TGT_NO_OBSERVER', what: '', message, hint }));
  },
  (value, found) => {
    const { probe: control, observer: eyes } = value;
    if (!hasKey(control, 'remote')) return;
    if (eyes === undefined || (hasKey(eyes, 'http') && !hasKey(eyes, 'map'))) return;
    const message = 'a remote probe is its own observer';
    const hint = 'leave observer out';
    found('observer', complaint({ code: 'SCN_ONE_OF', what: '', message, hint }));
  },
  (value, found) => {
    if (!Object.hasOwn(value, 'provision') || hasKey(value['probe'], 'remote')) return;
    const message = 'what is provisioned is the remote probe, and there is none';
    const hint = 'add probe: { remote: {} }';
    found('provision', complaint({ code: 'SCN_MISPLACED', what: '', message, hint }));
  },
  (value, found) => {
    if (Object.hasOwn(value, 'url') || Object.keys(value['endpoints'] ?? {}).length > 0) return;
    const message = 'the target has no endpoint';
    const hint = 'write url: wss://host/path';
    found('', complaint({ code: 'TGT_NO_ENDPOINT', what: '', message, hint, wantsKey: true }));
  },
  (value, found) => {
    if (Object.hasOwn(value, 'probe') || !givesKeys(value['endpoints'])) return;
    const message =
      'usageIdentifierKey is what the probe gives as authorizer, and there is no probe';
    const hint = 'add probe: { remote: {} }, or leave it to your own authorizer';
    found(
      'endpoints',
      complaint({ code: 'SCN_MISPLACED', what: '', message, hint, wantsKey: true }),
    );
  },
).meta({ title: 'Target, version 1', description: 'Where an endpoint is and what it can do.' });

function givesKeys(endpoints: unknown): boolean {
  return below(endpoints).some((one) =>
    below(Object(one)['credentials']).some((known) =>
      Object.hasOwn(Object(known), 'usageIdentifierKey'),
    ),
  );
}

// What is no mapping is another rule's mistake.
function below(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

/** For the generated files: the schema and its tables on the reference page. */
export const targetFile: OtherFile = {
  name: 'target',
  schema: targetSchema,
  sections: [
    { title: 'Target file', text: '`targets/<name>/target.yaml`.', schema: targetSchema },
    { title: 'Endpoint of a target', schema: endpoint },
    { title: 'Credentials of an endpoint', schema: credentials },
    { title: 'sign of credentials', schema: signing },
    { title: 'management of a target', schema: management },
    { title: 'Credentials of management', schema: callCredentials },
    { title: 'aws of a target', schema: aws },
    { title: 'probe of a target', schema: probe },
    { title: 'observer of a target', schema: observer },
    { title: 'map of an observer', schema: map },
    { title: 'network of a target', schema: network },
    { title: 'prices of a target', schema: prices },
    { title: 'launch of a target', schema: launch },
    { title: 'ready of launch', schema: ready },
    { title: 'provision of a target', schema: provision },
  ],
};
