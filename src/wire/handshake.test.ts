import { describe, expect, it } from 'vitest';
import { acceptFor, newKey } from './accept-key.ts';
import {
  judgeAnswer,
  selectedExtensions,
  selectedSubprotocol,
  VIOLATIONS,
  type Violation,
} from './handshake.ts';
import { extensionNames, splitList } from './header-list.ts';
import type { HeaderField } from './transcript.ts';
import { buildRequest, type RequestOptions, readOffer } from './upgrade-request.ts';

// The example of RFC 6455 section 1.3.
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const right: Readonly<Record<string, string>> = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Accept': ACCEPT,
};

function head(
  headers: readonly HeaderField[],
  status = 101,
): { version: string; status: number; phrase: string; headers: readonly HeaderField[] } {
  return { version: 'HTTP/1.1', status, phrase: '', headers };
}

/** A right answer with these headers replaced; an empty list leaves one out. */
function judge(
  changes: Readonly<Record<string, readonly string[]>>,
  options: Partial<RequestOptions> = {},
): readonly Violation[] {
  const offer = readOffer(request({ key: KEY, ...options }));
  const names = new Set([...Object.keys(right), ...Object.keys(changes)]);
  const headers = [...names].flatMap((name) =>
    (changes[name] ?? [right[name] ?? '']).map((value): HeaderField => [name, value]),
  );
  return judgeAnswer(head(headers), offer);
}

function request(options: Partial<RequestOptions>, url = 'ws://example.com:81/a?b=c'): string {
  return buildRequest(new URL(url), { headers: [], subprotocols: [], ...options });
}

describe('an answer with 101', () => {
  const ab = { subprotocols: ['a', 'b'] };
  const deflate = { extensions: 'permessage-deflate; client_max_window_bits, x-y' };

  it.each<
    [
      string,
      Readonly<Record<string, readonly string[]>>,
      Partial<RequestOptions>,
      readonly Violation[],
    ]
  >([
    ['a right one', {}, {}, []],
    ['other spelling', { Upgrade: ['WebSocket'], Connection: ['keep-alive, upgrade'] }, {}, []],
    ['Connection in two headers', { Connection: ['keep-alive', 'Upgrade'] }, {}, []],
    ['space around Accept', { 'Sec-WebSocket-Accept': [` ${ACCEPT}\t`] }, {}, []],
    ['no Upgrade', { Upgrade: [] }, {}, ['upgrade-missing']],
    ['Upgrade to something else', { Upgrade: ['websocket2'] }, {}, ['upgrade-missing']],
    ['Upgrade to two things', { Upgrade: ['websocket, h2c'] }, {}, ['upgrade-missing']],
    ['no Connection', { Connection: [] }, {}, ['connection-missing']],
    [
      'Connection without the token',
      { Connection: ['keep-alive, upgraded'] },
      {},
      ['connection-missing'],
    ],
    ['no Accept', { 'Sec-WebSocket-Accept': [] }, {}, ['accept-mismatch']],
    ['an empty Accept', { 'Sec-WebSocket-Accept': [''] }, {}, ['accept-mismatch']],
    ['a wrong Accept', { 'Sec-WebSocket-Accept': [acceptFor('other')] }, {}, ['accept-mismatch']],
    [
      'Accept in lower case',
      { 'Sec-WebSocket-Accept': [ACCEPT.toLowerCase()] },
      {},
      ['accept-mismatch'],
    ],
    ['Accept twice', { 'Sec-WebSocket-Accept': [ACCEPT, ACCEPT] }, {}, ['accept-mismatch']],
    [
      'no key was sent',
      {},
      { headers: [{ name: 'sec-websocket-key', value: undefined }] },
      ['accept-mismatch'],
    ],
    [
      'an extension nobody offered',
      { 'Sec-WebSocket-Extensions': ['permessage-deflate'] },
      {},
      ['extension-not-offered'],
    ],
    [
      'an offered extension',
      { 'Sec-WebSocket-Extensions': ['permessage-deflate; a="b,c"'] },
      deflate,
      [],
    ],
    [
      'one offered, one not',
      { 'Sec-WebSocket-Extensions': ['x-y', 'z'] },
      deflate,
      ['extension-not-offered'],
    ],
    ['an empty extension header', { 'Sec-WebSocket-Extensions': [''] }, {}, []],
    ['an offered subprotocol', { 'Sec-WebSocket-Protocol': ['b'] }, ab, []],
    ['no subprotocol', {}, ab, []],
    ['another subprotocol', { 'Sec-WebSocket-Protocol': ['c'] }, ab, ['subprotocol-not-offered']],
    ['in other case', { 'Sec-WebSocket-Protocol': ['B'] }, ab, ['subprotocol-not-offered']],
    [
      'all that was offered',
      { 'Sec-WebSocket-Protocol': ['a, b'] },
      ab,
      ['subprotocol-not-offered'],
    ],
    ['an empty subprotocol', { 'Sec-WebSocket-Protocol': [''] }, ab, ['subprotocol-not-offered']],
    [
      'a subprotocol nobody offered',
      { 'Sec-WebSocket-Protocol': ['a'] },
      {},
      ['subprotocol-not-offered'],
    ],
    ['one twice', { 'Sec-WebSocket-Protocol': ['a', 'a'] }, ab, ['subprotocol-repeated']],
    [
      'two',
      { 'Sec-WebSocket-Protocol': ['a', 'c'] },
      ab,
      ['subprotocol-repeated', 'subprotocol-not-offered'],
    ],
    [
      'nothing right',
      { Upgrade: [], Connection: [], 'Sec-WebSocket-Accept': [] },
      {},
      ['upgrade-missing', 'connection-missing', 'accept-mismatch'],
    ],
  ])('%s', (_what, changes, options, violations) => {
    expect(judge(changes, options)).toEqual(violations);
    expect(VIOLATIONS.filter((violation) => violations.includes(violation))).toEqual(violations);
  });

  it('may answer any of two keys, or both as one list', () => {
    const headers = [
      { name: 'Sec-WebSocket-Key', value: 'one' },
      { name: 'Sec-WebSocket-Key', value: 'two' },
    ];
    for (const key of ['one', 'two', 'one, two', 'one,two']) {
      expect(judge({ 'Sec-WebSocket-Accept': [acceptFor(key)] }, { headers })).toEqual([]);
    }
    expect(judge({ 'Sec-WebSocket-Accept': [acceptFor('three')] }, { headers })).toEqual([
      'accept-mismatch',
    ]);
  });

  it('is read for what it selects', () => {
    const answer = head([
      ['sec-websocket-protocol', 'a'],
      ['Sec-WebSocket-Extensions', 'x; y=1, z'],
    ]);
    expect(selectedSubprotocol(answer)).toBe('a');
    expect(selectedExtensions(answer)).toEqual(['x', 'z']);
    expect(selectedSubprotocol(head([]))).toBeUndefined();
  });
});

describe('any other answer', () => {
  it('owes nothing', () => {
    for (const status of [200, 299, 401, 426])
      expect(judgeAnswer(head([], status), readOffer(request({})))).toEqual([]);
  });
});

describe('an accept key', () => {
  it('is that of the RFC', () => {
    expect(acceptFor(KEY)).toBe(ACCEPT);
  });

  it('is asked for with 16 fresh bytes', () => {
    const keys = Array.from({ length: 50 }, newKey);
    expect(new Set(keys).size).toBe(50);
    for (const key of keys) expect(Buffer.from(key, 'base64').length).toBe(16);
  });
});

describe('an upgrade request', () => {
  it('is right by default', () => {
    expect(request({ key: KEY, subprotocols: ['a', 'b'], extensions: 'x' })).toBe(
      [
        'GET /a?b=c HTTP/1.1',
        'Host: example.com:81',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${KEY}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: a, b',
        'Sec-WebSocket-Extensions: x',
        '',
        '',
      ].join('\r\n'),
    );
  });

  it('has a fresh key each time, no port in Host where it is the default, no fragment', () => {
    const text = request({}, 'wss://example.com/#x');
    expect(text).toContain('GET / HTTP/1.1\r\nHost: example.com\r\n');
    expect(readOffer(text).keys).not.toEqual(readOffer(request({}, 'wss://example.com/')).keys);
    expect(request({}, 'ws://[::1]:8080/')).toContain('Host: [::1]:8080\r\n');
  });

  it('takes every part from its caller', () => {
    const headers = [
      { name: 'HOST', value: 'other' },
      { name: 'X', value: '1' },
      { name: 'sec-websocket-version', value: undefined },
      { name: 'Connection', value: 'keep-alive' },
      { name: 'connection', value: 'Upgrade' },
      { name: 'X', value: '2' },
      { name: 'Y', value: undefined },
    ];
    expect(request({ method: 'POST', target: '/%zz x', headers, key: 'k' })).toBe(
      [
        'POST /%zz x HTTP/1.1',
        'HOST: other',
        'Upgrade: websocket',
        'Connection: keep-alive',
        'connection: Upgrade',
        'Sec-WebSocket-Key: k',
        'X: 1',
        'X: 2',
        '',
        '',
      ].join('\r\n'),
    );
  });

  it('takes credentials from the URL', () => {
    expect(request({}, 'ws://us%20er:p%40ss@h/')).toContain(
      `Authorization: Basic ${Buffer.from('us er:p@ss').toString('base64')}\r\n`,
    );
    expect(request({}, 'ws://%E0%A4%A:x@h/')).toContain('Authorization: Basic ');
  });

  it('may be any text', () => {
    expect(request({ raw: 'BREW /pot\n\n', method: 'POST' })).toBe('BREW /pot\n\n');
  });

  it('is read as a server reads it', () => {
    const raw =
      'PUT / HTTP/1.1\nsec-websocket-key:  k \nSec-WebSocket-Protocol: a,b\r\nsec-websocket-protocol: c\nnonsense\nSec-WebSocket-Extensions: x;y, z\n\nSec-WebSocket-Key: in the body\r\n';
    expect(readOffer(raw)).toEqual({
      method: 'PUT',
      keys: ['k'],
      subprotocols: ['a', 'b', 'c'],
      extensions: ['x', 'z'],
    });
    expect(readOffer('')).toEqual({ method: '', keys: [], subprotocols: [], extensions: [] });
  });
});

describe('a list', () => {
  it('is cut at commas outside quotes', () => {
    expect(splitList(' a ,, "b,\\",c" ,d\t')).toEqual(['a', '"b,\\",c"', 'd']);
    expect(splitList('')).toEqual([]);
    expect(extensionNames('a; b="x,y; z", c ; d, ')).toEqual(['a', 'c']);
  });
});
