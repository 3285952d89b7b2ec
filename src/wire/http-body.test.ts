import { describe, expect, it } from 'vitest';
import { createBodyReader } from './http-body.ts';
import type { HeaderField } from './transcript.ts';

interface Given {
  readonly headers?: readonly HeaderField[];
  readonly status?: number;
  readonly method?: string;
  readonly fin?: boolean;
}

/** `text state`, fed whole and byte by byte, which must agree. */
function read(body: string, given: Given = {}): string {
  const { headers = [], status = 200, method = 'GET', fin = false } = given;
  const head = { version: 'HTTP/1.1', status, phrase: '', headers };
  const results = [[body], body.split('')].map((pieces) => {
    const reader = createBodyReader(head, method, 10);
    for (const piece of pieces) reader.push(Buffer.from(piece));
    if (fin) reader.end();
    const { bytes, state } = reader.result();
    return `${bytes.toString()} ${state}${reader.done ? '' : ' open'}`;
  });
  expect(results[1]).toBe(results[0]);
  return results[0] ?? '';
}

const length = (value: string): Given => ({ headers: [['Content-Length', value]] });
const chunked: Given = { headers: [['Transfer-Encoding', 'gzip, Chunked']] };

describe('a body', () => {
  it.each<[string, string, Given, string]>([
    ['a length', 'abc', length('3'), 'abc complete'],
    ['more than its length', 'abcd', length('3'), 'abc complete'],
    ['less than its length', 'ab', length('3'), 'ab partial open'],
    ['less than its length, then FIN', 'ab', { ...length('3'), fin: true }, 'ab partial'],
    ['length 0', '', length('0'), ' complete'],
    ['a length beyond the limit', 'a'.repeat(11), length('100'), 'aaaaaaaaaa cut'],
    ['a length at the limit', 'a'.repeat(10), length('10'), 'aaaaaaaaaa complete'],
    [
      'one length twice',
      'abc',
      {
        headers: [
          ['Content-Length', '2'],
          ['content-length', '2'],
        ],
      },
      'ab complete',
    ],
    [
      'two lengths',
      'abc',
      {
        headers: [
          ['Content-Length', '2'],
          ['Content-Length', '1'],
        ],
        fin: true,
      },
      'abc complete',
    ],
    ['a length that is none', 'abc', { ...length('-1'), fin: true }, 'abc complete'],
    ['until FIN', 'abc', { fin: true }, 'abc complete'],
    ['until FIN, without it', 'abc', {}, 'abc partial open'],
    ['HEAD', 'abc', { ...length('3'), method: 'HEAD' }, ' complete'],
    ['204', 'abc', { ...length('3'), status: 204 }, ' complete'],
    ['304', 'abc', { ...length('3'), status: 304 }, ' complete'],
    ['chunks', '2\r\nab\r\n1;x="y"\r\nc\r\n0\r\n\r\n', chunked, 'abc complete'],
    ['chunks with trailers', '1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\nrest', chunked, 'a complete'],
    ['chunks with bare LF', '1\na\n0\n\n', chunked, 'a complete'],
    ['chunks in hexadecimal', 'A\r\naaaaaaaaaa\r\n0\r\n\r\n', chunked, 'aaaaaaaaaa complete'],
    ['chunks beyond the limit', '6\r\naaaaaa\r\n6\r\nbbbbbb\r\n', chunked, 'aaaaaabbbb cut'],
    ['chunks cut off', '5\r\nab', { ...chunked, fin: true }, 'ab partial'],
    ['a size that is none', 'zz\r\nab\r\n', chunked, ' invalid'],
    ['a size of nine digits', '111111111\r\nab', chunked, ' invalid'],
    ['a chunk longer than its size', '1\r\nabc\r\n', chunked, 'a invalid'],
    ['a size line without end', `1;${'x'.repeat(5000)}`, chunked, ' invalid'],
    ['endless trailers', `0\r\n${'A: b\r\n'.repeat(101)}`, chunked, ' invalid'],
    [
      'a length beside chunks',
      '1\r\na\r\n0\r\n\r\n',
      {
        headers: [
          ['Content-Length', '3'],
          ['Transfer-Encoding', 'chunked'],
        ],
      },
      'a complete',
    ],
  ])('is read: %s', (_what, body, given, want) => {
    expect(read(body, given)).toBe(want);
  });
});
