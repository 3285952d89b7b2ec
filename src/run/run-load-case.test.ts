// Loads over real sockets against a server whose backend tells of each connection, with injected
// refusals, losses and duplicates: what is counted is what was injected.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { realClock } from '../base/clock.ts';
import { createRedactor } from '../base/redact.ts';
import { runClientLoad } from '../load/fixture/client/run.ts';
import { createBackend } from '../observe/backend.ts';
import type { ProbeConsumer } from '../probe/desk.ts';
import type { EventRecord } from '../probe/event-record.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { CaseResult } from '../result/run-result.ts';
import { expandScenario } from '../scenario/expand.ts';
import { parseScenario } from '../scenario/parse.ts';
import type { Target } from '../target/model.ts';
import type { LoadOptions } from './load-plan.ts';
import { runLoadCase } from './run-load-case.ts';
import type { Station } from './station.ts';

const clock = realClock();
let server: Server;
let consumer: ProbeConsumer | undefined;
let behaviour: (attempt: number) => { refuse?: number; told?: number } = () => ({});

beforeEach(async () => {
  let attempts = 0;
  const sockets = new WebSocketServer({ noServer: true });
  server = createServer().on('upgrade', (request, socket, head) => {
    const attempt = attempts++;
    const { refuse, told = 1 } = behaviour(attempt);
    const nonce = new URL(request.url ?? '/', 'http://x').searchParams.get('assay') ?? '';
    const tell = (type: EventRecord['type'], again: number): void => {
      const event = type === 'CONNECT' ? { queryStringParameters: { assay: nonce } } : {};
      const context = { requestContext: { connectionId: `id-${attempt}` } };
      const record: EventRecord = {
        v: 1,
        type,
        phase: 'started',
        at: clock.wallMs(),
        connectionId: `id-${attempt}`,
        invocationId: `${attempt}-${type}-${again}`,
        event: { ...event, ...context },
      };
      consumer?.onEvent(record, clock.nowUs());
    };
    tell('CONNECT', 0);
    if (refuse !== undefined) {
      const said = request.headers.authorization ?? '';
      socket.end(
        `HTTP/1.1 ${refuse} No\r\nSet-Cookie: sid=abcdefgh12345678\r\nContent-Length: ${said.length}\r\nConnection: close\r\n\r\n${said}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      open.on('close', () => {
        for (let again = 0; again < told; again += 1) tell('DISCONNECT', again);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  behaviour = () => ({});
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const OPTIONS: LoadOptions = { allowHosts: [] };

async function run(
  text: string,
  {
    host = '127.0.0.1',
    signal = new AbortController().signal,
  }: { readonly host?: string; readonly signal?: AbortSignal } = {},
): Promise<{ readonly result: CaseResult; readonly events: readonly RunEvent[] }> {
  const parsed = parseScenario({ file: 'a.yaml', id: 'load/a', text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const [one] = expandScenario(parsed.scenario, {
    vars: {},
    limits: {},
    env: () => undefined,
    registerSecret: () => undefined,
  });
  if (one?.kind !== 'case' || one.case.load === undefined) throw new Error('no load');
  const redactor = createRedactor();
  const target: Target = {
    name: 't',
    title: 't',
    version: undefined,
    endpoints: {
      open: {
        url: `ws://${host}:${(server.address() as AddressInfo).port}/dev`,
        credentials: {
          default: {
            headers: [{ name: 'Authorization', value: 'Bearer very-secret-token' }],
            query: [],
          },
        },
      },
    },
    management: undefined,
    probe: undefined,
    observer: undefined,
    settleMs: 100,
    correlate: { kind: 'query' },
    concurrency: 1,
    features: [],
    limits: {},
    vars: {},
    network: {
      ca: undefined,
      cert: undefined,
      key: undefined,
      servername: undefined,
      insecure: false,
      overrides: [],
      proxy: 'direct',
    },
    launch: undefined,
  };
  const listener = { serve: (given: ProbeConsumer) => void (consumer = given) };
  const backend = createBackend(listener, { correlate: target.correlate, clock, redactor });
  const station: Station = {
    target,
    backend,
    observer: undefined,
    isLaunched: false,
    death: () => undefined,
    deathSignal: () => new AbortController().signal,
    restart: async () => undefined,
    giveUp: async () => undefined,
    close: async () => undefined,
  };
  const events: RunEvent[] = [];
  const result = await runLoadCase(
    {
      cases: [one.case],
      station,
      features: new Set(['observer']),
      clock,
      seed: 's',
      redactor,
      levelOf: () => 'must',
      rerunOf: () => 'rerun',
      emit: (event) => void events.push(event),
      signal,
      loads: {
        // How busy the machine is that tests run on is no matter here.
        run: async (plan, io) => {
          const done = await runClientLoad(plan, io);
          return { ...done, generator: { ...done.generator, limits: [] } };
        },
        usage: () => ({ cpuSeconds: 0, rssBytes: 0 }),
        options: OPTIONS,
      },
    },
    { ...one.case, load: one.case.load },
  );
  return { result, events };
}

const said = ({ findings }: CaseResult): readonly string[] =>
  findings.map(({ check, verdict, message }) => `${check} ${verdict}: ${message}`);

const LOAD = 'load: { phases: [{ name: all, arrivalRate: 50/s, duration: 1s }], openFor: 50ms }';

it('judges each attempt, with what the backend was told of it', async () => {
  // Of fifty: five refused, three never told of, two told of twice.
  behaviour = (attempt) => {
    if (attempt < 5) return { refuse: 403 };
    if (attempt < 8) return { told: 0 };
    return attempt < 10 ? { told: 2 } : {};
  };
  const { result, events } = await run(`title: t
${LOAD}
thresholds:
  get-in: { count: 45, of: { handshake: { status: 101 } } }
  refused: { count: 5, of: { handshake: { status: 403 } }, during: all }
  rate: { rate: { gte: 45/s }, of: { handshake: { outcome: opened } } }
  told: { count: 42, of: { events: { $disconnect: { count: { gte: 1 } } }, within: 1s } }
  twice: { count: 0, of: { events: { $disconnect: { count: { gte: 2 } } }, within: 1s } }
  connected: { share: 100%, of: { events: { $connect: 1 }, within: 1s } }
  quick: { p90: { lte: 1s }, of: { elapsed: { from: sent, to: opened } }, among: { ending: close } }
  told-quickly: { p90: { lte: 900ms }, of: { elapsed: { from: closing, to: $disconnect.started }, within: 1s } }
`);
  expect(said(result).map((text) => text.split(';')[0])).toEqual([
    'get-in passed: 45 of 50',
    'refused passed: 5 of 50',
    'rate passed: 45/s: 45 of 50 in 1 s',
    'told passed: 42 of 45',
    'twice failed: 2 of 45',
    'connected passed: 50 of 50 (100%)',
    expect.stringMatching(/^quick passed: p90 of 45 samples is /),
    expect.stringMatching(/^told-quickly passed: p90 of 45 samples is /),
  ]);
  expect(result.load?.total).toMatchObject({ offered: 50, opened: 45, refused: { '403': 5 } });
  const told = result.load?.seconds.reduce((sum, { delivered = 0 }) => sum + delivered, 0);
  expect(told).toBe(44);
  expect(result.load?.delivery).toMatchObject({
    orphaned: 0,
    strata: [{ ending: 'close', ended: 45, onTime: 42, missing: 3, duplicated: 2, late: 0 }],
  });
  const seconds = events.filter(({ event }) => event === 'load-second');
  expect(seconds.length).toBeGreaterThanOrEqual(2);
  expect(seconds.at(-1)).toMatchObject({
    id: 'load/a',
    second: { phase: 'drain', total: { offered: 50 }, told: { ended: 45, delivered: 42 } },
  });
  const whole = JSON.stringify([result, events]);
  expect(whole).not.toContain('very-secret-token');
  expect(whole).not.toContain('abcdefgh12345678');
  expect(result.load?.refusals).toMatchObject([{ status: 403, count: 5 }]);
}, 20_000);

it('leaves in every way, talks meanwhile, and comes again where it was refused', async () => {
  behaviour = (attempt) => (attempt % 10 === 0 ? { refuse: 429 } : {});
  const { result } = await run(`title: t
load:
  arrivals: poisson
  seed: one
  phases: [{ name: few, arrivalRate: 60/s, duration: 1s }, { name: crowd, arrivals: 20 }]
  openFor: 250ms
  endings:
    - { share: 30%, close: { code: 4001, reason: bye } }
    - { share: 25%, drop: fin }
    - { share: 25%, drop: reset }
    - { share: 20%, abort: handshake }
  messages: { text: hello, every: 100ms }
  pings: { every: 100ms }
  reconnect: { after: 50ms, jitter: 50ms, times: 3 }
thresholds:
  crowd: { count: { gte: 1 }, of: { handshake: { status: 101 } }, during: crowd }
  ended-by-close: { share: 100%, of: { closed: { by: client, how: close-frame, code: 4001 } }, among: { ending: close } }
  told: { share: 100%, of: { events: { $disconnect: 1 }, within: 1s } }
`);
  const told = said(result).map((text) => text.split(':')[0]);
  expect(told).toEqual(['crowd passed', 'ended-by-close passed', 'told passed']);
  const { total, ends, messages, phases = [], peakOpen, latency } = result.load ?? {};
  expect(Object.keys(ends ?? {}).toSorted()).toEqual(['close', 'fin', 'reset']);
  const count = (of: Readonly<Record<string, number>> = {}): number =>
    Object.values(of).reduce((sum, one) => sum + one, 0);
  const { started = 0, opened = 0, aborted = 0, timedOut = 0 } = total ?? {};
  expect(started).toBe(opened + aborted + timedOut + count(total?.refused) + count(total?.failed));
  expect(count(ends)).toBe(opened);
  expect(aborted).toBeGreaterThan(0);
  expect(messages?.sent).toBeGreaterThanOrEqual(opened);
  expect(messages?.pongs).toBeGreaterThanOrEqual(opened);
  // Whoever was refused came again: more than the schedule has.
  expect(phases.map(({ name }) => name)).toEqual(['few', 'crowd']);
  expect(peakOpen).toBeGreaterThanOrEqual(20 * 0.5);
  expect(latency?.['upgrade']?.count).toBe(opened);
}, 20_000);

it('ends early once a threshold is lost', async () => {
  behaviour = () => ({ refuse: 429 });
  const { result } = await run(`title: t
load: { phases: [{ arrivalRate: 20/s, duration: 10s }] }
thresholds:
  all-in: { share: 100%, of: { handshake: { status: 101 } }, abort: true }
  few: { count: { lte: 500 }, of: { handshake: { status: 429 } } }
`);
  const [allIn = '', few = ''] = said(result);
  expect(allIn).toMatch(/^all-in failed: 0 of \d+ \(0%\)/);
  expect(few).toMatch(
    /^few inconclusive: the load ended early \(threshold all-in can no longer be met\)/,
  );
  expect(result.load?.total.offered).toBeLessThan(100);
}, 20_000);

it('reports what there was when it is interrupted', async () => {
  const { result } = await run(
    `title: t
load: { phases: [{ arrivalRate: 20/s, duration: 10s }] }
thresholds: { all-in: { share: 100%, of: { handshake: { status: 101 } } } }
`,
    { signal: AbortSignal.timeout(700) },
  );
  expect(said(result)[0]).toMatch(
    /^all-in inconclusive: the load ended early \(interrupted\); until then \d+ of \d+ \(100%\)/,
  );
}, 20_000);

it.each([
  [
    '203.0.113.7',
    'LOAD_REFUSED',
    /203\.0\.113\.7 \(203\.0\.113\.7\) is not this machine: --allow-host 203\.0\.113\.7/,
  ],
])('does not put %s under load unasked', async (host, reason, message) => {
  const { result, events } = await run(
    `title: t\n${LOAD}\nthresholds: { all-in: { share: 100%, of: { handshake: { status: 101 } } } }\n`,
    { host },
  );
  expect(events).toEqual([]);
  expect(result.findings).toMatchObject([{ verdict: 'errored', reason }]);
  expect(result.findings[0]?.message).toMatch(message);
});
