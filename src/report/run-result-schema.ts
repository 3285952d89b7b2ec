// The shape of a saved RunResult, as far as reports rely on it. Objects are open: a later minor
// version may add keys. `RunResult` itself is the contract; a test makes the compiler compare the two.
import { z } from 'zod';
import { judgingSchema, recordSchema } from './evidence-schema.ts';
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
  records: z.array(recordSchema),
  judging: judgingSchema.exactOptional(),
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
  shard: z.looseObject({ index: count, of: count, cases: count, plan: text }).exactOptional(),
  merged: z
    .array(
      z.looseObject({
        index: count,
        runId: text,
        startedAt: text,
        durationMs: z.number(),
        command: text,
        seed: text,
      }),
    )
    .exactOptional(),
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
