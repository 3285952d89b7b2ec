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
    'a handler without export',
    api({ Integrations: { a: { Handler: 'f.mjs' } } }),
    ['Apis.open.Integrations.a.Handler: write a file, # and the exported function'],
  ],
])('refuses %s', (_name, value, problems) => {
  expect(problemsOf(value)).toEqual(problems);
});

test('fills in the defaults', () => {
  const reading = checkConfig(api({ Routes: { $connect: {} } }));
  expect(reading).toEqual({
    kind: 'config',
    config: {
      Region: 'us-east-1',
      AccountId: '123456789012',
      Host: '127.0.0.1',
      Environment: {},
      Apis: {
        open: {
          ApiId: 'a',
          Port: 0,
          RouteSelectionExpression: '$request.body.action',
          Routes: { $connect: { AuthorizationType: 'NONE' } },
          Integrations: {},
          Authorizers: {},
          Stages: { dev: { StageVariables: {} } },
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
