import type { Json, JsonObject } from '../../base/json.ts';
import { type Answer, policy } from '../fixture/backend.ts';
import {
  type Attempt,
  at,
  attempt,
  callCounts,
  contextOf,
  event,
  idOf,
  type Look,
  status,
  story,
  testFaults,
} from '../fixture/looks.ts';
import { clientFrame, closeFrame } from '../fixture/peer.ts';

const ARN = 'arn:aws:execute-api:us-east-1:123456789012:custom1/dev/$connect';

const custom = (authorizer: Answer, how: Attempt = {}): Attempt => ({
  api: 'custom',
  authorizer,
  ...how,
});
const refusing = (authorizer: Answer): Look => status(custom(authorizer));
const returning = (value: Json): Look => status(custom({ return: value }));

const statements = (...list: readonly [effect: string, resource: string][]): JsonObject => ({
  principalId: 'me',
  policyDocument: {
    Version: '2012-10-17',
    Statement: list.map(([Effect, Resource]) => ({ Effect, Resource, Action: '*' })),
  },
});

const authorizerOf = (found: JsonObject): Json | undefined => contextOf(found)['authorizer'];

const seenBy = (key: 'connect' | 'message' | 'disconnect', name: string): Look =>
  story((events) => at(authorizerOf(events[key]), name), { api: 'custom' });

const counting = (how: Attempt, act: (peer: Awaited<ReturnType<typeof attempt>>) => void) =>
  callCounts(async (stand) => {
    const ends = stand.backend.of('$disconnect').length;
    const peer = await attempt(stand, how);
    const { status: answered } = await peer.answer();
    if (answered !== 101) return;
    act(peer);
    peer.write(closeFrame(1000));
    await peer.ended();
    await stand.backend.until('$disconnect', ends + 1);
  });

const idsOfAuthorizerAndConnect: Look = async (stand) => {
  const [a, c] = [stand.backend.of('authorizer').length, stand.backend.of('$connect').length];
  const peer = await attempt(stand, { api: 'custom' });
  await peer.answer();
  peer.close();
  const first = await stand.backend.until('authorizer', a + 1);
  return idOf(first) === idOf(await stand.backend.until('$connect', c + 1));
};

const twice: Look = callCounts(async (stand) => {
  for (let count = 0; count < 2; count++) {
    const peer = await attempt(stand, { api: 'custom' });
    await peer.answer();
    peer.socket.resetAndDestroy();
  }
  await stand.backend.until('$connect', 2);
});

const once = { authorizer: 1, $connect: 1, $disconnect: 1 };

testFaults([
  ['identity-not-checked', 401, 101, status({ api: 'custom', path: '/dev' })],
  ['empty-identity-passes', 401, 101, status({ api: 'custom', path: '/dev?auth=' })],
  ['missing-identity-403', 401, 403, status({ api: 'custom', path: '/dev' })],
  [
    'disconnect-after-denial',
    { authorizer: 1 },
    { authorizer: 1, $disconnect: 1 },
    counting(custom({ return: policy('Deny') }), () => undefined),
  ],
  [
    'integration-beside-authorizer',
    { authorizer: 1 },
    { authorizer: 1, $connect: 1 },
    counting(custom({ return: policy('Deny') }), () => undefined),
  ],
  ['deny-becomes-401', 403, 401, returning(policy('Deny'))],
  ['ignores-policy', 403, 101, returning(policy('Deny'))],
  ['ignores-policy-resource', 403, 101, returning(policy('Allow', 'arn:other'))],
  ['first-statement-only', 101, 403, returning(statements(['Allow', 'arn:other'], ['Allow', ARN]))],
  ['wildcards-not-expanded', 101, 403, returning(policy('Allow', '*'))],
  ['thrown-unauthorized-500', 401, 500, refusing({ throw: 'Unauthorized' })],
  ['authorizer-fault-401', 500, 401, refusing({ throw: 'boom' })],
  ['accepts-malformed-authorizer-result', 500, 101, returning({ principalId: 'me' })],
  ['accepts-simple-response', 500, 101, returning({ isAuthorized: true })],
  ['new-id-after-authorizer', true, false, idsOfAuthorizerAndConnect],
  ['drops-context', 'me', undefined, seenBy('connect', 'principalId')],
  ['context-only-in-connect', 'me', undefined, seenBy('disconnect', 'principalId')],
  ['context-not-stringified', '1', 1, seenBy('connect', 'number')],
  [
    'authorizer-for-each-message',
    { ...once, $default: 1 },
    { ...once, $default: 1, authorizer: 2 },
    counting({ api: 'custom' }, (peer) => peer.write(clientFrame(1, 'x'))),
  ],
  [
    'authorizer-for-disconnect',
    once,
    { ...once, authorizer: 2 },
    counting({ api: 'custom' }, () => undefined),
  ],
  [
    'authorizer-event-has-path',
    undefined,
    {},
    event('authorizer', (found) => found['pathParameters'], { api: 'custom' }),
  ],
  [
    'method-arn-without-account',
    ARN,
    ARN.replace('123456789012', ''),
    event('authorizer', (found) => found['methodArn'], { api: 'custom' }),
  ],
  [
    'method-arn-of-another-api',
    ARN,
    ARN.replace('custom1', 'a1b2c3d4e5'),
    event('authorizer', (found) => found['methodArn'], { api: 'custom' }),
  ],
  [
    'method-arn-of-another-stage',
    ARN,
    ARN.replace('dev', 'prod'),
    event('authorizer', (found) => found['methodArn'], { api: 'custom' }),
  ],
  [
    'method-arn-of-a-method',
    ARN,
    ARN.replace('$connect', 'GET'),
    event('authorizer', (found) => found['methodArn'], { api: 'custom' }),
  ],
  [
    'method-arn-of-no-account',
    ARN,
    ARN.replace('123456789012', '0'),
    event('authorizer', (found) => found['methodArn'], { api: 'custom' }),
  ],
  [
    'authorizer-without-upgrade-headers',
    'websocket',
    undefined,
    event('authorizer', (found) => at(found['headers'], 'Upgrade'), { api: 'custom' }),
  ],
  [
    'asks-authorizer-twice',
    { authorizer: 2, $connect: 2, $disconnect: 2 },
    { authorizer: 4, $connect: 2, $disconnect: 2 },
    twice,
  ],
  [
    'caches-authorizer-result',
    { authorizer: 2, $connect: 2, $disconnect: 2 },
    { authorizer: 1, $connect: 2, $disconnect: 2 },
    twice,
  ],
]);
