import type { Answer } from '../fixture/backend.ts';
import {
  attempt,
  callCounts,
  contextOf,
  header,
  idOf,
  type Look,
  pathTo,
  status,
  story,
  testFaults,
} from '../fixture/looks.ts';
import { clientFrame, codeOf } from '../fixture/peer.ts';

const REFUSES: Answer = { return: { statusCode: 403 } };

// Whether an answer has come, while the function that `api` waits for is still held.
function answeredWhileHeld(api: string, held: 'authorizer' | '$connect'): Look {
  return async (stand) => {
    const count = stand.backend.of(held).length;
    const { gate, release } = makeGate();
    const peer = await attempt(stand, { api });
    stand.backend.answer(async (call) => {
      if (call.function === 'handler' || held === 'authorizer') await gate;
      return call.function === 'authorizer'
        ? { return: { principalId: 'me' } }
        : { return: { statusCode: 403 } };
    });
    await stand.backend.until(held, count + 1);
    // A later request is answered later.
    await stand.manage('GET', '/dev');
    const early = peer.unread().length > 0;
    release();
    const { status: answered } = await peer.answer();
    const closed = answered === 101 ? codeOf(await peer.frame()) : undefined;
    peer.close();
    return { early, answered, closed };
  };
}

// The statuses of two POSTs, one while $connect is held, and what the client then gets.
const postWhilePending: Look = async (stand) => {
  const count = stand.backend.of('$connect').length;
  const { gate, release } = makeGate();
  const peer = await attempt(stand, {
    connect: () => gate.then(() => ({ return: { statusCode: 200 } })),
  });
  const id = idOf(await stand.backend.until('$connect', count + 1));
  const { status: early } = await stand.manage('POST', pathTo(id), 'early');
  release();
  await peer.answer();
  const { status: late } = await stand.manage('POST', pathTo(id), 'late');
  const first = (await peer.frame())?.payload.toString();
  peer.close();
  return [early, late, first];
};

const postAfterRefusal: Look = async (stand) => {
  const count = stand.backend.of('$connect').length;
  const peer = await attempt(stand, { connect: REFUSES });
  await peer.answer();
  const id = idOf(await stand.backend.until('$connect', count + 1));
  return (await stand.manage('POST', pathTo(id), 'x')).status;
};

// How many of `count` upgrades reach $connect, or are answered, while all of them are held.
function pendingAtOnce(count: number): Look {
  return async (stand) => {
    const before = stand.backend.of('$connect').length;
    const { gate, release } = makeGate();
    const peers = await Promise.all(
      Array.from({ length: count }, () =>
        attempt(stand, {
          api: 'patient',
          connect: () => gate.then(() => ({ return: { statusCode: 200 } })),
        }),
      ),
    );
    // At least seventeen come through whatever the fault; the others have had the time.
    await stand.backend.until('$connect', before + Math.min(count, 18));
    const deadline = stand.backend.until('$connect', before + count).then(() => 'all' as const);
    const refused = Promise.race(peers.map((peer) => peer.answer())).then((a) => a.status);
    const quiet = new Promise<'fewer'>((resolve) => setTimeout(() => resolve('fewer'), 1500));
    const seen = await Promise.race([deadline, refused, quiet]);
    release();
    for (const peer of peers) peer.close();
    return seen;
  };
}

const firstFrame =
  (how: Parameters<typeof attempt>[1] = {}): Look =>
  async (stand) => {
    const peer = await attempt(stand, how);
    await peer.answer();
    peer.write(clientFrame(9, 'ping'));
    const frame = await peer.frame();
    peer.close();
    return frame?.payload.toString();
  };

const idsOfTwo: Look = async (stand) => {
  const count = stand.backend.of('$connect').length;
  for (const peer of [await attempt(stand), await attempt(stand)]) {
    await peer.answer();
    peer.close();
  }
  const calls = [
    await stand.backend.until('$connect', count + 1),
    await stand.backend.until('$connect', count + 2),
  ];
  return new Set(calls.map(idOf)).size;
};

const late = (ms: number) => (): Promise<Answer> =>
  new Promise((resolve) => setTimeout(() => resolve({ return: { statusCode: 200 } }), ms));

const respond = (response: object): Answer => ({ return: { statusCode: 200, ...response } });

testFaults([
  [
    'opens-before-integration',
    { early: false, answered: 403, closed: undefined },
    { early: true, answered: 101, closed: 1008 },
    answeredWhileHeld('open', '$connect'),
  ],
  [
    'opens-before-authorizer',
    { early: false, answered: 500, closed: undefined },
    { early: true, answered: 101, closed: 1008 },
    answeredWhileHeld('custom', 'authorizer'),
  ],
  ['refuses-with-403-always', 502, 403, status({ connect: { throw: 'x' } })],
  ['thrown-becomes-500', 502, 500, status({ connect: { throw: 'x' } })],
  ['accepts-malformed-proxy-response', 502, 101, status({ connect: { return: {} } })],
  ['opens-at-integration-timeout', 504, 101, status({ connect: { do: 'hang' } })],
  ['doubles-integration-timeout', 504, 101, status({ connect: late(850) })],
  ['halves-integration-timeout', 101, 504, status({ connect: late(400) })],
  ['refuses-late-success', 101, 504, status({ api: 'patient', connect: late(2200) })],
  ['accepts-only-200', 101, 201, status({ connect: { return: { statusCode: 201 } } })],
  [
    'forwards-integration-headers',
    undefined,
    '1',
    header('X-Marker', { connect: respond({ headers: { 'X-Marker': '1' } }) }),
  ],
  ['delivers-connect-body', 'ping', 'hello', firstFrame({ connect: respond({ body: 'hello' }) })],
  ['requires-connect-route', 101, 502, status({ api: 'bare' })],
  [
    'falls-back-to-default',
    {},
    { $connect: 1 },
    callCounts(async (stand) => status({ api: 'bare' })(stand)),
  ],
  ['registers-connection-early', [410, 200, 'late'], [200, 200, 'early'], postWhilePending],
  ['keeps-refused-ids', 410, 200, postAfterRefusal],
  ['twenty-upgrades-at-a-time', 'all', 'fewer', pendingAtOnce(21)],
  ['refuses-beyond-eighteen-pending', 'all', 503, pendingAtOnce(19)],
  ['id-from-websocket-key', 2, 1, idsOfTwo],
  [
    'constant-request-id',
    2,
    1,
    story(
      ({ connect, disconnect }) =>
        new Set([connect, disconnect].map((one) => contextOf(one)['requestId'])).size,
    ),
  ],
  [
    'disconnect-after-refusal',
    { $connect: 1 },
    { $connect: 1, $disconnect: 1 },
    callCounts(async (stand) => status({ connect: REFUSES })(stand)),
  ],
  [
    'invokes-connect-twice',
    { $connect: 1 },
    { $connect: 2 },
    callCounts(async (stand) => status({ connect: REFUSES })(stand)),
  ],
  ['greets-after-101', 'ping', 'connected', firstFrame()],
  ['checks-origin', 101, 403, status({ extra: ['Origin: https://evil.example'] })],
  ['sends-cors-headers', undefined, '*', header('Access-Control-Allow-Origin')],
  [
    'wrong-accept',
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'hHLtf2V1k8aDQZfNjw3Ia1hCwt0=',
    header('Sec-WebSocket-Accept'),
  ],
  ['bare-101', 'websocket', undefined, header('Upgrade')],
]);

function makeGate(): { readonly gate: Promise<void>; readonly release: () => void } {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { gate, release: () => release() };
}
