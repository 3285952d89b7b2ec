import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { type Answer, policy } from './fixture/backend.ts';
import { clientFrame, closeFrame } from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand({}, (config) => {
    const { custom } = config.Apis;
    if (custom === undefined) throw new Error('no custom API');
    const auth = custom.Authorizers?.['auth'];
    if (auth === undefined) throw new Error('no authorizer');
    const many = [
      'route.request.header.X-Auth',
      'stageVariables.tenant',
      'context.identity.sourceIp',
    ];
    return {
      ...config,
      Apis: {
        ...config.Apis,
        many: {
          ...custom,
          Authorizers: { auth: { ...auth, IdentitySource: many } },
          Stages: { dev: { StageVariables: { tenant: 't' } }, bare: {} },
        },
        always: { ...custom, Authorizers: { auth: { ...auth, IdentitySource: [] } } },
      },
    };
  });
});
afterAll(() => stand.close());
beforeEach(() => authorizerAnswers({ return: policy('Allow') }));

const ARN = 'arn:aws:execute-api:us-east-1:123456789012:custom1/dev/$connect';

test.each<[string, Answer, number]>([
  ['Allow', { return: policy('Allow') }, 101],
  ['Allow of the ARN', { return: policy('Allow', ARN) }, 101],
  ['Allow below the stage', { return: policy('Allow', ARN.replace('$connect', '*/*')) }, 403],
  ['Deny', { return: policy('Deny') }, 403],
  ['Unauthorized', { throw: 'Unauthorized' }, 401],
  ['unauthorized', { throw: 'unauthorized' }, 500],
  ['another error', { throw: 'boom' }, 500],
  ['a crash', { do: 'exit' }, 500],
  ['nothing in time', { do: 'hang' }, 500],
  ['null', { return: null }, 500],
  ['a status', { return: { statusCode: 401 } }, 500],
  ['the text Unauthorized', { return: 'Unauthorized' }, 500],
  ['isAuthorized', { return: { isAuthorized: true } }, 500],
  ['no principal', { return: { ...policy('Allow'), principalId: null } }, 500],
  ['no policy', { return: { principalId: 'me' } }, 500],
  ['an object in the context', { return: policy('Allow', '*', { a: { b: 1 } }) }, 500],
  ['a list in the context', { return: policy('Allow', '*', { a: [1] }) }, 500],
  ['more than 8 KB', { return: policy('Allow', '*', { a: 'x'.repeat(9000) }) }, 500],
])('an authorizer that answers %s', async (_name, answer, status) => {
  const connects = stand.backend.of('$connect').length;
  authorizerAnswers(answer);
  const peer = await stand.upgrade('custom', '/dev?auth=x');
  expect((await peer.answer()).status).toBe(status);
  expect(stand.backend.of('$connect').length - connects).toBe(status === 101 ? 1 : 0);
});

test.each([
  ['custom', '/dev', [], 401],
  ['custom', '/dev?auth=', [], 401],
  ['custom', '/dev?auth=x', [], 101],
  ['many', '/dev', ['X-Auth: a'], 101],
  ['many', '/dev', ['x-auth: a'], 101],
  ['many', '/dev', ['X-Auth:'], 401],
  ['many', '/dev', [], 401],
  ['many', '/bare', ['X-Auth: a'], 401],
  ['always', '/dev', [], 101],
])('identity sources: %s %s %j', async (api, path, headers, status) => {
  const calls = stand.backend.of('authorizer').length;
  const peer = await stand.upgrade(api, path, headers);
  expect((await peer.answer()).status).toBe(status);
  expect(stand.backend.of('authorizer').length - calls).toBe(status === 401 ? 0 : 1);
});

test('the context is in every event as text, and the authorizer is called once', async () => {
  authorizerAnswers({
    return: policy('Allow', '*', { text: 'a', number: 1, flag: true, no: null }),
  });
  const before = {
    calls: stand.backend.of('authorizer').length,
    connects: stand.backend.of('$connect').length,
  };
  const messages = stand.backend.of('$default').length;
  const ends = stand.backend.of('$disconnect').length;
  const peer = await stand.upgrade('custom', '/dev?auth=x');
  expect((await peer.answer()).status).toBe(101);
  peer.write(clientFrame(1, 'hello'));
  const message = await stand.backend.until('$default', messages + 1);
  peer.write(closeFrame(1000));
  const end = await stand.backend.until('$disconnect', ends + 1);
  const connect = await stand.backend.until('$connect', before.connects + 1);
  const context = {
    principalId: 'me',
    text: 'a',
    number: '1',
    flag: 'true',
    integrationLatency: expect.any(Number) as number,
  };
  for (const { event } of [connect, message, end]) {
    expect((event['requestContext'] as { authorizer: Json }).authorizer).toEqual(context);
  }
  expect(stand.backend.of('authorizer')).toHaveLength(before.calls + 1);
});

test('the event of the authorizer', async () => {
  const calls = stand.backend.of('authorizer').length;
  const connects = stand.backend.of('$connect').length;
  const peer = await stand.upgrade('custom', '/dev?auth=x&a=1&a=2', ['X-MiXed: v']);
  await peer.answer();
  const { event } = await stand.backend.until('authorizer', calls + 1);
  const connect = await stand.backend.until('$connect', connects + 1);
  expect(Object.keys(event)).toEqual([
    'type',
    'methodArn',
    'headers',
    'multiValueHeaders',
    'queryStringParameters',
    'multiValueQueryStringParameters',
    'stageVariables',
    'requestContext',
  ]);
  expect(event).toMatchObject({
    type: 'REQUEST',
    methodArn: ARN,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'content-length': '0',
      Host: 'gateway.example:8080',
      'X-MiXed': 'v',
    },
    queryStringParameters: { auth: 'x', a: '2' },
    multiValueQueryStringParameters: { auth: ['x'], a: ['1', '2'] },
    stageVariables: {},
    requestContext: { routeKey: '$connect', eventType: 'CONNECT' },
  });
  const idOf = (of: Json | undefined): string => (of as { connectionId: string }).connectionId;
  expect(idOf(connect.event['requestContext'])).toBe(idOf(event['requestContext']));
});

function authorizerAnswers(answer: Answer): void {
  stand.backend.answer((call) =>
    call.function === 'authorizer' ? answer : { return: { statusCode: 200 } },
  );
}
