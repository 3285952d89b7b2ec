// No client, however malformed, ends the process or keeps others from being served.
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { clientFrame, connectPeer, upgradeText } from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

const LONG = 'x'.repeat(20_000);

test.each<[string, string | Buffer, number]>([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['TLS on a plain port', Buffer.from('160301020001000001fc0303', 'hex'), 400],
  ['zeros', Buffer.alloc(1000), 400],
  ['a long URL', `GET /dev?${LONG} HTTP/1.1\r\nHost: h\r\n\r\n`, 431],
  ['a URL over 4096', `GET /dev?${'x'.repeat(4100)} HTTP/1.1\r\nHost: h\r\n\r\n`, 414],
  ['a long header', upgradeText('/dev', [`X: ${LONG}`]), 431],
  ['a header without name', upgradeText('/dev', [': x']), 400],
  ['a header without colon', upgradeText('/dev', ['X']), 400],
  ['a bare carriage return', upgradeText('/dev', ['X: a\rb']), 400],
  ['no Host on a plain request', 'GET /dev HTTP/1.1\r\n\r\n', 400],
  [
    'two lengths',
    'POST /dev/@connections/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    400,
  ],
  [
    'a chunk size that is none',
    'POST /dev/@connections/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    400,
  ],
])('%s', async (_name, bytes, status) => {
  const peer = await connectPeer(stand.port());
  peer.write(bytes);
  expect((await peer.answer()).status).toBe(status);
  peer.close();
});

test.each<[string, Buffer]>([
  ['a frame of 2^63 bytes', Buffer.from('81ffffffffffffffffffffffffff', 'hex')],
  ['a long ping', clientFrame(9, 'x'.repeat(126))],
  ['a fragmented ping', clientFrame(9, 'x', { fin: false })],
  ['a continuation of nothing', clientFrame(0, 'x')],
  ['a close frame of one byte', clientFrame(8, 'x')],
  [
    'a text inside a text',
    Buffer.concat([clientFrame(1, 'x', { fin: false }), clientFrame(1, 'y')]),
  ],
  ['ones', Buffer.alloc(500, 0xff)],
])('%s ends the connection', async (_name, bytes) => {
  const { peer } = await stand.open();
  peer.write(bytes);
  expect((await peer.frame())?.opcode).toBe(8);
  peer.socket.end();
  await peer.ended();
});

test('random bytes instead of a request', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const peer = await connectPeer(stand.port());
      peer.write(Buffer.from(bytes));
      peer.socket.end();
      await peer.ended();
      peer.close();
    }),
    { numRuns: 100 },
  );
  expect((await stand.open()).connectionId).toHaveLength(16);
});

test('random bytes instead of frames', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const { peer } = await stand.open();
      peer.write(Buffer.from(bytes));
      peer.socket.resetAndDestroy();
    }),
    { numRuns: 100 },
  );
  expect((await stand.open()).connectionId).toHaveLength(16);
});

test('a reset at any point of a handshake', async () => {
  const text = upgradeText('/dev');
  for (let length = 1; length <= text.length; length += 7) {
    const peer = await connectPeer(stand.port());
    peer.write(text.slice(0, length));
    peer.socket.resetAndDestroy();
  }
  expect((await stand.open()).connectionId).toHaveLength(16);
});

test('a request byte by byte is a request', async () => {
  const peer = await connectPeer(stand.port());
  peer.socket.setNoDelay(true);
  for (const byte of upgradeText('/dev')) peer.write(byte);
  expect((await peer.answer()).status).toBe(101);
  peer.close();
});

test('a head that does not come in time is answered 408', async () => {
  const clock = virtualClock();
  const other = await startStand({ clock });
  const peer = await connectPeer(other.port());
  peer.write('GET /dev');
  // Answered after the bytes before it have been read.
  await other.manage('GET', '/dev');
  await clock.advance(10_000);
  expect((await peer.answer()).status).toBe(408);
  await other.close();
});
