import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { clfTime } from './event.ts';
import { clientFrame, closeFrame } from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

const ID = /^[A-Za-z0-9_-]{15}=$/;

// The volatile values are checked here and replaced by their kind.
function normal(event: JsonObject): JsonObject {
  const context = event['requestContext'] as Record<string, string | number>;
  expect(context['requestId']).toBe(context['extendedRequestId']);
  expect(context['requestTime']).toBe(clfTime(Number(context['requestTimeEpoch'])));
  for (const key of ['requestId', 'connectionId']) expect(context[key]).toMatch(ID);
  expect(Number(context['requestTimeEpoch'])).toBeGreaterThanOrEqual(
    Number(context['connectedAt']),
  );
  const text = JSON.stringify(event)
    .replaceAll(/Root=1-[0-9a-f]{8}-[0-9a-f]{24}/g, 'TRACE')
    .replaceAll(/"[A-Za-z0-9_-]{15}="/g, '"ID"')
    .replaceAll(/"\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000"/g, '"CLF"')
    .replaceAll(/\b\d{13}\b/g, '0');
  return JSON.parse(text) as JsonObject;
}

const CONTEXT = {
  extendedRequestId: 'ID',
  requestTime: 'CLF',
  messageDirection: 'IN',
  stage: 'dev',
  connectedAt: 0,
  requestTimeEpoch: 0,
  identity: { sourceIp: '127.0.0.1', userAgent: 'test' },
  requestId: 'ID',
  domainName: 'gateway.example',
  connectionId: 'ID',
  apiId: 'open1',
};

test('the three events of a connection', async () => {
  const extra = ['User-Agent: test', 'X-Twice: one', 'x-twice: two', 'Keep-Alive: 5'];
  const { peer } = await stand.open('open', extra);
  peer.write(clientFrame(1, '{"action":"echo"}'));
  const message = await stand.backend.until('echo');
  peer.write(closeFrame(4001, 'bye'));
  const end = await stand.backend.until('$disconnect');
  const connect = await stand.backend.until('$connect');
  const headers = {
    Host: 'gateway.example:8080',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    'User-Agent': 'test',
    'X-Amzn-Trace-Id': 'TRACE',
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    'X-Twice': 'two',
  };
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  expect(normal(connect.event)).toEqual({
    headers,
    multiValueHeaders: { ...lists, 'X-Twice': ['one', 'two'] },
    requestContext: { ...CONTEXT, routeKey: '$connect', eventType: 'CONNECT' },
    isBase64Encoded: false,
  });
  expect(normal(message.event)).toEqual({
    requestContext: { ...CONTEXT, routeKey: 'echo', eventType: 'MESSAGE', messageId: 'ID' },
    body: '{"action":"echo"}',
    isBase64Encoded: false,
  });
  expect(normal(end.event)).toEqual({
    headers: { Host: 'gateway.example', 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
    multiValueHeaders: {
      Host: ['gateway.example'],
      'x-api-key': [''],
      'X-Forwarded-For': [''],
      'x-restapi': [''],
    },
    requestContext: {
      ...CONTEXT,
      routeKey: '$disconnect',
      eventType: 'DISCONNECT',
      disconnectStatusCode: 4001,
      disconnectReason: 'bye',
    },
    isBase64Encoded: false,
  });
  const idsOf = (key: string): Set<unknown> =>
    new Set(
      [connect, message, end].map(({ event }) => (event['requestContext'] as JsonObject)[key]),
    );
  expect([idsOf('connectionId').size, idsOf('requestId').size, idsOf('connectedAt').size]).toEqual([
    1, 3, 1,
  ]);
});

test('the same keys as an event that API Gateway has sent', async () => {
  const before = stand.backend.of('$connect').length;
  const peer = await stand.upgrade('open', '/dev', [
    'Sec-WebSocket-Extensions: permessage-deflate',
  ]);
  await peer.answer();
  const { event } = await stand.backend.until('$connect', before + 1);
  expect(Object.keys(event)).toEqual([
    'headers',
    'multiValueHeaders',
    'requestContext',
    'isBase64Encoded',
  ]);
  expect(Object.keys(event['headers'] as object)).toEqual([
    'Host',
    'Sec-WebSocket-Extensions',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
    'X-Amzn-Trace-Id',
    'X-Forwarded-For',
    'X-Forwarded-Port',
    'X-Forwarded-Proto',
  ]);
  expect((event['requestContext'] as JsonObject)['identity']).toEqual({ sourceIp: '127.0.0.1' });
});

test.each([
  ['?a=1&b=2', { a: '1', b: '2' }, { a: ['1'], b: ['2'] }],
  ['?a=1&a=2', { a: '2' }, { a: ['1', '2'] }],
  ['?a=%2Fx%20y&b=c%2Bd', { a: '/x y', b: 'c+d' }, { a: ['/x y'], b: ['c+d'] }],
  ['?a=&b', { a: '', b: '' }, { a: [''], b: [''] }],
  ['?a=%zz', { a: '%zz' }, { a: ['%zz'] }],
  ['?', undefined, undefined],
])('the query %s', async (query, single, multi) => {
  const before = stand.backend.of('$connect').length;
  const peer = await stand.upgrade('open', `/dev${query}`);
  await peer.answer();
  const { event } = await stand.backend.until('$connect', before + 1);
  expect([event['queryStringParameters'], event['multiValueQueryStringParameters']]).toEqual([
    single,
    multi,
  ]);
});

test('an address that was forwarded before stays in front', async () => {
  const before = stand.backend.of('$connect').length;
  const peer = await stand.upgrade('open', '/dev', ['X-Forwarded-For: 203.0.113.7']);
  await peer.answer();
  const { event } = await stand.backend.until('$connect', before + 1);
  expect(event['headers']).toMatchObject({ 'X-Forwarded-For': '203.0.113.7, 127.0.0.1' });
});
