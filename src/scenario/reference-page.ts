// docs/scenario-reference.md: tables of every key, made from the schemas themselves.
import * as z from 'zod';
import { DIAGNOSTIC_CODES } from './diagnostic.ts';
import { FEATURES } from './feature.ts';
import { LIMITS } from './limit.ts';
import { LOAD_MOMENTS } from './load-threshold-names.ts';
import { PHASES, POINTS } from './moment.ts';
import { INVOCATIONS, ROOTS } from './path.ts';
import { requirementsSchema } from './requirement.ts';
import { scenarioSchema } from './schema.ts';
import {
  answerFields,
  between,
  check,
  closed,
  elapsed,
  events,
  frameFields,
  handshake,
  messageFields,
  never,
} from './schema-check.ts';
import { estimate, rates } from './schema-estimate.ts';
import { ending, loadConnect, loadSchema, phase, throttleSchema } from './schema-load.ts';
import { integerMatcher, jsonMatcher, textMatcher } from './schema-matcher.ts';
import {
  authorizerPlan,
  close,
  connect,
  frame,
  integrationPlan,
  otherCall,
  post,
  repeat,
  send,
  step,
} from './schema-step.ts';
import { among, sampled, share, threshold } from './schema-threshold.ts';
import { suiteSchema } from './suite.ts';

/** A table of the page. */
export interface ReferenceSection {
  readonly title: string;
  readonly text?: string;
  /** A schema whose keys are listed; of an alternative the mapping among them. */
  readonly schema?: z.ZodType;
  /** A whole file or a part of one, in YAML. */
  readonly example?: string;
}

/** The page, in Markdown. `more` are sections of files that other parts of the tool own. */
export function referencePage(more: readonly ReferenceSection[] = []): string {
  const sections = [...SECTIONS, ...more, ...FILES];
  return `${[INTRODUCTION, ...sections.map(renderSection)].join('\n\n')}\n`;
}

/** Complete scenario files that stand on the page. */
export const EXAMPLES: readonly string[] = [
  `title: The upgrade is pending until the $connect integration completes
steps:
  - connect: { backend: { $connect: { hold: 1s } } }
  - release: $connect
checks:
  nothing-before-release:
    never: { moment: firstByte, before: $connect.released }
  opens-after-release:
    handshake: { status: 101 }
`,
  `title: Only a good token opens the chat
steps:
  - as: no-token
    connect:
  - as: good-token
    connect: { subprotocols: [chat], headers: { Authorization: "Bearer \${secret:CHAT_TOKEN}" } }
  - connection: good-token
    send: { json: { action: ping } }
checks:
  no-token-is-refused: { connection: no-token, handshake: { status: { oneOf: [401, 403] } } }
  good-token-opens: { connection: good-token, handshake: { status: 101, subprotocol: chat } }
  ping-is-answered:
    connection: good-token
    received: { some: { json: { type: pong } } }
    within: 2s
`,
  `title: The status of a refusing $connect integration is what the client sees
axes:
  status: [400, 401, 403, 500]
steps:
  - connect: { backend: { $connect: { status: "\${status}" } } }
checks:
  same-status: { handshake: { status: "\${status}" } }
  not-told-of-the-end: { events: { $connect: 1, $disconnect: 0 } }
`,
  `title: However a connection ends, $disconnect follows once, after the close
axes:
  ending:
    close-frame: { close: { code: 4001, reason: bye } }
    fin: { drop: fin }
    reset: { drop: reset }
steps:
  - connect:
  - "\${ending}"
checks:
  exactly-once: { events: { $disconnect: 1 }, within: 90s }
  after-the-close: { order: [closing, $disconnect.started], within: 90s }
`,
  `title: Connecting is quick, and nearly everybody gets in
steps:
  - connect: { count: 100, atOnce: 10 }
  - drop: reset
thresholds:
  nearly-all-get-in: { share: { gte: 95% }, of: { handshake: { status: 101 } } }
  connect-p95: { p95: { lte: 300ms }, of: { elapsed: { from: connecting, to: opened } } }
  told-of-the-end:
    share: { gte: 95% }
    of: { events: { $disconnect: { count: { gte: 1 } } }, within: 30s }
    among: { ending: reset }
  nobody-told-twice: { count: 0, of: { events: { $disconnect: { count: { gte: 2 } } } } }
`,
  `title: A rush of clients gets in, leaves in every way, and the backend hears of it
load:
  arrivals: poisson
  phases:
    - { name: ramp, arrivalRate: 10/s, rampTo: 200/s, duration: 10s }
    - { name: peak, arrivalRate: 200/s, duration: 10s }
  openFor: 2s
  endings:
    - { share: 60%, close: { code: 1000 } }
    - { share: 20%, drop: fin }
    - { share: 20%, drop: reset }
thresholds:
  nearly-all-get-in: { share: { gte: 99.5% }, of: { handshake: { status: 101 } } }
  connect-p99: { p99: { lte: 800ms }, of: { elapsed: { from: connecting, to: opened } } }
  peak-is-served: { rate: { gte: 190/s }, of: { handshake: { status: 101 } }, during: peak }
  told-quickly:
    p99: { lte: 5s }
    of: { elapsed: { from: closing, to: $disconnect.started } }
    among: { ending: close }
  nobody-told-twice: { count: 0, of: { events: { $disconnect: { count: { gte: 2 } } } } }
`,
  `title: Connects are limited by a token bucket of the declared rate and burst
throttle:
  connect: { endpoint: throttled }
  offer: 200/s
  saturateFor: 20s
thresholds:
  refused-with-429:
    share: 100%
    of: { handshake: { status: 429 } }
    among: { handshake: { outcome: refused } }
  token-bucket: { estimate: token-bucket, of: throttle.kind }
  rate-as-declared: { estimate: { is: "\${limits.connectRate}", tolerance: 10% }, of: throttle.rate }
  burst-as-declared: { estimate: { is: "\${limits.connectBurst}", tolerance: 10% }, of: throttle.burst }
`,
];

const [
  PENDING = '',
  TOKENS = '',
  STATUSES = '',
  ENDINGS = '',
  CONNECT_TIME = '',
  RUSH = '',
  LIMIT = '',
] = EXAMPLES;

const THRESHOLDS_TEXT = `One statistic a threshold, over the members of the connections it names. \`of\` is judged of each of them
by itself. What is about \`$disconnect\` counts connections that opened and ended while the steps ran, all else counts
attempts; \`among\` says otherwise. A \`share\` passes when its whole interval (Wilson) is within what is asked, fails when
it is outside, and is \`inconclusive\` in between, with the number of samples that would decide. A literal \`100%\` or \`0%\` is
about this sample, exactly, as are \`count\` and \`rate\`. A percentile is a time that was measured (nearest rank); an end that never came
counts as longer than the watch. An \`estimate\` passes when its whole interval is within what is asked. Over no sample every
threshold is \`inconclusive\`.`;

const LOAD_TEXT = `Instead of \`steps\`. The model is open: attempts start when the schedule says, whatever the endpoint does. What
was late or never sent is always measured, and a run whose generator was the bottleneck does not pass. A load runs alone, after the
cases of steps. It has thresholds only, and of each attempt only this is kept, so only this can be asked: \`handshake\`
(\`outcome\`, \`status\`, \`subprotocol\`), \`closed\` (\`by\`, \`how\`, \`code\`), the number of \`events\`, \`elapsed\` from one
of these moments to another: ${LOAD_MOMENTS.map((one) => `\`${one}\``).join(' ')}. \`connecting\` is when an attempt was due.
Attempts that were never sent are no samples.`;

const THROTTLE_TEXT = `Instead of \`steps\`. Waits until a bucket is full, bursts, saturates at \`offer\`, recovers, bursts again, and
estimates the limiter that it met. It never offers more than \`offer\`. Where a limit is not declared by the target, the estimate of it is not
applicable.`;

const INTRODUCTION = `# Scenario reference, version 1

Generated from the schemas that judge the files (\`src/scenario/schema.ts\`); do not edit.

A scenario is a YAML file that *drives* (steps, or a load) and then *judges* (checks, thresholds). A step is one verb, a check is one
condition; modifiers stand beside it. Steps never judge and checks never act. Nothing is awaited by sleeping: a step
ends when what it started has finished or is being held. The id of a scenario is its path below \`scenarios/\`, without
\`.yaml\`; a case is a scenario with its axis values, \`connect/status-passthrough[status=403]\`; a check is
\`<case>#<id>\`.

\`\`\`yaml
${PENDING}\`\`\`

For completion and checking in an editor the first line of a file may name the schema:
\`# yaml-language-server: $schema=../../schema/scenario-1.schema.json\`.

## Values

| value | written | |
|---|---|---|
| duration · rate · share | \`250ms\` \`5s\` \`2m\` \`1h\` · \`50/s\` \`30/m\` · \`99.9%\` | a bare number is an error |
| status, close code, count, bytes | \`403\` | integers |
| text | \`chat\` | a number where text is meant is read as its text |
| payload | \`hello\` · \`{ size: 131073 }\` · \`{ hex: ff0041 }\` | \`size\`: that many bytes of \`a\` |
| moment | \`opened\` · \`$connect.released\` · \`b.closed\` · \`postToConnection.returned\` | an instant of a connection, an invocation, a call |
| path | \`handshake.status\` · \`$connect.headers["x.y"]\` · \`received[0].text\` | into the evidence |

YAML 1.2 core schema, one document a file, at most 1 MiB. Unknown and duplicate keys are errors. \`key:\` alone means
\`key: {}\`.

## Variables

| written | is |
|---|---|
| \`\${name}\` · \`\${name.key}\` | an axis, else \`--var\`, the suite's \`vars\`, the target's, the scenario's |
| \`\${limits.NAME}\` | a limit that the target declares; what uses a missing one is not applicable |
| \`\${nonce}\` | the nonce of the connection, when it connects |
| \`\${env:NAME}\` · \`\${secret:NAME}\` | the environment; a secret appears in no output |
| \`$\${\` | a literal \`\${\` |

A value that is exactly one \`\${…}\` keeps its type, also a mapping; inside longer text it becomes text. Inside
\`{ … }\` and \`[ … ]\` write it with quotes, \`"\${name}"\`: YAML itself would read the brace.

## Axes

\`axes\` runs the scenario once for each combination of their values.

\`\`\`yaml
${STATUSES}\`\`\`

The values of an axis can also be mappings, under labels that stand in the id of the case:

\`\`\`yaml
${ENDINGS}\`\`\`

## Names

\`as\` names what a step creates: a connection, or the answer of a management call. \`connection\` says whom a step or a
check is about. With a single \`connect\` neither is needed (it is called \`client\`); with several, every \`connect\` has
\`as\` and everything else names its connection. \`count: 50\` makes a group: a step acts on every member at once, a check
holds if it holds for each.

\`\`\`yaml
${TOKENS}\`\`\``;

const SECTIONS: readonly ReferenceSection[] = [
  { title: 'Scenario', schema: scenarioSchema },
  {
    title: 'Steps',
    text: 'One verb a step. A deadline that passes is recorded, and driving goes on; a step that cannot be done because of what the endpoint did ends the driving.',
    schema: step,
  },
  {
    title: 'connect',
    text: 'The deadline stands still while an invocation is held. When it passes, the connection is reset; its outcome is `timeout`.',
    schema: connect,
  },
  {
    title: 'Plans: what the backend does',
    text: 'Under `backend` of `connect` (`$connect`, `$disconnect`) and of `send`. `delay`, `hold` and `hang` exclude one another, as do `throw`, `return` and the other keys. Without a plan: status 200, no body.',
    schema: integrationPlan,
  },
  { title: 'Plan of the authorizer', text: 'Without a plan it allows.', schema: authorizerPlan },
  { title: 'send', schema: send },
  { title: 'Frames of `send`', schema: frame },
  { title: 'close', schema: close },
  {
    title: 'postToConnection',
    text: 'A call waits for the id of the connection, which the events of the backend tell.',
    schema: post,
  },
  { title: 'getConnection, deleteConnection', schema: otherCall },
  { title: 'repeat', schema: repeat },
  {
    title: 'load',
    text: `${LOAD_TEXT}\n\n\`\`\`yaml\n${RUSH}\`\`\``,
    schema: loadSchema,
  },
  { title: 'connect of a load', schema: loadConnect },
  {
    title: 'Phases',
    text: 'One after the other. A rate alone is constant; `rampTo` changes it evenly, `stepTo` in `steps` equal steps.',
    schema: phase,
  },
  { title: 'Endings', schema: ending },
  {
    title: 'throttle',
    text: `${THROTTLE_TEXT}\n\n\`\`\`yaml\n${LIMIT}\`\`\``,
    schema: throttleSchema,
  },
  { title: 'Checks', text: 'One condition a check.', schema: check },
  { title: 'handshake', schema: handshake },
  {
    title: 'received',
    text: 'A number, or `{ count, each, some, none }`; `each` implies at least one. The fields of a message:',
    schema: messageFields,
  },
  {
    title: 'frames',
    text: 'Likewise of all frames that came in. The fields of a frame:',
    schema: frameFields,
  },
  {
    title: 'events',
    text: 'A number, or `{ count, each, some, none, schema }`, for each invocation named. The keys below `each`, `some` and `none` are paths into the event.',
    schema: events,
  },
  { title: 'closed', schema: closed },
  {
    title: 'answers',
    text: 'For each call named, the fields of its answer:',
    schema: answerFields,
  },
  { title: 'never', schema: never },
  { title: 'elapsed', schema: elapsed },
  { title: 'between', schema: between },
  {
    title: 'Thresholds',
    text: `${THRESHOLDS_TEXT}\n\n\`\`\`yaml\n${CONNECT_TIME}\`\`\``,
    schema: threshold,
  },
  { title: 'share', schema: share },
  { title: 'rate', schema: rates },
  { title: 'estimate', schema: estimate },
  { title: 'of', schema: sampled },
  { title: 'among', schema: among },
  {
    title: 'Matchers',
    text: 'A literal, or a mapping of conditions that must all hold. A value that is not there satisfies `absent: true` and `not`, nothing else. Under `json` and in events keys are paths, so a nested mapping is always a matcher and never a nested field.',
    schema: jsonMatcher,
  },
  { title: 'Matchers of integers', schema: integerMatcher },
  { title: 'Matchers of text', schema: textMatcher },
  { title: 'Moments', text: momentsText() },
  { title: 'Limits', text: tableOf(['limit', 'written as'], Object.entries(LIMITS)) },
  {
    title: 'Features',
    text: `Derived and never written: \`endpoint:<role>\`, \`credentials:<role>.<name>\`, \`probe\`, \`observer\`, \`management\`, \`limits.<name>\`. Written in \`needs\` (your own begin with \`x-\`):\n\n${tableOf(['feature', 'the target'], Object.entries(FEATURES))}`,
  },
];

const FILES: readonly ReferenceSection[] = [
  { title: 'Suite file', text: '`suites/<name>/suite.yaml`.', schema: suiteSchema },
  {
    title: 'Requirements file',
    text: 'Beside the suite. Requirements and checks name each other.',
    schema: requirementsSchema,
  },
  {
    title: 'Diagnostics',
    text: `Every mistake of a file is reported at once, with its place. Codes keep their meaning.\n\n${tableOf(['code', 'meaning'], Object.entries(DIAGNOSTIC_CODES))}`,
  },
];

function momentsText(): string {
  const rows: [string, string][] = [
    [POINTS.map((name) => `\`${name}\``).join(' '), 'of a connection'],
    [
      INVOCATIONS.map((name) => `\`${name}.\``).join(' '),
      `then ${PHASES.map((name) => `\`${name}\``).join(' ')}`,
    ],
    ['`<call>.called` `<call>.returned`', 'of a management call'],
  ];
  const roots = ROOTS.map((root) => `\`${root}\``).join(' ');
  return `${tableOf(['moment', ''], rows)}\n\n\`b.opened\` is that of connection \`b\`. Of several occurrences the first counts. Paths begin with ${roots}.`;
}

function renderSection({ title, text, schema, example }: ReferenceSection): string {
  const keys = schema === undefined ? undefined : keyTable(schema);
  const code = example === undefined ? undefined : `\`\`\`yaml\n${example}\`\`\``;
  return [`## ${title}`, text, keys, code].filter((part) => part !== undefined).join('\n\n');
}

function keyTable(schema: z.ZodType): string {
  const mapping = mappingIn(schema);
  const rows = Object.entries(mapping?.shape ?? {}).map(([key, value]) => rowOf(key, value));
  return tableOf(['key', 'value', 'meaning, default'], rows);
}

function mappingIn(schema: z.ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (!(schema instanceof z.ZodUnion)) return undefined;
  return schema.options
    .map((one) => mappingIn(one as z.ZodType))
    .findLast((one) => one !== undefined);
}

function rowOf(key: string, value: unknown): readonly string[] {
  const schema = value as z.ZodType;
  const optional = schema instanceof z.ZodOptional;
  const name = optional ? `\`${key}\`` : `**\`${key}\`**`;
  return [name, titleOf(schema), describe(schema)];
}

function titleOf(schema: z.ZodType): string {
  const title = z.globalRegistry.get(schema)?.title;
  if (title !== undefined) return title;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return titleOf(schema.unwrap() as z.ZodType);
  }
  return schema instanceof z.ZodLazy ? 'list of steps' : '';
}

function describe(schema: z.ZodType): string {
  const own = schema.description;
  if (own !== undefined || !(schema instanceof z.ZodOptional)) return own ?? '';
  return describe(schema.unwrap() as z.ZodType);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n');
}
