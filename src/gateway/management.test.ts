import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { closeFrame, codeOf, connectPeer } from './fixture/peer.ts';
import { callHttp, type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());
beforeEach(() => stand.backend.answer(() => ({ return: { statusCode: 200 } })));

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test.each([
  ['percent-encoded', (id: string) => `/dev/%40connections/${encodeURIComponent(id)}`],
  ['raw', (id: string) => `/dev/@connections/${id}`],
  ['after two slashes', (id: string) => `/dev//@connections/${id}`],
  ['lower-case escapes', (id: string) => `/dev/@connections/${id.replace('=', '%3d')}`],
])('POST reaches the client as text: %s', async (_name, path) => {
  const { peer, connectionId } = await stand.open();
  const { status, headers, body } = await stand.manage('POST', path(connectionId), 'héllo');
  expect([status, body, headers['content-type']]).toEqual([200, '', 'application/json']);
  expect(headers['x-amzn-requestid']).toMatch(UUID);
  expect(headers['x-amz-apigw-id']).toMatch(/^[A-Za-z0-9_-]{15}=$/);
  expect(headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  const frame = await peer.frame();
  expect([frame?.first, frame?.masked, frame?.payload.toString()]).toEqual([0x81, false, 'héllo']);
});

test('posts arrive in order, also an empty one', async () => {
  const { peer, connectionId } = await stand.open();
  for (const text of ['1', '', '3']) await stand.manage('POST', at(connectionId), text);
  const texts = [await peer.frame(), await peer.frame(), await peer.frame()];
  expect(texts.map((frame) => frame?.payload.toString())).toEqual(['1', '', '3']);
});

test('GET describes the connection', async () => {
  const { connectionId } = await stand.open('open', ['User-Agent: me']);
  const { status, headers, body } = await stand.manage('GET', at(connectionId));
  const call = stand.backend.of('$connect').at(-1);
  const context = call?.event['requestContext'];
  const { connectedAt } = context as { connectedAt: number };
  const said = JSON.parse(body) as { lastActiveAt: string };
  expect([status, headers['content-type'], said]).toEqual([
    200,
    'application/json',
    {
      connectedAt: new Date(connectedAt).toISOString(),
      identity: { sourceIp: '127.0.0.1', userAgent: 'me' },
      lastActiveAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    },
  ]);
  expect(Date.parse(said.lastActiveAt)).toBeGreaterThanOrEqual(connectedAt);
});

test('DELETE closes the client with 1000, and $disconnect follows', async () => {
  const count = stand.backend.of('$disconnect').length;
  const { peer, connectionId } = await stand.open();
  const answer = await stand.manage('DELETE', at(connectionId));
  expect([answer.status, answer.body, answer.headers['content-type']]).toEqual([
    204,
    '',
    undefined,
  ]);
  const close = await peer.frame();
  expect([codeOf(close), close?.payload.toString('utf8', 2)]).toEqual([
    1000,
    'Connection Closed Normally',
  ]);
  expect((await stand.manage('DELETE', at(connectionId))).status).toBe(410);
  peer.write(closeFrame(1000));
  await peer.ended();
  peer.close();
  const { event } = await stand.backend.until('$disconnect', count + 1);
  expect(event).toMatchObject({
    requestContext: {
      disconnectStatusCode: 1000,
      disconnectReason: 'Connection Closed Normally',
    },
  });
});

test('a client that does not answer the close is let go, and $disconnect follows', async () => {
  const count = stand.backend.of('$disconnect').length;
  const { connectionId } = await stand.open();
  await stand.manage('DELETE', at(connectionId));
  const { event } = await stand.backend.until('$disconnect', count + 1);
  expect(event).toMatchObject({ requestContext: { disconnectStatusCode: 1000 } });
});

test.each(['POST', 'GET', 'DELETE'])('%s of what is gone or never was', async (method) => {
  const count = stand.backend.of('$disconnect').length;
  const { peer, connectionId } = await stand.open();
  peer.write(closeFrame(1000));
  await stand.backend.until('$disconnect', count + 1);
  for (const id of [connectionId, 'TXzPWdnOjoECGjA=']) {
    const { status, headers, body } = await stand.manage(method, at(id), '');
    expect([status, headers['x-amzn-errortype'], headers['content-length'], body]).toEqual([
      410,
      'GoneException',
      '0',
      '',
    ]);
  }
});

test.each(['not-an-id', 'TXzPWdnOjoECGjA=test', '6f0c9a1e-2d6b-4a63-9f1b-0f4f7f1f8a51', 'a/b'])(
  'the malformed id %s',
  async (id) => {
    const { status, headers, body } = await stand.manage('POST', at(id), 'x');
    expect([status, headers['x-amzn-errortype'], JSON.parse(body)]).toEqual([
      400,
      'BadRequestException',
      { message: `Invalid connectionId: ${id}` },
    ]);
  },
);

test('a body of 128 KiB is sent, one byte more is refused', async () => {
  const { peer, connectionId } = await stand.open();
  const most = 'x'.repeat(131_072);
  expect((await stand.manage('POST', at(connectionId), most)).status).toBe(200);
  expect((await peer.frame())?.payload.length).toBe(131_072);
  const { status, headers } = await stand.manage('POST', at(connectionId), `${most}x`);
  expect([status, headers['x-amzn-errortype']]).toEqual([413, 'PayloadTooLargeException']);
});

test('a client that does not read is not sent more than it may owe', async () => {
  const { peer, connectionId } = await stand.open();
  peer.socket.pause();
  const body = 'x'.repeat(131_072);
  let status = 200;
  for (let count = 0; count < 400 && status === 200; count++) {
    ({ status } = await stand.manage('POST', at(connectionId), body));
  }
  expect(status).toBe(429);
  peer.socket.resetAndDestroy();
});

test.each([
  ['PUT', '/dev/@connections/TXzPWdnOjoECGjA=', 403],
  ['PATCH', '/dev/@connections/TXzPWdnOjoECGjA=', 403],
  ['POST', '/nosuch/@connections/TXzPWdnOjoECGjA=', 403],
  ['POST', '/dev///@connections/TXzPWdnOjoECGjA=', 403],
  ['POST', '/@connections/TXzPWdnOjoECGjA=', 403],
  ['GET', '/dev/@connections/', 403],
  ['GET', '/', 403],
  ['GET', '/dev/extra', 403],
  ['GET', '/dev', 426],
  ['POST', '/dev', 405],
])('%s %s', async (method, path, status) => {
  expect((await stand.manage(method, path, '')).status).toBe(status);
});

test('a connection of another API is not there', async () => {
  const { connectionId } = await stand.open();
  const other = { port: stand.port('custom'), method: 'POST', body: 'x' };
  expect((await callHttp({ ...other, path: at(connectionId) })).status).toBe(410);
});

test('two requests on one connection', async () => {
  const peer = await connectPeer(stand.port());
  for (let count = 0; count < 2; count++) {
    peer.write('GET /dev/@connections/TXzPWdnOjoECGjA= HTTP/1.1\r\nHost: h\r\n\r\n');
    expect((await peer.answer()).status).toBe(410);
  }
  peer.close();
});

function at(connectionId: string): string {
  return `/dev/@connections/${encodeURIComponent(connectionId)}`;
}
