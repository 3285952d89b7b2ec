import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Answer } from './fixture/backend.ts';
import {
  clientFrame,
  closeFrame,
  codeOf,
  connectPeer,
  type Peer,
  upgradeText,
} from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());
beforeEach(() => stand.backend.answer(() => ({ return: { statusCode: 200 } })));

test.each<[string, (peer: Peer) => unknown, number, string]>([
  ['1000', (peer) => peer.write(closeFrame(1000)), 1000, ''],
  ['1001', (peer) => peer.write(closeFrame(1001)), 1001, ''],
  ['4001 and a reason', (peer) => peer.write(closeFrame(4001, 'tschüß')), 4001, 'tschüß'],
  [
    'an empty close frame',
    (peer) => peer.write(clientFrame(8)),
    1005,
    'Client-side close frame status not set',
  ],
  ['FIN', (peer) => peer.socket.end(), 1006, ''],
  ['RST', (peer) => peer.socket.resetAndDestroy(), 1006, ''],
])('an ending by %s is told once', async (_name, end, code, reason) => {
  const count = stand.backend.of('$disconnect').length;
  const { peer, connectionId } = await stand.open();
  end(peer);
  const { event } = await stand.backend.until('$disconnect', count + 1);
  expect(event).toMatchObject({
    requestContext: { connectionId, disconnectStatusCode: code, disconnectReason: reason },
  });
  expect((await stand.manage('GET', path(connectionId))).status).toBe(410);
  expect(stand.backend.of('$disconnect')).toHaveLength(count + 1);
  await peer.ended();
});

test('a close frame is answered with its code, then TCP ends, whatever $disconnect does', async () => {
  const count = stand.backend.of('$disconnect').length;
  const { peer } = await stand.open();
  let release: (answer: Answer) => void = () => undefined;
  const held = new Promise<Answer>((resolve) => {
    release = resolve;
  });
  stand.backend.answer(() => held);
  peer.write(closeFrame(4002));
  const answer = await peer.frame();
  expect([answer?.first, codeOf(answer)]).toEqual([0x88, 4002]);
  await peer.ended();
  await stand.backend.until('$disconnect', count + 1);
  release({ throw: 'boom' });
});

test('without a $disconnect route the connection just closes', async () => {
  const { peer } = await stand.open('none');
  const count = stand.backend.calls.length;
  peer.write(closeFrame(1000));
  expect(codeOf(await peer.frame())).toBe(1000);
  await peer.ended();
  expect(stand.backend.calls).toHaveLength(count);
});

test('a client that does not end TCP after its close frame is let go', async () => {
  const count = stand.backend.of('$disconnect').length;
  const peer = await connectPeer(stand.port(), true);
  peer.write(upgradeText('/dev'));
  await peer.answer();
  peer.write(closeFrame(1000));
  await peer.ended();
  // The peer leaves its own side open; only the linger time ends it.
  const { event } = await stand.backend.until('$disconnect', count + 1);
  expect(event).toMatchObject({ requestContext: { disconnectStatusCode: 1000 } });
  peer.close();
});

test('two hundred short connections each have one $connect before one $disconnect', async () => {
  const from = stand.backend.calls.length;
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const peer = await stand.upgrade();
        await peer.answer();
        peer.write(closeFrame(1000));
        await peer.ended();
        peer.close();
      }),
    );
  }
  const before = stand.backend.of('$disconnect').length;
  await stand.backend.until('$disconnect', Math.max(before, 200));
  const seen = new Map<string, string[]>();
  for (const { event } of stand.backend.calls.slice(from)) {
    const context = event['requestContext'] as JsonObject as {
      connectionId: string;
      eventType: string;
    };
    seen.set(context.connectionId, [...(seen.get(context.connectionId) ?? []), context.eventType]);
  }
  const orders = new Set([...seen.values()].map((types) => types.join()));
  expect([orders.has('CONNECT,DISCONNECT'), orders.has('DISCONNECT,CONNECT')]).toEqual([
    true,
    false,
  ]);
});

test('an idle connection is closed with 1001; traffic in either direction keeps it', async () => {
  const clock = virtualClock();
  const other = await startStand({ clock });
  try {
    const { peer, connectionId } = await other.open();
    await clock.advance(599_000);
    other.backend.answer(() => ({ return: { statusCode: 200, body: 'x' } }));
    peer.write(clientFrame(1, 'x'));
    await peer.frame();
    await clock.advance(599_000);
    expect((await other.manage('POST', path(connectionId), 'x')).status).toBe(200);
    await peer.frame();
    await clock.advance(599_000);
    expect((await other.manage('GET', path(connectionId))).status).toBe(200);
    await clock.advance(1000);
    const close = await peer.frame();
    expect([codeOf(close), close?.payload.toString('utf8', 2)]).toEqual([1001, 'Going away']);
    peer.write(closeFrame(1001));
    peer.socket.end();
    const { event } = await other.backend.until('$disconnect');
    expect(event).toMatchObject({
      requestContext: { disconnectStatusCode: 1001, disconnectReason: 'Going away' },
    });
  } finally {
    await other.close();
  }
});

test('no connection lives longer than the maximum', async () => {
  const clock = virtualClock();
  const other = await startStand({ clock }, (config) => ({
    ...config,
    Apis: Object.fromEntries(
      Object.entries(config.Apis).map(([name, api]) => [
        name,
        { ...api, MaxDurationInMillis: 1000, IdleTimeoutInMillis: 700 },
      ]),
    ),
  }));
  try {
    const { peer } = await other.open();
    await clock.advance(600);
    peer.write(clientFrame(9, 'x'));
    await peer.frame();
    await clock.advance(399);
    expect(peer.unread()).toHaveLength(0);
    await clock.advance(1);
    expect(codeOf(await peer.frame())).toBe(1001);
  } finally {
    await other.close();
  }
});

function path(connectionId: string): string {
  return `/dev/@connections/${encodeURIComponent(connectionId)}`;
}
