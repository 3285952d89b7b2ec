import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import { isGenerated, leavesOf } from './steady-value.ts';

describe('leavesOf', () => {
  it('takes a value apart down to its leaves', () => {
    const headers = { 'content-type': 'text/plain', 'x.y': ['a', null], empty: {} };
    expect(leavesOf('handshake.headers', headers, [])).toEqual([
      { path: 'handshake.headers.content-type', value: 'text/plain' },
      { path: 'handshake.headers["x.y"][0]', value: 'a' },
      { path: 'handshake.headers["x.y"][1]', value: null },
      { path: 'handshake.headers.empty', value: {} },
    ]);
  });

  it('leaves a plain value where it is', () => {
    expect(leavesOf('handshake.status', 403, [])).toEqual([
      { path: 'handshake.status', value: 403 },
    ]);
    expect(leavesOf('closed.code', null, [])).toEqual([{ path: 'closed.code', value: null }]);
  });

  it.each<[string, Json, Json]>([
    ['a UUID', '1b4e28ba-2fa1-11d2-883f-0016d3cca427', '<uuid>'],
    ['an id of API Gateway', '9tepey8GFaBwcKo=', '<id>'],
    ['the date of HTTP', 'Tue, 24 Nov 2026 00:35:44 GMT', '<time>'],
    ['an instant of a signature', 'expired: 20261124T004450Z', 'expired: <time>'],
    ['the day of a scope', '20261124/us-east-1', '<time>/us-east-1'],
    ['ISO 8601', '2026-11-24T00:35:44.123Z', '<time>'],
    ['milliseconds since 1970', 1_795_480_544_123, '<time>'],
    ['a trace', 'Root=1-6b04dbdd-fd9ae35a34dd43e6c050310f', 'Root=<trace>'],
    ['a port of this machine', '127.0.0.1:25204', '127.0.0.1:<port>'],
    ['a connection id of any form', 'gone: conn-7', 'gone: <connectionId>'],
  ])('makes %s its kind', (_, value, steady) => {
    expect(leavesOf('it', value, ['conn-7'])).toEqual([{ path: 'it', value: steady }]);
    expect(isGenerated(steady)).toBe(true);
  });

  it.each<[string, Json]>([
    ['a status', 502],
    ['a close code', 1001],
    ['a body', '{"message":"Forbidden"}'],
    ['a number of eight digits that is no day', '20269924'],
    ['a text in angle brackets', '<b>hello</b>'],
  ])('leaves %s as it is', (_, value) => {
    expect(leavesOf('it', value, [])).toEqual([{ path: 'it', value }]);
    expect(isGenerated(value)).toBe(false);
  });

  it('knows a measured time by its name', () => {
    expect(leavesOf('$connect.authorizer', { integrationLatency: 12 }, [])).toEqual([
      { path: '$connect.authorizer.integrationLatency', value: '<measured>' },
    ]);
    expect(leavesOf('$connect.authorizer.integrationLatency', 12, [])).toEqual([
      { path: '$connect.authorizer.integrationLatency', value: '<measured>' },
    ]);
  });
});
