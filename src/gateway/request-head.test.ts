import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathOf, queryOf, readRequestHead } from './request-head.ts';

const read = (text: string) => readRequestHead(Buffer.from(text, 'latin1'));

test('reads method, target, version and the fields as they were spelt', () => {
  const text = 'GET /dev?a=1 HTTP/1.1\r\nHoSt: h\r\nX-A:  b c \t\r\nX-A:\r\n\r\nrest';
  expect(read(text)).toEqual({
    kind: 'complete',
    head: {
      method: 'GET',
      target: '/dev?a=1',
      version: '1.1',
      headers: [
        ['HoSt', 'h'],
        ['X-A', 'b c'],
        ['X-A', ''],
      ],
    },
    length: text.length - 'rest'.length,
  });
});

test.each([
  ['an empty line first', '\r\nGET / HTTP/1.1\r\n\r\n', 'complete'],
  ['nothing yet', '', 'incomplete'],
  ['half a line', 'GET /d', 'incomplete'],
  ['no end', 'GET / HTTP/1.1\r\nHost: h\r\n', 'incomplete'],
  ['no request line', 'hello\r\n\r\n', 'malformed'],
  ['a wrong request line before the end', 'hello world\r\n', 'malformed'],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: h\n\n', 'malformed'],
  ['a blank before the colon', 'GET / HTTP/1.1\r\nHost : h\r\n\r\n', 'malformed'],
  ['a folded field', 'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n', 'malformed'],
  ['a control character', 'GET / HTTP/1.1\r\nA: b\u0000\r\n\r\n', 'malformed'],
  ['TLS', '\u0016\u0003\u0001\u0002\u0000', 'malformed'],
  ['HTTP/0.9', 'GET /\r\n\r\n', 'malformed'],
])('%s', (_name, text, kind) => {
  expect(read(text).kind).toBe(kind);
});

test.each([
  ['a head over 16 KiB', `GET / HTTP/1.1\r\nA: ${'b'.repeat(17_000)}\r\n\r\n`, 431],
  ['one without end', `GET / HTTP/1.1\r\nA: ${'b'.repeat(17_000)}`, 431],
  ['a URL over 4096 characters', `GET /${'b'.repeat(4096)} HTTP/1.1\r\n\r\n`, 414],
])('refuses %s', (_name, text, status) => {
  expect(read(text)).toEqual({ kind: 'malformed', status });
});

test('never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(readRequestHead(Buffer.from(bytes)).kind).toMatch(/complete|incomplete|malformed/);
    }),
  );
});

test('a prefix of a good head is incomplete, never malformed', () => {
  const head = 'GET /dev HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n';
  for (let length = 0; length < head.length; length++) {
    expect([length, read(head.slice(0, length)).kind]).toEqual([length, 'incomplete']);
  }
});

test.each([
  ['/dev', '/dev', ''],
  ['/dev?a=1?b', '/dev', 'a=1?b'],
  ['http://host/dev?x', '/dev', 'x'],
  ['ws://host', '/', ''],
])('path and query of %s', (target, path, query) => {
  expect([pathOf(target), queryOf(target)]).toEqual([path, query]);
});
