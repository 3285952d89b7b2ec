import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { realClock } from '../base/clock.ts';
import { createRedactor } from '../base/redact.ts';
import {
  type Connection,
  type ConnectionOptions,
  type Handshake,
  openConnection,
} from './connection.ts';
import { line } from './fixture/log.ts';
import { opening, type Peer, type PeerSocket, startPeer } from './fixture/scripted-peer.ts';
import { binaryFrame, closeFrame, encodeFrame, type Frame, pingFrame, textFrame } from './frame.ts';
import type { WireRecord } from './transcript.ts';

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

interface Opened {
  readonly connection: Connection;
  readonly records: WireRecord[];
  /** What follows `firstByte`, as lines. */
  readonly log: () => readonly string[];
}

function open(url: string, options: Partial<ConnectionOptions> = {}): Opened {
  const records: WireRecord[] = [];
  const connection = openConnection({
    url,
    clock: realClock(),
    redactor: createRedactor(),
    request: { headers: [], subprotocols: [] },
    deadlines: { totalMs: 3000, phasesMs: { closing: 300 } },
    onRecord: (record) => records.push(record),
    ...options,
  });
  cleanUps.push(() => connection.dispose());
  const log = (): readonly string[] => {
    const lines = records.map(line);
    return lines.slice(lines.indexOf('firstByte') + 1);
  };
  return { connection, records, log };
}

async function peer(script: (socket: PeerSocket) => unknown): Promise<Peer> {
  const started = await startPeer(script);
  cleanUps.push(() => started.stop());
  return started;
}

/** Opens against a script; the handshake must succeed. */
async function opened(script: (socket: PeerSocket) => unknown): Promise<Opened> {
  const { url } = await peer(script);
  const client = open(url);
  expect((await client.connection.answered).outcome).toBe('opened');
  return client;
}

/** Opens against a script and returns how that went. */
async function answer(
  script: (socket: PeerSocket) => unknown,
  options: Partial<ConnectionOptions> = {},
): Promise<Opened & { readonly handshake: Handshake }> {
  const { url } = await peer(script);
  const client = open(url, options);
  return { ...client, handshake: await client.connection.answered };
}

const fromServer = (frame: Frame): Buffer => encodeFrame({ ...frame, masked: false });
const FIN = ['fin in', 'fin out', 'closed'];

describe('who closes, with what, in which order', () => {
  it('client: close frame', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      const frame = await server.frame();
      server.write(fromServer(closeFrame(frame.close?.code, frame.close?.reason)));
      server.socket.end();
    });
    expect(client.connection.close(4001, 'enough')).toBe(true);
    expect(client.connection.close(4001)).toBe(false);
    expect(client.connection.state).toBe('closing');
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame out close 4001',
      'frame in close 4001',
      ...FIN,
    ]);
    expect(client.connection.state).toBe('closed');
  });

  it('client: FIN', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      await server.ended;
      server.socket.end();
    });
    expect(client.connection.drop('fin')).toBe(true);
    await client.connection.closed;
    expect(client.log()).toEqual(['response 101', 'fin out', 'fin in', 'closed']);
  });

  it('client: after FIN it reads on, and answers nothing', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      await server.ended;
      server.write(fromServer(pingFrame()));
      server.socket.end();
    });
    client.connection.drop('fin');
    await client.connection.closed;
    expect(client.log()).toEqual(['response 101', 'fin out', 'frame in ping', 'fin in', 'closed']);
  });

  it('client: RST', async () => {
    let seen: Promise<string> | undefined;
    const client = await opened(async (server) => {
      seen = server.ended;
      await server.accept();
    });
    expect(client.connection.drop('reset')).toBe(true);
    expect(client.connection.drop('reset')).toBe(false);
    await client.connection.closed;
    expect(await seen).toBe('reset');
    expect(client.log()).toEqual(['response 101', 'reset out REQUESTED', 'closed']);
  });

  it('client: silence answers and records nothing any more', async () => {
    let server: PeerSocket | undefined;
    const client = await opened(async (socket) => {
      server = socket;
      await socket.accept();
    });
    expect(client.connection.drop('silence')).toBe(true);
    server?.write(fromServer(pingFrame()));
    server?.write(fromServer(closeFrame(1000)));
    server?.socket.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.connection.send([textFrame('x')])).toBe(false);
    expect(client.connection.close()).toBe(false);
    expect(client.connection.drop('fin')).toBe(false);
    expect(client.log()).toEqual(['response 101', 'silence']);
    client.connection.dispose();
    await client.connection.closed;
    expect(client.log()).toEqual(['response 101', 'silence']);
  });

  it('server: close frame', async () => {
    let answered: number | undefined;
    const client = await opened(async (server) => {
      await server.accept(fromServer(closeFrame(1001, 'bye')));
      answered = (await server.frame()).close?.code;
      server.socket.end();
    });
    await client.connection.closed;
    expect(answered).toBe(1001);
    expect(client.log()).toEqual([
      'response 101',
      'frame in close 1001',
      'frame out close 1001',
      ...FIN,
    ]);
  });

  it('server: an empty close frame is answered by an empty one', async () => {
    const client = await opened(async (server) => {
      await server.accept(fromServer(closeFrame()));
      await server.frame();
      server.socket.end();
    });
    await client.connection.closed;
    expect(client.log()).toEqual(['response 101', 'frame in close', 'frame out close', ...FIN]);
  });

  it('server: FIN', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      server.socket.end();
    });
    await client.connection.closed;
    expect(client.log()).toEqual(['response 101', ...FIN]);
  });

  it('server: RST', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      await server.frame();
      server.socket.resetAndDestroy();
    });
    client.connection.send([textFrame('now')]);
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame out text now',
      'reset in ECONNRESET',
      'closed',
    ]);
    expect(client.connection.send([textFrame('x')])).toBe(false);
  });

  it('server: silence after our close frame ends in a reset', async () => {
    const client = await opened((server) => server.accept());
    client.connection.close(1000, '', 100);
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame out close 1000',
      'reset out DEADLINE',
      'closed',
    ]);
  });

  it('server: close frame without FIN ends in a reset', async () => {
    const client = await opened((server) => server.accept(fromServer(closeFrame(1000))));
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame in close 1000',
      'frame out close 1000',
      'reset out DEADLINE',
      'closed',
    ]);
  });

  it('both: a close frame of the server that crosses ours is not answered twice', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      await server.frame();
      server.write(fromServer(closeFrame(4100)));
      server.socket.end();
    });
    client.connection.close(1000);
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame out close 1000',
      'frame in close 4100',
      ...FIN,
    ]);
  });

  it('a close frame sent as any other frame counts as ours', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      await server.frame();
      server.write(fromServer(closeFrame(1000)));
      server.socket.end();
    });
    client.connection.send([closeFrame(1000)]);
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame out close 1000',
      'frame in close 1000',
      ...FIN,
    ]);
  });
});

describe('an open connection', () => {
  it('reads frames glued to the 101 and answers pings', async () => {
    const client = await opened(async (server) => {
      await server.accept(
        Buffer.concat([pingFrame(Buffer.from('p')), textFrame('hé')].map(fromServer)),
      );
      const pong = await server.frame();
      server.write(fromServer(textFrame(`${pong.opcode} ${pong.payload.toString()}`)));
      server.socket.end();
    });
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame in ping p',
      'frame out pong p',
      'frame in text hé',
      'message hé',
      'frame in text 10 p',
      'message 10 p',
      ...FIN,
    ]);
  });

  it('fails on a protocol error with its close code, and reads nothing more', async () => {
    let code: number | undefined;
    const client = await opened(async (server) => {
      await server.accept(
        Buffer.concat([encodeFrame(textFrame('masked')), fromServer(textFrame('after'))]),
      );
      code = (await server.frame()).close?.code;
      server.write(fromServer(textFrame('later')));
      server.socket.end();
    });
    await client.connection.closed;
    expect(code).toBe(1002);
    expect(client.log()).toEqual([
      'response 101',
      'protocolError mask-unexpected 1002',
      'frame out close 1002',
      'fin out',
      'fin in',
      'closed',
    ]);
  });

  it('records a wrong close frame before what is wrong with it', async () => {
    const client = await opened(async (server) => {
      await server.accept(fromServer(closeFrame(1005)));
      await server.ended;
      server.socket.end();
    });
    await client.connection.closed;
    expect(client.log()).toEqual([
      'response 101',
      'frame in close 1005',
      'protocolError close-code-invalid 1002',
      'frame out close 1002',
      'fin out',
      'fin in',
      'closed',
    ]);
  });

  it('sends exactly the frames and bytes it is given', async () => {
    const seen: string[] = [];
    const client = await opened(async (server) => {
      await server.accept();
      for (let count = 0; count < 3; count += 1)
        seen.push((await server.frame()).payload.toString());
      server.socket.end();
    });
    const raw = encodeFrame(textFrame('raw'));
    expect(client.connection.send([textFrame('a'), binaryFrame(Buffer.from('b'))])).toBe(true);
    expect(client.connection.sendBytes(raw)).toBe(true);
    await client.connection.closed;
    expect(seen).toEqual(['a', 'b', 'raw']);
    expect(client.log()).toEqual([
      'response 101',
      'frame out text a',
      'frame out binary b',
      ...FIN,
    ]);
  });

  it('records compressed frames and delivers no message', async () => {
    const compressed = encodeFrame({ ...textFrame('zz'), rsv: 4, masked: false });
    const { url } = await peer(async (server) => {
      await server.accept(compressed, 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
      server.socket.end();
    });
    const request = { headers: [], subprotocols: [], extensions: 'permessage-deflate' };
    const client = open(url, { request });
    await client.connection.closed;
    expect(client.log()).toEqual(['response 101', 'frame in text zz', ...FIN]);
  });

  it('does what RFC 6455 asks with a real server', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    cleanUps.push(() => server.close());
    server.on('connection', (socket: WebSocket) => {
      socket.on('message', (data: Buffer, binary: boolean) => socket.send(data, { binary }));
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const request = { headers: [], subprotocols: ['a', 'b'] };
    const client = open(`ws://localhost:${port}/x`, { request });
    const handshake = await client.connection.answered;
    expect(handshake).toMatchObject({ outcome: 'opened', violations: [] });
    client.connection.send([textFrame('hello')]);
    while (!client.log().includes('message hello'))
      await new Promise((resolve) => setImmediate(resolve));
    client.connection.close(1000, 'bye');
    await client.connection.closed;
    expect(client.records.map(line)).toEqual([
      'connecting',
      'resolved',
      'tcp',
      'request',
      'sent',
      'firstByte',
      'response 101',
      'frame out text hello',
      'frame in text hello',
      'message hello',
      'frame out close 1000',
      'frame in close 1000',
      ...FIN,
    ]);
  });
});

describe('an answer', () => {
  it('is refused, with its body', async () => {
    const { handshake, connection, log } = await answer((server) => {
      server.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nno');
      void server.ended.then(() => server.socket.end());
    });
    expect(handshake).toEqual({
      outcome: 'refused',
      head: {
        version: 'HTTP/1.1',
        status: 403,
        phrase: 'Forbidden',
        headers: [
          ['Content-Length', '2'],
          ['X-A', '1'],
        ],
      },
      violations: [],
      body: { bytes: 2, text: 'no' },
    });
    await connection.closed;
    expect(log()).toEqual(['response 403', 'body 2', 'fin out', 'fin in', 'closed']);
    expect(await connection.sent).toBe(true);
  });

  it.each([
    ['a body that ends with the connection', 'HTTP/1.1 502 Bad Gateway\r\n\r\noops', 'oops'],
    [
      'chunks',
      'HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n2;q=1\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n',
      'abc',
    ],
    ['no headers at all', 'HTTP/1.1 401 Unauthorized\r\n\r\n', undefined],
    ['status 200', 'HTTP/1.1 200\r\n\r\nok', 'ok'],
    ['status 204 with a body', 'HTTP/1.1 204 No Content\r\n\r\nxx', undefined],
  ])('is refused: %s', async (_name, text, body) => {
    const { handshake } = await answer((server) => {
      server.write(text);
      server.socket.end();
    });
    expect(handshake.outcome).toBe('refused');
    expect('body' in handshake ? handshake.body?.text : undefined).toBe(body);
  });

  it('is refused with an endless body: 8 KiB are kept, then it is reset', async () => {
    const { handshake, connection, log } = await answer((server) => {
      server.write('HTTP/1.1 403 Forbidden\r\n\r\n');
      const pour = (): boolean =>
        !server.socket.writable || server.socket.write('a'.repeat(65_536), pour);
      pour();
    });
    const body = { bytes: 8192, text: 'a'.repeat(8192), truncated: true };
    expect(handshake).toMatchObject({ outcome: 'refused', body });
    await connection.closed;
    expect(log()).toEqual(['response 403', 'body 8192', 'reset out BODY_LIMIT', 'closed']);
  });

  it('opens invalidly: the client says so and leaves', async () => {
    const { handshake, connection, log } = await answer(async (server) => {
      const wrong = opening('Sec-WebSocket-Key: other\r\n', 'Sec-WebSocket-Protocol: zz\r\n');
      await server.request;
      server.write(wrong.replace('Upgrade: websocket\r\n', ''));
      await server.ended;
      server.socket.end();
    });
    expect(handshake.outcome).toBe('invalid');
    await connection.closed;
    expect(log()).toEqual([
      'response 101 upgrade-missing accept-mismatch subprotocol-not-offered',
      'fin out',
      'fin in',
      'closed',
    ]);
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'not-http', 0],
    ['201 headers', `HTTP/1.1 101 x\r\n${'A: b\r\n'.repeat(201)}\r\n`, 'too-many-headers', 101],
    ['an endless header', `HTTP/1.1 101 x\r\nA: ${'b'.repeat(70_000)}`, 'head-too-large', 101],
    [
      'many interim answers',
      'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17),
      'too-many-interim',
      103,
    ],
  ])('is unreadable: %s', async (_name, text, violation, status) => {
    const { handshake, connection, records } = await answer((server) => server.write(text));
    expect(handshake).toMatchObject({
      outcome: 'invalid',
      head: { status },
      violations: [violation],
    });
    await connection.closed;
    const lines = records.map(line).slice(-3);
    expect(lines).toEqual([`response ${status} ${violation}`, 'reset out UNREADABLE', 'closed']);
  });

  it('never comes: the server closes or resets', async () => {
    const fin = await answer((server) => server.socket.end());
    expect(fin.handshake).toEqual({
      outcome: 'dropped',
      failure: {
        outcome: 'dropped',
        phase: 'firstByte',
        code: 'FIN',
        message: 'the server closed the connection',
      },
    });
    await fin.connection.closed;
    const lines = fin.records.map(line);
    expect(lines.slice(-4)).toEqual([
      'fin in',
      'failure dropped firstByte FIN',
      'fin out',
      'closed',
    ]);
    const reset = await answer(async (server) => {
      await server.request;
      server.socket.resetAndDestroy();
    });
    expect(reset.handshake).toMatchObject({ failure: { code: 'ECONNRESET', phase: 'firstByte' } });
    await reset.connection.closed;
    const failure = ['reset in ECONNRESET', 'failure dropped firstByte ECONNRESET', 'closed'];
    expect(reset.records.map(line).slice(-3)).toEqual(failure);
  });

  it('ends inside the head: what was read is told', async () => {
    const { handshake } = await answer((server) => {
      server.write('HTTP/1.1 401 Una\u001b[2J');
      server.socket.end();
    });
    const message = String.raw`the server closed the connection after "HTTP/1.1 401 Una\\u{1b}[2J"`;
    expect(handshake).toMatchObject({ failure: { phase: 'head', code: 'FIN', message } });
  });
});

describe('a deadline', () => {
  const short = { deadlines: { totalMs: 150 } };

  it.each<[string, (server: PeerSocket) => unknown, string]>([
    ['silence', () => {}, 'firstByte'],
    ['a drip of the head', (server) => drip(server, `HTTP/1.1 101 ${'x'.repeat(300)}`), 'head'],
    [
      'a drip of interim answers',
      (server) => drip(server, 'HTTP/1.1 103 x\r\n\r\n'.repeat(16), 16, 300),
      'head',
    ],
  ])('ends %s on time', async (_name, script, phase) => {
    const before = performance.now();
    const { handshake, connection, records } = await answer(script, short);
    // Either drip alone lasts five seconds.
    expect(performance.now() - before).toBeLessThan(3000);
    expect(handshake).toMatchObject({ outcome: 'timeout', failure: { phase, code: 'DEADLINE' } });
    await connection.closed;
    const lines = records.map(line).slice(-3);
    expect(lines).toEqual([`failure timeout ${phase} DEADLINE`, 'reset out DEADLINE', 'closed']);
  });

  it('ends TLS that drips on time', async () => {
    const { url } = await peer((server) => {
      // A handshake record is announced, byte by byte.
      server.write(Uint8Array.of(0x16, 3, 3, 0x40, 0));
      drip(server, '\u0002'.repeat(200), 200);
    });
    const client = open(url.replace('ws:', 'wss:'), short);
    expect(await client.connection.answered).toMatchObject({
      outcome: 'timeout',
      failure: { phase: 'tls', code: 'DEADLINE' },
    });
    await client.connection.closed;
    const lines = client.records.map(line);
    expect(lines).toEqual([
      'connecting',
      'resolved',
      'tcp',
      'failure timeout tls DEADLINE',
      'closed',
    ]);
  });

  it('ends closing on time, whatever the server sends meanwhile', async () => {
    const client = await opened(async (server) => {
      await server.accept();
      await server.frame();
      const ping = fromServer(pingFrame()).toString('latin1');
      drip(server, ping.repeat(500), 500, 10);
    });
    const before = performance.now();
    client.connection.close(1000, '', 150);
    await client.connection.closed;
    expect(performance.now() - before).toBeLessThan(3000);
    const lines = client.log();
    expect(lines.slice(0, 2)).toEqual(['response 101', 'frame out close 1000']);
    expect(lines.slice(-2)).toEqual(['reset out DEADLINE', 'closed']);
    // Pings are seen, and no longer answered.
    expect(new Set(lines.slice(2, -2))).toEqual(new Set(['frame in ping']));
  });

  it('ends a request that nobody reads', async () => {
    const { url } = await peer((server) => server.socket.pause());
    const raw = `GET / HTTP/1.1\r\nX: ${'x'.repeat(30_000_000)}`;
    const client = open(url, { ...short, request: { headers: [], subprotocols: [], raw } });
    expect(await client.connection.answered).toMatchObject({
      outcome: 'timeout',
      failure: { phase: 'request' },
    });
    expect(await client.connection.sent).toBe(false);
  });

  it('of one phase is earlier than the total', async () => {
    const deadlines = { totalMs: 60_000, phasesMs: { firstByte: 100 } };
    const { handshake } = await answer(() => {}, { deadlines });
    expect(handshake).toMatchObject({ outcome: 'timeout', failure: { phase: 'firstByte' } });
  });

  it('is over once there is an answer', async () => {
    const { url } = await peer((server) => server.accept());
    const client = open(url, short);
    expect((await client.connection.answered).outcome).toBe('opened');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(client.connection.state).toBe('open');
    expect(client.log()).toEqual(['response 101']);
  });

  it('ends a body that drips, and the answer stands', async () => {
    const { handshake, connection } = await answer((server) => {
      server.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n');
      drip(server, 'x'.repeat(1000), 1, 100);
    });
    expect(handshake).toMatchObject({ outcome: 'refused', head: { status: 403 } });
    await connection.closed;
  });

  it('stands still while paused', async () => {
    let server: PeerSocket | undefined;
    const { url } = await peer((socket) => {
      server = socket;
    });
    const client = open(url, short);
    await client.connection.sent;
    client.connection.pauseDeadline();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(client.connection.state).toBe('pending');
    client.connection.resumeDeadline();
    await server?.accept();
    expect((await client.connection.answered).outcome).toBe('opened');
  });

  it('runs on after a pause', async () => {
    const { url } = await peer(() => {});
    const client = open(url, short);
    await client.connection.sent;
    client.connection.pauseDeadline();
    client.connection.resumeDeadline();
    expect(await client.connection.answered).toMatchObject({ outcome: 'timeout' });
  });
});

describe('while the answer is pending', () => {
  it('frames may be sent and arrive after the request', async () => {
    const { url } = await peer(async (server) => {
      await server.request;
      const early = await server.frame();
      await server.accept(fromServer(textFrame(`early ${early.payload.toString()}`)));
      server.socket.end();
    });
    const client = open(url);
    expect(client.connection.send([textFrame('x')])).toBe(true);
    await client.connection.closed;
    const lines = client.records.map(line).slice(5);
    expect(lines.slice(0, 4)).toEqual([
      'frame out text x',
      'firstByte',
      'response 101',
      'frame in text early x',
    ]);
  });

  it.each(['fin', 'reset', 'silence'] as const)('the client may leave by %s', async (how) => {
    const { url } = await peer(async (server) => {
      await server.ended;
      server.socket.end();
    });
    const client = open(url);
    await client.connection.sent;
    expect(client.connection.drop(how)).toBe(true);
    const handshake = await client.connection.answered;
    expect(handshake).toMatchObject({ outcome: 'dropped', failure: { code: 'CLIENT_LEFT' } });
  });

  it('the client may close: a server that never answers is reset in the end', async () => {
    const { url } = await peer(() => {});
    const client = open(url);
    await client.connection.sent;
    client.connection.close(1000, '', 50);
    expect(await client.connection.answered).toMatchObject({
      outcome: 'timeout',
      failure: { phase: 'closing' },
    });
    await client.connection.closed;
  });

  it('the client may close, once, and the server may still open', async () => {
    const { url } = await peer(async (server) => {
      await server.request;
      const close = await server.frame();
      await server.accept(fromServer(closeFrame(close.close?.code)));
      server.socket.end();
    });
    const client = open(url);
    expect(client.connection.close(4000)).toBe(true);
    client.connection.close(4001);
    expect((await client.connection.answered).outcome).toBe('opened');
    expect(client.connection.state).toBe('closing');
    await client.connection.closed;
    expect(client.records.map(line).slice(5)).toEqual([
      'frame out close 4000',
      'firstByte',
      'response 101',
      'frame in close 4000',
      ...FIN,
    ]);
  });

  it('the client may leave by RST before there is a socket', async () => {
    const client = open('ws://127.0.0.1:1/');
    expect(client.connection.drop('reset')).toBe(true);
    expect(await client.connection.answered).toMatchObject({ failure: { code: 'CLIENT_LEFT' } });
    await client.connection.closed;
    expect(client.records.map(line)).toEqual(['failure dropped dns CLIENT_LEFT', 'closed']);
  });

  // What must not come before the integration is released is any byte: also of an answer like 103.
  it('the first byte is that of an interim answer', async () => {
    const { records } = await answer((server) => {
      server.write('HTTP/1.1 103 Early Hints\r\n\r\n');
      setTimeout(() => server.socket.end(), 20);
    });
    const kinds = records.map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf('sent') + 1, kinds.indexOf('interim') + 1)).toEqual([
      'firstByte',
      'interim',
    ]);
  });

  it('interim answers are recorded, with their bytes', async () => {
    const { records } = await answer(async (server) => {
      server.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n');
      await server.accept();
    });
    expect(records.filter(({ kind }) => kind === 'interim')).toMatchObject([
      {
        head: { version: 'HTTP/1.1', status: 103, phrase: 'Early Hints', headers: [['Link', 'x']] },
        raw: { bytes: 37, text: 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n' },
      },
    ]);
  });

  it('dispose while the body of a refusal is on its way: the refusal stands', async () => {
    const { url } = await peer((server) =>
      server.write('HTTP/1.1 403 x\r\nContent-Length: 9\r\n\r\nab'),
    );
    const client = open(url);
    const isRefused = (): boolean => client.records.some(({ kind }) => kind === 'response');
    while (!isRefused()) await new Promise((resolve) => setImmediate(resolve));
    client.connection.dispose();
    expect(await client.connection.answered).toMatchObject({
      outcome: 'refused',
      head: { status: 403 },
    });
  });

  it('dispose ends everything and records nothing', async () => {
    const { url } = await peer(() => {});
    const client = open(url);
    await client.connection.sent;
    const before = client.records.length;
    client.connection.dispose();
    expect(await client.connection.answered).toMatchObject({ failure: { code: 'DISPOSED' } });
    await client.connection.closed;
    expect(client.records.length).toBe(before);
  });

  it('dispose at once: nothing is dialled or recorded', async () => {
    let accepted = 0;
    const { url } = await peer((server) => {
      accepted += 1;
      return server.accept();
    });
    const client = open(url);
    client.connection.dispose();
    await client.connection.closed;
    expect(await client.connection.sent).toBe(false);
    expect((await open(url).connection.answered).outcome).toBe('opened');
    expect(accepted).toBe(1);
    expect(client.records).toEqual([]);
  });
});

describe('no connection', () => {
  it('is refused by TCP', async () => {
    const stopped = await startPeer(() => {});
    stopped.stop();
    const client = open(stopped.url);
    expect(await client.connection.answered).toMatchObject({
      outcome: 'unreachable',
      failure: { phase: 'tcp', code: 'ECONNREFUSED' },
    });
    expect(await client.connection.sent).toBe(false);
    await client.connection.closed;
    expect(client.records.map(line)).toEqual([
      'connecting',
      'resolved',
      'failure unreachable tcp ECONNREFUSED',
      'closed',
    ]);
    expect(client.connection.send([textFrame('x')])).toBe(false);
    expect(client.connection.drop('reset')).toBe(false);
  });

  it.each([
    ['ws://name.invalid/', 'dns', 'ENOTFOUND'],
    ['ftp://127.0.0.1/', 'dns', 'URL_INVALID'],
    ['nonsense', 'dns', 'URL_INVALID'],
  ])('%s', async (url, phase, code) => {
    const client = open(url);
    const handshake = await client.connection.answered;
    expect(handshake).toMatchObject({ outcome: 'unreachable', failure: { phase } });
    // A machine without a resolver says EAI_AGAIN.
    const found = 'failure' in handshake ? handshake.failure.code : '';
    expect([code, code === 'ENOTFOUND' ? 'EAI_AGAIN' : code]).toContain(found);
    await client.connection.closed;
  });

  it('a source address that is not ours', async () => {
    const client = open('ws://127.0.0.1:1/', { localAddress: '192.0.2.1' });
    expect(await client.connection.answered).toMatchObject({
      outcome: 'unreachable',
      failure: { phase: 'tcp', code: 'EADDRNOTAVAIL' },
    });
  });
});

describe('secrets', () => {
  it('are in no record and in no result', async () => {
    const redactor = createRedactor();
    redactor.register('pass', 'hunter2hunter2');
    const { url } = await peer(async (server) => {
      await server.request;
      server.write(
        'HTTP/1.1 401 hunter2hunter2\r\nSet-Cookie: s=1\r\n folded\r\nX-E: hunter2hunter2\r\n\r\n',
      );
      server.write('body hunter2hunter2');
      server.socket.end();
    });
    const headers = [
      { name: 'Authorization', value: 'Bearer abcdef' },
      { name: 'X-Echo', value: 'hunter2hunter2' },
    ];
    const request = { headers, subprotocols: [], target: '/?X-Amz-Signature=0123&n=1' };
    const client = open(url, { redactor, request });
    const handshake = await client.connection.answered;
    const all = JSON.stringify([client.records, handshake]);
    for (const secret of ['hunter2', 'abcdef', '0123', 's=1', 'folded'])
      expect(all).not.toContain(secret);
    expect(handshake).toMatchObject({ body: { text: 'body [redacted:pass]' } });
  });
});

// Writes `text` piece by piece, for ever slowly enough.
function drip(server: PeerSocket, text: string, pieces = 1, everyMs = 20): void {
  const size = Math.ceil(text.length / (pieces === 1 ? text.length : pieces));
  let at = 0;
  const writeNext = (): void => {
    if (!server.socket.writable || at >= text.length) clearInterval(timer);
    else server.write(Buffer.from(text.slice(at, (at += size)), 'latin1'));
  };
  const timer = setInterval(writeNext, everyMs);
  writeNext();
  server.socket.on('close', () => clearInterval(timer));
}
