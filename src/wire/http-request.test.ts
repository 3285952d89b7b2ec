import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import { type PeerSocket, startPeer } from './fixture/scripted-peer.ts';
import {
  type HttpAnswer,
  type HttpFailure,
  type HttpRequestOptions,
  httpRequest,
} from './http-request.ts';

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function call(
  script: (server: PeerSocket) => unknown,
  options: Partial<HttpRequestOptions> = {},
): Promise<HttpAnswer | HttpFailure> {
  const { url, stop } = await startPeer(script);
  cleanUps.push(stop);
  return httpRequest({
    url: `${url.replace('ws:', 'http:')}a/%40b?c=d`,
    method: 'GET',
    headers: [],
    clock: realClock(),
    deadlineMs: 2000,
    ...options,
  });
}

const reply = (text: string) => (server: PeerSocket) => {
  server.write(text);
};

describe('a request', () => {
  it('is written in one piece with its body, and asks for nothing to be kept', async () => {
    let seen = '';
    await call(
      (server) => {
        server.socket.once('data', (bytes) => {
          seen = bytes.toString().replace(/:\d+\r/, ':0\r');
          server.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        });
      },
      { method: 'POST', body: 'hé', headers: [{ name: 'X', value: '1' }] },
    );
    expect(seen).toBe(
      'POST /a/%40b?c=d HTTP/1.1\r\nHost: 127.0.0.1:0\r\nConnection: close\r\nContent-Length: 3\r\nX: 1\r\n\r\nhé',
    );
  });

  it('may have another target and other headers', async () => {
    let seen = '';
    await call(
      async (server) => {
        seen = await server.request;
        server.socket.end();
      },
      { method: 'DELETE', target: '/x y', headers: [{ name: 'host', value: 'h' }] },
    );
    expect(seen).toBe('DELETE /x y HTTP/1.1\r\nhost: h\r\nConnection: close\r\n\r\n');
  });
});

describe('an answer', () => {
  it('is told whole', async () => {
    expect(await call(reply('HTTP/1.1 410 Gone\r\nContent-Length: 3\r\nX: y\r\n\r\nabcd'))).toEqual(
      {
        outcome: 'answered',
        status: 410,
        phrase: 'Gone',
        headers: [
          ['Content-Length', '3'],
          ['X', 'y'],
        ],
        body: Buffer.from('abc'),
        incomplete: false,
        violations: [],
      },
    );
  });

  it.each<[string, string, boolean, object]>([
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      false,
      { body: Buffer.from('abc'), incomplete: false },
    ],
    [
      'until FIN',
      'HTTP/1.1 200 OK\r\n\r\nabc',
      true,
      { body: Buffer.from('abc'), incomplete: false },
    ],
    [
      'cut short',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc',
      true,
      { body: Buffer.from('abc'), incomplete: true },
    ],
    [
      'no body',
      'HTTP/1.1 204 No Content\r\n\r\n',
      false,
      { body: Buffer.alloc(0), incomplete: false },
    ],
    [
      'after interim answers',
      'HTTP/1.1 100 x\r\n\r\nHTTP/1.1 403 y\r\nContent-Length: 0\r\n\r\n',
      false,
      { status: 403 },
    ],
    [
      'a redirect is not followed',
      'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n',
      false,
      { status: 302 },
    ],
    [
      'bare LF',
      'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
      false,
      { status: 200, violations: ['bare-lf'] },
    ],
  ])('is read: %s', async (_what, text, fin, want) => {
    const answer = await call((server) => {
      server.write(text);
      if (fin) server.socket.end();
    });
    expect(answer).toMatchObject({ outcome: 'answered', ...want });
  });

  it('of more than 256 KiB is cut', async () => {
    const answer = await call((server) => {
      server.write('HTTP/1.1 200 OK\r\n\r\n');
      const pour = (): boolean =>
        !server.socket.writable || server.socket.write('a'.repeat(65_536), pour);
      pour();
    });
    expect(answer).toMatchObject({ outcome: 'answered', incomplete: true });
    expect('body' in answer && answer.body.length).toBe(256 * 1024);
  });
});

describe('no answer', () => {
  it.each<[string, (server: PeerSocket) => unknown, object]>([
    ['FIN', (server) => server.socket.end(), { outcome: 'dropped', failure: { code: 'FIN' } }],
    [
      'RST',
      (server) => server.request.then(() => server.socket.resetAndDestroy()),
      { outcome: 'dropped', failure: { code: 'ECONNRESET', phase: 'firstByte' } },
    ],
    [
      'half a head',
      (server) => server.socket.end('HTTP/1.1 200'),
      { outcome: 'dropped', failure: { phase: 'head' } },
    ],
    ['not HTTP', reply('nonsense'), { outcome: 'invalid', failure: { code: 'not-http' } }],
    [
      'a header bomb',
      reply(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(300)}`),
      { outcome: 'invalid', failure: { code: 'too-many-headers' } },
    ],
  ])('%s', async (_what, script, want) => {
    expect(await call(script)).toMatchObject(want);
  });

  it.each<[string, (server: PeerSocket) => unknown, string]>([
    ['silence', () => {}, 'firstByte'],
    ['a head that never ends', reply('HTTP/1.1 200 OK\r\n'), 'head'],
    ['a body that never ends', reply('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na'), 'head'],
  ])('in time: %s', async (_what, script, phase) => {
    const answer = await call(script, { deadlineMs: 150 });
    expect(answer).toMatchObject({ outcome: 'timeout', failure: { phase, code: 'DEADLINE' } });
  });

  it('nobody there, or no such URL', async () => {
    const { url, stop } = await startPeer(() => {});
    stop();
    const request = { method: 'GET', headers: [], clock: realClock(), deadlineMs: 1000 };
    const gone = await httpRequest({ ...request, url: url.replace('ws:', 'http:') });
    expect(gone).toMatchObject({
      outcome: 'unreachable',
      failure: { phase: 'tcp', code: 'ECONNREFUSED' },
    });
    const wrong = await httpRequest({ ...request, url: 'file:///etc/passwd' });
    expect(wrong).toMatchObject({ outcome: 'unreachable', failure: { code: 'URL_INVALID' } });
  });
});
