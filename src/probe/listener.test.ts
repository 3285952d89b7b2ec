import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import { ToolError } from '../base/errors.ts';
import type { Arrival } from './arrival.ts';
import type { ProbeAnswer } from './contract.ts';
import type { EventRecord } from './event-record.ts';
import { type HttpAnswer, invoke, post } from './fixture/call.ts';
import { type ProbeListener, startProbeListener } from './listener.ts';

const EVENT = { requestContext: { eventType: 'CONNECT', connectionId: 'id-1' } };
const INVOCATION = { v: 1, type: 'CONNECT', invocationId: 'run', event: EVENT };

let listener: ProbeListener;
let arrivals: Arrival[];
let records: EventRecord[];
let answer: ProbeAnswer | 'hold';
let bearer: Readonly<Record<string, string>>;

beforeEach(async () => {
  listener = await startProbeListener({ clock: realClock() });
  arrivals = [];
  records = [];
  answer = { v: 1, return: { statusCode: 204 } };
  bearer = { authorization: `Bearer ${listener.token}` };
});
afterEach(() => listener.close());

const serve = (): void =>
  listener.serve({
    onInvocation: (arrival) => {
      arrivals.push(arrival);
      if (answer !== 'hold') void arrival.answer(answer);
    },
    onEvent: (record) => records.push(record),
  });

const said = ({ status, body }: HttpAnswer): object => ({ status, body: JSON.parse(body) });

describe('the listener', () => {
  it('listens on the loopback with a token of 256 bits', () => {
    expect(listener.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(Buffer.from(listener.token, 'base64url')).toHaveLength(32);
  });

  it('answers as without a plan until somebody decides', async () => {
    expect(said(await invoke(listener, 'CONNECT', EVENT).answer)).toEqual({
      status: 200,
      body: { v: 1, return: { statusCode: 200 } },
    });
  });

  it('lets only one decide', () => {
    serve();
    expect(serve).toThrow('the probe listener has a consumer already');
  });

  it('advertises another address, with its port unless one is named', async () => {
    const port = /\d+$/;
    const start = (advertise: string): Promise<ProbeListener> =>
      startProbeListener({ listen: '0.0.0.0:0', advertise, clock: realClock() });
    const bare = await start('http://host.docker.internal');
    const full = await start('https://runner.example.com:8443/probe/');
    const wild = await startProbeListener({ listen: '0.0.0.0:0', clock: realClock() });
    expect(bare.url).toMatch(/^http:\/\/host\.docker\.internal:\d+$/);
    expect(full.url).toBe('https://runner.example.com:8443/probe');
    expect(wild.url.replace(port, '')).toBe('http://127.0.0.1:');
    const six = await startProbeListener({ listen: '[::1]:0', clock: realClock() });
    expect(six.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await invoke(six, 'CONNECT', EVENT).answer).status).toBe(200);
    await Promise.all([bare, full, wild, six].map((one) => one.close()));
  });

  it.each([['nowhere'], ['127.0.0.1'], ['127.0.0.1:70000'], ['::1:0'], ['192.0.2.1:0']])(
    'refuses to listen on %s',
    async (listen) => {
      const started = startProbeListener({ listen, clock: realClock() });
      await expect(started).rejects.toBeInstanceOf(ToolError);
    },
  );
});

describe('what it lets in', () => {
  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer nonsense' }],
    ['another scheme', { authorization: 'Basic nonsense' }],
  ])('answers 401 to %s', async (_, headers) => {
    serve();
    const call = post(listener, '/v1/invocations', JSON.stringify(INVOCATION), headers);
    expect(said(await call.answer)).toEqual({
      status: 401,
      body: { v: 1, error: 'wrong token' },
    });
    expect(arrivals).toEqual([]);
  });

  it('takes the token of an invocation from the header only', async () => {
    const path = `/v1/invocations?token=${listener.token}`;
    expect((await post(listener, path, JSON.stringify(INVOCATION)).answer).status).toBe(401);
  });

  it.each([
    [1024 * 1024, 200],
    [1024 * 1024 + 1, 413],
    [8 * 1024 * 1024, 413],
  ])('answers a body of %d bytes with %d', async (bytes, status) => {
    serve();
    const room = bytes - JSON.stringify({ ...INVOCATION, pad: '' }).length;
    const body = JSON.stringify({ ...INVOCATION, pad: 'a'.repeat(room) });
    expect((await post(listener, '/v1/invocations', body, bearer).answer).status).toBe(status);
    expect(arrivals).toHaveLength(status === 200 ? 1 : 0);
  });

  it.each([
    ['{', /^body: .*JSON/],
    ['[]', /^body: /],
    [JSON.stringify({ ...INVOCATION, v: 2 }), /^v: /],
    [JSON.stringify({ ...INVOCATION, type: 'connect' }), /^type: /],
    [JSON.stringify({ ...INVOCATION, invocationId: '' }), /^invocationId: /],
    [JSON.stringify({ ...INVOCATION, event: [] }), /^event: expected an object$/],
  ])('answers 422 with the reasons to %s', async (body, reason) => {
    serve();
    const given = await post(listener, '/v1/invocations', body, bearer).answer;
    expect(said(given)).toEqual({
      status: 422,
      body: { v: 1, error: 'not an invocation', reasons: [expect.stringMatching(reason)] },
    });
    expect(arrivals).toEqual([]);
  });

  it('names every reason', async () => {
    const given = await post(listener, '/v1/invocations', '{}', bearer).answer;
    expect(JSON.parse(given.body).reasons).toHaveLength(4);
  });

  it('lets keys through that it does not know', async () => {
    serve();
    const body = JSON.stringify({ ...INVOCATION, remainingMs: 5, later: true });
    expect((await post(listener, '/v1/invocations', body, bearer).answer).status).toBe(200);
    expect(arrivals.map((one) => one.invocation)).toEqual([{ ...INVOCATION, remainingMs: 5 }]);
  });

  it.each([
    ['/v1/nothing', 404],
    ['//', 404],
    ['/v1/direct/AUTHORIZER', 404],
  ])('answers %s with %d', async (path, status) => {
    expect((await post(listener, path, '', bearer).answer).status).toBe(status);
  });
});

describe('what it holds', () => {
  it('notices a caller that leaves', async () => {
    answer = 'hold';
    serve();
    const call = invoke(listener, 'CONNECT', EVENT);
    await expect.poll(() => listener.held).toBe(1);
    call.abandon();
    await expect.poll(() => listener.held).toBe(0);
    expect(arrivals[0]?.gone.aborted).toBe(true);
    expect(await arrivals[0]?.answer({ v: 1, return: 1 })).toBe(false);
  });

  it('answers 503 to what is more than it may hold', async () => {
    const small = await startProbeListener({ clock: realClock(), maxHeld: 2 });
    small.serve({ onInvocation: () => undefined, onEvent: () => undefined });
    const calls = [1, 2].map(() => invoke(small, 'CONNECT', EVENT));
    await expect.poll(() => small.held).toBe(2);
    expect(said(await invoke(small, 'CONNECT', EVENT).answer)).toEqual({
      status: 503,
      body: { v: 1, error: 'no more can be held' },
    });
    calls[0]?.abandon();
    await expect.poll(() => small.held).toBe(1);
    const next = invoke(small, 'CONNECT', EVENT);
    await expect.poll(() => small.held).toBe(2);
    await small.close();
    expect((await next.answer).status).toBe(503);
  });

  it('writes one answer only', async () => {
    answer = 'hold';
    serve();
    const call = invoke(listener, 'CONNECT', EVENT);
    await expect.poll(() => arrivals.length).toBe(1);
    const twice = arrivals.flatMap((arrival) => [
      arrival.answer({ v: 1, return: 1 }),
      arrival.answer({ v: 1, return: 2 }),
    ]);
    expect(await Promise.all(twice)).toEqual([true, false]);
    expect(JSON.parse((await call.answer).body)).toEqual({ v: 1, return: 1 });
  });

  it('answers 503 to what it holds when it closes, and lets no one in any more', async () => {
    answer = 'hold';
    serve();
    const calls = [1, 2].map(() => invoke(listener, 'CONNECT', EVENT));
    await expect.poll(() => listener.held).toBe(2);
    await Promise.all([listener.close(), listener.close()]);
    for (const call of calls) expect((await call.answer).status).toBe(503);
    await expect(invoke(listener, 'CONNECT', EVENT).answer).rejects.toThrow('ECONNREFUSED');
  });

  it('answers 503 to one that was still speaking when it closed', async () => {
    serve();
    const body = JSON.stringify(INVOCATION);
    const headers = { ...bearer, expect: '100-continue', 'content-length': body.length };
    const url = `${listener.url}/v1/invocations`;
    const sent = request(url, { method: 'POST', agent: false, headers });
    await once(sent, 'continue'); // its head has been read
    const closed = listener.close();
    sent.end(body);
    const [response] = await once(sent, 'response');
    response.resume();
    expect(response.statusCode).toBe(503);
    expect(arrivals).toEqual([]);
    await closed;
  });
});

describe('an HTTP integration', () => {
  const direct = (type: string, body: string, headers = {}): Promise<HttpAnswer> =>
    post(listener, `/v1/direct/${type}?token=${listener.token}&assay=nonce`, body, headers).answer;

  it('is answered with the planned status, headers and body', async () => {
    answer = {
      v: 1,
      return: {
        statusCode: 418,
        headers: { 'X-One': 'a', 'Content-Length': '99' },
        multiValueHeaders: { 'X-Two': ['b', 'c'] },
        body: 'aGk=',
        isBase64Encoded: true,
      },
    };
    serve();
    const given = await direct('CONNECT', JSON.stringify(EVENT));
    expect([given.status, given.body]).toEqual([418, 'hi']);
    expect(given.headers).toMatchObject({ 'x-one': 'a', 'x-two': 'b, c', 'content-length': '2' });
    expect(arrivals.map((one) => one.invocation)).toEqual([
      {
        v: 1,
        type: 'CONNECT',
        invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        event: EVENT,
      },
    ]);
  });

  it.each([
    [null, 'null'],
    ['ok', '"ok"'],
    [{ statusCode: '201' }, '{"statusCode":"201"}'],
    [{ statusCode: 100 }, '{"statusCode":100}'],
  ])('answers 200 with %j itself', async (value, body) => {
    answer = { v: 1, return: value };
    serve();
    const given = await direct('MESSAGE', '{}');
    expect([given.status, given.body]).toEqual([200, body]);
  });

  it('loses its connection where a probe would throw', async () => {
    answer = { v: 1, throw: 'boom' };
    serve();
    await expect(direct('CONNECT', '')).rejects.toThrow('socket hang up');
    expect(await arrivals[0]?.answer({ v: 1, return: 1 })).toBe(false);
    expect(arrivals[0]?.gone.aborted).toBe(false);
  });

  it('shows what it can where the body is no proxy event, but never the token', async () => {
    serve();
    await direct('DISCONNECT', 'bye', { connectionId: 'id-7' });
    expect(arrivals[0]?.invocation.event).toEqual({
      headers: expect.objectContaining({ connectionid: 'id-7' }),
      queryStringParameters: { assay: 'nonce' },
      requestContext: { connectionId: 'id-7' },
      body: 'bye',
      isBase64Encoded: false,
    });
    expect(JSON.stringify(arrivals[0]?.invocation)).not.toContain(listener.token);
  });

  it('needs the token', async () => {
    expect((await post(listener, '/v1/direct/CONNECT', '').answer).status).toBe(401);
  });
});

describe('event records', () => {
  const FIRST = { v: 1, type: 'CONNECT', at: 1_795_382_400_131, connectionId: 'id-1' };
  const CANARY = { v: 1, type: 'CANARY', at: 1_795_382_399_000, nonce: 'canary-000001' };

  it.each([
    ['one', JSON.stringify(FIRST), 1],
    ['a list', JSON.stringify([FIRST, CANARY]), 2],
    ['one a line', `${JSON.stringify(FIRST)}\n\n${JSON.stringify(CANARY)}\n`, 2],
  ])('are taken as %s', async (_, body, count) => {
    serve();
    const given = await post(listener, '/v1/events', body, bearer).answer;
    expect(said(given)).toEqual({ status: 200, body: { v: 1, accepted: count } });
    expect(records).toEqual(
      [FIRST, CANARY].slice(0, count).map((one) => ({ ...one, phase: 'started' })),
    );
  });

  it.each([
    [{ ...FIRST, connectionId: undefined }, '0.connectionId: a CONNECT needs it'],
    [{ ...CANARY, nonce: undefined }, '0.nonce: a CANARY needs it'],
    [{ ...FIRST, at: 1.5 }, '0.at: Invalid input: expected int, received number'],
  ])('are refused: %j', async (record, reason) => {
    serve();
    const given = await post(listener, '/v1/events', JSON.stringify(record), bearer).answer;
    expect(said(given)).toEqual({
      status: 422,
      body: { v: 1, error: 'not event records', reasons: [reason] },
    });
    expect(records).toEqual([]);
  });

  it('are refused when one line is broken, and it is named', async () => {
    const body = `${JSON.stringify(FIRST)}\n{\n`;
    const given = await post(listener, `/v1/events?token=${listener.token}`, body).answer;
    expect(given.status).toBe(422);
    expect(JSON.parse(given.body).reasons).toEqual([expect.stringMatching(/^line 2: body: /)]);
  });
});
