// The shape of a saved RunResult, as far as reports rely on it. Objects are open: a later minor
// version may add keys. `RunResult` itself is the contract; a test makes the compiler compare the two.
import { z } from 'zod';
import { loadResultSchema } from './load-result-schema.ts';

const text = z.string();
const count = z.int().nonnegative();
const at = z.number();

const verdict = z.enum([
  'passed',
  'failed',
  'warned',
  'recorded',
  'skipped',
  'not-applicable',
  'errored',
  'inconclusive',
]);

const level = z.enum(['must', 'should', 'may']);

const payload = z.looseObject({
  bytes: count,
  text: text.exactOptional(),
  hex: text.exactOptional(),
  truncated: z.literal(true).exactOptional(),
  sha256: text.exactOptional(),
});

const header = z.tuple([text, text]);

const head = z.looseObject({
  version: text,
  status: z.number(),
  phrase: text,
  headers: z.array(header),
});

const direction = z.enum(['in', 'out']);

// What every record has beside its kind.
const common = { seq: z.number(), atUs: at, connection: text, member: count };

const wireRecords = [
  z.looseObject({
    ...common,
    kind: z.literal('connecting'),
    host: text,
    port: z.number(),
    secure: z.boolean(),
  }),
  z.looseObject({ ...common, kind: z.literal('resolved'), address: text }),
  z.looseObject({
    ...common,
    kind: z.literal('tcp'),
    localPort: z.number(),
    remote: text,
    proxy: text.optional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('tls'),
    version: text,
    cipher: text,
    alpn: text.optional(),
    verified: z.boolean(),
    problem: text.exactOptional(),
  }),
  z.looseObject({ ...common, kind: z.literal('request'), raw: payload, key: text.optional() }),
  z.looseObject({ ...common, kind: z.literal('sent') }),
  z.looseObject({ ...common, kind: z.literal('firstByte') }),
  z.looseObject({ ...common, kind: z.literal('interim'), head, raw: payload }),
  z.looseObject({
    ...common,
    kind: z.literal('response'),
    head,
    raw: payload,
    opened: z.boolean(),
    violations: z.array(text),
  }),
  z.looseObject({ ...common, kind: z.literal('body'), body: payload }),
  z.looseObject({
    ...common,
    kind: z.literal('frame'),
    direction,
    opcode: z.number(),
    fin: z.boolean(),
    rsv: z.number(),
    masked: z.boolean(),
    payload,
    close: z.looseObject({ code: z.number().exactOptional(), reason: text }).exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('message'),
    binary: z.boolean(),
    payload,
    fragments: z.number(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('protocolError'),
    code: text,
    message: text,
    closeCode: z.number(),
    bytes: payload,
  }),
  z.looseObject({ ...common, kind: z.literal('fin'), direction }),
  z.looseObject({ ...common, kind: z.literal('reset'), direction, code: text }),
  z.looseObject({ ...common, kind: z.literal('silence') }),
  z.looseObject({
    ...common,
    kind: z.literal('failure'),
    outcome: text,
    phase: text,
    code: text,
    message: text,
  }),
  z.looseObject({ ...common, kind: z.literal('closed') }),
] as const;

const record = z.discriminatedUnion('kind', [
  ...wireRecords,
  z.looseObject({
    ...common,
    kind: z.literal('invocation'),
    type: z.enum(['AUTHORIZER', 'CONNECT', 'MESSAGE', 'DISCONNECT']),
    phase: z.enum(['started', 'released', 'ended', 'abandoned']),
    invocationId: text,
    clock: z.enum(['runner', 'platform']),
    planned: z.literal(true).exactOptional(),
    problem: text.exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('call'),
    name: text,
    verb: text,
    method: text,
    url: text,
    body: text.exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('answer'),
    name: text,
    status: z.number().exactOptional(),
    headers: z.array(header).exactOptional(),
    body: payload.exactOptional(),
    failure: text.exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('step'),
    index: text,
    verb: text,
    phase: z.enum(['begun', 'ended', 'deadline', 'impossible', 'prevented']),
    message: text.exactOptional(),
  }),
]);

const span = z.looseObject({
  file: text,
  line: z.number(),
  column: z.number(),
  length: z.number(),
});

const baselineEntry = z.looseObject({
  check: text,
  verdict: z.enum(['failed', 'warned']),
  actual: z.record(text, z.unknown()),
  reason: text,
  issue: text.exactOptional(),
  expires: text,
  span,
});

const overlay = {
  state: z.enum([
    'expected-failure',
    'failing-differently',
    'unexpected-pass',
    'expired',
    'not-judged',
  ]),
  message: text,
  entry: baselineEntry,
};

const finding = z.looseObject({
  check: text,
  verdict,
  level,
  title: text.exactOptional(),
  requirement: text.exactOptional(),
  message: text,
  expected: text,
  actual: z.record(text, z.unknown()),
  deviation: z.record(text, z.unknown()).exactOptional(),
  baseline: z.looseObject(overlay).exactOptional(),
  reason: text.exactOptional(),
  span,
  evidence: z.array(z.number()),
});

const caseResult = z.looseObject({
  id: text,
  scenario: text,
  file: text,
  title: text,
  description: text.exactOptional(),
  axes: z.record(text, text),
  tags: z.array(text),
  isolation: z.enum(['shared', 'exclusive', 'destructive']),
  startedAtUs: at,
  durationUs: at,
  findings: z.array(finding),
  connections: z.array(
    z.looseObject({ name: text, members: z.number(), subprotocols: z.array(text) }),
  ),
  records: z.array(record),
  load: loadResultSchema.exactOptional(),
  rerun: text,
  targetDied: text.exactOptional(),
});

const requirement = z.looseObject({
  level,
  statement: text,
  confidence: text.exactOptional(),
  sources: z.array(
    z.looseObject({
      title: text,
      url: text.exactOptional(),
      quote: text.exactOptional(),
      note: text.exactOptional(),
    }),
  ),
});

/** Accepts every RunResult of the current schema version after a trip through JSON. */
export const runResultSchema = z.looseObject({
  schemaVersion: z.literal(1),
  tool: z.looseObject({ name: z.literal('ws-assay'), version: text }),
  runId: text,
  startedAt: text,
  durationMs: z.number(),
  command: text,
  seed: text,
  policy: z.looseObject({ failOn: z.enum(['must', 'should']) }),
  environment: z.looseObject({ node: text, platform: text, arch: text }),
  suite: z.looseObject({ name: text, title: text, version: text.exactOptional() }).exactOptional(),
  target: z.looseObject({
    name: text,
    title: text,
    version: text.exactOptional(),
    endpoints: z.record(text, text),
    management: text.exactOptional(),
    features: z.array(text),
    insecure: z.boolean(),
    route: z.array(text).optional(),
    launched: z.boolean(),
    observed: z.boolean().exactOptional(),
  }),
  baseline: z
    .looseObject({ file: text, entries: z.array(baselineEntry), unselected: count })
    .exactOptional(),
  requirements: z.record(text, requirement),
  cases: z.array(caseResult),
  notRun: z.array(text),
  problems: z.array(z.looseObject({ code: text, message: text, hint: text.exactOptional() })),
  interrupted: z.boolean(),
  stale: z.array(z.looseObject({ ...overlay, check: text })).exactOptional(),
  counts: z.record(verdict, count),
  exitCode: z.int(),
});
