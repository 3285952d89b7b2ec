import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientFrame, closeFrame } from './fixture/peer.ts';
import { callHttp } from './fixture/stand.ts';
import { startThrottledStand, type ThrottledStand } from './fixture/throttled.ts';

let stand: ThrottledStand;
beforeEach(async () => {
  stand = await startThrottledStand();
});
afterEach(() => stand.close());

const calls = (...names: readonly string[]): readonly number[] =>
  names.map((name) => stand.backend.of(name).length);

test('beyond its bucket an upgrade is refused before anybody is called', async () => {
  expect(await stand.statuses('limited', 4)).toEqual([101, 101, 429, 429]);
  const peer = await stand.upgrade('limited');
  const answer = await peer.answer();
  const { status, body } = answer;
  expect({ status, body, type: answer.header('content-type') }).toEqual({
    status: 429,
    body: '{"message":"Too Many Requests"}',
    type: 'application/json',
  });
  expect(calls('authorizer', '$connect', '$disconnect')).toEqual([2, 2, 0]);
  stand.pass(999);
  expect(await stand.statuses('limited', 1)).toEqual([429]);
  stand.pass(1);
  expect(await stand.statuses('limited', 2)).toEqual([101, 429]);
  stand.pass(3_600_000);
  expect(await stand.statuses('limited', 3)).toEqual([101, 101, 429]);
});

test('limits of nothing let nothing through', async () => {
  expect(await stand.statuses('limited', 2, '/none')).toEqual([429, 429]);
  stand.pass(3_600_000);
  expect(await stand.statuses('limited', 1, '/none')).toEqual([429]);
  expect(stand.backend.calls).toEqual([]);
});

test('each route of each stage of each API has a bucket of its own', async () => {
  expect(await stand.statuses('limited', 3)).toEqual([101, 101, 429]);
  expect(await stand.statuses('other', 3)).toEqual([101, 101, 429]);
  expect(await stand.statuses('other', 3, '/all')).toEqual([101, 101, 429]);
  expect(await stand.statuses('open', 3)).toEqual([101, 101, 101]);
});

test.each([403, 429, 503])(
  'an integration that refuses with %i was called, and counts like any other',
  async (status) => {
    stand.backend.answer(() => ({ return: { statusCode: status } }));
    expect(await stand.statuses('other', 3)).toEqual([status, status, 429]);
    expect(calls('$connect')).toEqual([2]);
    stand.backend.answer(() => ({ return: { statusCode: 200 } }));
    stand.pass(1000);
    expect(await stand.statuses('other', 1)).toEqual([101]);
    expect(await stand.statuses('open', 1)).toEqual([101]);
  },
);

test('an account has one bucket for all its APIs and for @connections', async () => {
  expect(await stand.statuses('shared', 1)).toEqual([101]);
  expect(await stand.statuses('sharing', 2)).toEqual([101, 429]);
  expect(await stand.statuses('shared', 1)).toEqual([429]);
  expect(await stand.statuses('open', 3)).toEqual([101, 101, 101]);
  const path = '/dev/@connections/JC1dgf9yoAMCK-g=';
  const call = { port: stand.port('sharing'), method: 'GET', path };
  const { status, headers, body } = await callHttp(call);
  expect({ status, type: headers['x-amzn-errortype'], body }).toEqual({
    status: 429,
    type: 'LimitExceededException',
    body: '{"message":"Too Many Requests"}',
  });
  stand.pass(1000);
  expect((await callHttp(call)).status).toBe(410);
  expect(await stand.statuses('shared', 1)).toEqual([429]);
});

test('what is no valid upgrade takes no token', async () => {
  expect(await stand.statuses('other', 2, '/nosuch')).toEqual([403, 403]);
  const plain = { port: stand.port('other'), method: 'GET', path: '/dev' };
  expect((await callHttp(plain)).status).toBe(426);
  expect(await stand.statuses('other', 3)).toEqual([101, 101, 429]);
});

test('a throttled message gets an error frame, and the connection stays', async () => {
  const { peer, connectionId } = await stand.open('limited');
  const say = (text: string): void => peer.write(clientFrame(1, text));
  for (let count = 0; count < 3; count++) say('{"action":"echo"}');
  const frame = await peer.frame();
  expect(JSON.parse(frame?.payload.toString('utf8') ?? '')).toEqual({
    message: 'Too Many Requests',
    connectionId,
    requestId: expect.any(String),
  });
  await stand.backend.until('echo', 2);
  say('free');
  await stand.backend.until('$default', 1);
  peer.write(closeFrame(1000));
  await stand.backend.until('$disconnect', 1);
  expect(calls('echo', '$default', '$disconnect')).toEqual([2, 1, 1]);
});

test('a route without settings of its own gets those of the stage, one bucket each', async () => {
  const peer = await stand.upgrade('other', '/all');
  expect((await peer.answer()).status).toBe(101);
  for (let count = 0; count < 3; count++) peer.write(clientFrame(1, '{"action":"echo"}'));
  expect((await peer.frame())?.payload.toString('utf8')).toContain('Too Many Requests');
  peer.write(clientFrame(1, 'none'));
  expect((await peer.frame())?.payload.toString('utf8')).toContain('Too Many Requests');
  await stand.backend.until('echo', 2);
  expect(calls('$default')).toEqual([0]);
});
