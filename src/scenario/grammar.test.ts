// The small grammars: moments, paths, durations as schemas see them, suggestions.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { PHASES, POINTS, parseMoment, suggestMoment } from './moment.ts';
import { formatPath, INVOCATIONS, parseEvidencePath, parsePath } from './path.ts';
import { duration, msOf } from './schema-value.ts';
import { suggest, suggestion } from './suggest.ts';

describe('moments', () => {
  it.each([
    ['opened', { connection: undefined, of: { kind: 'connection', name: 'opened' } }],
    ['b.opened', { connection: 'b', of: { kind: 'connection', name: 'opened' } }],
    [
      '$connect.released',
      {
        connection: undefined,
        of: { kind: 'invocation', invocation: '$connect', phase: 'released' },
      },
    ],
    [
      'crowd.$connect.released',
      {
        connection: 'crowd',
        of: { kind: 'invocation', invocation: '$connect', phase: 'released' },
      },
    ],
    [
      'postToConnection.returned',
      { connection: undefined, of: { kind: 'call', call: 'postToConnection', phase: 'returned' } },
    ],
    [
      'a.late-post.called',
      { connection: 'a', of: { kind: 'call', call: 'late-post', phase: 'called' } },
    ],
  ])('%s', (text, expected) => {
    expect(parseMoment(text)).toEqual({ ...expected, text });
  });

  it.each([
    '',
    '.',
    'open',
    '$connect',
    '$connect.opened',
    'a.b.opened',
    'a.b.$connect.started',
    'started',
    'a.started',
    '9.opened',
    'opened.',
    'called',
    'a b.opened',
  ])('refuses %j', (text) => {
    expect(parseMoment(text)).toBeUndefined();
  });

  it('reads everything that the language lists', () => {
    const all = [
      ...POINTS,
      ...INVOCATIONS.flatMap((one) => PHASES.map((phase) => `${one}.${phase}`)),
    ];
    expect(all.filter((text) => parseMoment(text) === undefined)).toEqual([]);
    expect(
      all.filter((text) => parseMoment(`some-one.${text}`)?.connection !== 'some-one'),
    ).toEqual([]);
  });

  // oxlint-disable-next-line vitest/expect-expect -- the property is the assertion
  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) => parseMoment(text)?.text === undefined || parseMoment(text)?.text === text,
      ),
    );
  });

  it('suggests', () => {
    expect(suggestMoment('$conect.start')).toBe('did you mean "$connect.started"?');
    expect(suggestMoment('zzz')).toMatch(/^write a moment/);
  });
});

describe('paths', () => {
  it.each([
    ['id', ['id']],
    ['items[0].id', ['items', 0, 'id']],
    ['headers["x.y"]', ['headers', 'x.y']],
    ['headers.Sec-WebSocket-Protocol', ['headers', 'Sec-WebSocket-Protocol']],
    ['[0][1]', [0, 1]],
    ['["a\\"b"].c', ['a"b', 'c']],
    ['a b.c', ['a b', 'c']],
  ])('%s', (text, keys) => {
    expect(parsePath(text)).toEqual(keys);
  });

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a[',
    'a[]',
    'a[-1]',
    'a[0',
    'a["x]',
    'a[x]',
    'a]',
    ' a',
    'a[0]b',
  ])('refuses %j', (text) => {
    expect(parsePath(text)).toBeUndefined();
  });

  it('come back as they were written', () => {
    const key = fc.oneof(fc.string(), fc.nat({ max: 999_999_999 }));
    fc.assert(
      fc.property(fc.array(key, { minLength: 1 }), (keys) => {
        expect(parsePath(formatPath(keys))).toEqual(keys);
      }),
    );
  });

  // oxlint-disable-next-line vitest/expect-expect -- the property is the assertion
  it('never throw', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) => parsePath(text) === undefined || Array.isArray(parsePath(text)),
      ),
    );
  });

  it.each([
    ['handshake.status', { connection: undefined, root: 'handshake', keys: ['status'] }],
    [
      'b.$connect.requestContext.connectionId',
      { connection: 'b', root: '$connect', keys: ['requestContext', 'connectionId'] },
    ],
    ['received[1].text', { connection: undefined, root: 'received', keys: [1, 'text'] }],
    ['answers.post.status', { connection: undefined, root: 'answers', keys: ['post', 'status'] }],
  ])('into the evidence: %s', (text, expected) => {
    expect(parseEvidencePath(text)).toEqual({ ...expected, text });
  });

  it.each(['status', 'a.b.handshake', '[0].handshake', 'a b.handshake.status', ''])(
    'into the evidence: refuses %j',
    (text) => {
      expect(parseEvidencePath(text)).toBeUndefined();
    },
  );
});

describe('durations', () => {
  it('are accepted exactly where they can be read', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^(\d{1,3}% of )?\d{1,4}(\.\d{1,3})?(ms|s|m|h|d)?$/),
    );
    fc.assert(
      fc.property(text, (written) => {
        expect(duration.safeParse(written).success).toBe(parseDuration(written) !== undefined);
      }),
    );
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
        expect(msOf(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('did you mean', () => {
  it.each([
    ['conect', 'connect'],
    ['Status', 'status'],
    ['sub_protocols', 'subprotocols'],
    ['drpo', 'drop'],
    ['xyz', undefined],
  ])('%s: %s', (word, meant) => {
    expect(suggest(word, ['connect', 'status', 'subprotocols', 'drop'])).toBe(meant);
  });

  it('lists what is allowed where nothing is near', () => {
    expect(suggestion('zzz', ['a', 'b'])).toBe('write one of: a, b');
    expect(suggestion('zzz', ['client'])).toBe('write "client"');
    expect(suggestion('zzz', [])).toBe('');
  });

  it('survives any word', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (word, words) => {
        const meant = suggest(word, words);
        expect(meant === undefined || words.includes(meant)).toBe(true);
      }),
    );
  });
});
