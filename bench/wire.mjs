// Microbenchmarks of what every attempt pays on the wire: `npm run bench`. Compares like with like on
// one machine; the figures of two machines say nothing about each other.
import { Bench } from 'tinybench';
import { createRedactor } from '../dist/base/redact.js';
import { encodeFrame, textFrame } from '../dist/wire/frame.js';
import { createFrameDecoder } from '../dist/wire/frame-decoder.js';
import { createHeadParser } from '../dist/wire/http-head.js';
import { buildRequest } from '../dist/wire/upgrade-request.js';

const HEAD = Buffer.from(
  [
    'HTTP/1.1 101 Switching Protocols',
    'Date: Sun, 22 Nov 2026 20:26:41 GMT',
    'Connection: upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    '',
    '',
  ].join('\r\n'),
);
const MESSAGE = 'a'.repeat(1024);
const FRAME = encodeFrame({ ...textFrame(MESSAGE), masked: false });
const redactor = createRedactor();
redactor.register('TOKEN', 'a-secret-of-some-length');

const bench = new Bench({ time: 500 });
bench.add('build an upgrade request', () => {
  buildRequest('wss://chat.example.com/v1', { headers: [], subprotocols: ['chat'] });
});
bench.add('parse the head of a 101', () => {
  createHeadParser().push(HEAD);
});
bench.add('encode a masked frame of 1 KiB', () => {
  encodeFrame(textFrame(MESSAGE));
});
bench.add('decode a frame of 1 KiB', () => {
  createFrameDecoder({ masked: false }).push(FRAME);
});
bench.add('redact 1 KiB of text', () => {
  redactor.text(MESSAGE);
});
await bench.run();
console.table(bench.table());
