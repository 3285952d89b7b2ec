import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { ACCESS_LOG_FORMAT, accessLogDecoder } from './access-log.ts';

const NONCE = 'abcdefghijklmnopqrstuvwxyz';
// What API Gateway writes in that format: all as text, and a hyphen for what there is not.
const LINE = {
  eventType: 'DISCONNECT',
  connectionId: 'L0SM9cOFvHcCIhw=',
  routeKey: '$disconnect',
  status: '200',
  requestId: 'MUo10Fw3iYcFcXw=',
  requestTimeEpoch: '1795382399250',
  connectedAt: '1795382390000',
  principalId: NONCE,
  integrationStatus: '200',
  error: '-',
};
const decode = accessLogDecoder(undefined);
const of = (more: object): ReturnType<typeof decode> =>
  decode(JSON.stringify({ ...LINE, ...more }));

describe('a line of the recommended format', () => {
  it('is an invocation, recognised by the principal that the authorizer has made of the nonce', () => {
    expect(of({})).toEqual({
      kind: 'record',
      record: {
        v: 1,
        type: 'DISCONNECT',
        phase: 'started',
        at: 1_795_382_399_250,
        connectionId: 'L0SM9cOFvHcCIhw=',
        nonce: NONCE,
        requestId: 'MUo10Fw3iYcFcXw=',
        event: {
          requestContext: {
            connectionId: 'L0SM9cOFvHcCIhw=',
            routeKey: '$disconnect',
            eventType: 'DISCONNECT',
            requestTimeEpoch: '1795382399250',
            connectedAt: '1795382390000',
            status: '200',
            authorizer: { principalId: NONCE },
          },
        },
      },
    });
  });

  it('has no value where a hyphen stands', () => {
    const found = of({ principalId: '-', connectedAt: '-' });
    const record = found.kind === 'record' ? found.record : undefined;
    expect(record?.nonce).toBeUndefined();
    expect(record?.event).not.toHaveProperty('requestContext.authorizer');
    expect(record?.event).not.toHaveProperty('requestContext.connectedAt');
    expect(of({ connectionId: '-' })).toEqual({
      kind: 'invalid',
      reason: 'connectionId: a DISCONNECT needs it',
    });
  });

  it('is no invocation where the request came to no integration', () => {
    const refused = { eventType: 'CONNECT', routeKey: '$connect', integrationStatus: '-' };
    expect(of({ ...refused, status: '403' })).toEqual({ kind: 'other' });
    expect(of({ ...refused, status: '429' })).toEqual({ kind: 'other' });
    expect(of({ ...refused, status: '502', integrationStatus: '200' }).kind).toBe('record');
    expect(of({ ...refused, status: '200' }).kind).toBe('record');
  });

  it('holds an event record as well, which is what it says', () => {
    const canary = { v: 1, type: 'CANARY', at: 7, nonce: 'canary-1' };
    const record = { ...canary, phase: 'started' };
    expect(decode(JSON.stringify(canary))).toEqual({ kind: 'record', record });
    expect([decode('{"level":"info"}'), decode('START RequestId')]).toEqual([
      { kind: 'other' },
      { kind: 'not-json' },
    ]);
  });

  it('is read by a map where there is one', () => {
    const text = (path: string) => ({ path: [path], values: undefined });
    const mapped = accessLogDecoder({
      type: text('kind'),
      phase: undefined,
      at: { path: ['t'], format: undefined },
      texts: { connectionId: ['id'] },
      event: [],
    });
    const line = { kind: 'CONNECT', t: 5, id: 'c', principalId: '-', status: '403' };
    expect(mapped(JSON.stringify(line))).toMatchObject({
      kind: 'record',
      record: { type: 'CONNECT', at: 5, connectionId: 'c' },
    });
    expect(mapped(JSON.stringify({ ...line, id: '-' }))).toMatchObject({ kind: 'invalid' });
  });
});

test('the format fits into the 3 KB of a stage, names every field that is read, and is documented', () => {
  expect(ACCESS_LOG_FORMAT.length).toBeLessThan(3000);
  expect(Object.keys(JSON.parse(ACCESS_LOG_FORMAT) as object)).toEqual(Object.keys(LINE));
  const page = readFileSync('docs/observing-your-backend.md', 'utf8');
  expect(page).toContain(ACCESS_LOG_FORMAT);
});
