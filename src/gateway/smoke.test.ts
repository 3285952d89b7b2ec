import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientFrame, closeFrame, codeOf } from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

test('opens, echoes, closes and tells $disconnect', async () => {
  const { peer, connectionId } = await stand.open();
  stand.backend.answer(() => ({ return: { statusCode: 200, body: 'hi' } }));
  peer.write(clientFrame(1, 'x'));
  expect((await peer.frame())?.payload.toString()).toBe('hi');
  const id = encodeURIComponent(connectionId);
  expect(await stand.manage('POST', `/dev/@connections/${id}`, 'there')).toMatchObject({
    status: 200,
  });
  expect((await peer.frame())?.payload.toString()).toBe('there');
  peer.write(closeFrame(4001, 'bye'));
  expect(codeOf(await peer.frame())).toBe(4001);
  await peer.ended();
  peer.close();
  const gone = await stand.backend.until('$disconnect');
  expect(gone.event).toMatchObject({
    requestContext: { connectionId, disconnectStatusCode: 4001, disconnectReason: 'bye' },
  });
});
