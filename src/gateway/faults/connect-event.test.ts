import { at, contextOf, event, story, testFaults } from '../fixture/looks.ts';

const context = (key: string, how = {}) => event('$connect', (_event, found) => found[key], how);
const top = (key: string, how = {}) => event('$connect', (found) => found[key], how);
const keyOf = (key: string, how = {}) => event('$connect', (found) => key in found, how);
const headerOf = (name: string, how = {}) =>
  event('$connect', (found) => at(found['headers'], name), how);

testFaults([
  ['connect-event-has-body', undefined, '', top('body')],
  ['event-without-api-id', 'open1', undefined, context('apiId')],
  [
    'route-key-without-dollar',
    ['$connect', '$disconnect'],
    ['connect', 'disconnect'],
    // The fixture knows events by their route key, so the last two calls are looked at.
    async (stand) => {
      const from = stand.backend.calls.length;
      const peer = await stand.upgrade();
      await peer.answer();
      peer.socket.end();
      await peer.ended();
      while (stand.backend.calls.length < from + 2) await stand.manage('GET', '/dev');
      return stand.backend.calls.slice(from).map((call) => contextOf(call.event)['routeKey']);
    },
  ],
  ['lowercase-message-direction', 'IN', 'in', context('messageDirection')],
  [
    'connected-at-in-seconds',
    13,
    10,
    event('$connect', (_event, found) => JSON.stringify(found['connectedAt']).length),
  ],
  [
    'connected-at-recomputed',
    [false, true],
    [true, true],
    story(({ disconnect }) => {
      const { connectedAt, requestTimeEpoch } = contextOf(disconnect);
      return [connectedAt === requestTimeEpoch, typeof connectedAt === 'number'];
    }),
  ],
  [
    'request-time-in-iso',
    true,
    false,
    event('$connect', (_event, found) =>
      /^\d\d\/[A-Z]/.test(JSON.stringify(found['requestTime']).slice(1)),
    ),
  ],
  [
    'later-request-times-in-iso',
    [true, true, true],
    [true, false, false],
    story(({ connect, message, disconnect }) =>
      [connect, message, disconnect].map((one) =>
        /^"\d\d\/[A-Z]/.test(JSON.stringify(contextOf(one)['requestTime'])),
      ),
    ),
  ],
  [
    'extended-request-id-differs',
    true,
    false,
    event('$connect', (_event, found) => found['requestId'] === found['extendedRequestId']),
  ],
  [
    'message-id-on-every-event',
    ['undefined', 'undefined'],
    ['string', 'string'],
    story(({ connect, disconnect }) =>
      [connect, disconnect].map((one) => typeof contextOf(one)['messageId']),
    ),
  ],
  [
    'source-ip-with-port',
    '127.0.0.1',
    '127.0.0.1:54321',
    event('$connect', (_event, found) => at(found['identity'], 'sourceIp')),
  ],
  [
    'drops-user-agent',
    'me',
    undefined,
    event('$connect', (_event, found) => at(found['identity'], 'userAgent'), {
      extra: ['User-Agent: me'],
    }),
  ],
  ['base64-flag-missing', false, undefined, top('isBase64Encoded')],
  ['empty-authorizer-in-event', undefined, {}, context('authorizer')],
  ['lowercases-header-names', 'v', undefined, headerOf('X-MiXed', { extra: ['X-MiXed: v'] })],
  ['no-forwarded-headers', '443', undefined, headerOf('X-Forwarded-Port')],
  ['hides-handshake-headers', '13', undefined, headerOf('Sec-WebSocket-Version')],
  ['keeps-hop-by-hop-headers', undefined, 'upgrade', headerOf('Connection')],
  ['hides-cookies', 'a=b', undefined, headerOf('Cookie', { extra: ['Cookie: a=b'] })],
  [
    'joins-repeated-headers',
    ['one', 'two'],
    ['one, two'],
    event('$connect', (found) => at(found['multiValueHeaders'], 'X'), {
      extra: ['X: one', 'X: two'],
    }),
  ],
  [
    'no-multi-value-query',
    true,
    false,
    keyOf('multiValueQueryStringParameters', { path: '/dev?a=1' }),
  ],
  [
    'first-query-value-wins',
    { a: '2' },
    { a: '1' },
    top('queryStringParameters', { path: '/dev?a=1&a=2' }),
  ],
]);
