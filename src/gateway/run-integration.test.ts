import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayConfigInput } from './config.ts';
import { clientFrame, type Peer } from './fixture/peer.ts';
import { type Stand, startStand } from './fixture/stand.ts';

type ApiInput = GatewayConfigInput['Apis'][string];
type IntegrationInput = NonNullable<ApiInput['Integrations']>[string];

/** What the HTTP backend got, and what it answers. */
const seen: { readonly request: IncomingMessage; readonly body: string; readonly bytes: Buffer }[] =
  [];
let answer:
  | { status: number; headers?: Record<string, string>; body?: string; bytes?: Buffer }
  | 'hang'
  | 'cut';
let server: Server;
let stand: Stand;

const RESPONSES = { $default: {} };
const logged: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      seen.push({ request, body: bytes.toString('utf8'), bytes });
      if (answer === 'cut') request.socket.destroy();
      if (typeof answer === 'string') return;
      response.writeHead(answer.status, answer.headers);
      response.end(answer.bytes ?? answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const uri = '${env:BACKEND}/${stageVariables.place}/{name}?a=1';
  const environment = { BACKEND: `http://127.0.0.1:${port}` };
  const http = { IntegrationUri: uri, TimeoutInMillis: 400 };
  const parameters = {
    'integration.request.path.name': 'route.request.querystring.name',
    'integration.request.querystring.id': 'context.connectionId',
    'integration.request.header.X-Text': "'text'",
    'integration.request.header.X-From': 'route.request.header.x-own',
    'integration.request.header.X-All': 'route.request.multivaluequerystring.many',
    'integration.request.header.X-Body': 'route.request.body.deep.down',
    'integration.request.header.X-None': 'route.request.header.nowhere',
  };
  stand = await startStand({ log: (line) => logged.push(line) }, (config) => {
    const handler = config.Apis['open']?.Integrations?.['one']?.Handler ?? '';
    const proxy = {
      IntegrationType: 'HTTP_PROXY',
      ...http,
      RequestParameters: parameters,
    } as const;
    const plain = { IntegrationType: 'HTTP', ...http } as const;
    const mock = { IntegrationType: 'MOCK' } as const;
    const status = (code: string) => ({
      RequestTemplates: { $default: `{"statusCode": ${code}}` },
    });
    return {
      ...config,
      Environment: environment,
      Apis: {
        ...config.Apis,
        proxy: apiOf(proxy),
        plain: apiOf({
          ...plain,
          RequestTemplates: {
            $default: '{"id": "$context.routeKey", "v": "$stageVariables.place"}',
          },
          IntegrationResponses: {
            '/2\\d\\d/': { ResponseTemplates: { $default: '<$input.json("$.x")>' } },
            '403': {},
          },
        }),
        passed: apiOf({ ...plain, IntegrationResponses: RESPONSES }),
        never: apiOf({ ...plain, PassthroughBehavior: 'NEVER', IntegrationResponses: RESPONSES }),
        unfit: apiOf({
          ...plain,
          PassthroughBehavior: 'WHEN_NO_TEMPLATES',
          TemplateSelectionExpression: '${request.body.kind}',
          RequestTemplates: { one: '{}' },
          IntegrationResponses: RESPONSES,
        }),
        mock: apiOf({ ...mock, ...status('200'), IntegrationResponses: RESPONSES }),
        refusing: apiOf({ ...mock, ...status('418'), IntegrationResponses: { '/4../': {} } }),
        unanswered: apiOf({ ...mock, ...status('200') }),
        nothing: apiOf({ ...mock, IntegrationResponses: RESPONSES }),
        broken: apiOf({
          ...mock,
          RequestTemplates: { $default: '$input.path("x")' },
          IntegrationResponses: RESPONSES,
        }),
        'binary-proxy': apiOf({ ...proxy, ContentHandlingStrategy: 'CONVERT_TO_BINARY' }),
        binary: apiOf({
          ...plain,
          ContentHandlingStrategy: 'CONVERT_TO_BINARY',
          IntegrationResponses: { $default: { ResponseTemplates: { $default: 'done' } } },
        }),
        textual: apiOf({
          ...plain,
          ContentHandlingStrategy: 'CONVERT_TO_TEXT',
          IntegrationResponses: { $default: { ContentHandlingStrategy: 'CONVERT_TO_TEXT' } },
        }),
        wrapped: apiOf({
          ...plain,
          IntegrationResponses: {
            $default: {
              ContentHandlingStrategy: 'CONVERT_TO_TEXT',
              ResponseTemplates: { $default: '{"data": "$input.body"}' },
            },
          },
        }),
        'one-way': {
          ...apiOf({ ...plain }),
          Routes: {
            $default: { Target: 'integrations/one' },
            two: { Target: 'integrations/one', RouteResponseSelectionExpression: '$default' },
          },
        },
        required: {
          ...apiOf({ ...mock, ...status('200'), IntegrationResponses: RESPONSES }),
          Routes: {
            $connect: {
              Target: 'integrations/one',
              RequestParameters: {
                'route.request.querystring.token': { Required: true },
                'route.request.header.X-Room': { Required: true },
                'route.request.header.X-Free': { Required: false },
              },
            },
          },
        },
        forbidden: apiOf({ Handler: handler, InvokePermission: false }),
        mapped: apiOf({
          IntegrationType: 'AWS',
          Handler: handler,
          RequestTemplates: {
            $default:
              '{"requestContext": {"routeKey": "$context.routeKey"}, "q": "$input.params(\'q\')", "b": $input.json("$.x")}',
          },
          IntegrationResponses: {
            $default: { ResponseTemplates: { $default: 'said $input.path("$.word")' } },
            '/.*bo+m/': {
              ResponseTemplates: { $default: 'failed: $input.path("$.errorMessage")' },
            },
          },
        }),
      },
    };
  });
});

afterAll(async () => {
  await stand.close();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  seen.length = 0;
  logged.length = 0;
  answer = { status: 200 };
});

/** An API whose $connect (and $default, two-way) have one integration; the HTTP ones have no other. */
function apiOf(one: IntegrationInput): ApiInput {
  const route = {
    Target: 'integrations/one',
    RouteResponseSelectionExpression: '$default',
  } as const;
  return {
    ApiId: 'tested',
    Routes: { $connect: route, $default: route },
    Integrations: { one },
    Stages: { dev: { StageVariables: { place: 'here' } } },
  };
}

async function textOf(peer: Peer): Promise<string | undefined> {
  return (await peer.frame())?.payload.toString();
}

async function statusOf(api: string, path = '/dev'): Promise<number> {
  return (await (await stand.upgrade(api, path)).answer()).status;
}

test.each([
  ['mock', 200, 101],
  ['refusing', 200, 418],
  ['unanswered', 200, 500],
  ['nothing', 200, 500],
  ['broken', 200, 500],
  ['forbidden', 200, 500],
  ['mapped', 200, 101],
  ['never', 200, 415],
  ['unfit', 200, 415],
  ['passed', 200, 101],
  ['passed', 409, 409],
  ['plain', 204, 101],
  ['plain', 403, 403],
  ['plain', 404, 500],
  ['proxy', 204, 101],
  ['proxy', 401, 401],
  ['proxy', 503, 503],
] as const)('%s with a backend that answers %i: %i', async (api, status, expected) => {
  answer = { status };
  expect(await statusOf(api)).toBe(expected);
});

test('a backend that does not answer in time is 504, one that breaks off 502', async () => {
  answer = 'hang';
  expect(await statusOf('proxy')).toBe(504);
  answer = 'cut';
  expect(await statusOf('proxy')).toBe(502);
});

test('why the gateway itself refuses is in the log', async () => {
  await statusOf('broken');
  await statusOf('unanswered');
  expect(logged).toEqual([
    'tested $connect: a template cannot be rendered: the path x does not begin with $',
    'tested $connect: no integration response for 200',
  ]);
});

test('an HTTP proxy integration gets the headers of the handshake, and what is mapped', async () => {
  const peer = await stand.upgrade('proxy', '/dev?name=a%20b&many=1&many=2', [
    'X-Own: mine',
    'X-Text: old',
  ]);
  expect((await peer.answer()).status).toBe(101);
  const [call] = seen;
  const { method, url = '', headers = {} } = call?.request ?? {};
  expect([method, url.replace(/id=.*/, 'id=')]).toEqual(['POST', '/here/a%20b?a=1&id=']);
  const names = [
    'sec-websocket-version',
    'x-text',
    'x-from',
    'x-all',
    'x-body',
    'x-none',
    'upgrade',
    'connection',
  ];
  expect(names.map((name) => headers[name])).toEqual([
    '13',
    'text',
    'mine',
    '1, 2',
    undefined,
    undefined,
    undefined,
    'close',
  ]);
});

test('messages: templates both ways, parameters from the body, nothing of the handshake', async () => {
  answer = { status: 200, body: '{"x": [1, 2]}' };
  const plain = await stand.upgrade('plain');
  await plain.answer();
  plain.write(clientFrame(1, '{"any": 1}'));
  expect(await textOf(plain)).toBe('<[1,2]>');
  expect(seen.map(({ body }) => JSON.parse(body))).toEqual([
    { id: '$connect', v: 'here' },
    { id: '$default', v: 'here' },
  ]);
  const proxy = await stand.upgrade('proxy', '/dev?name=n', ['X-Own: mine']);
  await proxy.answer();
  proxy.write(clientFrame(1, '{"deep": {"down": 7}}'));
  expect(await textOf(proxy)).toBe('{"x": [1, 2]}');
  const { headers = {} } = seen.at(-1)?.request ?? {};
  expect([headers['x-body'], headers['x-from'], headers['sec-websocket-version']]).toEqual([
    '7',
    undefined,
    undefined,
  ]);
  expect(seen.at(-1)?.body).toBe('{"deep": {"down": 7}}');
});

test('a route without a route response needs no integration response, and nothing is sent', async () => {
  answer = { status: 200, body: 'unasked' };
  const peer = await stand.upgrade('one-way');
  await peer.answer();
  peer.write(clientFrame(1, '{"action": "any"}'));
  await expect.poll(() => seen.length).toBe(1);
  peer.write(clientFrame(1, '{"action": "two"}'));
  expect(JSON.parse((await textOf(peer)) ?? '')).toMatchObject({
    message: 'Internal server error',
  });
  expect(logged).toEqual(['tested two: no integration response for 200']);
});

test('a non-proxy function gets what its template makes, and its result goes through a response', async () => {
  stand.backend.answer(({ event }) =>
    event['b'] === 1 ? { throw: 'a booom' } : { return: { word: 'hi' } },
  );
  const peer = await stand.upgrade('mapped', '/dev?q=v');
  expect((await peer.answer()).status).toBe(101);
  expect(stand.backend.calls.at(-1)?.event).toEqual({
    requestContext: { routeKey: '$connect' },
    q: 'v',
    b: '',
  });
  peer.write(clientFrame(1, '{"x": {"y": 1}}'));
  expect(await textOf(peer)).toBe('said hi');
  peer.write(clientFrame(1, '{"x": 1}'));
  expect(await textOf(peer)).toBe('failed: a booom');
});

describe('binary payloads', () => {
  const BYTES = Buffer.from([0, 255, 128, 10, 65]);

  test.each(['binary-proxy', 'binary'])(
    '%s: base64 of a message is bytes to the backend',
    async (api) => {
      const peer = await stand.upgrade(api);
      expect((await peer.answer()).status).toBe(101);
      seen.length = 0;
      peer.write(clientFrame(1, BYTES.toString('base64')));
      await textOf(peer);
      expect(seen.map(({ bytes }) => bytes)).toEqual([BYTES]);
    },
  );

  test.each(['binary-proxy', 'binary'])(
    '%s: what is no base64 fails, and why is logged',
    async (api) => {
      const peer = await stand.upgrade(api);
      await peer.answer();
      seen.length = 0;
      for (const text of ['AP+ACkE', 'AP-A', 'AP+ACkE=\n', 'ä===']) {
        peer.write(clientFrame(1, text));
        expect(JSON.parse((await textOf(peer)) ?? '')).toMatchObject({
          message: 'Internal server error',
        });
      }
      expect(seen).toEqual([]);
      expect(logged).toEqual(
        Array(4).fill('tested $default: the payload is to be converted to binary and is no base64'),
      );
    },
  );

  test('text that comes in is not converted to text', async () => {
    const peer = await stand.upgrade('textual');
    await peer.answer();
    peer.write(clientFrame(1, 'plain'));
    await textOf(peer);
    expect(seen.at(-1)?.body).toBe('plain');
  });

  test('the bytes of a backend are base64 to the client, and to its template', async () => {
    answer = { status: 200, bytes: BYTES };
    const peer = await stand.upgrade('textual');
    await peer.answer();
    peer.write(clientFrame(1, 'x'));
    expect(await textOf(peer)).toBe('AP+ACkE=');
    const wrapped = await stand.upgrade('wrapped');
    await wrapped.answer();
    wrapped.write(clientFrame(1, 'x'));
    expect(await textOf(wrapped)).toBe('{"data": "AP+ACkE="}');
  });
});

test.each([
  ['/dev', 400, 'Missing required request parameters: [token, X-Room]'],
  ['/dev?token=', 400, 'Missing required request parameters: [token, X-Room]'],
  ['/dev?token=a&X-Room=b', 400, 'Missing required request parameters: [X-Room]'],
])('what $connect requires and is not there: %s', async (path, status, message) => {
  const refused = await (await stand.upgrade('required', path)).answer();
  expect([refused.status, JSON.parse(refused.body)]).toEqual([status, { message }]);
});

test('what $connect requires is there', async () => {
  const peer = await stand.upgrade('required', '/dev?token=a', ['x-room: b']);
  expect((await peer.answer()).status).toBe(101);
});
