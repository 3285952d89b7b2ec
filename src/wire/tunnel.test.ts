// Through a proxy: the tunnel is asked for as RFC 9110 says, and whatever the proxy does instead has
// an end and a name. Real proxies: test/interop/network.test.ts.
import { once } from 'node:events';
import { createServer, connect as dialTcp, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import { createRedactor } from '../base/redact.ts';
import { type Handshake, openConnection } from './connection.ts';
import { line } from './fixture/log.ts';
import { type PeerSocket, startPeer } from './fixture/scripted-peer.ts';
import { httpRequest } from './http-request.ts';
import { parseProxy, type Route } from './route.ts';
import type { WireRecord } from './transcript.ts';

let pair: { readonly cert: string; readonly key: string };
const cleanUps: (() => void)[] = [];

beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  pair = { cert: made.cert, key: made.private };
});

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** Plays on each connection; `head` is the request's head. */
type Script = (socket: Socket, head: string) => void;

async function startProxy(
  script: Script,
  secure = false,
): Promise<{ port: number; heads: string[] }> {
  const heads: string[] = [];
  const onSocket = (socket: Socket): void => {
    cleanUps.push(() => socket.destroy());
    socket.on('error', () => {});
    let head = '';
    const read = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      socket.off('data', read);
      heads.push(head);
      script(socket, head);
    };
    socket.on('data', read);
  };
  const server = secure ? createTlsServer(pair, onSocket) : createServer(onSocket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, heads };
}

/** What a real proxy does; `answer` is its head, `more` comes glued to it. */
function tunnels(answer = 'HTTP/1.1 200 Connection established\r\n\r\n'): Script {
  return (socket, head) => {
    const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) /.exec(head) ?? [];
    const onward = dialTcp(Number(port), host.replace(/^\[(.*)\]$/, '$1'), () => {
      socket.write(answer);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
  };
}

interface Opened {
  readonly handshake: Handshake;
  readonly log: readonly string[];
  readonly records: readonly WireRecord[];
}

async function open(url: string, route: Route): Promise<Opened> {
  const records: WireRecord[] = [];
  const connection = openConnection({
    url,
    clock: realClock(),
    redactor: createRedactor(),
    request: { headers: [], subprotocols: [] },
    deadlines: { totalMs: 500, phasesMs: { closing: 300 } },
    tls: { ca: pair.cert, servername: 'localhost' },
    route,
    onRecord: (record) => records.push(record),
  });
  cleanUps.push(() => connection.dispose());
  const handshake = await connection.answered;
  return { handshake, records, log: records.map(line) };
}

function through(text: string, overrides: Route['overrides'] = []): Route {
  const proxy = parseProxy(text);
  return { overrides, proxies: { plain: proxy, secure: proxy, except: [] } };
}

const accept = (peer: PeerSocket): unknown => peer.accept();

describe('a tunnel', () => {
  it('carries a plain connection, and says so', async () => {
    const peer = await startPeer(accept);
    cleanUps.push(peer.stop);
    const proxy = await startProxy(tunnels());
    const { handshake, log, records } = await open(
      peer.url,
      through(`http://127.0.0.1:${proxy.port}`),
    );
    expect(handshake.outcome).toBe('opened');
    expect(log).toEqual(['connecting', 'tcp', 'request', 'sent', 'firstByte', 'response 101']);
    expect(records.find(({ kind }) => kind === 'tcp')).toMatchObject({
      remote: `127.0.0.1:${proxy.port}`,
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    const authority = `127.0.0.1:${peer.port}`;
    expect(proxy.heads).toEqual([`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`]);
  });

  it.each([false, true])('carries TLS; the proxy itself speaks TLS: %s', async (secure) => {
    const peer = await startPeer(accept, pair);
    cleanUps.push(peer.stop);
    const proxy = await startProxy(tunnels(), secure);
    const scheme = secure ? 'https' : 'http';
    const url = `wss://localhost:${peer.port}/`;
    const { handshake, log } = await open(url, through(`${scheme}://localhost:${proxy.port}`));
    expect(handshake.outcome).toBe('opened');
    expect(log).toEqual([
      'connecting',
      'tcp',
      'tls',
      'request',
      'sent',
      'firstByte',
      'response 101',
    ]);
    expect(proxy.heads[0]).toMatch(`CONNECT localhost:${peer.port} HTTP/1.1\r\n`);
  });

  it('gives user and password, and the address that stands in for a name', async () => {
    const peer = await startPeer(accept);
    cleanUps.push(peer.stop);
    const proxy = await startProxy(tunnels());
    const overrides = [{ host: 'chat.example', port: peer.port, addresses: ['127.0.0.1'] }];
    const route = through(`http://me:p%C3%A4ss@127.0.0.1:${proxy.port}`, overrides);
    const { handshake } = await open(`ws://chat.example:${peer.port}/`, route);
    expect(handshake.outcome).toBe('opened');
    const [head = ''] = proxy.heads;
    expect(head).toMatch(`CONNECT 127.0.0.1:${peer.port} HTTP/1.1\r\n`);
    const [, token = ''] = /\r\nProxy-Authorization: Basic (\S+)\r\n/.exec(head) ?? [];
    expect(Buffer.from(token, 'base64').toString('utf8')).toBe('me:päss');
  });

  it('brackets an IPv6 address', async () => {
    const proxy = await startProxy((socket) => socket.end('HTTP/1.1 503 No\r\n\r\n'));
    await open('ws://[::1]:9/', through(`http://127.0.0.1:${proxy.port}`));
    expect(proxy.heads).toEqual(['CONNECT [::1]:9 HTTP/1.1\r\nHost: [::1]:9\r\n\r\n']);
  });

  it.each([
    ['headers and another 2xx', 'HTTP/1.0 299 Yes\r\nVia: 1.1 x\r\nX-A: b\r\n\r\n'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['a body length that CONNECT ignores', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'],
  ])('opens on %s', async (_, answer) => {
    const peer = await startPeer(accept);
    cleanUps.push(peer.stop);
    const proxy = await startProxy(tunnels(answer));
    const { handshake } = await open(peer.url, through(`http://127.0.0.1:${proxy.port}`));
    expect(handshake.outcome).toBe('opened');
  });

  it('loses no byte that comes glued to the answer of the proxy', async () => {
    const proxy = await startProxy((socket) =>
      socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
    );
    const { handshake } = await open('ws://a.example/', through(`http://127.0.0.1:${proxy.port}`));
    expect(handshake).toMatchObject({ outcome: 'refused', head: { status: 403 } });
  });

  it('carries a management call', async () => {
    const peer = await startPeer(async (end) => {
      await end.request;
      end.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
      end.socket.end();
    });
    cleanUps.push(peer.stop);
    const proxy = await startProxy(tunnels());
    const answer = await httpRequest({
      url: peer.url.replace('ws:', 'http:'),
      method: 'GET',
      headers: [],
      clock: realClock(),
      deadlineMs: 2000,
      route: through(`http://127.0.0.1:${proxy.port}`),
    });
    expect(answer).toMatchObject({ outcome: 'answered', status: 200 });
    expect(proxy.heads).toHaveLength(1);
  });
});

describe('no tunnel', () => {
  it.each<[what: string, script: Script, code: string, message: RegExp]>([
    [
      'refused',
      (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
      'PROXY_REFUSED',
      /: it answered CONNECT with 407 Proxy Authentication Required$/,
    ],
    [
      'redirected',
      (socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n'),
      'PROXY_REFUSED',
      /with 302 Found$/,
    ],
    ['not HTTP', (socket) => socket.end('SSH-2.0-x\r\n'), 'PROXY_NOT_HTTP', /is not HTTP$/],
    ['FIN', (socket) => socket.end(), 'PROXY_CLOSED', /closed the connection$/],
    ['FIN in the head', (socket) => socket.end('HTTP/1.1 2'), 'PROXY_CLOSED', /closed/],
    ['RST', (socket) => socket.resetAndDestroy(), 'ECONNRESET', /ECONNRESET/],
  ])('%s', async (_, script, code, message) => {
    const proxy = await startProxy(script);
    const { handshake, log } = await open(
      'ws://a.example/',
      through(`http://127.0.0.1:${proxy.port}`),
    );
    expect(handshake).toMatchObject({
      outcome: 'unreachable',
      failure: { phase: 'proxy', code, message: expect.stringMatching(message) },
    });
    expect(log).toEqual(['connecting', `failure unreachable proxy ${code}`, 'closed']);
  });

  it.each<[what: string, script: Script]>([
    ['silence', () => {}],
    [
      'a drip',
      (socket) => {
        const timer = setInterval(() => socket.write('X'), 20);
        cleanUps.push(() => clearInterval(timer));
      },
    ],
  ])('%s ends on time', async (_, script) => {
    const proxy = await startProxy(script);
    const began = performance.now();
    const { handshake } = await open('ws://a.example/', through(`http://127.0.0.1:${proxy.port}`));
    expect(['timeout', 'unreachable']).toContain(handshake.outcome);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it('a proxy that nobody runs is named', async () => {
    const { handshake } = await open('ws://a.example/', through('http://127.0.0.1:1'));
    expect(handshake).toMatchObject({
      outcome: 'unreachable',
      failure: {
        phase: 'proxy',
        code: 'ECONNREFUSED',
        message: 'the proxy http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
      },
    });
  });

  it('the certificate of a TLS proxy is verified', async () => {
    const proxy = await startProxy(tunnels(), true);
    const url = `https://127.0.0.1:${proxy.port}`;
    const { handshake } = await open('ws://a.example/', through(url));
    expect(handshake).toMatchObject({
      failure: { phase: 'proxy', code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });
});
