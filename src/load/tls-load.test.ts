// Loads over TLS: what is verified, what is timed, what is resumed, and every ending.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { realClock } from '../base/clock.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { LoadResult } from '../result/load-result.ts';
import { startInProcess } from './fixture/in-process-worker.ts';
import type { LoadEndpoint, LoadPlan } from './plan.ts';
import { runLoad } from './run-load.ts';

let server: Server;
let sockets: WebSocketServer;
let ca = '';
let port = 0;
let codes: number[] = [];

beforeAll(async () => {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  ca = pems.cert;
  server = createServer({ key: pems.private, cert: pems.cert });
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('close', (code) => codes.push(code));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  for (const client of sockets.clients) client.terminate();
  server.close();
});
beforeEach(() => {
  codes = [];
});

async function run(
  tls: Partial<LoadEndpoint['tls']>,
  kind: LoadPlan['endings'][number]['kind'] = 'close',
): Promise<{ readonly result: LoadResult; readonly attempts: readonly LoadAttempt[] }> {
  const request = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n`;
  const attempts: LoadAttempt[] = [];
  const result = await runLoad(
    {
      endpoints: [
        {
          share: 1,
          role: 'open',
          address: '127.0.0.1',
          port,
          request,
          subprotocols: [],
          tls: { servername: 'localhost', ca, insecure: false, resume: false, ...tls },
        },
      ],
      phases: [{ kind: 'rate', name: 'steady', from: 50, to: 50, durationMs: 200 }],
      arrivals: 'even',
      seed: 'seed',
      openForMs: 30,
      endings: [kind === 'close' ? { share: 1, kind, code: 1000 } : { share: 1, kind }],
      timeoutMs: 3000,
      precise: false,
      workers: 1,
      sources: [],
      nonce: 'abcdefghijklmnopqrs',
    },
    {
      clock: realClock(),
      usage: () => ({ cpuSeconds: 0, rssBytes: 0 }),
      signal: new AbortController().signal,
      onAttempts: (batch) => attempts.push(...batch),
    },
    { startWorker: startInProcess },
  );
  return { result, attempts };
}

async function codesOf(count: number): Promise<readonly number[]> {
  for (let turn = 0; turn < 200 && codes.length < count; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return codes;
}

describe('a load over TLS', () => {
  it.each([
    ['close', 1000],
    ['fin', 1006],
    ['reset', 1006],
  ] as const)('opens, times each phase, and ends with %s', async (kind, code) => {
    const { result, attempts } = await run({}, kind);
    expect(result.total).toMatchObject({ offered: 10, opened: 10, failed: {} });
    expect(result.plan.tls).toEqual({ used: true, resumed: 0, full: 10 });
    expect(result.latency['tls']?.count).toBe(10);
    expect(await codesOf(10)).toEqual(Array.from({ length: 10 }, () => code));
    for (const { startMs, connectedMs, securedMs, sentMs, answeredMs } of attempts) {
      const times = [startMs, connectedMs, securedMs, sentMs, answeredMs];
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it('resumes sessions on request only, and counts both', async () => {
    const { result } = await run({ resume: true });
    const { resumed, full } = result.plan.tls;
    expect(resumed + full).toBe(10);
    expect(resumed).toBeGreaterThan(5);
    expect(result.total.opened).toBe(10);
  });

  it.each([
    ['a wrong name', { servername: 'elsewhere.example' }],
    ['an unknown authority', { ca: undefined }],
  ] as const)('never asks a server with %s', async (_, tls) => {
    const { result, attempts } = await run(tls as Partial<LoadEndpoint['tls']>);
    expect(result.total).toMatchObject({ offered: 10, opened: 0, failed: { tls: 10 } });
    expect(new Set(attempts.map(({ outcome }) => outcome))).toEqual(new Set(['unreachable']));
  });

  it('goes on with what is not verified when told to', async () => {
    const { result } = await run({ servername: 'elsewhere.example', insecure: true });
    expect(result.total.opened).toBe(10);
  });
});
