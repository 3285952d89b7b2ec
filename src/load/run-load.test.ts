import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { realClock } from '../base/clock.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { LoadResult } from '../result/load-result.ts';
import { acceptFor } from '../wire/accept-key.ts';
import { startInProcess } from './fixture/in-process-worker.ts';
import type { LoadIo } from './io.ts';
import type { LoadEnding, LoadPlan } from './plan.ts';
import { runLoad } from './run-load.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Seen {
  port: number;
  opened: number;
  messages: number;
  /** Close codes as `ws` tells them. */
  codes: number[];
  requests: string[];
}

async function wsServer(): Promise<Seen> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const seen: Seen = { port: 0, opened: 0, messages: 0, codes: [], requests: [] };
  server.on('connection', (socket, request) => {
    seen.opened += 1;
    seen.requests.push(`${request.url} ${request.headers['sec-websocket-key']}`);
    socket.on('error', () => {});
    socket.on('message', (text: Buffer) => {
      seen.messages += 1;
      socket.send(text);
    });
    socket.on('close', (code) => seen.codes.push(code));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  seen.port = (server.address() as AddressInfo).port;
  return seen;
}

async function rawServer(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const CLOSE: LoadEnding = { share: 1, kind: 'close', code: 1000 };

function planFor(port: number, more: Partial<LoadPlan> = {}): LoadPlan {
  const request = `GET /?nonce={nonce} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n`;
  return {
    endpoints: [{ share: 1, role: 'open', address: '127.0.0.1', port, request, subprotocols: [] }],
    phases: [{ kind: 'rate', name: 'steady', from: 100, to: 100, durationMs: 300 }],
    arrivals: 'even',
    seed: 'seed',
    openForMs: 20,
    endings: [CLOSE],
    timeoutMs: 500,
    precise: false,
    workers: 1,
    sources: [],
    nonce: 'abcdefghijklmnopqrs',
    ...more,
  };
}

async function run(
  plan: LoadPlan,
  more: Partial<LoadIo> = {},
): Promise<{ readonly result: LoadResult; readonly attempts: readonly LoadAttempt[] }> {
  const attempts: LoadAttempt[] = [];
  const result = await runLoad(
    plan,
    {
      clock: realClock(),
      usage: () => ({ cpuSeconds: 0, rssBytes: 0 }),
      signal: new AbortController().signal,
      onAttempts: (batch) => attempts.push(...batch),
      ...more,
    },
    { startWorker: startInProcess },
  );
  return { result, attempts: attempts.toSorted((a, b) => a.number - b.number) };
}

const COUNTS = {
  offered: 30,
  started: 30,
  unsent: 0,
  opened: 30,
  refused: {},
  failed: {},
  timedOut: 0,
  aborted: 0,
};

async function settled(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a load on a server that opens', () => {
  it.each([
    [CLOSE, 'close-frame', 1000, 1000],
    [{ share: 1, kind: 'close', code: 4001, reason: 'bye' }, 'close-frame', 4001, 4001],
    [{ share: 1, kind: 'fin' }, 'fin', 1006, undefined],
    [{ share: 1, kind: 'reset' }, 'reset', 1006, undefined],
  ] as const)('ends connections as %j', async (ending, how, code, echoed) => {
    const seen = await wsServer();
    const { result, attempts } = await run(planFor(seen.port, { endings: [ending] }));
    await settled(() => seen.codes.length === 30);
    expect(result.total).toEqual(COUNTS);
    expect(seen.opened).toBe(30);
    expect(seen.codes).toEqual(Array.from({ length: 30 }, () => code));
    expect(result.ends).toEqual({ [ending.kind]: 30 });
    expect(attempts.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    for (const one of attempts) {
      expect(one).toMatchObject({
        outcome: 'opened',
        status: 101,
        closedBy: 'client',
        closedHow: how,
        closeCode: echoed,
        endedByUs: true,
      });
      const { dueMs, startMs, connectedMs, sentMs, firstByteMs, answeredMs, closingMs, closedMs } =
        one;
      const times = [
        dueMs,
        startMs,
        connectedMs,
        sentMs,
        firstByteMs,
        answeredMs,
        closingMs,
        closedMs,
      ];
      expect(times.slice(1)).toEqual(times.slice(1).toSorted((a, b) => a - b));
      expect(closingMs - answeredMs).toBeGreaterThan(18);
      expect(startMs).toBeGreaterThan(dueMs - 0.1);
    }
    expect(result.latency['upgrade']?.count).toBe(30);
    expect(result.generator.lateness.count).toBe(30);
  });

  it('gives each attempt its own key and its own nonce', async () => {
    const seen = await wsServer();
    await run(planFor(seen.port));
    expect(new Set(seen.requests.map((text) => text.split(' ')[0])).size).toBe(30);
    expect(new Set(seen.requests.map((text) => text.split(' ')[1])).size).toBe(30);
  });

  it('is silent until all others have ended', async () => {
    const seen = await wsServer();
    const endings: LoadEnding[] = [{ share: 1, kind: 'silence' }];
    const { result } = await run(planFor(seen.port, { endings }));
    await settled(() => seen.codes.length === 30);
    expect(result.total).toEqual(COUNTS);
    expect(result.ends).toEqual({ silence: 30 });
    expect(seen.codes).toEqual(Array.from({ length: 30 }, () => 1006));
  });

  it('leaves in the middle of the handshake', async () => {
    const seen = await wsServer();
    const { result } = await run(planFor(seen.port, { endings: [{ share: 1, kind: 'abort' }] }));
    expect(result.total).toEqual({ ...COUNTS, opened: 0, aborted: 30 });
  });

  it('asks for connections to be deleted, and waits for the server', async () => {
    const seen = await wsServer();
    const asked: number[] = [];
    const { result } = await run(
      planFor(seen.port, { endings: [{ share: 1, kind: 'deleteConnection' }] }),
      {
        deleteConnection: (number) => {
          asked.push(number);
          return Promise.resolve(false);
        },
      },
    );
    await settled(() => seen.codes.length === 30);
    expect(asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(result.total).toEqual(COUNTS);
    expect(seen.codes).toEqual(Array.from({ length: 30 }, () => 1000));
  });

  it('stripes one schedule over workers', async () => {
    const seen = await wsServer();
    const { result, attempts } = await run(planFor(seen.port, { workers: 3 }));
    expect(result.total).toEqual(COUNTS);
    expect(attempts.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(seen.opened).toBe(30);
  });

  it('mixes endings by their shares, and counts what the server counts', async () => {
    const seen = await wsServer();
    const endings: LoadEnding[] = [
      { share: 0.5, kind: 'close', code: 1000 },
      { share: 0.25, kind: 'fin' },
      { share: 0.25, kind: 'reset' },
    ];
    const { result } = await run(planFor(seen.port, { endings }));
    await settled(() => seen.codes.length === 30);
    const clean = seen.codes.filter((code) => code === 1000).length;
    expect(result.ends['close']).toBe(clean);
    expect((result.ends['fin'] ?? 0) + (result.ends['reset'] ?? 0)).toBe(30 - clean);
    expect(clean).toBeGreaterThan(5);
  });

  it('sends messages and pings while it holds, and counts the answers', async () => {
    const seen = await wsServer();
    const { result } = await run(
      planFor(seen.port, {
        phases: [{ kind: 'burst', name: 'b', arrivals: 5 }],
        openForMs: 190,
        messages: { text: 'hello', everyMs: 50 },
        pings: { everyMs: 80 },
      }),
    );
    expect(result.messages.sent).toBeGreaterThanOrEqual(10);
    expect(result.messages.received).toBe(seen.messages);
    expect(result.messages.sent).toBe(seen.messages);
    expect(result.messages.pongs).toBeGreaterThanOrEqual(5);
    expect(result.peakOpen).toBe(5);
  });

  it('connects from addresses and ports of its own', async () => {
    const seen = await wsServer();
    const { result } = await run(planFor(seen.port, { sources: ['127.0.0.2', '127.0.0.3'] }));
    expect(result.total).toEqual(COUNTS);
  });

  it('stops when it is interrupted, and gives what there is', async () => {
    const seen = await wsServer();
    const stop = new AbortController();
    const running = run(
      planFor(seen.port, {
        openForMs: 60_000,
        phases: [{ kind: 'rate', name: 'long', from: 20, to: 20, durationMs: 60_000 }],
      }),
      { signal: stop.signal },
    );
    await settled(() => seen.opened >= 3);
    stop.abort();
    const { result } = await running;
    await settled(() => seen.codes.length === seen.opened);
    expect(result.endedEarly).toBe('interrupted');
    const { opened, offered } = result.total;
    // The last ones may have been open for the server and not yet for us.
    const underWay = offered - opened;
    expect([0, 1, 2, 3]).toContain(underWay);
    expect([...Array(underWay + 1).keys()].map((late) => opened + late)).toContain(seen.opened);
    expect(result.ends).toEqual({ close: opened });
  });
});

const ANSWERS = {
  throttled: 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nslow',
  forged:
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
};

describe('a load on a server that does not', () => {
  it('counts a refusal by its status and keeps its shape once', async () => {
    const port = await rawServer((socket) =>
      socket.once('data', () => socket.end(ANSWERS.throttled)),
    );
    const { result, attempts } = await run(planFor(port));
    expect(result.total).toEqual({ ...COUNTS, opened: 0, refused: { 429: 30 } });
    expect(result.refusals).toEqual([
      {
        status: 429,
        count: 30,
        statusText: 'Too Many Requests',
        headers: [
          { name: 'Retry-After', value: '3' },
          { name: 'Content-Length', value: '4' },
        ],
        body: 'slow',
        retryAfter: { min: 3, max: 3 },
      },
    ]);
    expect(result.latency['refusal']?.count).toBe(30);
    expect(attempts[0]).toMatchObject({ outcome: 'refused', status: 429 });
  });

  it('opens where the head comes byte by byte, with a message right behind it', async () => {
    const port = await rawServer((socket) =>
      socket.once('data', (request) => {
        const [, key = ''] = /Sec-WebSocket-Key: (\S+)/.exec(String(request)) ?? [];
        const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`;
        const bytes = [...Buffer.from(head, 'latin1'), 0x81, 2, 0x68, 0x69];
        socket.setNoDelay(true);
        const next = (): void => {
          const byte = bytes.splice(0, 9);
          if (byte.length > 0) socket.write(Buffer.from(byte), () => setImmediate(next));
        };
        next();
        socket.once('data', () => socket.end(Buffer.from([0x88, 2, 3, 0xe8])));
      }),
    );
    const { result, attempts } = await run(planFor(port));
    expect(result.total).toEqual(COUNTS);
    expect(result.messages.received).toBe(30);
    expect(new Set(attempts.map(({ closeCode }) => closeCode))).toEqual(new Set([1000]));
  });

  it('tells how a server ended what we held', async () => {
    const ends = [[0x88, 2, 0x0f, 0xa1], [0x88, 0], []];
    let turn = 0;
    const port = await rawServer((socket) =>
      socket.once('data', (request) => {
        const [, key = ''] = /Sec-WebSocket-Key: (\S+)/.exec(String(request)) ?? [];
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
        );
        const end = ends[turn % ends.length] ?? [];
        turn += 1;
        socket.end(Buffer.from(end));
      }),
    );
    const { result, attempts } = await run(planFor(port, { openForMs: 1000 }));
    expect(result.total).toEqual(COUNTS);
    expect(result.ends).toEqual({ 'server close-frame': 20, 'server fin': 10 });
    const codes = attempts.map(({ closeCode = 0 }) => closeCode).toSorted((a, b) => a - b);
    expect(codes).toEqual(
      [1005, 1006, 4001].flatMap((code) => Array.from({ length: 10 }, () => code)),
    );
    expect(attempts.every(({ closedBy, endedByUs }) => closedBy === 'server' && !endedByUs)).toBe(
      true,
    );
  });

  it('never follows a redirect', async () => {
    let asked = 0;
    const port = await rawServer((socket) =>
      socket.once('data', () => {
        asked += 1;
        socket.end('HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const { result } = await run(planFor(port));
    expect(result.total.refused).toEqual({ 302: 30 });
    expect(asked).toBe(30);
  });

  it.each([
    ['says nothing', (): void => {}, { timedOut: 30 }, 'timeout'],
    [
      'has another accept value',
      (socket: Socket): void => void socket.once('data', () => void socket.write(ANSWERS.forged)),
      { failed: { protocol: 30 } },
      'invalid',
    ],
    [
      'resets',
      (socket: Socket): void => void socket.once('data', () => void socket.resetAndDestroy()),
      { failed: { reset: 30 } },
      'dropped',
    ],
    [
      'closes in the middle of the head',
      (socket: Socket): void =>
        void socket.once('data', () => void socket.end('HTTP/1.1 101 Swit')),
      { failed: { closed: 30 } },
      'dropped',
    ],
  ] as const)('knows one that %s', async (_, serve, counts, outcome) => {
    const port = await rawServer(serve);
    const { result, attempts } = await run(planFor(port, { timeoutMs: 200 }));
    expect(result.total).toEqual({ ...COUNTS, opened: 0, ...counts });
    expect(new Set(attempts.map((one) => one.outcome))).toEqual(new Set([outcome]));
  });

  it('is told that nobody listens', async () => {
    const port = await rawServer(() => {});
    for (const close of closers.splice(0)) close();
    const { result, attempts } = await run(planFor(port));
    expect(result.total).toEqual({ ...COUNTS, opened: 0, failed: { refused: 30 } });
    expect(attempts[0]?.outcome).toBe('unreachable');
  });

  it('is tried again as often as was asked for', async () => {
    const port = await rawServer((socket) =>
      socket.once('data', () => socket.end(ANSWERS.throttled)),
    );
    const { result } = await run(
      planFor(port, { reconnect: { afterMs: 10, jitterMs: 5, times: 2 } }),
    );
    expect(result.total).toEqual({
      ...COUNTS,
      offered: 90,
      started: 90,
      opened: 0,
      refused: { 429: 90 },
    });
  });

  it('tells what it does in each second, a burst in that in which it happens', async () => {
    const seen = await wsServer();
    const told: (readonly [number, string, number])[] = [];
    await run(
      planFor(seen.port, {
        phases: [
          { kind: 'pause', name: 'first', durationMs: 1500 },
          { kind: 'burst', name: 'rush', arrivals: 20 },
          { kind: 'pause', name: 'after', durationMs: 1500 },
        ],
        openForMs: 1200,
      }),
      { onSecond: ({ atMs, offered }, phase) => void told.push([atMs, phase, offered]) },
    );
    expect(told.slice(0, 3)).toEqual([
      [0, 'first', 0],
      [1000, 'rush', 20],
      [2000, 'after', 0],
    ]);
  });

  it('ends the load where nobody answers any more', async () => {
    const port = await rawServer((socket) => socket.resetAndDestroy());
    const { result } = await run(
      planFor(port, {
        phases: [{ kind: 'rate', name: 'long', from: 1500, to: 1500, durationMs: 30_000 }],
        breaker: { share: 0.9 },
      }),
    );
    expect(result.endedEarly).toMatch(/^circuit breaker: \d+ of the last \d+ attempts/);
    expect(result.total.offered).toBeLessThan(6000);
  });
});
