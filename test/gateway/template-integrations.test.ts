// Integrations of a template that are no functions: MOCK, HTTP and HTTP_PROXY with mapping templates, by the built program.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const TEMPLATE = `Parameters: { Backend: { Type: String } }
Resources:
  Shop:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: shop, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Shop, StageName: dev, AutoDeploy: true, StageVariables: { colour: green } }

  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Shop
      RouteKey: $connect
      RequestParameters: { route.request.querystring.token: { Required: true } }
      Target: !Sub integrations/\${Gate}
  Gate:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Shop
      IntegrationType: MOCK
      TemplateSelectionExpression: \\$default
      RequestTemplates:
        $default: '{"statusCode": #if($input.params("token") == "good")200#{else}401#end}'
  Passed:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties: { ApiId: !Ref Shop, IntegrationId: !Ref Gate, IntegrationResponseKey: $default }

  Price:
    Type: AWS::ApiGatewayV2::Route
    Properties: &twoWay
      ApiId: !Ref Shop
      RouteKey: price
      RouteResponseSelectionExpression: $default
      Target: !Sub integrations/\${Prices}
  PriceAnswer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: { ApiId: !Ref Shop, RouteId: !Ref Price, RouteResponseKey: $default }
  Prices:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Shop
      IntegrationType: HTTP
      IntegrationMethod: PUT
      IntegrationUri: !Sub '\${Backend}/prices/{item}'
      RequestParameters:
        integration.request.path.item: route.request.body.item
        integration.request.header.x-colour: stageVariables.colour
        integration.request.header.x-static: "'always'"
        integration.request.querystring.route: context.routeKey
      TemplateSelectionExpression: \\$default
      RequestTemplates:
        $default: '{"all": [#foreach($n in $input.path("$.n"))$n#if($foreach.hasNext),#end#end], "from": $input.json("$.item")}'
  Found:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Shop
      IntegrationId: !Ref Prices
      IntegrationResponseKey: /2\\d\\d/
      TemplateSelectionExpression: \\$default
      ResponseTemplates: { $default: 'costs $input.path("$.price.amount")' }
  Missing:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Shop
      IntegrationId: !Ref Prices
      IntegrationResponseKey: '404'
      TemplateSelectionExpression: \\$default
      ResponseTemplates: { $default: no price }

  Echo:
    Type: AWS::ApiGatewayV2::Route
    Properties: { <<: *twoWay, RouteKey: echo, Target: !Sub 'integrations/\${Echoes}' }
  Echoes:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Shop, IntegrationType: HTTP_PROXY, IntegrationMethod: POST, IntegrationUri: !Sub '\${Backend}/echo' }

  Picture:
    Type: AWS::ApiGatewayV2::Route
    Properties: { <<: *twoWay, RouteKey: $default, Target: !Sub 'integrations/\${Pictures}' }
  Pictures:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Shop
      IntegrationType: HTTP
      IntegrationMethod: POST
      IntegrationUri: !Sub '\${Backend}/bytes'
      ContentHandlingStrategy: CONVERT_TO_BINARY
  PictureAnswer:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Shop
      IntegrationId: !Ref Pictures
      IntegrationResponseKey: $default
      ContentHandlingStrategy: CONVERT_TO_TEXT
`;

interface Seen {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

// Answers by path: a price, what it got, or what it got backwards.
async function startShop(): Promise<{ readonly url: string; readonly seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method, url = '', headers } = request;
      seen.push({ line: `${method} ${url}`, headers, body });
      response.statusCode = url.includes('nothing') ? 404 : 200;
      if (url.startsWith('/prices')) response.end('{"price": {"amount": 12.5}}');
      else response.end(url === '/bytes' ? body.toReversed() : body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function refusedWith(url: string): Promise<readonly [number | undefined, unknown]> {
  const [, response] = await once(new WebSocket(url), 'unexpected-response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return [response.statusCode, JSON.parse(text)];
}

async function say(client: WebSocket, text: string): Promise<string> {
  const answer = once(client, 'message');
  client.send(text);
  const [data] = await answer;
  return String(data);
}

it('serves integrations that are no functions', async () => {
  const shop = await startShop();
  const cwd = folderWith({ 'template.yaml': TEMPLATE });
  const args = ['gateway', 'template.yaml', '--parameter', `Backend=${shop.url}`];
  const gateway = startBin(args, { cwd, env: { HOME: cwd } });
  let printed = '';
  gateway.child.stdout?.on('data', (text: string) => (printed += text));
  await gateway.printed('stdout', /\n/);
  const url: string = JSON.parse(printed).apis.shop.url;

  expect(await refusedWith(url)).toEqual([
    400,
    { message: 'Missing required request parameters: [token]' },
  ]);
  expect(await refusedWith(`${url}?token=bad`)).toEqual([401, { message: 'Unauthorized' }]);
  expect(shop.seen).toEqual([]);

  const client = new WebSocket(`${url}?token=good`);
  await once(client, 'open');
  expect(await say(client, '{"action": "price", "item": "a b/c", "n": [1, 2, 3]}')).toBe(
    'costs 12.5',
  );
  expect(await say(client, '{"action": "price", "item": "nothing", "n": []}')).toBe('no price');
  expect(shop.seen.map(({ line, body }) => [line, JSON.parse(body.toString())])).toEqual([
    ['PUT /prices/a%20b%2Fc?route=price', { all: [1, 2, 3], from: 'a b/c' }],
    ['PUT /prices/nothing?route=price', { all: [], from: 'nothing' }],
  ]);
  expect(shop.seen[0]?.headers).toMatchObject({ 'x-colour': 'green', 'x-static': 'always' });

  const echoed = '{"action": "echo", "deep": {"ü": 1}}';
  expect(await say(client, echoed)).toBe(echoed);

  expect(await say(client, Buffer.from([0, 255, 128]).toString('base64'))).toBe(
    Buffer.from([128, 255, 0]).toString('base64'),
  );
  expect(shop.seen.at(-1)).toMatchObject({ line: 'POST /bytes', body: Buffer.from([0, 255, 128]) });
  client.terminate();
});
