import {
  at,
  attempt,
  callCounts,
  contextOf,
  type Look,
  pathTo,
  story,
  testFaults,
} from '../fixture/looks.ts';
import { clientFrame, closeFrame, codeOf, type Peer } from '../fixture/peer.ts';
import type { Stand } from '../fixture/stand.ts';

// How often $disconnect is invoked after an ending.
function afterEnding(
  end: (peer: Peer, stand: Stand, id: string) => unknown,
  settleBy?: 'fin',
): Look {
  return async (stand) => {
    const counts = await callCounts(async () => {
      const { peer, connectionId } = await stand.open();
      await end(peer, stand, connectionId);
      await peer.ended();
      while (stand.gateway.apis['open']?.connectionCount() !== 0) await stand.manage('GET', '/dev');
    }, settleBy)(stand);
    return (counts as Record<string, number>)['$disconnect'] ?? 0;
  };
}

const remove = async (peer: Peer, stand: Stand, id: string): Promise<void> => {
  await stand.manage('DELETE', pathTo(id));
  await peer.frame();
  peer.write(closeFrame(1000));
};

const violate =
  (...frames: readonly Buffer[]) =>
  async (peer: Peer): Promise<void> => {
    for (const frame of frames) peer.write(frame);
    const code = codeOf(await peer.frame());
    peer.write(closeFrame(code ?? 1000));
  };

// Each frame is short enough, and together they are a byte too long.
const TOO_LONG = [
  'x'.repeat(32_768),
  'x'.repeat(32_768),
  'x'.repeat(32_768),
  'x'.repeat(32_768),
  'x',
].map((text, nth) => clientFrame(nth === 0 ? 1 : 0, text, { fin: nth === 4 }));

const disconnectSeen = (select: (event: Parameters<typeof contextOf>[0]) => unknown, how = {}) =>
  story(({ disconnect }) => select(disconnect), how);

// What answers a close frame; `none` when TCP ends without an answer.
function closeAnswer(frame: Buffer): Look {
  return async (stand) => {
    const { peer } = await stand.open();
    peer.write(frame);
    const answer = await peer.frame();
    peer.close();
    return answer === undefined ? 'none' : codeOf(answer);
  };
}

// Whether the close frame is answered while the $disconnect integration is still held.
const answeredWhileHeld: Look = async (stand) => {
  const count = stand.backend.of('$disconnect').length;
  const { peer } = await stand.open();
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  stand.backend.answer(() => gate.then(() => ({ return: { statusCode: 200 } })));
  peer.write(closeFrame(1000));
  const answered = peer.frame().then(() => 'answered');
  const held = stand.backend.until('$disconnect', count + 1).then(async () => {
    await stand.manage('GET', '/dev');
    return 'held';
  });
  const first = await Promise.race([answered, held]);
  release();
  const last = await answered;
  peer.close();
  return [first, last];
};

const closeOfFailing: Look = async (stand) => {
  const { peer } = await stand.open();
  stand.backend.answer(() => ({ throw: 'boom' }));
  peer.write(closeFrame(1000));
  const code = codeOf(await peer.frame());
  peer.close();
  return code;
};

const reasonOfEmptyClose: Look = async (stand) => {
  const count = stand.backend.of('$disconnect').length;
  const peer = await attempt(stand);
  await peer.answer();
  peer.write(clientFrame(8));
  const { event } = await stand.backend.until('$disconnect', count + 1);
  peer.close();
  return contextOf(event)['disconnectStatusCode'];
};

const binaryFrame: Look = async (stand) => {
  const { peer } = await stand.open();
  peer.write(clientFrame(2, 'x'));
  peer.write(clientFrame(9, 'ping'));
  const opcode = (await peer.frame())?.opcode;
  peer.close();
  return opcode;
};

// The API `bare` has a $default route and no other.
const toldAboutBare: Look = async (stand) => {
  const counts = await callCounts(async () => {
    const peer = await attempt(stand, { api: 'bare' });
    await peer.answer();
    peer.write(closeFrame(1000));
    await peer.ended();
  })(stand);
  return (counts as Record<string, number>)['$disconnect'] ?? 0;
};

const closeOfBare: Look = async (stand) => {
  const peer = await attempt(stand, { api: 'bare' });
  await peer.answer();
  peer.write(closeFrame(4001));
  const code = codeOf(await peer.frame());
  peer.close();
  return code;
};

const codeOfLeaving: Look = async (stand) => {
  const count = stand.backend.of('$disconnect').length;
  const { peer } = await stand.open();
  peer.write(closeFrame(1001));
  const { event } = await stand.backend.until('$disconnect', count + 1);
  peer.close();
  return contextOf(event)['disconnectStatusCode'];
};

testFaults([
  ['drops-disconnect-after-reset', 1, 0, afterEnding((peer) => peer.socket.resetAndDestroy())],
  ['drops-disconnect-after-fin', 1, 0, afterEnding((peer) => peer.socket.end())],
  [
    'drops-disconnect-after-clean-close',
    1,
    0,
    afterEnding((peer) => peer.write(closeFrame(1000)), 'fin'),
  ],
  ['no-disconnect-after-delete', 1, 0, afterEnding(remove)],
  [
    'no-disconnect-after-violation',
    [1, 1],
    [0, 0],
    async (stand) => [
      await afterEnding(violate(clientFrame(2, 'x')))(stand),
      await afterEnding(violate(...TOO_LONG))(stand),
    ],
  ],
  [
    'no-disconnect-code',
    1000,
    undefined,
    disconnectSeen((event) => contextOf(event)['disconnectStatusCode']),
  ],
  [
    'full-headers-on-disconnect',
    undefined,
    '13',
    disconnectSeen((event) => at(event['headers'], 'Sec-WebSocket-Version')),
  ],
  [
    'query-on-disconnect',
    undefined,
    { a: '1' },
    disconnectSeen((event) => event['queryStringParameters'], { path: '/dev?a=1' }),
  ],
  [
    'no-identity-on-disconnect',
    { sourceIp: '127.0.0.1' },
    undefined,
    disconnectSeen((event) => contextOf(event)['identity']),
  ],
  ['empty-close-is-1000', 1005, 1000, reasonOfEmptyClose],
  ['no-close-answer', 4001, 'none', closeAnswer(closeFrame(4001))],
  ['answers-close-with-1000', 4001, 1000, closeAnswer(closeFrame(4001))],
  ['answers-close-with-1015', 4001, 1015, closeAnswer(closeFrame(4001))],
  ['answers-close-with-1005', 4001, 1005, closeAnswer(closeFrame(4001))],
  ['answers-close-with-999', 4001, 999, closeAnswer(closeFrame(4001))],
  ['answers-close-with-half-a-code', 4001, undefined, closeAnswer(closeFrame(4001))],
  [
    'waits-for-disconnect-handler',
    ['answered', 'answered'],
    ['held', 'answered'],
    answeredWhileHeld,
  ],
  ['failed-disconnect-closes-1011', 1000, 1011, closeOfFailing],
  ['disconnect-to-default', 0, 1, toldAboutBare],
  ['no-disconnect-route-closes-1011', 4001, 1011, closeOfBare],
  [
    'disconnect-of-another-stage',
    'dev',
    '$default',
    disconnectSeen((event) => contextOf(event)['stage']),
  ],
  [
    'disconnect-of-another-api',
    false,
    true,
    disconnectSeen((event) => contextOf(event)['apiId'] === 'local'),
  ],
  [
    'disconnect-of-another-domain',
    false,
    true,
    disconnectSeen((event) => contextOf(event)['domainName'] === 'localhost'),
  ],
  ['going-away-is-abnormal', 1001, 1006, codeOfLeaving],
  ['accepts-binary-frames', 8, 10, binaryFrame],
]);
