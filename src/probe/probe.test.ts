// The contract between a probe and the listener, with every probe there is.
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Arrival } from './arrival.ts';
import type { ProbeAnswer } from './contract.ts';
import { PROBE_HOSTS, PYTHON } from './fixture/probe-hosts.ts';
import { type ProbeListener, startProbeListener } from './listener.ts';

let listener: ProbeListener;
let arrivals: Arrival[];
let answer: ProbeAnswer | 'hold';
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  listener = await startProbeListener({ clock: realClock() });
  arrivals = [];
  answer = { v: 1, return: null };
  env = { ASSAY_PROBE_URL: listener.url, ASSAY_PROBE_TOKEN: listener.token };
  listener.serve({
    onInvocation: (arrival) => {
      arrivals.push(arrival);
      if (answer !== 'hold') void arrival.answer(answer);
    },
    onEvent: () => undefined,
  });
});
afterEach(() => listener.close());

const types = (): readonly string[] => arrivals.map((arrival) => arrival.invocation.type);
const eventOf = (eventType: string): JsonObject => ({
  requestContext: { eventType, connectionId: 'id-1' },
});

it.skipIf(PYTHON === undefined)('probe.py is tested too, with the python3 of this machine', () => {
  expect(PROBE_HOSTS.map(({ name }) => name)).toContain('probe.py in a process');
});

describe.each(PROBE_HOSTS)('$name', (host) => {
  it('reports the event verbatim and returns what it is told', async () => {
    answer = { v: 1, return: { statusCode: 201, headers: { a: 'b' } } };
    const event = { ...eventOf('CONNECT'), queryStringParameters: { assay: 'ü\u2028', n: null } };
    expect(await host.run({ name: 'handler', event, env })).toEqual({
      outcome: { returned: { statusCode: 201, headers: { a: 'b' } } },
      stderr: '',
    });
    expect(arrivals.map((arrival) => arrival.invocation)).toEqual([
      {
        v: 1,
        type: 'CONNECT',
        invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        remainingMs: 29_000,
        event,
      },
    ]);
  });

  it.each([[null], ['ok'], [{}], [{ statusCode: 'a' }]])(
    'returns %j as it stands',
    async (value) => {
      answer = { v: 1, return: value };
      const { outcome } = await host.run({ name: 'handler', event: eventOf('MESSAGE'), env });
      expect(outcome).toEqual({ returned: value });
    },
  );

  it('throws what it is told, from the authorizer too', async () => {
    answer = { v: 1, throw: 'Unauthorized' };
    const event = { methodArn: 'arn', requestContext: { eventType: 'CONNECT' } };
    const { outcome } = await host.run({ name: 'authorizer', event, env });
    expect(outcome).toEqual({ threw: 'Unauthorized' });
    expect(types()).toEqual(['AUTHORIZER']);
  });

  it('tells the type by the event, else by its route, and names each run differently', async () => {
    for (const requestContext of [
      { eventType: 'DISCONNECT' },
      { routeKey: '$disconnect' },
      { routeKey: '$connect' },
      { routeKey: 'chat' },
    ]) {
      await host.run({ name: 'handler', event: { requestContext }, env });
    }
    expect(types()).toEqual(['DISCONNECT', 'DISCONNECT', 'CONNECT', 'MESSAGE']);
    expect(new Set(arrivals.map((one) => one.invocation.invocationId)).size).toBe(4);
  });

  it.each([
    ['authorizer', 'AUTHORIZER', { threw: 'probe: runner away' }],
    ['handler', 'CONNECT', { returned: { statusCode: 599 } }],
    ['handler', 'MESSAGE', { returned: { statusCode: 200 } }],
    ['handler', 'DISCONNECT', { returned: { statusCode: 200 } }],
  ] as const)('%s fails closed on %s when the runner has gone', async (name, type, outcome) => {
    await listener.close();
    const run = await host.run({ name, event: eventOf(type), env });
    expect(run.outcome).toEqual(outcome);
    expect(run.stderr).toMatch(
      new RegExp(`^ws-assay probe: runner away, ${type} fails closed: .*refused.*\\n$`, 'i'),
    );
  });

  it('fails closed when the runner closes while it holds the answer', async () => {
    answer = 'hold';
    const run = host.run({ name: 'handler', event: eventOf('CONNECT'), env });
    await expect.poll(() => listener.held).toBe(1);
    await listener.close();
    expect(await run).toEqual({
      outcome: { returned: { statusCode: 599 } },
      stderr: 'ws-assay probe: runner away, CONNECT fails closed: the runner answered 503\n',
    });
    expect(arrivals[0]?.gone.aborted).toBe(true);
  });

  it('fails closed with another token than the runner’s, and does not print it', async () => {
    const wrong = { ...env, ASSAY_PROBE_TOKEN: 'wrong-token' };
    expect(await host.run({ name: 'handler', event: eventOf('CONNECT'), env: wrong })).toEqual({
      outcome: { returned: { statusCode: 599 } },
      stderr: 'ws-assay probe: runner away, CONNECT fails closed: the runner answered 401\n',
    });
    expect(arrivals).toEqual([]);
  });

  it('fails closed when the event is too large for the runner', async () => {
    const event = { ...eventOf('CONNECT'), body: 'a'.repeat(1024 * 1024) };
    expect(await host.run({ name: 'handler', event, env })).toEqual({
      outcome: { returned: { statusCode: 599 } },
      stderr: 'ws-assay probe: runner away, CONNECT fails closed: the runner answered 413\n',
    });
  });

  it('fails closed without an address', async () => {
    const { outcome } = await host.run({ name: 'authorizer', event: {}, env: {} });
    expect(outcome).toEqual({ threw: 'probe: runner away' });
  });

  it.each([
    ['resets it', /ECONNRESET|reset by peer/, undefined],
    [
      'answers something else',
      /the runner answered something else than version 1/,
      '{"v":2,"return":1}',
    ],
    ['answers no JSON', /not valid JSON/, 'ok'],
  ])('fails closed when whoever listens %s', async (_, reason, body) => {
    const stranger = await scriptedServer(body);
    const url = `http://127.0.0.1:${stranger.port}/`;
    const run = await host.run({
      name: 'handler',
      event: eventOf('CONNECT'),
      env: { ...env, ASSAY_PROBE_URL: url },
    });
    stranger.server.close();
    expect(run.outcome).toEqual({ returned: { statusCode: 599 } });
    expect(run.stderr).toMatch(reason);
    expect(run.stderr.split('\n')).toHaveLength(2);
  });
});

it('gives up after two seconds without a connection, every probe', async () => {
  const mute = await scriptedServer('');
  const url = `https://127.0.0.1:${mute.port}`; // never completes its TLS handshake
  const call = { name: 'handler', event: eventOf('CONNECT') } as const;
  const runs = PROBE_HOSTS.map((host) =>
    host.run({ ...call, env: { ...env, ASSAY_PROBE_URL: url } }),
  );
  for (const run of await Promise.all(runs)) {
    expect(run).toEqual({
      outcome: { returned: { statusCode: 599 } },
      stderr: 'ws-assay probe: runner away, CONNECT fails closed: not connected within 2000 ms\n',
    });
  }
  mute.server.close();
});

// Answers with `body`, with nothing at all for an empty one, or resets without one.
async function scriptedServer(body: string | undefined): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (body === '') return;
    socket.once('data', () => {
      if (body === undefined) socket.resetAndDestroy();
      else socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}
