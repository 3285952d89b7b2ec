// A template whose API writes to a queue without a function, by the built program; the queue is a server of ours on loopback.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const TEMPLATE = `Resources:
  Chat:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Chat, StageName: dev, AutoDeploy: true }
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Chat, RouteKey: $connect, Target: !Sub 'integrations/\${Send}' }
  Default:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Chat, RouteKey: $default, Target: !Sub 'integrations/\${Send}' }
  Send:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Chat
      IntegrationType: AWS
      IntegrationMethod: POST
      IntegrationUri: !Sub arn:aws:apigateway:\${AWS::Region}:sqs:path/\${AWS::AccountId}/\${Queue.QueueName}
      CredentialsArn: !GetAtt Role.Arn
      RequestParameters: { integration.request.header.Content-Type: "'application/x-www-form-urlencoded'" }
      TemplateSelectionExpression: \\$default
      RequestTemplates:
        $default: Action=SendMessage&MessageBody=$util.urlEncode("$context.routeKey a&b=ü $input.body")
  Sent:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties: { ApiId: !Ref Chat, IntegrationId: !Ref Send, IntegrationResponseKey: $default }
  Queue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: chat.fifo }
  Role: { Type: AWS::IAM::Role }
`;

interface Sent {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: Readonly<Record<string, string>>;
}

it('sends what the template makes to the queue, and opens when it was taken', async () => {
  const queue = await startQueue(200);
  const url = await serve({ AWS_ENDPOINT_URL_SQS: `${queue.url}/` });
  const client = new WebSocket(url);
  await once(client, 'open');
  client.send('hello');
  await queue.received(2);
  client.terminate();
  expect(queue.sent.map(({ line, form }) => [line, form])).toEqual([
    ['POST /123456789012/chat.fifo', { Action: 'SendMessage', MessageBody: '$connect a&b=ü ' }],
    [
      'POST /123456789012/chat.fifo',
      { Action: 'SendMessage', MessageBody: '$default a&b=ü hello' },
    ],
  ]);
  expect(queue.sent[0]?.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(queue.sent[0]?.headers).not.toHaveProperty('authorization');
});

it('refuses with the status of a queue that refuses', async () => {
  const queue = await startQueue(400);
  expect(await refusedWith(await serve({ AWS_ENDPOINT_URL_SQS: queue.url }))).toBe(400);
});

it('refuses with 502 where nobody listens', async () => {
  const queue = await startQueue(200);
  await queue.close();
  expect(await refusedWith(await serve({ AWS_ENDPOINT_URL_SQS: queue.url }))).toBe(502);
});

it('refuses with 500 where no endpoint is named, and says which variable names it', async () => {
  const said: string[] = [];
  expect(await refusedWith(await serve({}, said))).toBe(500);
  expect(said.join('')).toContain('${env:AWS_ENDPOINT_URL_SQS}/123456789012/chat.fifo is not the');
});

async function serve(env: Record<string, string>, said: string[] = []): Promise<string> {
  const cwd = folderWith({ 'template.yaml': TEMPLATE });
  const gateway = startBin(['gateway', 'template.yaml'], { cwd, env: { HOME: cwd, ...env } });
  let printed = '';
  gateway.child.stdout?.on('data', (text: string) => (printed += text));
  gateway.child.stderr?.on('data', (text: string) => said.push(text));
  await gateway.printed('stdout', /\n/);
  return JSON.parse(printed).apis.chat.url;
}

async function refusedWith(url: string): Promise<number | undefined> {
  const [, response] = await once(new WebSocket(url), 'unexpected-response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

async function startQueue(status: number) {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { method, url = '', headers } = request;
      const form = Object.fromEntries(new URLSearchParams(body));
      sent.push({ line: `${method} ${url}`, headers, form });
      server.emit('sent');
      response.writeHead(status).end('<SendMessageResponse/>');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    close,
    received: async (count: number): Promise<void> => {
      while (sent.length < count) await once(server, 'sent');
    },
  };
}
