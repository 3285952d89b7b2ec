// Ends: close frames that are wrong, races, connections that end in the middle or not at all.
import { closePayload, frame } from '../../support/hand-server.ts';
import {
  bomb,
  changes,
  deviates,
  drips,
  HELLO,
  invalid,
  type Misbehaviour,
  opened,
  opensWith,
  pours,
  row,
} from './misbehaviour.ts';

const CLOSE = frame(8, closePayload(1000));
const closesWith = (payload: Buffer) => opensWith(HELLO, frame(8, payload));

/** By what the server does. */
export const CLOSINGS: Readonly<Record<string, Misbehaviour>> = {
  'half a close code': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame',
    ),
    1,
    closesWith(Buffer.from([3])),
  ),
  'close code 0': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 0',
    ),
    1,
    closesWith(closePayload(0)),
  ),
  'close code 999': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 999',
    ),
    1,
    closesWith(closePayload(999)),
  ),
  'close code 1004': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 1004',
    ),
    1,
    closesWith(closePayload(1004)),
  ),
  'close code 1005': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 1005',
    ),
    1,
    closesWith(closePayload(1005)),
  ),
  'close code 1006': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 1006',
    ),
    1,
    closesWith(closePayload(1006)),
  ),
  'close code 1015': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 1015',
    ),
    1,
    closesWith(closePayload(1015)),
  ),
  'close code 2999': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 2999',
    ),
    1,
    closesWith(closePayload(2999)),
  ),
  'close code 5000': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 5000',
    ),
    1,
    closesWith(closePayload(5000)),
  ),
  'close code 65535': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the server began to close with a close frame, the close code was 65535',
    ),
    1,
    closesWith(closePayload(65_535)),
  ),
  'a close reason that is not UTF-8': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    closesWith(closePayload(1000, Buffer.from([0xff]))),
  ),
  'a close frame that drips': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'failed ends: the connection had not ended in time; it was still open',
    ),
    1,
    deviates({
      answered: (socket) => {
        socket.write(HELLO);
        drips((n) => [0x88, 10, 3, 232][n] ?? 0x61, 600)(socket);
      },
    }),
  ),
  'a message behind the close frame': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    opensWith(HELLO, CLOSE, HELLO),
  ),
  'two close frames': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    opensWith(HELLO, CLOSE, CLOSE),
  ),
  'a ping behind the close frame': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    opensWith(HELLO, CLOSE, frame(9, 'x')),
  ),
  'bytes without end behind the close frame': bomb(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    deviates({
      answered: pours((n) => (n === 0 ? Buffer.concat([HELLO, CLOSE]) : Buffer.alloc(4000, 0x88))),
    }),
  ),
  'a close frame in the segment of the 101': row(
    opened(
      'failed hello: no message came; the server ended TCP with FIN',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    1,
    opensWith(CLOSE),
  ),
  'a close frame, then no FIN': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    deviates({
      behind101: () => Buffer.concat([HELLO, CLOSE]),
      frame: () => true,
      answered: (socket) => void socket.removeAllListeners('end'),
    }),
  ),
  'a close frame and FIN at once': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    deviates({
      behind101: () => Buffer.concat([HELLO, CLOSE]),
      answered: (socket) => void socket.end(),
    }),
  ),
  'a close frame and RST at once': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    deviates({
      behind101: () => Buffer.concat([HELLO, CLOSE]),
      answered: (socket) => void setImmediate(() => socket.resetAndDestroy()),
    }),
  ),
  'FIN behind the 101': row(
    opened(
      'failed hello: no message came; the server ended TCP with FIN',
      'failed ends: the server began to close with FIN',
    ),
    1,
    deviates({ answered: (socket) => void socket.end() }),
  ),
  'RST behind the 101': row(
    opened(
      'failed hello: no message came; the server ended TCP with RST',
      'failed ends: the server began to close with RST',
    ),
    1,
    deviates({ answered: (socket) => void setTimeout(() => socket.resetAndDestroy(), 50) }),
  ),
  'FIN within a frame header': row(
    opened(
      'failed hello: no message came; the server ended TCP with FIN',
      'failed ends: the server began to close with FIN',
    ),
    1,
    deviates({ behind101: () => Buffer.from([0x81]), answered: (socket) => void socket.end() }),
  ),
  'FIN within a payload': row(
    opened(
      'failed hello: no message came; the server ended TCP with FIN',
      'failed ends: the server began to close with FIN',
    ),
    1,
    deviates({ behind101: () => HELLO.subarray(0, 4), answered: (socket) => void socket.end() }),
  ),
  'FIN within a message': row(
    opened(
      'failed hello: no message came; the server ended TCP with FIN',
      'failed ends: the server began to close with FIN',
    ),
    1,
    deviates({
      behind101: () => frame(1, 'hello', { fin: false }),
      answered: (socket) => void socket.end(),
    }),
  ),
  'RST within a payload': row(
    opened(
      'failed hello: no message came; the server ended TCP with RST',
      'failed ends: the server began to close with RST',
    ),
    1,
    deviates({
      behind101: () => HELLO.subarray(0, 4),
      answered: (socket) => void setTimeout(() => socket.resetAndDestroy(), 50),
    }),
  ),
  'silence within a payload': row(
    opened(
      'failed hello: no message came',
      'failed ends: the connection had not ended in time; it was still open',
    ),
    1,
    opensWith(HELLO.subarray(0, 4)),
  ),
  'silence after the 101': row(
    opened(
      'failed hello: no message came',
      'failed ends: the connection had not ended in time; it was still open',
    ),
    1,
    changes((right) => right),
  ),
  'an invalid 101, and bytes without end': bomb(
    invalid('upgrade-missing', 'the client began to close with FIN'),
    1,
    deviates({
      answer: (_, right) => right.replace('Upgrade: websocket', 'Upgrade: x'),
      answered: pours(() => Buffer.alloc(4000, 0x81)),
    }),
  ),
};
