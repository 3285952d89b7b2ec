// Heads: what stands where an HTTP answer should.
import { frame } from '../../support/hand-server.ts';
import {
  bomb,
  changes,
  dripsAfter,
  HELLO,
  invalid,
  type Misbehaviour,
  NOT_HTTP,
  onBytes,
  opened,
  pours,
  row,
  says,
  unopened,
  violates,
} from './misbehaviour.ts';

const NO_101 = 'HTTP/1.1 101 Switching Protocols\r\n';
const line = (text: string) => changes((right) => right.replace('\r\n', `\r\n${text}\r\n`));
const status = (text: string) => changes((right) => right.replace(/^HTTP.*/, text));
const accept = (change: (value: string) => string) =>
  changes((right) =>
    right.replace(/Sec-WebSocket-Accept: (.*)\r\n/, (_, value: string) => change(value)),
  );

/** By what the server does. */
export const HEADS: Readonly<Record<string, Misbehaviour>> = {
  'a status line that drips': row(NOT_HTTP, 1, onBytes(dripsAfter('', 'H'))),
  'a status line that drips and is one': row(
    unopened(
      'there was no answer: the answer was not complete in time',
      'the client began to close with RST',
    ),
    1,
    onBytes(dripsAfter('HTTP/1.1 101 ', 'x')),
  ),
  'a header that drips': row(
    unopened(
      'there was no answer: the answer was not complete in time',
      'the client began to close with RST',
    ),
    1,
    onBytes(dripsAfter(`${NO_101}X: `, 'x')),
  ),
  'interim answers without end': bomb(
    unopened(
      'the answer was 103 Early Hints (too-many-interim), T after the request',
      'the client began to close with RST',
    ),
    1,
    onBytes(pours(() => Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n'))),
  ),
  'seventeen interim answers, then 101': row(
    unopened(
      'the answer was 103 Early Hints (too-many-interim), T after the request',
      'the client began to close with RST',
    ),
    1,
    changes((right) => 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17) + right),
  ),
  'sixteen interim answers, then 101 and a message': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    changes((right) =>
      Buffer.concat([
        Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(16) + right),
        HELLO,
        frame(8, Buffer.from([3, 232])),
      ]),
    ),
  ),
  '100 Continue and no more': row(
    unopened(
      'there was no answer: the answer was not complete in time',
      'the client began to close with RST',
    ),
    1,
    says('HTTP/1.1 100 Continue\r\n\r\n'),
  ),
  'a head without end': bomb(
    invalid('head-too-large', 'the client began to close with RST'),
    1,
    onBytes(pours((n) => Buffer.from(n === 0 ? `${NO_101}X: ` : 'x'.repeat(4000)))),
  ),
  'headers without end': bomb(
    invalid('too-many-headers', 'the client began to close with RST'),
    1,
    onBytes(pours((n) => Buffer.from(n === 0 ? NO_101 : 'X: y\r\n'.repeat(100)))),
  ),
  '201 headers': row(
    invalid('too-many-headers', 'the client began to close with RST'),
    1,
    changes((right) => right.replace('\r\n', `\r\n${'X: y\r\n'.repeat(198)}`)),
  ),
  'a header of 64 KiB': row(
    invalid('head-too-large', 'the client began to close with RST'),
    1,
    line(`X: ${'x'.repeat(64 * 1024)}`),
  ),
  'a header of 60 KiB': row(
    opened(
      'failed hello: no message came',
      'failed ends: the connection had not ended in time; it was still open',
    ),
    1,
    line(`X: ${'x'.repeat(60 * 1024)}`),
  ),
  SSH: row(NOT_HTTP, 1, says('SSH-2.0-OpenSSH_9.6\r\n')),
  'HTTP/0.9, a body alone': row(
    NOT_HTTP,
    1,
    onBytes((socket) => socket.end('<html>It works!</html>')),
  ),
  'frames of HTTP/2': row(NOT_HTTP, 1, says(Buffer.from('000012040000000000000300000064', 'hex'))),
  'HTTP/2 in a status line': row(
    unopened(
      'the answer was 101 (header-invalid), T after the request',
      'the client began to close with FIN',
    ),
    1,
    status('HTTP/2 101'),
  ),
  'a TLS alert': row(NOT_HTTP, 1, says(Buffer.from('15030100020246', 'hex'))),
  zeros: row(NOT_HTTP, 1, says(Buffer.alloc(1000))),
  'a byte order mark before HTTP': row(
    NOT_HTTP,
    1,
    changes((right) => `\u00ef\u00bb\u00bf${right}`),
  ),
  'an empty line before HTTP': row(
    NOT_HTTP,
    1,
    changes((right) => `\r\n${right}`),
  ),
  'status 42': row(NOT_HTTP, 1, status('HTTP/1.1 42 Almost')),
  'status 1010': row(NOT_HTTP, 1, status('HTTP/1.1 1010 Switching Protocols')),
  'status 101 with a letter': row(NOT_HTTP, 1, status('HTTP/1.1 101x Switching Protocols')),
  'status 000': row(NOT_HTTP, 1, status('HTTP/1.1 000 Nothing')),
  'status 200 with the headers of a 101': row(
    unopened('the answer was 200 OK, T after the request', 'the server began to close with FIN'),
    1,
    status('HTTP/1.1 200 OK'),
  ),
  'LF for CRLF': row(
    invalid('bare-lf', 'the client began to close with FIN'),
    1,
    changes((right) => right.replaceAll('\r\n', '\n')),
  ),
  'CR for CRLF': row(
    unopened(
      'there was no answer: the answer was not complete in time',
      'the client began to close with RST',
    ),
    1,
    changes((right) => right.replaceAll('\r\n', '\r')),
  ),
  'a folded header': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    line('X: a\r\n b'),
  ),
  'a folded accept': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    accept((value) => `Sec-WebSocket-Accept:\r\n ${value}\r\n`),
  ),
  'NUL in a value': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    line('X: a\u0000b'),
  ),
  'NUL in a name': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    line('X\u0000Y: a'),
  ),
  'a space before the colon': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    line('X : a'),
  ),
  'a header without colon': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    line('X'),
  ),
  'a header without name': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    line(': x'),
  ),
  'CR within a value': row(
    invalid('header-invalid', 'the client began to close with FIN'),
    1,
    line('X: a\rSec-WebSocket-Protocol: b'),
  ),
  'a wrong accept': row(
    invalid('accept-mismatch', 'the client began to close with FIN'),
    1,
    accept(() => `Sec-WebSocket-Accept: ${'A'.repeat(27)}=\r\n`),
  ),
  'the key as accept': row(
    invalid('accept-mismatch', 'the client began to close with FIN'),
    1,
    changes((right, { headers }) =>
      right.replace(/Accept: .*/, `Accept: ${headers['sec-websocket-key']}`),
    ),
  ),
  'the accept in lower case': row(
    invalid('accept-mismatch', 'the client began to close with FIN'),
    1,
    accept((value) => `Sec-WebSocket-Accept: ${value.toLowerCase()}\r\n`),
  ),
  'no accept': row(
    invalid('accept-mismatch', 'the client began to close with FIN'),
    1,
    accept(() => ''),
  ),
  'an empty accept': row(
    invalid('accept-mismatch', 'the client began to close with FIN'),
    1,
    accept(() => 'Sec-WebSocket-Accept:\r\n'),
  ),
  'the accept twice': row(
    invalid('accept-mismatch', 'the client began to close with FIN'),
    1,
    accept((value) => `Sec-WebSocket-Accept: ${value}\r\n`.repeat(2)),
  ),
  'a right and a wrong accept': row(
    invalid('accept-mismatch', 'the client began to close with FIN'),
    1,
    accept((value) => `Sec-WebSocket-Accept: ${value}\r\nSec-WebSocket-Accept: x\r\n`),
  ),
  'two protocols in Upgrade': row(
    invalid('upgrade-missing', 'the client began to close with FIN'),
    1,
    changes((right) => right.replace('Upgrade: websocket', 'Upgrade: websocket, h2c')),
  ),
  'Connection: close': row(
    invalid('connection-missing', 'the client began to close with FIN'),
    1,
    changes((right) => right.replace('Connection: Upgrade', 'Connection: close')),
  ),
  'a subprotocol that nobody offered': row(
    invalid('subprotocol-not-offered', 'the client began to close with FIN'),
    1,
    line('Sec-WebSocket-Protocol: chat'),
  ),
  'permessage-deflate, not offered': row(
    invalid('extension-not-offered', 'the client began to close with FIN'),
    1,
    line('Sec-WebSocket-Extensions: permessage-deflate'),
  ),
  'two 101s glued together': row(
    violates('reserved bits 4 are set'),
    1,
    changes((right) => right + right),
  ),
  '101, then HTTP': row(
    violates('reserved bits 4 are set'),
    1,
    changes((right) => `${right}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello`),
  ),
  '403 and a right 101 behind it': row(
    unopened(
      'the answer was 403 Forbidden, T after the request',
      'the client began to close with FIN',
    ),
    1,
    changes((right) => `HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n${right}`),
  ),
  '101 with the length of a body': row(
    opened(
      'passed hello: 1 message came, the last T after its cause',
      'passed ends: the server began to close with a close frame, the close code was 1000',
    ),
    0,
    changes((right) =>
      Buffer.concat([
        Buffer.from(right.replace('\r\n', '\r\nContent-Length: 7\r\n')),
        HELLO,
        frame(8, Buffer.from([3, 232])),
      ]),
    ),
  ),
};
