import { describe, expect, it } from 'vitest';
import { lineDecoder, type RecordMap } from './record-map.ts';

const MAP: RecordMap = {
  type: { path: ['kind'], values: { joined: 'CONNECT', left: 'DISCONNECT' } },
  phase: undefined,
  at: { path: ['time'], format: undefined },
  texts: { connectionId: ['conn', 'id'], nonce: ['url'], requestId: ['req'] },
  event: [
    { to: ['requestContext', 'disconnectStatusCode'], from: ['close', 'code'] },
    { to: ['requestContext', 'disconnectReason'], from: ['close', 'reason'] },
  ],
};
const NONCE = 'k3v7qn2m5xw4c6bz7r2tjd5hfa';
const line = (value: object): string => JSON.stringify(value);

describe('a line of a mapped log', () => {
  const decode = lineDecoder(MAP);

  it('is the record that the map makes of it', () => {
    const left = line({
      kind: 'left',
      time: '2026-01-01T00:00:00.250Z',
      conn: { id: 17 },
      url: `wss://chat/v1?x=1&assay=${NONCE}`,
      req: 'r-1',
      close: { code: 4001, reason: 'bye' },
    });
    expect(decode(left)).toEqual({
      kind: 'record',
      record: {
        v: 1,
        type: 'DISCONNECT',
        phase: 'started',
        at: Date.UTC(2026, 0, 1) + 250,
        connectionId: '17',
        nonce: NONCE,
        requestId: 'r-1',
        event: { requestContext: { disconnectStatusCode: 4001, disconnectReason: 'bye' } },
      },
    });
  });

  it.each([
    ['of something else', line({ kind: 'saved', time: 1 }), 'other'],
    ['without the word', line({ level: 'info' }), 'other'],
    ['that is text', 'GET /healthz 200', 'not-json'],
    ['that is a list', '[1]', 'not-json'],
    ['without an instant', line({ kind: 'joined', conn: { id: 'a' } }), 'invalid'],
    [
      'whose instant is a word',
      line({ kind: 'joined', time: 'soon', conn: { id: 'a' } }),
      'invalid',
    ],
    ['without an id', line({ kind: 'joined', time: 1 }), 'invalid'],
    [
      'behind a prefix',
      `chat-1  | ${line({ kind: 'joined', time: 1, conn: { id: 'a' } })}`,
      'record',
    ],
    ['with an inherited word', line({ kind: 'constructor', time: 1 }), 'other'],
  ])('%s is %#', (_, text, kind) => {
    expect(decode(text).kind).toBe(kind);
  });

  it('without a mapped event is the event itself', () => {
    const whole = lineDecoder({ ...MAP, event: undefined });
    const joined = { kind: 'joined', time: 1, conn: { id: 'a' }, user: 'alice' };
    expect(whole(line(joined))).toMatchObject({ record: { event: joined } });
  });

  it('may name the phase', () => {
    const phase = { path: ['step'], values: { begin: 'started', done: 'ended' } };
    const phased = lineDecoder({ ...MAP, phase });
    const of = (step: string): unknown =>
      phased(line({ kind: 'joined', time: 1, conn: { id: 'a' }, step }));
    expect([of('done'), of('half')]).toMatchObject([
      { record: { phase: 'ended' } },
      { kind: 'other' },
    ]);
  });
});

describe('an instant', () => {
  const at = (time: unknown, format: RecordMap['at']['format']): unknown => {
    const decoded = lineDecoder({ ...MAP, at: { path: ['time'], format } })(
      line({ kind: 'joined', time, conn: { id: 'a' } }),
    );
    return decoded.kind === 'record' ? decoded.record.at : decoded.kind;
  };

  it.each([
    [1_767_225_600_123, undefined, 1_767_225_600_123],
    ['1767225600123', undefined, 1_767_225_600_123],
    ['2026-01-01T00:00:00.123Z', undefined, 1_767_225_600_123],
    [1_767_225_600.123, 's', 1_767_225_600_123],
    [1_767_225_600_123.9, 'ms', 1_767_225_600_123],
    ['2026-01-01T01:00:00.123+01:00', 'iso', 1_767_225_600_123],
    ['2026-01-01T00:00:00Z', 'ms', 'invalid'],
    [1_767_225_600_123, 'iso', 'invalid'],
    ['', undefined, 'invalid'],
    [null, undefined, 'invalid'],
  ] as const)('%s as %s is %s', (time, format, expected) => {
    expect(at(time, format)).toBe(expected);
  });
});

describe('a line of a log of event records', () => {
  const decode = lineDecoder(undefined);

  it.each([
    ['a record', { v: 1, type: 'CONNECT', at: 1, connectionId: 'c' }, 'record'],
    ['a canary', { v: 1, type: 'CANARY', at: 1, nonce: 'n' }, 'record'],
    ['a record of another version', { v: 2, type: 'CONNECT', at: 1, connectionId: 'c' }, 'invalid'],
    ['a record without id', { v: 1, type: 'CONNECT', at: 1 }, 'invalid'],
    ['something else', { level: 'info' }, 'other'],
  ])('is %s', (_, value, kind) => {
    expect(decode(line(value)).kind).toBe(kind);
  });
});
