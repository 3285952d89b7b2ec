// Bodies of a refusal: endless, contradictory, cut short.
import {
  bomb,
  dripsAfter,
  type Misbehaviour,
  onBytes,
  pours,
  row,
  says,
  unopened,
} from './misbehaviour.ts';

const REFUSED = 'HTTP/1.1 403 Forbidden\r\n';
const LENGTH = `${REFUSED}Content-Length: 100000\r\n\r\n`;
const CHUNKED = `${REFUSED}Transfer-Encoding: chunked\r\n\r\n`;
const after = (head: string, next: (n: number) => string) =>
  onBytes(pours((n) => Buffer.from(n === 0 ? head : next(n))));

/** By what the server does. */
export const BODIES: Readonly<Record<string, Misbehaviour>> = {
  'a body that drips': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    onBytes(dripsAfter(LENGTH, 'x')),
  ),
  'a chunk size that drips': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    onBytes(dripsAfter(CHUNKED, '0')),
  ),
  'a body without end': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with RST',
    ),
    1,
    after(`${REFUSED}\r\n`, () => 'x'.repeat(10_000)),
  ),
  'a body longer than its length': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    after(`${REFUSED}Content-Length: 3\r\n\r\nabc`, () => 'x'.repeat(10_000)),
  ),
  'a length of 2^63': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with RST',
    ),
    1,
    after(`${REFUSED}Content-Length: 9223372036854775808\r\n\r\n`, () => 'x'.repeat(10_000)),
  ),
  'a negative length': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the server began to close with FIN',
    ),
    1,
    onBytes((socket) => socket.end(`${REFUSED}Content-Length: -1\r\n\r\nabc`)),
  ),
  'a length that is no number': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the server began to close with FIN',
    ),
    1,
    onBytes((socket) => socket.end(`${REFUSED}Content-Length: 0x10\r\n\r\nabc`)),
  ),
  'two lengths': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the server began to close with FIN',
    ),
    1,
    onBytes((socket) => socket.end(`${REFUSED}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc`)),
  ),
  'a length and chunks': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    onBytes((socket) =>
      socket.end(
        `${REFUSED}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      ),
    ),
  ),
  'chunks without end': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with RST',
    ),
    1,
    after(CHUNKED, () => '1\r\nx\r\n'.repeat(1000)),
  ),
  'empty lines for chunks': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    after(CHUNKED, () => '\r\n'.repeat(1000)),
  ),
  'a chunk of 4 GiB': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with RST',
    ),
    1,
    after(`${CHUNKED}ffffffff\r\n`, () => 'x'.repeat(10_000)),
  ),
  'a chunk size over 2^64': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    says(`${CHUNKED}fffffffffffffffffff\r\nabc`),
  ),
  'a negative chunk size': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    says(`${CHUNKED}-1\r\nabc`),
  ),
  'a chunk size that is none': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    says(`${CHUNKED}zz\r\nabc`),
  ),
  'a chunk longer than its size': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    says(`${CHUNKED}3\r\nabcdef\r\n0\r\n\r\n`),
  ),
  'a chunk extension without end': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    after(`${CHUNKED}3;`, () => 'x'.repeat(1000)),
  ),
  'trailers without end': bomb(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    after(`${CHUNKED}0\r\n`, () => 'X: y\r\n'.repeat(100)),
  ),
  'a body cut short by FIN': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the server began to close with FIN',
    ),
    1,
    onBytes((socket) => socket.end(`${LENGTH}abc`)),
  ),
  'a body cut short by RST': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the server began to close with RST',
    ),
    1,
    onBytes((socket) => {
      socket.write(`${LENGTH}abc`);
      setTimeout(() => socket.resetAndDestroy(), 50);
    }),
  ),
  'a body that never comes': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    says(LENGTH),
  ),
};
