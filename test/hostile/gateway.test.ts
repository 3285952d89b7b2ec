// Clients that misbehave, one way each, against the reference gateway: what they are told, whether a
// good client is served meanwhile and afterwards, and that $disconnect comes once for each that opened.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policy } from '../../src/gateway/fixture/backend.ts';
import {
  clientFrame,
  closeFrame,
  codeOf,
  connectPeer,
  type Peer,
  USUAL_HEADERS,
  upgradeText,
} from '../../src/gateway/fixture/peer.ts';
import { eventually, startWard, type Ward } from './gateway/ward.ts';

let ward: Ward;
beforeAll(async () => {
  ward = await startWard();
});
afterAll(() => ward.close());

/** The status of the answer to these bytes, 0 when there is none. */
async function statusOf(bytes: string | Buffer): Promise<number> {
  const peer = await connectPeer(ward.stand.port());
  peer.write(bytes);
  const answer = await peer.answer().catch(() => undefined);
  peer.close();
  return answer?.status ?? 0;
}

const LONG = 'x'.repeat(20_000);
const head = (...lines: readonly string[]): string => [...lines, '', ''].join('\r\n');
const usual = (change: (lines: readonly string[]) => readonly string[]): string =>
  upgradeText('/dev', [], change(USUAL_HEADERS));
const without = (name: string): string =>
  usual((lines) => lines.filter((one) => !one.startsWith(`${name}:`)));
const manage = (method: string, path: string, ...lines: readonly string[]): string =>
  head(`${method} ${path} HTTP/1.1`, 'Host: h', 'Connection: close', ...lines);

/** Request heads, and the status of the answer. */
const HEADS: Readonly<Record<string, readonly [string | Buffer, number]>> = {
  'no HTTP': ['hello\r\n\r\n', 400],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  'TLS on a plain port': [Buffer.from('160301020001000001fc0303', 'hex'), 400],
  zeros: [Buffer.alloc(1000), 400],
  'HTTP/0.9': ['GET /dev\r\n\r\n', 400],
  'a URL of 20 kB': [`GET /dev?${LONG} HTTP/1.1\r\nHost: h\r\n\r\n`, 431],
  'a URL over the limit': [`GET /dev?${'x'.repeat(4100)} HTTP/1.1\r\nHost: h\r\n\r\n`, 414],
  'a header of 20 kB': [upgradeText('/dev', [`X: ${LONG}`]), 431],
  'three thousand headers': [
    upgradeText(
      '/dev',
      Array.from({ length: 3000 }, () => 'X: y'),
    ),
    431,
  ],
  'a head without end': [`GET /dev HTTP/1.1\r\nX: ${LONG}`, 431],
  'a header without name': [upgradeText('/dev', [': x']), 400],
  'a header without colon': [upgradeText('/dev', ['X']), 400],
  'a space before the colon': [upgradeText('/dev', ['X : y']), 400],
  'a folded header': [upgradeText('/dev', ['X: a', ' b']), 400],
  'a bare CR': [upgradeText('/dev', ['X: a\rb']), 400],
  'NUL in a header': [upgradeText('/dev', ['X: a\u0000b']), 400],
  'no Upgrade': [without('Upgrade'), 426],
  'no key': [without('Sec-WebSocket-Key'), 400],
  'no version': [without('Sec-WebSocket-Version'), 426],
  'a stage that is not there': [upgradeText('/nowhere'), 403],
  'a POST with two lengths': [
    manage('POST', '/dev/@connections/x', 'Content-Length: 1', 'Content-Length: 2'),
    400,
  ],
  'a POST with a negative length': [
    manage('POST', '/dev/@connections/x', 'Content-Length: -1'),
    400,
  ],
  'a chunk size that is none': [
    `${manage('POST', '/dev/@connections/x', 'Transfer-Encoding: chunked')}zz\r\n`,
    400,
  ],
  'a length and chunks': [
    `${manage('POST', '/dev/@connections/x', 'Content-Length: 3', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    400,
  ],
  'an id of markup': [manage('GET', '/dev/@connections/%3Cscript%3E'), 400],
  'an id with a broken escape': [manage('GET', '/dev/@connections/%zz'), 400],
  'an id of NUL': [manage('DELETE', '/dev/@connections/%00'), 400],
  'an id of 4000 letters': [manage('GET', `/dev/@connections/${'x'.repeat(4000)}`), 400],
  'a path with dots': [manage('GET', '/dev/../../etc/passwd'), 403],
  'a method of its own': [manage('BREW', '/dev/@connections/x'), 400],
  CONNECT: ['CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n', 405],
};

describe('a request with', () => {
  test.each(Object.entries(HEADS))('%s', async (_, [bytes, status]) => {
    expect(await statusOf(bytes)).toBe(status);
    expect(await ward.problems()).toEqual([]);
    expect(ward.disconnects()).toBe(0);
  });
});

const bomb = (first: number, length: bigint): Buffer => {
  const bytes = Buffer.alloc(14);
  bytes[0] = first;
  bytes[1] = 0xff;
  bytes.writeBigUInt64BE(length, 2);
  return bytes;
};

/** Frames of a client that is open, and the close code that it is given. */
const FRAMES: Readonly<Record<string, readonly [Buffer, number]>> = {
  'a frame of 2^63 bytes': [bomb(0x81, 1n << 63n), 1009],
  'a frame of 4 GiB': [bomb(0x81, 1n << 32n), 1009],
  'a frame over 32 KiB': [clientFrame(1, 'x'.repeat(33_000)), 1009],
  'a message over 128 KiB': [
    Buffer.concat([
      clientFrame(1, 'x'.repeat(30_000), { fin: false }),
      ...Array.from({ length: 4 }, () => clientFrame(0, 'x'.repeat(30_000), { fin: false })),
    ]),
    1009,
  ],
  binary: [clientFrame(2, 'x'), 1003],
  'an unmasked frame': [clientFrame(1, 'x', { masked: false }), 1002],
  RSV1: [clientFrame(1, 'x', { rsv: 4 }), 1002],
  'opcode 3': [clientFrame(3, 'x'), 1002],
  'opcode 15': [clientFrame(15, 'x'), 1002],
  'a long ping': [clientFrame(9, 'x'.repeat(126)), 1002],
  'a fragmented ping': [clientFrame(9, 'x', { fin: false }), 1002],
  'a continuation of nothing': [clientFrame(0, 'x'), 1002],
  'a text inside a text': [
    Buffer.concat([clientFrame(1, 'x', { fin: false }), clientFrame(1, 'y')]),
    1002,
  ],
  'text that is not UTF-8': [clientFrame(1, Buffer.from([0xff])), 1007],
  'half a close code': [clientFrame(8, 'x'), 1002],
  'close code 1005': [closeFrame(1005), 1002],
  'close code 999': [closeFrame(999), 1002],
  'a close reason that is not UTF-8': [clientFrame(8, Buffer.from([3, 232, 0xff])), 1007],
  'HTTP instead of a frame': [Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n'), 1002],
  ones: [Buffer.alloc(500, 0xff), 1002],
};

describe('a connection with', () => {
  test.each(Object.entries(FRAMES))('%s', async (_, [bytes, code]) => {
    const { peer } = await ward.stand.open();
    peer.write(bytes);
    expect(codeOf(await peer.frame())).toBe(code);
    peer.close();
    expect(await ward.problems()).toEqual([]);
    expect(ward.disconnects()).toBe(1);
  });
});

/** Clients that do something over time; gives how many of their connections opened. */
const DEEDS: Readonly<Record<string, () => Promise<number>>> = {
  'two hundred heads that never end': async () => {
    const peers = await many(200, () => peerWith('GET /dev HTTP/1.1\r\nX: '));
    // A good client is served while they are there.
    expect(await ward.problems()).toEqual([]);
    for (const peer of peers) peer.close();
    return 0;
  },
  'two hundred connections that say nothing': async () => {
    const peers = await many(200, () => peerWith(''));
    expect(await ward.problems()).toEqual([]);
    for (const peer of peers) peer.close();
    return 0;
  },
  'RST after each byte of a head': async () => {
    const text = upgradeText('/dev');
    for (let length = 1; length < text.length; length += 1) {
      const peer = await peerWith(text.slice(0, length));
      peer.socket.resetAndDestroy();
    }
    return 0;
  },
  'FIN within a head': async () => {
    const peer = await peerWith('GET /dev HTTP/1.1\r\n');
    peer.socket.end();
    await peer.ended();
    return 0;
  },
  'rubbish behind the request': async () => {
    const peer = await peerWith(upgradeText('/dev') + LONG);
    expect((await peer.answer()).status).toBe(101);
    expect(codeOf(await peer.frame())).toBe(1002);
    return 1;
  },
  'a second request behind the first': async () => {
    const peer = await peerWith(upgradeText('/dev').repeat(3));
    expect((await peer.answer()).status).toBe(101);
    expect(codeOf(await peer.frame())).toBe(1002);
    return 1;
  },
  'frames and rubbish while $connect is held': async () => {
    const letGo = hold();
    const peer = await pendingPeer();
    peer.write(Buffer.concat([clientFrame(9, 'x'), Buffer.alloc(200_000, 0xff)]));
    letGo();
    expect((await peer.answer()).status).toBe(101);
    expect((await peer.frame())?.opcode).toBe(10);
    expect(codeOf(await peer.frame())).toBe(1002);
    return 1;
  },
  'RST while $connect is held': async () => {
    const letGo = hold();
    const peer = await pendingPeer();
    peer.socket.resetAndDestroy();
    await pause();
    letGo();
    return 0;
  },
  'FIN while $connect is held': async () => {
    const letGo = hold();
    const peer = await pendingPeer();
    peer.socket.end();
    await pause();
    letGo();
    await peer.ended();
    // Half-open is no end: the gateway has answered 101 to who still reads.
    return peer.unread().includes(' 101 ') ? 1 : 0;
  },
  'RST while the authorizer is held': async () => {
    const letGo = hold();
    const before = ward.stand.backend.of('authorizer').length;
    const peer = await peerWith(upgradeText('/dev?auth=x'), 'custom');
    await ward.stand.backend.until('authorizer', before + 1);
    peer.socket.resetAndDestroy();
    await pause();
    letGo();
    return 0;
  },
  'RST while it is posted to': async () => {
    const { peer, connectionId } = await open();
    const path = `/dev/@connections/${encodeURIComponent(connectionId)}`;
    const posts = Array.from({ length: 50 }, () => ward.stand.manage('POST', path, LONG));
    peer.socket.resetAndDestroy();
    const statuses = new Set((await Promise.all(posts)).map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 200 && status !== 410)).toEqual([]);
    return 1;
  },
  'posts to who never reads': async () => {
    const { peer, connectionId } = await open();
    peer.socket.pause();
    const path = `/dev/@connections/${encodeURIComponent(connectionId)}`;
    const seen = new Set<number>();
    for (let posts = 0; posts < 200 && !seen.has(429); posts += 1) {
      seen.add((await ward.stand.manage('POST', path, 'x'.repeat(120_000))).status);
    }
    expect(seen).toEqual(new Set([200, 429]));
    return 1;
  },
  'pings without end from who never reads': async () => {
    const { peer } = await open();
    peer.socket.pause();
    const pings = Buffer.concat(
      Array.from({ length: 1000 }, () => clientFrame(9, 'x'.repeat(125))),
    );
    for (let n = 0; n < 100; n += 1) {
      if (!peer.socket.write(pings)) await pause();
    }
    return 1;
  },
  'a thousand fragments and RST': async () => {
    const { peer } = await open();
    peer.write(clientFrame(1, 'x', { fin: false }));
    for (let n = 0; n < 1000; n += 1) peer.write(clientFrame(0, 'x', { fin: false }));
    await pause();
    peer.socket.resetAndDestroy();
    return 1;
  },
  'a close frame and RST': async () => {
    const { peer } = await open();
    peer.write(closeFrame(1000));
    peer.socket.resetAndDestroy();
    return 1;
  },
  'three close frames': async () => {
    const { peer } = await open();
    peer.write(Buffer.concat([closeFrame(1000), closeFrame(1001), closeFrame(4000)]));
    expect(codeOf(await peer.frame())).toBe(1000);
    await peer.ended();
    return 1;
  },
  'FIN without a close frame': async () => {
    const { peer } = await open();
    peer.socket.end();
    await peer.ended();
    return 1;
  },
  'close frame, DELETE and RST at once': async () => {
    const { peer, connectionId } = await open();
    peer.write(closeFrame(1000));
    const deleted = ward.stand.manage(
      'DELETE',
      `/dev/@connections/${encodeURIComponent(connectionId)}`,
    );
    peer.socket.resetAndDestroy();
    expect([204, 410]).toContain((await deleted).status);
    return 1;
  },
  'a body that never comes': async () => {
    const peers = await many(50, () =>
      peerWith('POST /dev/@connections/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc'),
    );
    expect(await ward.problems()).toEqual([]);
    for (const peer of peers) peer.socket.resetAndDestroy();
    return 0;
  },
  'a body over the limit': async () => {
    const { connectionId } = await open();
    const path = `/dev/@connections/${encodeURIComponent(connectionId)}`;
    expect((await ward.stand.manage('POST', path, 'x'.repeat(1_000_000))).status).toBe(413);
    return 1;
  },
  'a hundred calls in one segment': async () => {
    const call = head('GET /dev/@connections/x HTTP/1.1', 'Host: h');
    const peer = await peerWith(call.repeat(100));
    for (let n = 0; n < 100; n += 1) expect((await peer.answer()).status).toBe(400);
    return 0;
  },
  'an upgrade behind a call': async () => {
    const call = head('GET /dev/@connections/x HTTP/1.1', 'Host: h');
    const peer = await peerWith(call + upgradeText('/dev'));
    expect((await peer.answer()).status).toBe(400);
    expect((await peer.answer()).status).toBe(101);
    return 1;
  },
  'two thousand TCP connections, each reset': async () => {
    for (let round = 0; round < 20; round += 1) {
      const peers = await many(100, () => peerWith('G'));
      for (const peer of peers) peer.socket.resetAndDestroy();
    }
    return 0;
  },
  'five hundred connections opened and dropped': async () => {
    for (let round = 0; round < 10; round += 1) {
      const peers = await many(50, () => peerWith(upgradeText('/dev')));
      const statuses = await Promise.all(peers.map(async (peer) => (await peer.answer()).status));
      expect(new Set(statuses)).toEqual(new Set([101]));
      for (const peer of peers) peer.socket.resetAndDestroy();
    }
    return 500;
  },
};

describe('a client with', () => {
  test.each(Object.entries(DEEDS))('%s', async (_, deed) => {
    ward.disconnects();
    const opened = await deed();
    closePeers();
    expect(await ward.problems()).toEqual([]);
    let told = 0;
    await eventually(() => (told += ward.disconnects()) >= opened, 5000);
    expect(told).toBe(opened);
  });
});

test('nothing is left of ten thousand connections in memory', async () => {
  const churn = async (): Promise<number> => {
    for (let round = 0; round < 20; round += 1) {
      const peers = await many(100, () => peerWith('G'));
      for (const peer of peers) peer.socket.resetAndDestroy();
    }
    closePeers();
    expect(await ward.problems()).toEqual([]);
    collectGarbage();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };
  const beforeMib = await churn();
  for (let round = 0; round < 3; round += 1) await churn();
  expect((await churn()) - beforeMib).toBeLessThan(16);
});

const peers: Peer[] = [];

async function peerWith(bytes: string, api = 'open'): Promise<Peer> {
  const peer = await connectPeer(ward.stand.port(api));
  peers.push(peer);
  peer.write(bytes);
  return peer;
}

async function open(): Promise<{ readonly peer: Peer; readonly connectionId: string }> {
  const opened = await ward.stand.open();
  peers.push(opened.peer);
  return opened;
}

function closePeers(): void {
  for (const peer of peers.splice(0)) peer.close();
}

function many(count: number, make: () => Promise<Peer>): Promise<readonly Peer[]> {
  return Promise.all(Array.from({ length: count }, make));
}

/** Every function waits until it is let go; then all answer as usual again. */
function hold(): () => void {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  ward.stand.backend.answer(async (call) => {
    await held;
    return call.function === 'authorizer'
      ? { return: policy('Allow') }
      : { return: { statusCode: 200 } };
  });
  return letGo;
}

/** A client whose $connect has begun. */
async function pendingPeer(): Promise<Peer> {
  const before = ward.stand.backend.of('$connect').length;
  const peer = await peerWith(upgradeText('/dev'));
  await ward.stand.backend.until('$connect', before + 1);
  return peer;
}

/** For what has no sign that could be waited for: the kernel tells the gateway of an end. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
