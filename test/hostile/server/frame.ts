// Frames: bombs, wrong bits, wrong lengths, text that is none.
import { closePayload, frame } from '../../support/hand-server.ts';
import {
  bomb,
  deviates,
  drips,
  HELLO,
  type Misbehaviour,
  opened,
  opensWith,
  pours,
  row,
  violates,
} from './misbehaviour.ts';

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');
const CLOSE = frame(8, closePayload(1000));
const long = (first: number, length: bigint): Buffer => {
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 127;
  head.writeBigUInt64BE(length, 2);
  return head;
};
const MIB = 1024 * 1024;
const opensAndPours = (next: (n: number) => Buffer) => deviates({ answered: pours(next) });
const opensAndDrips = (byte: (n: number) => number) => deviates({ answered: drips(byte) });

/** By what the server does. */
export const FRAMES: Readonly<Record<string, Misbehaviour>> = {
  'a frame header that drips': row(
    opened(
      'failed hello: no message came',
      'failed ends: the connection had not ended in time; it was still open',
    ),
    1,
    opensAndDrips((n) => [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0][n] ?? 0x61),
  ),
  'a payload that drips': row(
    opened(
      'failed hello: no message came',
      'failed ends: the connection had not ended in time; it was still open',
    ),
    1,
    opensAndDrips((n) => [0x81, 126, 4, 0][n] ?? 0x61),
  ),
  'empty frames without end': bomb(
    opened(
      'failed hello: N messages came, but not the one waited for; the server broke the protocol: the server sent more than 10000 frames',
      'failed ends: the client began to close with a close frame',
    ),
    1,
    opensAndPours(() => Buffer.alloc(2000, hex('8200'))),
  ),
  'a hundred thousand frames': bomb(
    opened(
      'failed hello: N messages came, but not the one waited for; the server broke the protocol: the server sent more than 10000 frames',
      'failed ends: the client began to close with a close frame',
    ),
    1,
    opensWith(Buffer.alloc(300_000, hex('810161'))),
  ),
  'nine thousand frames': bomb(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    opensWith(HELLO, Buffer.alloc(27_000, hex('820161')), CLOSE),
  ),
  'fragments without end': bomb(
    violates('a message of more than 4096 frames'),
    1,
    opensAndPours((n) => (n === 0 ? hex('010161') : Buffer.alloc(3000, hex('000161')))),
  ),
  'empty fragments without end': bomb(
    violates('a message of more than 4096 frames'),
    1,
    opensAndPours((n) => (n === 0 ? hex('0100') : Buffer.alloc(2000, hex('0000')))),
  ),
  'messages of 1 MiB without end': bomb(
    opened(
      'errored hello: text is too long: only its beginning was kept',
      'failed ends: the client began to close with a close frame',
    ),
    3,
    opensAndPours((n) => (n % 17 === 0 ? long(0x82, BigInt(MIB)) : Buffer.alloc(MIB / 16, 7))),
  ),
  'messages of 64 KiB without end': bomb(
    opened(
      'errored hello: text is too long: only its beginning was kept',
      'failed ends: the client began to close with a close frame',
    ),
    3,
    opensAndPours(() => Buffer.concat([long(0x82, 65_536n), Buffer.alloc(65_536, 7)])),
  ),
  'pings without end, and it never reads': bomb(
    opened(
      'failed hello: no message came; the server broke the protocol: the server sent more than 10000 frames',
      'failed ends: the client began to close with a close frame',
    ),
    1,
    deviates({
      answered: (socket) => {
        socket.pause();
        pours(() => Buffer.concat(Array.from({ length: 10 }, () => frame(9, 'x'.repeat(125)))))(
          socket,
        );
      },
    }),
  ),
  'pongs without end': bomb(
    violates('the server sent more than 10000 frames'),
    1,
    opensAndPours(() => Buffer.concat(Array.from({ length: 100 }, () => frame(10, 'x')))),
  ),
  'a frame of 2^63 bytes': row(
    violates('a length with its highest bit set'),
    1,
    opensWith(long(0x82, 1n << 63n)),
  ),
  'a frame of 2^63 - 1 bytes': row(
    violates('a length with its highest bit set'),
    1,
    opensWith(long(0x82, (1n << 63n) - 1n)),
  ),
  'a message of 1 MiB and a byte': row(
    violates('a message of more than 1048576 bytes'),
    1,
    opensWith(long(0x82, BigInt(MIB + 1))),
  ),
  'a message of 2 MiB in fragments': bomb(
    violates('a message of more than 1048576 bytes'),
    1,
    opensAndPours((n) =>
      Buffer.concat([long(n === 0 ? 0x02 : 0x00, 65_536n), Buffer.alloc(65_536)]),
    ),
  ),
  'a length in too many bytes, 16 bits': row(
    violates('the length 5 in a longer form than it needs'),
    1,
    opensWith(hex('817e000568656c6c6f')),
  ),
  'a length in too many bytes, 64 bits': row(
    violates('the length 200 in a longer form than it needs'),
    1,
    opensWith(long(0x81, 200n), 'x'.repeat(200)),
  ),
  'a compressed bomb, nothing negotiated': row(
    violates('reserved bits 4 are set'),
    1,
    opensWith(hex('c10affffffffffffffffff03')),
  ),
  RSV2: row(violates('reserved bits 2 are set'), 1, opensWith(frame(1, 'hello', { rsv: 2 }))),
  RSV3: row(violates('reserved bits 1 are set'), 1, opensWith(frame(1, 'hello', { rsv: 1 }))),
  'opcode 3': row(violates('opcode 3 has no meaning'), 1, opensWith(frame(3, 'hello'))),
  'opcode 15': row(violates('opcode 15 has no meaning'), 1, opensWith(frame(15, 'hello'))),
  'a masked frame': row(
    violates('a frame of a server is masked'),
    1,
    opensWith(frame(1, 'hello', { masked: true })),
  ),
  'a fragmented ping': row(
    violates('a control frame without FIN'),
    1,
    opensWith(frame(9, 'x', { fin: false })),
  ),
  'a ping of 126 bytes': row(
    violates('a control frame longer than 125 bytes'),
    1,
    opensWith(hex('897e007e'), 'x'.repeat(126)),
  ),
  'a fragmented close frame': row(
    violates('a control frame without FIN'),
    1,
    opensWith(frame(8, closePayload(1000), { fin: false })),
  ),
  'a continuation of nothing': row(
    violates('a continuation of nothing'),
    1,
    opensWith(frame(0, 'hello')),
  ),
  'a message inside a message': row(
    violates('a new message inside a fragmented one'),
    1,
    opensWith(frame(1, 'hel', { fin: false }), frame(1, 'lo')),
  ),
  'a lone 0xff as text': row(violates('text that is not UTF-8'), 1, opensWith(frame(1, hex('ff')))),
  'an overlong slash': row(violates('text that is not UTF-8'), 1, opensWith(frame(1, hex('c0af')))),
  'a surrogate': row(violates('text that is not UTF-8'), 1, opensWith(frame(1, hex('eda080')))),
  'beyond U+10FFFF': row(
    violates('text that is not UTF-8'),
    1,
    opensWith(frame(1, hex('f4908080'))),
  ),
  'text that ends inside a character': row(
    violates('text that ends inside a character'),
    1,
    opensWith(frame(1, hex('e282'))),
  ),
  'a character cut by a fragment, and broken there': row(
    violates('text that is not UTF-8'),
    1,
    opensWith(frame(1, hex('e282'), { fin: false }), frame(0, hex('41'))),
  ),
  'a wrong frame behind a right one': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the client began to close with a close frame',
    ),
    1,
    opensWith(HELLO, frame(3, 'x')),
  ),
};
