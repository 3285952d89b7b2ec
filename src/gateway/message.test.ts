import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Answer } from './fixture/backend.ts';
import { clientFrame, closeFrame, codeOf, type Peer } from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand({}, (config) => {
    const { open } = config.Apis;
    if (open === undefined) throw new Error('no open API');
    const deep = { ...open, RouteSelectionExpression: '$request.body.a.b' };
    return { ...config, Apis: { ...config.Apis, deep } };
  });
});
afterAll(() => stand.close());
beforeEach(() => stand.backend.answer(() => ({ return: { statusCode: 200 } })));

test.each([
  ['text', 'hello', '$default'],
  ['empty text', '', '$default'],
  ['a route key', '{"action":"echo"}', 'echo'],
  ['an unknown key', '{"action":"zzz"}', '$default'],
  ['no key', '{"x":1}', '$default'],
  ['a list', '[1]', '$default'],
  ['a predefined key', '{"action":"$disconnect"}', '$default'],
  ['a key of every object', '{"action":"constructor"}', '$default'],
])('%s goes to its route', async (_name, text, route) => {
  const count = stand.backend.of(route).length;
  const { peer } = await stand.open();
  peer.write(clientFrame(1, text));
  const { event } = await stand.backend.until(route, count + 1);
  expect(event['body']).toBe(text);
});

test('the selection expression may go deeper', async () => {
  const count = stand.backend.of('echo').length;
  const peer = await stand.upgrade('deep');
  await peer.answer();
  peer.write(clientFrame(1, '{"a":{"b":"echo"}}'));
  const { event } = await stand.backend.until('echo', count + 1);
  expect(event).toMatchObject({ requestContext: { routeKey: 'echo' } });
});

test.each<[string, string, Answer, (ids: { connectionId: string }) => Json]>([
  ['throws', 'x', { throw: 'boom' }, error('Internal server error')],
  ['crashes', 'x', { do: 'exit' }, error('Internal server error')],
  ['hangs', 'x', { do: 'hang' }, error('Endpoint request timed out')],
  ['answers nonsense where a body is wanted', 'x', { return: 'x' }, error('Internal server error')],
])('an integration that %s', async (_name, text, answer, expected) => {
  const { peer, connectionId } = await stand.open();
  stand.backend.answer(() => answer);
  peer.write(clientFrame(1, text));
  expect(await readJson(peer)).toEqual(expected({ connectionId }));
  // The connection stays open.
  stand.backend.answer(() => ({ return: { statusCode: 200, body: 'still here' } }));
  peer.write(clientFrame(1, text));
  expect((await peer.frame())?.payload.toString()).toBe('still here');
});

test('without a matching route the client is told so, and nobody is called', async () => {
  const { peer, connectionId } = await stand.open('none');
  const count = stand.backend.calls.length;
  peer.write(clientFrame(1, '{"action":"nosuch"}'));
  expect(await readJson(peer)).toEqual(error('Forbidden')({ connectionId }));
  expect(stand.backend.calls).toHaveLength(count);
});

test('only a route with a route response answers', async () => {
  const { peer } = await stand.open();
  stand.backend.answer(({ event }) => ({
    return: { statusCode: 200, body: event['body'] ?? null },
  }));
  const count = stand.backend.of('echo').length;
  peer.write(clientFrame(1, '{"action":"echo"}'));
  await stand.backend.until('echo', count + 1);
  peer.write(clientFrame(1, 'two-way'));
  expect((await peer.frame())?.payload.toString()).toBe('two-way');
});

test.each([
  ['one frame of 32 KiB', [clientFrame(1, 'x'.repeat(32_768))], 32_768],
  ['four of them', fragments(4, 32_768), 131_072],
  [
    'three fragments with a ping between',
    [...fragments(2, 3, false), clientFrame(9, 'p'), clientFrame(0, 'end')],
    9,
  ],
])('%s arrives whole', async (_name, frames, length) => {
  const count = stand.backend.of('$default').length;
  const { peer } = await stand.open();
  peer.write(Buffer.concat(frames));
  const { event } = await stand.backend.until('$default', count + 1);
  expect(event['body']).toHaveLength(length);
});

test.each([
  ['a frame over 32 KiB', [clientFrame(1, 'x'.repeat(32_769))], 1009],
  ['a message over 128 KiB', [...fragments(4, 32_768, false), clientFrame(0, 'x')], 1009],
  ['a binary frame', [clientFrame(2, 'x')], 1003],
  ['a binary frame that is only begun', [clientFrame(2, 'x'.repeat(200)).subarray(0, 20)], 1003],
  ['an unmasked frame', [clientFrame(1, 'x', { masked: false })], 1002],
  ['a reserved bit', [clientFrame(1, 'x', { rsv: 4 })], 1002],
  ['an unknown opcode', [clientFrame(3, 'x')], 1002],
  ['text that is not UTF-8', [clientFrame(1, Buffer.from([0xff]))], 1007],
  ['a close code that must not be sent', [closeFrame(1005)], 1002],
])('%s closes the connection, and $disconnect says so', async (_name, frames, code) => {
  const messages = stand.backend.of('$default').length;
  const ends = stand.backend.of('$disconnect').length;
  const { peer } = await stand.open();
  peer.write(Buffer.concat(frames));
  expect(codeOf(await peer.frame())).toBe(code);
  peer.socket.end();
  const { event } = await stand.backend.until('$disconnect', ends + 1);
  expect(event).toMatchObject({ requestContext: { disconnectStatusCode: code } });
  expect(stand.backend.of('$default')).toHaveLength(messages);
});

test('the client may answer the close of a frame that was too long', async () => {
  const { peer } = await stand.open();
  peer.write(clientFrame(1, 'x'.repeat(40_000)));
  expect(codeOf(await peer.frame())).toBe(1009);
  peer.write(clientFrame(1, 'ignored'));
  peer.write(closeFrame(1009));
  await peer.ended();
});

test('a ping is answered with its payload, and calls nobody', async () => {
  const { peer } = await stand.open();
  const count = stand.backend.calls.length;
  peer.write(clientFrame(9, 'abc'));
  const pong = await peer.frame();
  expect([pong?.first, pong?.masked, pong?.payload.toString()]).toEqual([0x8a, false, 'abc']);
  peer.write(clientFrame(10, 'unasked'));
  peer.write(clientFrame(9, ''));
  expect((await peer.frame())?.opcode).toBe(10);
  expect(stand.backend.calls).toHaveLength(count);
});

function fragments(count: number, length: number, last = true): Buffer[] {
  return Array.from({ length: count }, (_, index) =>
    clientFrame(index === 0 ? 1 : 0, 'x'.repeat(length), { fin: last && index === count - 1 }),
  );
}

function error(message: string): (ids: { connectionId: string }) => Json {
  return ({ connectionId }) => ({ message, connectionId, requestId: 'ID' });
}

async function readJson(peer: Peer): Promise<Json> {
  const text = (await peer.frame())?.payload.toString() ?? 'null';
  const value = JSON.parse(text) as { requestId: string };
  expect(value.requestId).toMatch(/^[A-Za-z0-9_-]{15}=$/);
  return { ...value, requestId: 'ID' };
}
