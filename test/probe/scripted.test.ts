// The contract of a probe in scripted mode, with every probe there is. What it must sign, refuse and answer is
// in probe/contract/vectors.json, which knows nothing of the probes (scripts/probe-vectors.py).
// oxlint-disable no-restricted-properties -- plans expire by the wall clock
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../src/base/clock.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { decodeEventRecords, type EventRecord } from '../../src/probe/event-record.ts';
import {
  PROCESS_HOSTS,
  type ProbeHost,
  PYTHON,
  processHost,
} from '../../src/probe/fixture/probe-hosts.ts';
import { startProbeListener } from '../../src/probe/listener.ts';
import { succeeds } from '../support/process.ts';

interface Invocation {
  readonly function: 'handler' | 'authorizer';
  readonly type: EventRecord['type'];
  readonly event: JsonObject & {
    readonly requestContext: { readonly connectionId: string; readonly requestId: string };
  };
  readonly answer: JsonObject | null;
  readonly nonce?: string;
  readonly runId?: string;
  readonly problem?: string;
  readonly leastMs?: number;
  readonly hangs?: true;
}

interface Vectors {
  readonly secret: string;
  readonly signing: readonly {
    readonly name: string;
    readonly parameters: readonly (readonly [string, string])[];
    readonly signed: string;
    readonly signature: string;
  }[];
  readonly sequences: readonly {
    readonly name: string;
    readonly invocations: readonly Invocation[];
  }[];
}

const FILE = new URL('../../probe/contract/vectors.json', import.meta.url);
// our own file, whose shape this test checks by using all of it
const VECTORS = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;
const CLOCK = realClock();

const FOLDER = mkdtempSync(join(tmpdir(), 'assay-scripted-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Where one sequence of invocations has its sink and its state. */
function somewhere(name = 'events.ndjson'): {
  readonly sink: string;
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
} {
  const folder = mkdtempSync(join(FOLDER, 'x'));
  const [sink, state] = [join(folder, name), join(folder, 'state')];
  return {
    sink,
    state,
    env: {
      ASSAY_PROBE_SECRET: VECTORS.secret,
      ASSAY_PROBE_SINK: `file:${sink}`,
      ASSAY_PROBE_STATE: state,
    },
  };
}

const linesOf = (sink: string): readonly JsonObject[] =>
  readFileSync(sink, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JsonObject); // what the probe wrote

/** Runs the invocations one after the other, each in a process of its own. */
async function runAll(host: ProbeHost, invocations: readonly Invocation[]) {
  const { sink, env } = somewhere();
  const runs: unknown[] = [];
  for (const { event, function: name, hangs, leastMs = 0 } of invocations) {
    const beganUs = CLOCK.nowUs();
    const run = await host.run({ name, event, env, ...(hangs && { timeoutMs: 5000 }) });
    runs.push({ ...run, tooEarly: CLOCK.nowUs() - beganUs < leastMs * 1000 });
  }
  const readable = decodeEventRecords(readFileSync(sink, 'utf8')).ok;
  return { runs, records: linesOf(sink), readable };
}

function expectedOf(invocations: readonly Invocation[]) {
  const runs = invocations.map((invocation) => ({
    outcome: outcomeOf(invocation),
    stderr: complaintOf(invocation),
    tooEarly: false,
  }));
  return { runs, records: invocations.flatMap(recordsOf), readable: true };
}

function outcomeOf({ hangs, answer }: Invocation): unknown {
  if (hangs) return 'ended by the host';
  return answer !== null && 'throw' in answer
    ? { threw: answer['throw'] }
    : { returned: answer?.['return'] };
}

function complaintOf({ type, problem }: Invocation): string {
  if (problem === undefined) return '';
  const [what, why] = problem.split(': ');
  const refused = what === 'plan refused';
  return `ws-assay probe: ${what}, ${type}${refused ? '' : ' fails closed'}: ${why}\n`;
}

// The instants and the id of the invocation are whatever they are, as long as they are what they should be.
function recordsOf({
  type,
  event,
  answer,
  nonce,
  runId,
  problem,
  hangs,
}: Invocation): readonly unknown[] {
  const { connectionId, requestId } = event.requestContext;
  const both = {
    v: 1,
    type,
    at: expect.any(Number),
    connectionId,
    invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    ...(nonce !== undefined && { nonce }),
    ...(runId !== undefined && { runId }),
  };
  const started = { ...both, phase: 'started', event, ...(requestId && { requestId }) };
  const ended = { ...both, phase: 'ended', answer, ...(problem !== undefined && { problem }) };
  return hangs ? [started] : [started, ended];
}

it.skipIf(PYTHON === undefined)('probe.py is tested too, with the python3 of this machine', () => {
  expect(PROCESS_HOSTS).toHaveLength(2);
});

it('signs as the vectors say', () => {
  for (const { name, parameters, signed, signature } of VECTORS.signing) {
    const plan = parameters
      .filter(([one]) => one.startsWith('assay.'))
      .toSorted(([one], [other]) => (one < other ? -1 : 1));
    expect({ name, signed: JSON.stringify(plan) }).toEqual({ name, signed });
    expect({ name, signature: sign(signed) }).toEqual({ name, signature });
  }
  expect(VECTORS.signing.length).toBeGreaterThanOrEqual(10);
});

function sign(signed: string): string {
  return createHmac('sha256', VECTORS.secret).update(signed).digest('base64url');
}

/** Parameters with an expiry and a signature. */
function signAll(plan: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const all = { ...plan, 'assay.exp': '4102444800' };
  const signed = Object.entries(all).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { ...all, 'assay.sig': sign(JSON.stringify(signed)) };
}

const connectWith = (query: Readonly<Record<string, string>>, connectionId = 'id-1') => ({
  requestContext: { eventType: 'CONNECT', connectionId },
  queryStringParameters: query,
});

describe.each(PROCESS_HOSTS)('$name', (host) => {
  it.concurrent.each(VECTORS.sequences)('$name', async ({ invocations }) => {
    expect(await runAll(host, invocations)).toEqual(expectedOf(invocations));
  });

  it('takes what the vectors signed', async () => {
    const env = somewhere().env;
    const texts = VECTORS.signing.map(({ parameters, signature }) => ({
      ...Object.fromEntries(parameters.filter(([name]) => name.startsWith('assay'))),
      'assay.sig': signature,
    }));
    const all = texts.map((assay) => ({
      requestContext: { eventType: 'MESSAGE', connectionId: 'id-1' },
      body: JSON.stringify({ assay }),
    }));
    const run = await host.run({ name: 'handler', event: { all }, env });
    expect(run.stderr).toBe('');
    expect(run.outcome).toMatchObject({ returned: texts.map(() => ({ statusCode: 200 })) });
  });

  it('keeps lines whole when many processes write at once, also long ones', async () => {
    const { sink, env } = somewhere();
    const ids = Array.from({ length: 12 }, (_, index) => `id-${index}`);
    const padding = 'ü'.repeat(100_000);
    await Promise.all(
      ids.map((id) =>
        host.run({
          name: 'handler',
          event: { ...connectWith({ padding }, id), headers: { padding } },
          env,
        }),
      ),
    );
    const seen = linesOf(sink).map(({ connectionId, phase }) =>
      JSON.stringify([connectionId, phase]),
    );
    const all = ids.flatMap((id) => [`["${id}","started"]`, `["${id}","ended"]`]);
    expect(seen.toSorted()).toEqual(all.toSorted());
  });

  it('keeps one small file for a connection until its disconnect', async () => {
    const { state, sink, env } = somewhere();
    const query = signAll({ 'assay.disconnect.delay': '1' });
    await host.run({ name: 'handler', event: connectWith(query, '../../id'), env });
    expect(readdirSync(state)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)]);
    expect(readdirSync(join(sink, '..'))).toEqual(['events.ndjson', 'state']);
    const requestContext = { eventType: 'DISCONNECT', connectionId: '../../id' };
    await host.run({ name: 'handler', event: { requestContext }, env });
    expect(readdirSync(state)).toEqual([]);
  });

  it.each([
    [
      'no folder to remember in',
      { ASSAY_PROBE_STATE: '' },
      'not set up',
      'ASSAY_PROBE_STATE is not set',
    ],
    [
      'no secret',
      { ASSAY_PROBE_SECRET: '' },
      'not set up',
      'ASSAY_PROBE_SECRET or ASSAY_PROBE_SINK is not set',
    ],
    [
      'no sink',
      { ASSAY_PROBE_SINK: '' },
      'not set up',
      'ASSAY_PROBE_SECRET or ASSAY_PROBE_SINK is not set',
    ],
    [
      'both modes',
      { ASSAY_PROBE_URL: 'http://127.0.0.1:9' },
      'not set up',
      'ASSAY_PROBE_URL and a secret or sink are set',
    ],
    [
      'another kind of sink',
      { ASSAY_PROBE_SINK: 'ftp://127.0.0.1' },
      'sink away',
      'ASSAY_PROBE_SINK must begin with file:, http:// or https://',
    ],
  ])('fails closed with %s', async (_, change, what, why) => {
    const env = { ...somewhere().env, ...change };
    const event = connectWith(signAll({ 'assay.disconnect.delay': '1' }));
    expect(await host.run({ name: 'handler', event, env })).toEqual({
      outcome: { returned: { statusCode: 599 } },
      stderr: `ws-assay probe: ${what}, CONNECT fails closed: ${why}\n`,
    });
  });

  it.each([
    ['authorizer', 'CONNECT', { threw: 'probe: sink away' }],
    ['handler', 'CONNECT', { returned: { statusCode: 599 } }],
    ['handler', 'MESSAGE', { returned: { statusCode: 200 } }],
    ['handler', 'DISCONNECT', { returned: { statusCode: 200 } }],
  ] as const)(
    '%s fails closed on %s when nothing can be written',
    async (name, eventType, outcome) => {
      const env = { ...somewhere().env, ASSAY_PROBE_SINK: `file:${FOLDER}` };
      const event = { requestContext: { eventType, connectionId: 'id-1' } };
      const run = await host.run({ name, event, env });
      expect(run.outcome).toEqual(outcome);
      expect(run.stderr).toMatch(/^ws-assay probe: sink away, \w+ fails closed: .*directory.*\n$/);
    },
  );

  it('fails closed when its state is damaged', async () => {
    const { state, env } = somewhere();
    const query = signAll({ 'assay.disconnect.delay': '1' });
    await host.run({ name: 'handler', event: connectWith(query), env });
    writeFileSync(join(state, readdirSync(state)[0] ?? ''), '{');
    const requestContext = { eventType: 'DISCONNECT', connectionId: 'id-1' };
    const run = await host.run({ name: 'handler', event: { requestContext }, env });
    expect(run.outcome).toEqual({ returned: { statusCode: 200 } });
    expect(run.stderr).toMatch(/^ws-assay probe: state away, DISCONNECT fails closed: .+\n$/);
  });

  it('takes a path as it stands after file: or file://', async () => {
    const { sink, env } = somewhere('a b%20c');
    const event = connectWith({});
    await host.run({ name: 'handler', event, env });
    await host.run({
      name: 'handler',
      event,
      env: { ...env, ASSAY_PROBE_SINK: `file://${sink}` },
    });
    expect(linesOf(sink)).toHaveLength(4);
  });

  it('sends records to the runner’s listener', async () => {
    const listener = await startProbeListener({ clock: realClock() });
    const records: EventRecord[] = [];
    listener.serve({
      onInvocation: () => undefined,
      onEvent: (record) => records.push(record),
    });
    const env = {
      ASSAY_PROBE_SECRET: VECTORS.secret,
      ASSAY_PROBE_SINK: `${listener.url}/v1/events`,
      ASSAY_PROBE_TOKEN: listener.token,
    };
    const event = connectWith(signAll({ 'assay.connect.status': '418' }));
    const run = await host.run({ name: 'handler', event, env });
    await listener.close();
    expect(run).toEqual({ outcome: { returned: { statusCode: 418 } }, stderr: '' });
    expect(records).toMatchObject([
      { phase: 'started', type: 'CONNECT', connectionId: 'id-1', event },
      { phase: 'ended', connectionId: 'id-1', answer: { return: { statusCode: 418 } } },
    ]);
  });

  it.each([
    ['sends again what was not acknowledged', [503, 429, 200, 500, 204], 418, ''],
    ['gives up after three times', [503, 503, 500], 599, 'the sink answered 500'],
    ['does not send again what was refused', [401], 599, 'the sink answered 401'],
    ['fails closed at the end too', [200, 422], 599, 'the sink answered 422'],
  ] as const)('%s', async (_, statuses, statusCode, why) => {
    const sink = await scriptedSink(statuses);
    const env = {
      ASSAY_PROBE_SECRET: VECTORS.secret,
      ASSAY_PROBE_SINK: sink.url,
      ASSAY_PROBE_TOKEN: 'a-token',
    };
    const event = connectWith(signAll({ 'assay.connect.status': '418' }));
    const run = await host.run({ name: 'handler', event, env });
    sink.close();
    expect(run).toEqual({
      outcome: { returned: { statusCode } },
      stderr: why === '' ? '' : `ws-assay probe: sink away, CONNECT fails closed: ${why}\n`,
    });
    expect(sink.requests.map(({ status }) => status)).toEqual(statuses);
    expect(new Set(sink.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer a-token']),
    );
    const again = sink.requests.filter(({ phase }) => phase === 'started');
    expect(new Set(again.map(({ body }) => body)).size).toBe(1);
  });

  it('gives up on a sink that never answers', async () => {
    const sink = await scriptedSink([]);
    const env = { ASSAY_PROBE_SECRET: VECTORS.secret, ASSAY_PROBE_SINK: sink.url };
    const run = await host.run({ name: 'handler', event: connectWith({}), env });
    sink.close();
    expect(run.outcome).toEqual({ returned: { statusCode: 599 } });
    expect(run.stderr).toMatch(/^ws-assay probe: sink away, CONNECT fails closed: .*\n$/);
    expect(sink.requests).toHaveLength(3);
  }, 30_000);
});

// Nothing but docs/probe-contract.md stood beside it: what the page leaves out fails here.
describe.skipIf(!succeeds('go', 'version'))('a probe in Go, written from the page', () => {
  const program = join(FOLDER, 'probe-go');
  const host = processHost('probe in Go', [program], '');
  beforeAll(() => {
    execFileSync('go', ['build', '-o', program, '.'], { cwd: new URL('go', import.meta.url) });
  });

  // Go has no text with half a surrogate pair; the page lets it refuse such a plan.
  const sequences = VECTORS.sequences.filter(({ name }) => !name.startsWith('half a surrogate'));
  it.concurrent.each(sequences)('$name', async ({ invocations }) => {
    expect(await runAll(host, invocations)).toEqual(expectedOf(invocations));
  });
});

// Only the JSON of a message can hold any text at all, halves of surrogate pairs too.
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom(...'+ % = & " \\ < \u2028 \u007f \0 %20 \ud83d \ude00'.split(' '), ' '),
  }),
);
const anyPlan = fc.dictionary(
  fc
    .string({ unit: fc.constantFrom(...'a A z Z 0 9 _ - . ~ ! $ & + %'.split(' ')), minLength: 1 })
    .map((name) => `assay.message.header.${name}`),
  anyText,
  { maxKeys: 6 },
);

// All in one process a language: 300 plans are too many processes.
it.each(PROCESS_HOSTS)('$name takes any signed plan, and none that was altered', async (host) => {
  const plans = fc.sample(anyPlan, { numRuns: 300, seed: 20_261_122 });
  const bodies = plans.flatMap((plan) => {
    const signed = signAll(plan);
    return [
      signed,
      { ...signed, 'assay.message.header.a': `${signed['assay.message.header.a']}x` },
    ];
  });
  const events = bodies.map((assay) => ({
    requestContext: { eventType: 'MESSAGE', connectionId: 'id-1' },
    body: JSON.stringify({ assay }),
  }));
  const run = await host.run({ name: 'handler', event: { all: events }, env: somewhere().env });
  const outcomes = plans.flatMap((headers) => [
    { statusCode: 200, ...(Object.keys(headers).length > 0 && { headers: namesOf(headers) }) },
    { statusCode: 403 },
  ]);
  expect(run.outcome).toEqual({ returned: outcomes });
});

const namesOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace('assay.message.header.', ''),
      value,
    ]),
  );

interface SinkRequest {
  readonly status: number | undefined;
  readonly authorization: string | undefined;
  readonly phase: unknown;
  readonly body: string;
}

// Answers with one status after the other, then not at all.
async function scriptedSink(
  statuses: readonly number[],
): Promise<{ url: string; requests: readonly SinkRequest[]; close: () => void }> {
  const requests: SinkRequest[] = [];
  const take = async (request: IncomingMessage): Promise<number | undefined> => {
    const body = await text(request);
    const status = statuses[requests.length];
    const { phase } = JSON.parse(body) as { phase: unknown }; // what the probe wrote
    requests.push({ status, authorization: request.headers.authorization, phase, body });
    return status;
  };
  const server = createServer((request, response) => {
    void take(request).then((status) => {
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}/events?x=1`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
