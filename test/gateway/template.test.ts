// A CloudFormation or SAM template served by the built program, through real sockets.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { inProcess, type Started, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { succeeds } from '../support/process.ts';
import { CHAT_FILES, CHAT_TEMPLATE, sendHandler, startTables } from './fixture/chat-template.ts';

interface ReadyLine {
  readonly apis: Readonly<Record<string, { readonly url: string; readonly managementUrl: string }>>;
}

async function serve(
  cwd: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<{ readonly gateway: Started; readonly apis: ReadyLine['apis'] }> {
  const gateway = startBin(['gateway', 'template.yaml', ...args], {
    cwd,
    env: { HOME: cwd, ...env },
  });
  let printed = '';
  gateway.child.stdout?.on('data', (text: string) => {
    printed += text;
  });
  await gateway.printed('stdout', /\n/);
  return { gateway, apis: (JSON.parse(printed) as ReadyLine).apis }; // our own line
}

async function opened(url: string): Promise<WebSocket> {
  const client = new WebSocket(url);
  await once(client, 'open');
  return client;
}

async function nextText(client: WebSocket): Promise<string> {
  const [data] = await once(client, 'message');
  return String(data);
}

const DOMAIN = '`https://${requestContext.domainName}/${requestContext.stage}`';

describe('the chat', () => {
  it.each([
    ['by the API’s id', {}],
    ['by the domain of the event', { 'sendmessage/app.js': sendHandler(DOMAIN) }],
    ['by the variable that SDKs read', { 'sendmessage/app.js': sendHandler('undefined') }],
  ])('sends a message to everybody, %s', async (_, files) => {
    const cwd = folderWith({ ...CHAT_FILES, ...files });
    const tables = await startTables();
    const { gateway, apis } = await serve(cwd, { env: { AWS_ENDPOINT_URL_DYNAMODB: tables.url } });
    const url = apis['chat-api']?.url ?? '';
    const [one, other] = [await opened(url), await opened(url)];
    expect(tables.keys('chat_connections')).toHaveLength(2);
    const texts = Promise.all([nextText(one), nextText(other)]);
    one.send(JSON.stringify({ action: 'sendmessage', data: 'hello' }));
    expect(await texts).toEqual(['hello', 'hello']);
    one.close();
    await once(one, 'close');
    await expect.poll(() => tables.keys('chat_connections').length, { timeout: 5000 }).toBe(1);
    gateway.child.kill('SIGTERM');
    const { code, stderr } = await gateway.done;
    expect(code).toBe(0);
    expect(stderr).toContain(`chat-api  ${url}\n`);
    expect(stderr).toContain(`${url.replace('ws:', 'http:')}/@connections/{id}\n`);
    expect(stderr).toContain('not served: AWS::DynamoDB::Table ConnectionsTable\n');
    expect(stderr).not.toContain('note:');
  });

  it('takes parameters', async () => {
    const cwd = folderWith(CHAT_FILES);
    const tables = await startTables();
    const { apis } = await serve(cwd, {
      args: ['--parameter', 'TableName=other'],
      env: { AWS_ENDPOINT_URL_DYNAMODB: tables.url },
    });
    const client = await opened(apis['chat-api']?.url ?? '');
    expect(tables.keys('other')).toHaveLength(1);
    client.terminate();
  });

  it('serves changed code to a connection that stays open', async () => {
    const cwd = folderWith(CHAT_FILES);
    const tables = await startTables();
    const { gateway, apis } = await serve(cwd, { env: { AWS_ENDPOINT_URL_DYNAMODB: tables.url } });
    const client = await opened(apis['chat-api']?.url ?? '');
    const say = async (): Promise<string> => {
      const text = nextText(client);
      client.send(JSON.stringify({ action: 'sendmessage', data: 'hello' }));
      return await text;
    };
    expect(await say()).toBe('hello');
    writeFileSync(
      join(cwd, 'sendmessage/app.js'),
      sendHandler('undefined', "'new ' + JSON.parse(body).data"),
    );
    await gateway.printed('stderr', /reloaded: sendmessage\/app\.js\n/);
    expect(await say()).toBe('new hello');
    // A mistake is said, and what was served stays.
    writeFileSync(
      join(cwd, 'template.yaml'),
      CHAT_TEMPLATE.replace(
        '!Ref ChatApi\n      RouteKey: $connect',
        '!Ref ChatAip\n      RouteKey: $connect',
      ),
    );
    await gateway.printed(
      'stderr',
      /not reloaded: template\.yaml cannot be served[^]*did you mean ChatApi\?/,
    );
    expect(await say()).toBe('new hello');
    writeFileSync(
      join(cwd, 'template.yaml'),
      CHAT_TEMPLATE.replace('RouteKey: sendmessage', 'RouteKey: say'),
    );
    await gateway.printed('stderr', /\nreloaded: template\.yaml\n/);
    const refused = nextText(client);
    client.send(JSON.stringify({ action: 'sendmessage', data: 'hello' }));
    expect(JSON.parse(await refused)).toMatchObject({ message: 'Forbidden' });
    client.terminate();
  });
});

const SMALL = `Resources:
  Small:
    Type: AWS::ApiGatewayV2::Api
    Properties: { ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Default:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Small
      RouteKey: $default
      RouteResponseSelectionExpression: $default
      Target: !Sub 'integrations/\${Call}'
  Call:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Small
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Say.Arn}:live/invocations'
  One: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Small, StageName: '127', AutoDeploy: true } }
  Two: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Small, StageName: two, AutoDeploy: true } }
  Say:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: RUNTIME
      Handler: index.handler
      Code:
        ZipFile: |
CODE
      Environment: { Variables: { WHO: !Sub '\${AWS::Region} \${One}' } }
  Key: { Type: AWS::ApiGateway::ApiKey, Properties: { Enabled: true } }
`;

const small = (runtime: string, code: string): string =>
  SMALL.replace('RUNTIME', runtime).replace('CODE', () => code.replaceAll(/^/gm, ' '.repeat(10)));

const PYTHON = `import os
def handler(event, context):
    return {"statusCode": 200, "body": os.environ["WHO"] + " " + event["requestContext"]["stage"]}`;
const NODE = `exports.handler = async ({ requestContext }) => (
  { statusCode: 200, body: process.env.WHO + ' ' + requestContext.stage });`;

it.each([
  ['nodejs22.x', NODE] as const,
  ...(succeeds('python3', '--version') ? [['python3.13', PYTHON] as const] : []),
])('runs code that stands in the template, on every stage: %s', async (runtime, code) => {
  const cwd = folderWith({ 'template.yaml': small(runtime, code) });
  const { gateway, apis } = await serve(cwd, { env: { AWS_REGION: 'eu-west-1' } });
  const origin = (apis['small']?.url ?? '').replace(/\/127$/, '');
  for (const stage of ['127', 'two']) {
    const client = await opened(`${origin}/${stage}`);
    const text = nextText(client);
    client.send('hello');
    expect(await text).toBe(`eu-west-1 127 ${stage}`);
    client.terminate();
  }
  gateway.child.kill('SIGTERM');
  const { stderr } = await gateway.done;
  expect(stderr).toContain(`small  ${origin}/127\n`);
  expect(stderr).toContain(`small  ${origin}/two\n`);
  expect(stderr).toMatch(/API key Key: [0-9a-f]{40} \(drawn for this run\)\n/);
  expect(stderr).toMatch(
    /template\.yaml:17:28 - note: no AWS::Lambda::Permission lets API Gateway call Say/,
  );
});

it('says what a function throws', async () => {
  const cwd = folderWith({
    'template.yaml': small(
      'nodejs22.x',
      "exports.handler = async () => { throw new Error('no table'); };",
    ),
  });
  const { gateway, apis } = await serve(cwd);
  const client = await opened(apis['small']?.url ?? '');
  const text = nextText(client);
  client.send('hello');
  expect(JSON.parse(await text)).toMatchObject({ message: 'Internal server error' });
  await gateway.printed('stderr', /\nSay: no table\n/);
  client.terminate();
});

describe('a template that cannot be served', () => {
  it('is shown with every mistake at its place, and nothing is started', async () => {
    const wrong = CHAT_TEMPLATE.replace('onconnect/', 'onconect/').replace(
      '!Ref Deployment',
      '!Ref Deploymnet',
    );
    const cwd = folderWith({ ...CHAT_FILES, 'template.yaml': wrong });
    expect(await inProcess(['gateway', 'template.yaml'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: `ws-assay: template.yaml cannot be served: 2 problems.
template.yaml:37:16 - error GATEWAY_CONFIG: there is no onconect/ beside the template

  36 |     Properties:
> 37 |       CodeUri: onconect/
     |                ^^^^^^^^^ write the folder of its source

template.yaml:117:55 - error GATEWAY_CONFIG: there is no parameter or resource Deploymnet

  116 |     Type: AWS::ApiGatewayV2::Stage
> 117 |     Properties: { StageName: Prod, DeploymentId: !Ref Deploymnet, ApiId: !Ref C…
      |                                                       ^^^^^^^^^^ did you mean Deployment?
`,
    });
  });

  it.each([
    ['a missing file', ['none.yaml'], 'Cannot read'],
    [
      'a file in Latin-1',
      ['latin.yaml'],
      'latin.yaml:2:3: here the file is not UTF-8. Save it as UTF-8.',
    ],
    ['a file that is no YAML', ['broken.yaml'], 'broken.yaml:1:'],
    ['an empty file', ['empty.yaml'], 'empty.yaml:1:1 - error GATEWAY_CONFIG: the file is empty'],
    ['a configuration', ['config.yaml'], 'for a gateway.yaml write --config'],
    [
      'a parameter without a value',
      ['template.yaml', '--parameter', 'TableName'],
      '--parameter TableName: write a name, =, and a value.',
    ],
    [
      'a parameter that is not there',
      ['template.yaml', '--parameter', 'Tabel=x'],
      'there is no parameter Tabel',
    ],
    [
      'a parameter that is not allowed',
      ['template.yaml', '--parameter', 'TableName=a-b'],
      'the parameter TableName: "a-b" does not match ^[A-Za-z_]+$',
    ],
    [
      'a template and a configuration',
      ['template.yaml', '--config', 'config.yaml'],
      'A template and --config do not go together.',
    ],
    [
      'a parameter without a template',
      ['--parameter', 'TableName=x'],
      '--parameter and --import are of a template.',
    ],
    [
      'a port of no API',
      ['template.yaml', '--port', 'chat=1'],
      'a port is given for chat, which is no API',
    ],
  ])('%s: one message and exit code 2', async (_, args, message) => {
    const cwd = folderWith({
      ...CHAT_FILES,
      'broken.yaml': 'Resources: [',
      'empty.yaml': '',
      'config.yaml': 'Apis: {}',
    });
    writeFileSync(join(cwd, 'latin.yaml'), 'Resources:\n  Änderung: {}\n', 'latin1');
    const done = await inProcess(['gateway', ...args], { cwd });
    expect(done).toMatchObject({ code: 2, stdout: '' });
    expect(done.stderr).toContain(message);
    expect(done.stderr).not.toContain('    at ');
  });
});
