import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { checkConfig } from './config.ts';
import { describeProblem, readGatewayConfig } from './config-file.ts';
import { upgradeText } from './fixture/peer.ts';
import { startGateway } from './start.ts';

const problemsOf = (value: unknown): string[] => {
  const reading = checkConfig(value);
  if (reading.kind === 'config') return [];
  return reading.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

const SECRET = 'canary-key-0123456789';

const api = (change: object): object => ({
  Apis: { open: { ApiId: 'a', Stages: { dev: {} }, ...change } },
});

test.each<[string, unknown, string[]]>([
  ['nothing', {}, ['Apis: Invalid input: expected record, received undefined']],
  ['no API', { Apis: {} }, ['Apis: at least one API']],
  ['no stage', api({ Stages: {} }), ['Apis.open.Stages: at least one stage']],
  [
    'an unknown key',
    api({ Route: {}, Hots: 1 }),
    ['Apis.open.Route: unknown key', 'Apis.open.Hots: unknown key'],
  ],
  [
    'a missing integration and authorizer',
    api({
      Routes: {
        $connect: { Target: 'integrations/x', AuthorizationType: 'CUSTOM' },
        echo: { AuthorizationType: 'CUSTOM', AuthorizerId: 'y' },
      },
    }),
    [
      'Apis.open.Routes.$connect.Target: no integration is called x',
      'Apis.open.Routes.$connect.AuthorizerId: CUSTOM needs an AuthorizerId',
      'Apis.open.Routes.echo.AuthorizationType: only $connect can be authorized',
      'Apis.open.Routes.echo.AuthorizerId: no authorizer is called y',
    ],
  ],
  [
    'a predefined route that does not exist',
    api({ Routes: { $conect: {} } }),
    ['Apis.open.Routes.$conect: only $connect, $disconnect and $default start with $'],
  ],
  [
    'limits of what is not there, and limits that are none',
    {
      ...api({
        Stages: {
          dev: {
            DefaultRouteSettings: { ThrottlingRateLimit: -1, ThrottlingBurstLimit: 1.5 },
            RouteSettings: { $connect: { ThrottlingRateLimit: 1 } },
          },
        },
      }),
      Accounts: { x: {}, '210987654321': { ThrottleSettings: { RateLimit: 1 } } },
    },
    [
      'Accounts.x: write twelve digits',
      'Accounts.210987654321.ThrottleSettings.BurstLimit: Invalid input: expected number, received undefined',
      'Apis.open.Stages.dev.DefaultRouteSettings.ThrottlingRateLimit: Too small: expected number to be >=0',
      'Apis.open.Stages.dev.DefaultRouteSettings.ThrottlingBurstLimit: Invalid input: expected int, received number',
      'Apis.open.Stages.dev.RouteSettings.$connect.ThrottlingBurstLimit: Invalid input: expected number, received undefined',
    ],
  ],
  [
    'limits of a route and an account that do not exist',
    {
      ...api({
        Stages: {
          dev: { RouteSettings: { echo: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 } } },
        },
      }),
      Accounts: { '210987654321': {} },
    },
    [
      'Accounts.210987654321: no API is in this account',
      'Apis.open.Stages.dev.RouteSettings.echo: no route is called echo',
    ],
  ],
  [
    'times that API Gateway refuses',
    api({
      Integrations: {
        a: { Handler: 'f#h', TimeoutInMillis: 49 },
        b: { Handler: 'f#h', TimeoutInMillis: 29_001 },
      },
    }),
    [
      'Apis.open.Integrations.a.TimeoutInMillis: Too small: expected number to be >=50',
      'Apis.open.Integrations.b.TimeoutInMillis: Too big: expected number to be <=29000',
    ],
  ],
  [
    'an identity source that is none',
    api({ Authorizers: { a: { Handler: 'f#h', IdentitySource: ['header.X'] } } }),
    [
      'Apis.open.Authorizers.a.IdentitySource.0: write route.request.header.X, route.request.querystring.X, stageVariables.X or context.X',
    ],
  ],
  [
    'values of keys that are too short, that no header can carry, and that are one',
    {
      ...api({}),
      ApiKeys: {
        a: { Value: 'secret-1' },
        b: { Value: 'with a blank in its value' },
        c: { Value: 'x'.repeat(129) },
      },
    },
    [
      'ApiKeys.a.Value: an API key has 20 characters or more',
      'ApiKeys.b.Value: visible ASCII characters only, so that a header can carry it',
      'ApiKeys.c.Value: an API key has 128 characters at most',
    ],
  ],
  [
    'plans that name what is not there, and keys that are twice in use',
    {
      ...api({}),
      ApiKeys: { a: { Value: SECRET }, b: { Value: SECRET } },
      UsagePlans: {
        one: { ApiStages: [{ ApiId: 'a', Stage: 'dev' }], KeyIds: ['a', 'a', 'c'] },
        two: {
          ApiStages: [
            { ApiId: 'a', Stage: 'dev' },
            { ApiId: 'a', Stage: 'prod' },
            { ApiId: 'z', Stage: 'dev' },
          ],
          KeyIds: ['a'],
        },
      },
    },
    [
      'ApiKeys.b.Value: has the same value as the key a',
      'UsagePlans.one.KeyIds.2: no API key is called c',
      'UsagePlans.two.ApiStages.1.Stage: a has no stage prod',
      'UsagePlans.two.ApiStages.2.ApiId: no API has the id z',
      'UsagePlans.one.KeyIds.1: for stage dev of a this key is twice in this plan',
      'UsagePlans.two.KeyIds.0: for stage dev of a this key is in the plan one already',
    ],
  ],
  [
    'quotas and rates that API Gateway refuses',
    {
      ...api({}),
      UsagePlans: {
        a: { Quota: { Limit: 1, Period: 'DAY', Offset: 1 } },
        b: { Quota: { Limit: -1, Period: 'HOUR' } },
        c: { Quota: { Limit: 1, Period: 'WEEK', Offset: 7 } },
        d: { Throttle: { RateLimit: 5 } },
      },
    },
    [
      'UsagePlans.a.Quota.Offset: must be 0 for DAY',
      'UsagePlans.b.Quota.Limit: Too small: expected number to be >=0',
      'UsagePlans.b.Quota.Period: Invalid option: expected one of "DAY"|"WEEK"|"MONTH"',
      'UsagePlans.c.Quota.Offset: 0 to 6 for WEEK',
      'UsagePlans.d.Throttle.BurstLimit: Invalid input: expected number, received undefined',
    ],
  ],
  [
    'keys from where there are none',
    api({
      ApiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
      Routes: { $connect: { ApiKeyRequired: true } },
    }),
    [
      'Apis.open.ApiKeySelectionExpression: only a CUSTOM authorizer of $connect gives a usageIdentifierKey',
    ],
  ],
  [
    'another expression for keys',
    api({ ApiKeySelectionExpression: '$request.querystring.key' }),
    [
      'Apis.open.ApiKeySelectionExpression: Invalid option: expected one of "$request.header.x-api-key"|"$context.authorizer.usageIdentifierKey"',
    ],
  ],
  [
    'a handler without export',
    api({ Integrations: { a: { Handler: 'f.mjs' } } }),
    ['Apis.open.Integrations.a.Handler: write a file, # and the exported function'],
  ],
  [
    'functions that do not fit their runtime',
    api({
      Integrations: {
        a: { Runtime: 'python3.13', Handler: 'handler' },
        b: { Runtime: 'python3.13', Handler: 'f.mjs#handler' },
        c: { Runtime: 'nodejs22.x', Handler: 'f.py#handler' },
        d: { Runtime: 'ruby3.3', Handler: 'f.rb#handler' },
        e: { Runtime: 'python3.13', Handler: 'app.lambda-handler' },
      },
      Authorizers: { z: { Runtime: 'python3.9', Handler: 'auth/app.' } },
    }),
    [
      'Apis.open.Integrations.a.Handler: write a file, a dot and the function, such as app.lambda_handler',
      'Apis.open.Integrations.b.Handler: python3.13 needs a file that ends with .py',
      'Apis.open.Integrations.c.Handler: nodejs22.x cannot run a .py file',
      'Apis.open.Integrations.d.Runtime: write a runtime such as nodejs22.x or python3.13',
      'Apis.open.Integrations.e.Handler: write a file, a dot and the function, such as app.lambda_handler',
      'Apis.open.Authorizers.z.Handler: write a file, a dot and the function, such as app.lambda_handler',
    ],
  ],
  [
    'users, their keys and policies',
    {
      ...api({ Routes: { $disconnect: { AuthorizationType: 'AWS_IAM' } } }),
      Users: {
        'a b': {},
        ann: {
          AccessKeys: { short: { SecretAccessKey: 'x' }, AKIAAAAAAAAAAAAAAAAA: { Secret: 'x' } },
          PolicyDocument: { Version: '2012-10-17', Statement: { Effect: 'Allow', NotAction: '*' } },
        },
        bob: { PolicyDocument: { Version: '2025-01-01', Statement: [] } },
      },
    },
    [
      'Apis.open.Routes.$disconnect.AuthorizationType: only $connect can be authorized',
      'Users.a b: a user name has 1 to 64 letters, digits and _+=,.@-',
      'Users.ann.AccessKeys.short: an access key id has 16 to 128 letters, digits and _',
      'Users.ann.AccessKeys.AKIAAAAAAAAAAAAAAAAA.SecretAccessKey: Invalid input: expected string, received undefined',
      'Users.ann.AccessKeys.AKIAAAAAAAAAAAAAAAAA.Secret: unknown key',
      'Users.ann.PolicyDocument.Statement.0.Action: write a text or a list of texts',
      'Users.ann.PolicyDocument.Statement.0.Resource: write a text or a list of texts',
      'Users.ann.PolicyDocument.Statement.0.NotAction: unknown key',
      'Users.bob.PolicyDocument.Version: Invalid option: expected one of "2012-10-17"|"2008-10-17"',
    ],
  ],
  [
    'an access key of two users',
    {
      ...api({}),
      Users: {
        ann: { AccessKeys: { AKIAAAAAAAAAAAAAAAAA: { SecretAccessKey: 'x' } } },
        bob: { AccessKeys: { AKIAAAAAAAAAAAAAAAAA: { SecretAccessKey: 'y' } } },
      },
    },
    ['Users.bob.AccessKeys.AKIAAAAAAAAAAAAAAAAA: is a key of ann too'],
  ],
])('refuses %s', (_name, value, problems) => {
  expect(problemsOf(value)).toEqual(problems);
});

test.each([
  [{ Runtime: 'python3.13', Handler: 'app.lambda_handler' }, 'app.py#lambda_handler'],
  [{ Runtime: 'python3.9', Handler: 'a.b/my-app.v2.handler' }, 'a.b/my-app.v2.py#handler'],
  [{ Runtime: 'python3.13', Handler: 'app.py#handler' }, 'app.py#handler'],
  [{ Handler: 'app.py#handler' }, 'app.py#handler'],
  [{ Runtime: 'nodejs22.x', Handler: 'app.mjs#handler' }, 'app.mjs#handler'],
])('reads the function %j', (owner, handler) => {
  const first = checkConfig(api({ Integrations: { a: owner }, Authorizers: { b: owner } }));
  // What has been read can be read again.
  const reading = checkConfig(first.kind === 'config' ? first.config : first);
  expect(reading).toEqual(first);
  expect(reading).toMatchObject({
    config: {
      Apis: {
        open: {
          Integrations: { a: { Handler: handler } },
          Authorizers: { b: { Handler: handler } },
        },
      },
    },
  });
});

test('fills in the defaults', () => {
  const reading = checkConfig(api({ Routes: { $connect: {} } }));
  expect(reading).toEqual({
    kind: 'config',
    config: {
      Region: 'us-east-1',
      AccountId: '123456789012',
      Accounts: {},
      Host: '127.0.0.1',
      Environment: {},
      Functions: {},
      ApiKeys: {},
      UsagePlans: {},
      Users: {},
      Apis: {
        open: {
          ApiId: 'a',
          Port: 0,
          RouteSelectionExpression: '$request.body.action',
          ApiKeySelectionExpression: '$request.header.x-api-key',
          ConnectionsAuthorizationType: 'NONE',
          Routes: { $connect: { AuthorizationType: 'NONE', ApiKeyRequired: false } },
          Integrations: {},
          Authorizers: {},
          Models: {},
          Stages: { dev: { RouteSettings: {}, StageVariables: {} } },
          ApiMappings: [],
          DisableExecuteApiEndpoint: false,
          IdleTimeoutInMillis: 600_000,
          MaxDurationInMillis: 7_200_000,
        },
      },
    },
  });
});

test('reads a file: paths become absolute, problems have a place', () => {
  const text = `Apis:
  open:
    ApiId: a
    Stages: { dev: {} }
    Integrations: { i: { Handler: ../f.mjs#handler } }
`;
  const good = readGatewayConfig(text, '/conf/dir/gateway.yaml');
  expect(good.kind === 'config' && good.config.Apis['open']?.Integrations['i']?.Handler).toBe(
    '/conf/f.mjs#handler',
  );
  const wrong = text.replace('ApiId: a', 'ApiId: a b');
  const bad = readGatewayConfig(wrong, 'gateway.yaml');
  if (bad.kind !== 'problems') throw new Error('accepted');
  expect(bad.problems.map((problem) => describeProblem(problem, wrong))).toEqual([
    `gateway.yaml:3:12 - error GATEWAY_CONFIG: Apis.open.ApiId: letters, digits and - only

  2 |   open:
> 3 |     ApiId: a b
    |            ^^^`,
  ]);
});

test('text that is not YAML', () => {
  const reading = readGatewayConfig('Apis: [', 'gateway.yaml');
  expect(reading.kind === 'problems' && reading.problems[0]?.span.line).toBe(1);
});

test('a wrong configuration, an unknown fault and an unknown API are errors at the start', async () => {
  const config = { Apis: { open: { ApiId: 'a', Stages: { dev: {} } } } };
  await expect(startGateway({ Apis: {} })).rejects.toThrow('Apis: at least one API');
  await expect(startGateway(config, { faults: ['x'] })).rejects.toThrow(
    'there is no fault called x',
  );
  await expect(startGateway(config, { ports: { other: 1 } })).rejects.toThrow(
    'a port is given for other, which is no API',
  );
});

test('a port that is taken is named', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const config = { Apis: { open: { ApiId: 'a', Port: port, Stages: { dev: {} } } } };
  await expect(startGateway(config)).rejects.toThrow(
    `API open cannot listen on 127.0.0.1 port ${port}: the port is taken`,
  );
  await new Promise((resolve) => server.close(resolve));
});

test('a certificate that cannot be read is named', async () => {
  const Tls = { Certificate: '/nosuch.pem', Key: '/nosuch.pem' };
  await expect(
    startGateway({ Apis: { open: { ApiId: 'a', Tls, Stages: { dev: {} } } } }),
  ).rejects.toThrow('API open: cannot read a PEM file');
});

test('serves TLS, with PEM text or files', async () => {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }]);
  const directory = await mkdtemp(join(tmpdir(), 'assay-tls-'));
  const Key = join(directory, 'key.pem');
  await writeFile(Key, pems.private);
  const gateway = await startGateway({
    Apis: { open: { ApiId: 'a', Tls: { Certificate: pems.cert, Key }, Stages: { dev: {} } } },
  });
  const { port = 0, url, managementUrl } = gateway.apis['open'] ?? {};
  expect([url, managementUrl]).toEqual([
    `wss://127.0.0.1:${port}/dev`,
    `https://127.0.0.1:${port}/dev/@connections/{id}`,
  ]);
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.write(upgradeText('/dev'));
  const [first] = (await new Promise<Buffer>((resolve) => socket.once('data', resolve)))
    .toString()
    .split('\r\n');
  expect(first).toBe('HTTP/1.1 101 Switching Protocols');
  socket.destroy();
  await gateway.close();
  await rm(directory, { recursive: true });
});

test.each([
  [`ApiKeys:\n  a: { Value: "${SECRET}", Enabled: perhaps }`],
  [`ApiKeys:\n  a:\n    Value: ${SECRET}\n    Enabeld: true`],
  [`ApiKeys:\n  a:\n    Value: >-\n      ${SECRET}\n    Enabeld: true`],
  [`ApiKeys:\n  a:\n    Value: short-${SECRET.slice(0, 8)}`],
  [`ApiKeys: { a: { "Value": '${SECRET}' }, b: { Value: ${SECRET} } }`],
  [`ApiKeys:\n  a: { Value: ${SECRET} }\n  a: { Value: ${SECRET} }`],
  [`ApiKeys:\n  a: { Value: &v ${SECRET} }\n  b: { Value: *v }\n  c: [`],
])('no error shows the value of a key: %s', (keys) => {
  const text = `Apis: { open: { ApiId: a, Stages: { dev: {} } } }\n${keys}\n`;
  const reading = readGatewayConfig(text, 'gateway.yaml');
  if (reading.kind !== 'problems') throw new Error('accepted');
  const said = reading.problems.map((problem) => describeProblem(problem, text)).join('\n');
  expect(said).toMatch(/^gateway\.yaml:\d/);
  expect(said).not.toContain(SECRET.slice(0, 8));
});

test('a mistake in a mapping template stands at its line and column, in a block and in quotes', () => {
  const text = `Apis:
  open:
    ApiId: a
    Stages: { dev: {} }
    Integrations:
      one:
        IntegrationType: MOCK
        RequestTemplates:
          $default: |
            { "statusCode":
              #if($a) 200 }
          other: '#set($x 1)'
`;
  const reading = readGatewayConfig(text, 'gateway.yaml');
  if (reading.kind !== 'problems') throw new Error('no problem');
  const said = reading.problems.map(({ span, path, message }) => [
    `${span.line}:${span.column}`,
    path.at(-1),
    message,
  ]);
  expect(said).toEqual([
    ['11:15', '$default', '#end is missing for this #if'],
    ['12:27', 'other', '= is missing after the reference of #set'],
  ]);
});

test.each<[string, object, string[]]>([
  ['no handler', { IntegrationType: 'AWS' }, ['Handler: AWS needs Handler']],
  ['no URL', { IntegrationType: 'HTTP' }, ['IntegrationUri: HTTP needs IntegrationUri']],
  [
    'what belongs to other types',
    { Handler: 'a.mjs#b', IntegrationUri: 'http://x', RequestTemplates: { a: '' } },
    [
      'IntegrationUri: AWS_PROXY has no IntegrationUri',
      'RequestTemplates: AWS_PROXY has no RequestTemplates',
    ],
  ],
  [
    'mappings from and to nowhere',
    {
      IntegrationType: 'HTTP_PROXY',
      IntegrationUri: 'http://x',
      RequestParameters: {
        'method.request.header.x': "'a'",
        'integration.request.header.x': 'nowhere.x',
      },
    },
    [
      'RequestParameters.method.request.header.x: write integration.request.header.X, .querystring.X or .path.X',
      "RequestParameters.integration.request.header.x: write route.request.querystring.X, .header.X, .multivaluequerystring.X, .multivalueheader.X or .body.X, context.X, stageVariables.X, or 'text'",
    ],
  ],
  [
    'a pattern that is none',
    { IntegrationType: 'MOCK', IntegrationResponses: { '/(/': {} } },
    [
      'IntegrationResponses./(/: write $default, a status, or a pattern between slashes such as /2\\d\\d/',
    ],
  ],
])('an integration with %s', (_, integration, problems) => {
  expect(problemsOf(api({ Integrations: { one: integration } }))).toEqual(
    problems.map((problem) => `Apis.open.Integrations.one.${problem}`),
  );
});
