import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Violation } from './handshake.ts';
import { createHeadParser, MAX_HEADERS, type ParsedHead } from './http-head.ts';
import type { ResponseHead } from './transcript.ts';

/** Reads a whole answer; `pieces` are fed one after the other. */
function parse(pieces: readonly (string | Uint8Array)[]): {
  readonly heads: readonly ParsedHead[];
  readonly rest: string;
} {
  const parser = createHeadParser();
  const heads: ParsedHead[] = [];
  let rest = '';
  for (const piece of pieces) {
    const bytes = Buffer.from(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    const isOver = heads.at(-1)?.kind === 'final';
    heads.push(...parser.push(bytes));
    const last = heads.at(-1);
    if (isOver) rest += bytes.toString('latin1');
    else if (last?.kind === 'final') rest += last.rest.toString('latin1');
  }
  return { heads, rest };
}

const head = (
  status: number,
  phrase: string,
  headers: ResponseHead['headers'] = [],
): ResponseHead => ({
  version: 'HTTP/1.1',
  status,
  phrase,
  headers,
});

const NONE: ResponseHead = { version: '', status: 0, phrase: '', headers: [] };

const answers: readonly (readonly [
  what: string,
  text: string,
  head: ResponseHead,
  violations: readonly Violation[],
])[] = [
  [
    'a plain one',
    'HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n',
    head(101, 'Switching Protocols', [['A', 'b']]),
    [],
  ],
  ['no headers at all', 'HTTP/1.1 401 Unauthorized\r\n\r\n', head(401, 'Unauthorized'), []],
  ['an empty phrase', 'HTTP/1.1 403 \r\n\r\n', head(403, ''), []],
  ['no phrase', 'HTTP/1.1 403\r\n\r\n', head(403, ''), []],
  ['a phrase of a bug', 'HTTP/1.1 299 undefined\r\n\r\n', head(299, 'undefined'), []],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n', { ...head(200, 'OK'), version: 'HTTP/1.0' }, []],
  ['UTF-8 in a value', 'HTTP/1.1 200 OK\r\nA: \xc3\xa9\r\n\r\n', head(200, 'OK', [['A', 'é']]), []],
  ['latin1 in a value', 'HTTP/1.1 200 OK\r\nA: \xe9\r\n\r\n', head(200, 'OK', [['A', 'é']]), []],
  [
    'space around a value',
    'HTTP/1.1 200 OK\r\nA: \t b c \t\r\n\r\n',
    head(200, 'OK', [['A', 'b c']]),
    [],
  ],
  ['an empty value', 'HTTP/1.1 200 OK\r\nA:\r\n\r\n', head(200, 'OK', [['A', '']]), []],
  [
    'repeated headers',
    'HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\n\r\n',
    head(200, 'OK', [
      ['A', '1'],
      ['a', '2'],
    ]),
    [],
  ],
  ['bare LF', 'HTTP/1.1 101 x\nA: b\n\n', head(101, 'x', [['A', 'b']]), ['bare-lf']],
  ['one bare LF', 'HTTP/1.1 101 x\r\nA: b\n\r\n', head(101, 'x', [['A', 'b']]), ['bare-lf']],
  [
    'a folded line',
    'HTTP/1.1 101 x\r\nA: b\r\n  c\r\n\r\n',
    head(101, 'x', [['A', 'b c']]),
    ['header-invalid'],
  ],
  ['a fold of nothing', 'HTTP/1.1 101 x\r\n c\r\n\r\n', head(101, 'x'), ['header-invalid']],
  [
    'space before the colon',
    'HTTP/1.1 101 x\r\nA : b\r\n\r\n',
    head(101, 'x', [['A', 'b']]),
    ['header-invalid'],
  ],
  ['no colon', 'HTTP/1.1 101 x\r\nnonsense\r\n\r\n', head(101, 'x'), ['header-invalid']],
  ['no name', 'HTTP/1.1 101 x\r\n: b\r\n\r\n', head(101, 'x', [['', 'b']]), ['header-invalid']],
  [
    'a control character',
    'HTTP/1.1 101 x\r\nA: \x1b[2J\r\n\r\n',
    head(101, 'x', [['A', '\x1b[2J']]),
    ['header-invalid'],
  ],
  [
    'a bare CR',
    'HTTP/1.1 101 x\r\nA: b\rc\r\n\r\n',
    head(101, 'x', [['A', 'b\rc']]),
    ['header-invalid'],
  ],
  ['ESC in the phrase', 'HTTP/1.1 403 \x1bx\r\n\r\n', head(403, '\x1bx'), ['header-invalid']],
  ['two spaces', 'HTTP/1.1  403  No\r\n\r\n', head(403, 'No'), ['header-invalid']],
  [
    'HTTP/2 as text',
    'HTTP/2 403\r\n\r\n',
    { ...head(403, ''), version: 'HTTP/2' },
    ['header-invalid'],
  ],
  ['another protocol', 'SSH-2.0-x\r\n', NONE, ['not-http']],
  ['a frame at once', '\x81\x02hi', NONE, ['not-http']],
  ['no status', 'HTTP/1.1 OK\r\n\r\n', NONE, ['not-http']],
  ['four digits', 'HTTP/1.1 1010 x\r\n\r\n', NONE, ['not-http']],
  ['status 0', 'HTTP/1.1 000 x\r\n\r\n', NONE, ['not-http']],
  ['an empty line first', '\r\nHTTP/1.1 101 x\r\n\r\n', NONE, ['not-http']],
];

describe('a response head', () => {
  it.each(answers)('is read: %s', (_what, text, want, violations) => {
    const { heads } = parse([text]);
    expect(heads.map((one) => [one.kind, one.head, one.violations])).toEqual([
      ['final', want, violations],
    ]);
  });

  it.each(answers)('is read the same byte by byte: %s', (_what, text, want, violations) => {
    const { heads } = parse(text.split(''));
    expect(heads.map((one) => [one.kind, one.head, one.violations])).toEqual([
      ['final', want, violations],
    ]);
  });

  it('keeps its raw bytes, and hands over what follows', () => {
    const text = 'HTTP/1.1 101 x\r\nA: b\r\n\r\n';
    const { heads, rest } = parse([`${text}\x81\x02hi`]);
    expect(heads[0]?.raw.toString('latin1')).toBe(text);
    expect(rest).toBe('\x81\x02hi');
  });

  it('comes after interim answers', () => {
    const { heads } = parse([
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\nHTTP/1.1 101 z\r\n\r\n',
    ]);
    expect(heads.map((one) => [one.kind, one.head.status, one.raw.length])).toEqual([
      ['interim', 100, 25],
      ['interim', 103, 27],
      ['final', 101, 18],
    ]);
  });

  it('carries what was wrong in an interim answer', () => {
    const { heads } = parse(['HTTP/1.1 100 x\n\nHTTP/1.1 101 z\r\n\r\n']);
    expect(heads.at(-1)?.violations).toEqual(['bare-lf']);
  });

  it('is not HTTP after an interim answer', () => {
    for (const cut of [0, 18, 20]) {
      const text = 'HTTP/1.1 100 x\r\n\r\n\x81\x02hi';
      expect(parse([text.slice(0, cut), text.slice(cut)]).heads.at(-1)).toMatchObject({
        kind: 'final',
        head: NONE,
        violations: ['not-http'],
      });
    }
  });

  it('tells what is pending', () => {
    const parser = createHeadParser();
    parser.push(Buffer.from('HTTP/1.1 100 x\r\n\r\nHTTP/1.1 4'));
    expect(parser.pending().toString()).toBe('HTTP/1.1 4');
    parser.push(Buffer.from('01 x\r\n\r\nbody'));
    expect(parser.pending().length).toBe(0);
    expect(parser.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toEqual([]);
  });
});

describe('the limits of a response head', () => {
  const headers = (count: number): string => `HTTP/1.1 101 x\r\n${'A: b\r\n'.repeat(count)}\r\n`;
  const interim = (count: number): string =>
    `${'HTTP/1.1 103 x\r\n\r\n'.repeat(count)}HTTP/1.1 101 x\r\n\r\n`;
  // A head of exactly so many bytes.
  const long = (bytes: number): string => `HTTP/1.1 101 x\r\nA: ${'b'.repeat(bytes - 23)}\r\n\r\n`;
  const last = (text: string): ParsedHead | undefined => parse([text]).heads.at(-1);

  it('200 headers', () => {
    expect(last(headers(MAX_HEADERS))).toMatchObject({ violations: [], head: { status: 101 } });
    expect(last(headers(MAX_HEADERS + 1))).toMatchObject({ violations: ['too-many-headers'] });
  });

  it('16 interim answers', () => {
    expect(last(interim(16))).toMatchObject({ head: { status: 101 }, violations: [] });
    expect(last(interim(17))).toMatchObject({
      head: { status: 103 },
      violations: ['too-many-interim'],
    });
  });

  it('64 KiB, whether in one piece or in many', () => {
    for (const size of [65_536, 100]) {
      const pieces = (text: string): readonly string[] =>
        text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(parse(pieces(long(65_536))).heads).toMatchObject([{ violations: [] }]);
      expect(parse(pieces(long(65_537))).heads).toMatchObject([{ violations: ['head-too-large'] }]);
    }
  });

  it('a line without end keeps 8 KiB as evidence', () => {
    const found = last(`HTTP/1.1 403 x\r\nA: ${'b'.repeat(80_000)}`);
    expect(found).toMatchObject({ head: { status: 403 }, violations: ['head-too-large'] });
    expect(found?.raw.length).toBe(8192);
  });
});

describe('a split', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/);
  const value = fc.stringMatching(/^([!-~\u00a0-\u00ff]([ \t!-~]{0,20}[!-~])?)?$/);
  const lines = fc.array(fc.tuple(name, value), { maxLength: 8 });
  const anyHead = fc.record({ status: fc.integer({ min: 200, max: 999 }), phrase: value, lines });
  const lineEnd = fc.constantFrom('\r\n', '\n');

  it('anywhere changes nothing', () => {
    fc.assert(
      fc.property(
        anyHead,
        fc.nat(3),
        lineEnd,
        fc.string(),
        fc.array(fc.nat(2000)),
        (given, before, end, after, cuts) => {
          const fields = given.lines.map(([key, text]) => `${key}: ${text}${end}`).join('');
          const text = `${`HTTP/1.1 103 x${end}${end}`.repeat(before)}HTTP/1.1 ${given.status} ${given.phrase}${end}${fields}${end}`;
          const bytes = Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(after)]);
          const places = [...cuts.map((cut) => cut % bytes.length), 0, bytes.length].toSorted(
            (a, b) => a - b,
          );
          const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
          const whole = parse([bytes]);
          const split = parse(pieces);
          const plain = (heads: readonly ParsedHead[]): unknown =>
            heads.map((one) => ({ ...one, rest: '' }));
          expect(plain(split.heads)).toEqual(plain(whole.heads));
          expect(split.rest).toBe(whole.rest);
          expect(whole.rest).toBe(Buffer.from(after).toString('latin1'));
          expect(whole.heads.at(-1)?.head.headers.length).toBe(given.lines.length);
        },
      ),
    );
  });

  it('of any bytes never throws, and ends the same way', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, cut) => {
        const at = cut % (bytes.length + 1);
        const text = Buffer.concat([Buffer.from('HTTP/1.1 200 x\r\n'), bytes]);
        const kinds = ({ heads }: { heads: readonly ParsedHead[] }): unknown =>
          heads.map((one) => [one.head, one.violations]);
        expect(kinds(parse([text.subarray(0, at), text.subarray(at)]))).toEqual(
          kinds(parse([text])),
        );
      }),
    );
  });
});
