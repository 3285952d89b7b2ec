import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Answer } from './fixture/backend.ts';
import {
  clientFrame,
  closeFrame,
  connectPeer,
  USUAL_HEADERS,
  upgradeText,
} from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());
beforeEach(() => stand.backend.answer(() => ({ return: { statusCode: 200 } })));

test('the 101 has the right accept value and nothing it should not have', async () => {
  const peer = await stand.upgrade();
  const answer = await peer.answer();
  expect([answer.status, answer.headers.map(([name]) => name)]).toEqual([
    101,
    ['Date', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept'],
  ]);
  // The example of RFC 6455 section 1.3.
  expect(answer.header('Sec-WebSocket-Accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('twenty upgrades may be pending at the same time', async () => {
  const count = stand.backend.of('$connect').length;
  let release: (answer: Answer) => void = () => undefined;
  const held = new Promise<Answer>((resolve) => {
    release = resolve;
  });
  stand.backend.answer(() => held);
  const peers = await Promise.all(Array.from({ length: 20 }, () => stand.upgrade('patient')));
  await stand.backend.until('$connect', count + 20);
  release({ return: { statusCode: 200 } });
  const answers = await Promise.all(peers.map((peer) => peer.answer()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([101]));
});

test('nothing is answered before the integration has answered', async () => {
  let release: (answer: Answer) => void = () => undefined;
  const held = new Promise<Answer>((resolve) => {
    release = resolve;
  });
  const count = stand.backend.of('$connect').length;
  stand.backend.answer(() => held);
  const peer = await stand.upgrade();
  await stand.backend.until('$connect', count + 1);
  // Another connection is not delayed by the pending one.
  stand.backend.answer(() => ({ return: { statusCode: 200 } }));
  await stand.open();
  expect(peer.unread()).toHaveLength(0);
  release({ return: { statusCode: 200 } });
  expect((await peer.answer()).status).toBe(101);
});

test.each<[string, Answer, number]>([
  ['200', { return: { statusCode: 200 } }, 101],
  ['201', { return: { statusCode: 201 } }, 101],
  ['204', { return: { statusCode: 204 } }, 101],
  ['299', { return: { statusCode: 299 } }, 101],
  ['302', { return: { statusCode: 302 } }, 302],
  ['400', { return: { statusCode: 400 } }, 400],
  ['401', { return: { statusCode: 401 } }, 401],
  ['418', { return: { statusCode: 418 } }, 418],
  ['503', { return: { statusCode: 503 } }, 503],
  ['599', { return: { statusCode: 599 } }, 599],
  ['null', { return: null }, 502],
  ['text', { return: 'ok' }, 502],
  ['a list', { return: [] }, 502],
  ['an empty object', { return: {} }, 502],
  ['only a body', { return: { body: 'x' } }, 502],
  ['a status that is no number', { return: { statusCode: 'abc' } }, 502],
  ['a body that is no text', { return: { statusCode: 200, body: {} } }, 502],
  ['a header with a line break', subprotocol('a\r\nX: y'), 502],
  ['an error', { throw: 'boom' }, 502],
  ['a crash', { do: 'exit' }, 502],
  ['nothing', { do: 'hang' }, 504],
  ['an endless loop', { do: 'spin' }, 504],
])('an integration that answers %s', async (_name, answer, status) => {
  stand.backend.answer(() => answer);
  const peer = await stand.upgrade();
  expect((await peer.answer()).status).toBe(status);
});

test('a refusal has neither headers nor body of the integration, and ends TCP', async () => {
  const said = { statusCode: 403, body: 'marker', headers: { 'X-Marker': '1' } };
  stand.backend.answer(() => ({ return: said }));
  const peer = await stand.upgrade();
  const { headers, body } = await peer.answer();
  expect(headers.map(([name]) => name)).toEqual([
    'Date',
    'Content-Type',
    'Content-Length',
    'Connection',
  ]);
  expect(body).toBe('{"message":"Forbidden"}');
  await peer.ended();
});

test('a refused or pending upgrade is not addressable and gets no $disconnect', async () => {
  const before = stand.backend.of('$connect').length;
  const ended = stand.backend.of('$disconnect').length;
  const statuses: number[] = [];
  stand.backend.answer(async ({ event }) => {
    const { connectionId } = event['requestContext'] as { connectionId: string };
    statuses.push((await stand.manage('POST', `/dev/@connections/${connectionId}`, 'x')).status);
    return { return: { statusCode: 403 } };
  });
  const peer = await stand.upgrade();
  expect((await peer.answer()).status).toBe(403);
  const { event } = await stand.backend.until('$connect', before + 1);
  const { connectionId } = event['requestContext'] as { connectionId: string };
  statuses.push((await stand.manage('GET', `/dev/@connections/${connectionId}`)).status);
  expect(statuses).toEqual([410, 410]);
  stand.backend.answer(() => ({ return: { statusCode: 200 } }));
  await expectNextDisconnectOf(await stand.open(), ended);
});

test.each(['fin', 'reset'] as const)('a client that goes by %s while pending', async (how) => {
  const before = stand.backend.of('$connect').length;
  const ended = stand.backend.of('$disconnect').length;
  let release: (answer: Answer) => void = () => undefined;
  const held = new Promise<Answer>((resolve) => {
    release = resolve;
  });
  stand.backend.answer(() => held);
  const peer = await stand.upgrade();
  await stand.backend.until('$connect', before + 1);
  if (how === 'fin') peer.socket.end();
  else peer.socket.resetAndDestroy();
  // A request made later is answered later, so the gateway has seen the client go.
  expect((await stand.manage('GET', '/dev/@connections/x')).status).toBe(400);
  release({ return: { statusCode: 200 } });
  await peer.ended();
  expect(peer.unread()).toHaveLength(0);
  stand.backend.answer(() => ({ return: { statusCode: 200 } }));
  await expectNextDisconnectOf(await stand.open(), ended);
});

test('frames that come before the 101 are served after it', async () => {
  const before = stand.backend.of('$default').length;
  const peer = await connectPeer(stand.port());
  peer.write(Buffer.concat([Buffer.from(upgradeText('/dev')), clientFrame(1, 'early')]));
  expect((await peer.answer()).status).toBe(101);
  const { event } = await stand.backend.until('$default', before + 1);
  expect(event['body']).toBe('early');
  peer.close();
});

test.each([
  ['/dev', 101],
  ['/dev/', 101],
  ['/dev?a=1', 101],
  ['/dev/?a=1', 101],
  ['/', 403],
  ['/nosuch', 403],
  ['/DEV', 403],
  ['/dev/extra', 403],
  ['/dev/@connections/x', 403],
])('the path %s', async (path, status) => {
  const peer = await stand.upgrade('open', path);
  expect((await peer.answer()).status).toBe(status);
});

test('an API without $connect route accepts and calls nothing', async () => {
  const count = stand.backend.calls.length;
  const peer = await stand.upgrade('bare', '/dev', ['Sec-WebSocket-Protocol: a']);
  const answer = await peer.answer();
  expect([answer.status, answer.header('Sec-WebSocket-Protocol')]).toEqual([101, undefined]);
  expect(stand.backend.calls).toHaveLength(count);
  peer.write(closeFrame(1000));
  await peer.ended();
});

test.each<[string, string[], Answer, string | undefined]>([
  ['none returned', ['a, b'], { return: { statusCode: 200 } }, undefined],
  ['one of the offered', ['a, b'], subprotocol('b'), 'b'],
  ['another spelling of the header', ['a'], header('sec-websocket-protocol', 'a'), 'a'],
  ['one that was not offered', ['a'], subprotocol('Other-ONE'), 'Other-ONE'],
  ['one although none was offered', [], subprotocol('x'), 'x'],
  ['two', ['a'], subprotocol('a, b'), 'a, b'],
  ['multiValueHeaders', ['a'], multiValue('a'), 'a'],
])('subprotocol: %s', async (_name, offer, answer, expected) => {
  stand.backend.answer(() => answer);
  const offers = offer.map((value) => `Sec-WebSocket-Protocol: ${value}`);
  const peer = await stand.upgrade('open', '/dev', offers);
  expect((await peer.answer()).header('Sec-WebSocket-Protocol')).toBe(expected);
});

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

test.each<[string, string, number, [string, string][]]>([
  ['version 8', change('Version: 13', 'Version: 8'), 426, [['Sec-WebSocket-Version', '13']]],
  ['two versions', change('Version: 13', 'Version: 13, 8'), 426, [['Sec-WebSocket-Version', '13']]],
  ['no version', without('Sec-WebSocket-Version: 13'), 426, [['Sec-WebSocket-Version', '13']]],
  ['no key', without(KEY), 400, []],
  ['a key of 15 bytes', change('dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25j'), 400, []],
  ['a key that is not base64', change('dGhl', '....'), 400, []],
  ['two keys', upgradeText('/dev', [KEY]), 400, []],
  ['POST', change('GET', 'POST'), 405, [['Allow', 'GET']]],
  ['no Upgrade', without('Upgrade: websocket'), 426, [['Upgrade', 'websocket']]],
  ['another Upgrade', change(': websocket', ': h2c'), 426, [['Upgrade', 'websocket']]],
  ['no Connection', without('Connection: Upgrade'), 426, [['Upgrade', 'websocket']]],
  ['HTTP/1.0', change('HTTP/1.1', 'HTTP/1.0'), 400, []],
  ['no Host', without('Host: gateway.example:8080'), 400, []],
  ['two Hosts', upgradeText('/dev', ['Host: other']), 400, []],
  ['a wrong Host', change('gateway.example:8080', 'a b'), 400, []],
  ['CONNECT', change('GET /dev', 'CONNECT gateway.example:80'), 405, [['Allow', 'GET']]],
])('refuses an upgrade with %s, and calls nobody', async (_name, text, status, headers) => {
  const count = stand.backend.calls.length;
  const peer = await connectPeer(stand.port());
  peer.write(text);
  const answer = await peer.answer();
  expect([answer.status, headers.map(([name]) => [name, answer.header(name)])]).toEqual([
    status,
    headers,
  ]);
  await peer.ended();
  peer.close();
  expect(stand.backend.calls).toHaveLength(count);
});

test.each([
  ['a list of Connection tokens', change('Connection: Upgrade', 'Connection: keep-alive, Upgrade')],
  ['other letters', change('websocket', 'WebSocket')],
  ['an extension', upgradeText('/dev', ['Sec-WebSocket-Extensions: permessage-deflate, x-y'])],
  ['an absolute target', change('GET /dev', 'GET http://gateway.example:8080/dev')],
])('accepts %s', async (_name, text) => {
  const peer = await connectPeer(stand.port());
  peer.write(text);
  const answer = await peer.answer();
  expect([answer.status, answer.header('Sec-WebSocket-Extensions')]).toEqual([101, undefined]);
  peer.close();
});

test('an upgrade on a connection that served a plain request before', async () => {
  const peer = await connectPeer(stand.port());
  peer.write('GET /dev/@connections/x HTTP/1.1\r\nHost: h\r\n\r\n');
  expect((await peer.answer()).status).toBe(400);
  peer.write(upgradeText('/dev'));
  expect((await peer.answer()).status).toBe(101);
  peer.close();
});

function change(from: string, to: string): string {
  return upgradeText('/dev').replace(from, to);
}

function without(line: string): string {
  return upgradeText(
    '/dev',
    [],
    USUAL_HEADERS.filter((one) => one !== line),
  );
}

function header(name: string, value: string): Answer {
  return { return: { statusCode: 200, headers: { [name]: value } } };
}

function subprotocol(value: string): Answer {
  return header('Sec-WebSocket-Protocol', value);
}

function multiValue(value: string): Answer {
  const multiValueHeaders = { 'Sec-WebSocket-Protocol': [value] };
  return { return: { statusCode: 200, multiValueHeaders } };
}

// Whatever $disconnect would have been sent is sent before that of a connection closed later.
async function expectNextDisconnectOf(
  { peer, connectionId }: Awaited<ReturnType<Stand['open']>>,
  count: number,
): Promise<void> {
  peer.write(closeFrame(1000));
  const { event } = await stand.backend.until('$disconnect', count + 1);
  expect(event).toMatchObject({ requestContext: { connectionId } });
  peer.close();
}
