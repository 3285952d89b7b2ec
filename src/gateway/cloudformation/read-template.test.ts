// Whole templates: what is made of them, and what is said about those that cannot be served.
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import {
  folderWith,
  MINIMAL,
  problems,
  reading,
  served,
  withVariables,
} from './fixture/reading.ts';

describe('a template becomes a configuration', () => {
  it('the smallest one', () => {
    const folder = folderWith({ 'src/app.mjs': '' });
    const found = served(reading(MINIMAL, { folder }));
    expect(found.notes).toEqual([]);
    expect(found.config).toMatchObject({
      Region: 'eu-west-1',
      AccountId: '111122223333',
      Functions: {
        Handler: {
          FunctionName: 'Handler',
          Handler: `${join(folder, 'src/app.mjs')}#handler`,
          Timeout: 3,
        },
      },
      Apis: {
        chat: {
          ApiId: 'chat',
          DomainName: 'chat.execute-api.eu-west-1.amazonaws.com',
          RouteSelectionExpression: '$request.body.action',
          Routes: { $connect: { AuthorizationType: 'NONE', Target: 'integrations/ConnectCall' } },
          Integrations: {
            ConnectCall: { IntegrationType: 'AWS_PROXY', Handler: 'function:Handler' },
          },
          Stages: { live: { StageVariables: {} } },
        },
      },
    });
  });

  it('the same as JSON', () => {
    const json = JSON.stringify({
      Resources: {
        Chat: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'WEBSOCKET' } },
        Live: {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: {
            ApiId: { Ref: 'Chat' },
            StageName: 'live',
            AutoDeploy: 'true',
            StageVariables: { a: 1 },
          },
        },
      },
    });
    expect(served(reading(json)).config.Apis).toMatchObject({
      chat: { Stages: { live: { StageVariables: { a: '1' } } } },
    });
  });

  it('an integration response of a proxy integration, which changes nothing', () => {
    const text = `${MINIMAL}  Answer: { Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: { ApiId: !Ref Chat, IntegrationId: !Ref ConnectCall, IntegrationResponseKey: $default } }\n`;
    const { notes } = served(reading(text));
    expect(notes.map(({ span, message }) => `${span.line}:${span.column} ${message}`)).toEqual([
      '30:3 Answer changes nothing: a proxy integration answers for itself',
    ]);
  });

  it('keys, plans, limits and an authorizer', () => {
    const text = `${MINIMAL.replace('RouteKey: $connect,', 'RouteKey: $connect, ApiKeyRequired: "true", AuthorizationType: CUSTOM, AuthorizerId: !Ref Gate,').replace('AutoDeploy: true', 'AutoDeploy: true, DefaultRouteSettings: { ThrottlingRateLimit: "5", LoggingLevel: INFO }, RouteSettings: { $connect: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 } }')}
  Gate:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Chat
      Name: gate
      AuthorizerType: REQUEST
      AuthorizerUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${Handler.Arn}/invocations'
      IdentitySource: [route.request.querystring.token]
  Key: { Type: AWS::ApiGateway::ApiKey, Properties: { Enabled: true } }
  Old: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: old-0123456789-0123456789 } }
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      UsagePlanName: plan
      ApiStages: [{ ApiId: !Ref Chat, Stage: !Ref Live }, { ApiId: rest, Stage: prod }]
      Throttle: { RateLimit: 1, BurstLimit: '2' }
      Quota: { Limit: 10, Period: DAY }
  InPlan:
    Type: AWS::ApiGateway::UsagePlanKey
    Properties: { KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan }
`;
    const { config, notes } = served(reading(text));
    expect(notes.map(({ message }) => message)).toEqual(['the API key Old is disabled']);
    expect(config.ApiKeys).toEqual({
      Key: { Value: 'Key-0123456789-0123456789', Enabled: true },
      Old: { Value: 'old-0123456789-0123456789', Enabled: false },
    });
    expect(config.UsagePlans).toEqual({
      Plan: {
        ApiStages: [{ ApiId: 'chat', Stage: 'live' }],
        KeyIds: ['Key'],
        Throttle: { RateLimit: 1, BurstLimit: 2 },
        Quota: { Limit: 10, Period: 'DAY', Offset: 0 },
      },
    });
    expect(config.Apis['chat']).toMatchObject({
      Routes: {
        $connect: { ApiKeyRequired: true, AuthorizationType: 'CUSTOM', AuthorizerId: 'Gate' },
      },
      Authorizers: {
        Gate: { Handler: 'function:Handler', IdentitySource: ['route.request.querystring.token'] },
      },
      Stages: {
        live: {
          DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 5000 },
          RouteSettings: { $connect: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 } },
        },
      },
    });
  });

  it('what a condition takes away is not there', () => {
    const text = `${MINIMAL}  Other:
    Type: AWS::ApiGatewayV2::Stage
    Condition: IsProd
    Properties: { ApiId: !Ref Chat, StageName: other, AutoDeploy: true }
Parameters: { Env: { Type: String, Default: dev } }
Conditions: { IsProd: !Equals [!Ref Env, prod] }
`;
    const stages = (Env: string): readonly string[] =>
      Object.keys(served(reading(text, { parameters: { Env } })).config.Apis['chat']?.Stages ?? {});
    expect(stages('dev')).toEqual(['live']);
    expect(stages('prod')).toEqual(['live', 'other']);
  });

  it('globals are merged below what a function says', () => {
    const text = `${withVariables('OWN: own\nBOTH: own')}Globals:
  Function:
    Timeout: 7
    Runtime: ruby3.3
    Environment: { Variables: { SHARED: shared, BOTH: shared } }
`;
    const [one] = served(reading(text)).functions;
    expect(one).toMatchObject({
      Timeout: 7,
      Environment: { OWN: 'own', BOTH: 'own', SHARED: 'shared' },
    });
  });

  test.each([
    ['a module of Node', 'export const handler = async () => ({});', 'nodejs22.x', 'index.mjs'],
    ['CommonJS', 'exports.handler = async () => ({});', 'nodejs22.x', 'index.cjs'],
    ['Python', 'def handler(event, context):\n    return {}', 'python3.13', 'index.py'],
  ])('code in the template: %s', (_, code, runtime, file) => {
    const text = MINIMAL.replace('AWS::Serverless::Function', 'AWS::Lambda::Function')
      .replace('CodeUri: src/', `Code: { ZipFile: ${JSON.stringify(code)} }`)
      .replace('app.handler', 'index.handler')
      .replace('nodejs22.x', runtime);
    const [one] = served(reading(text)).functions;
    expect(one?.inline?.text).toBe(code);
    expect(one?.Handler).toBe(`${one?.inline?.file}#handler`);
    expect(one?.inline?.file.endsWith(join('inline', 'Handler', file))).toBe(true);
  });

  test.each([
    ['the code of aws cloudformation package', 'AWS::Lambda::Function', 'Code: src'],
    [
      'the asset that CDK names',
      'AWS::Lambda::Function',
      "Code: { S3Bucket: b, S3Key: k }\n    Metadata: { 'aws:asset:path': src }\n    Ignored:",
    ],
    ['a single file', 'AWS::Lambda::Function', 'Code: src/app.mjs'],
  ])('code on this machine: %s', (_, type, code) => {
    const moved = MINIMAL.replace('      CodeUri: src/\n', '').replace(
      '      Runtime: nodejs22.x\n',
      `      Runtime: nodejs22.x\n      ${code}\n`,
    );
    const [one] = served(reading(moved.replace('AWS::Serverless::Function', type))).functions;
    expect(one?.Handler).toMatch(/src\/app\.mjs#handler$/);
  });

  it('code that CDK keeps by its hash, and the parameter that nothing needs', () => {
    const hash = '0123456789abcdef'.repeat(4);
    const text = `${MINIMAL.replace('CodeUri: src/', `Code: { S3Bucket: b, S3Key: ${hash}.zip }`).replace('AWS::Serverless::Function', 'AWS::Lambda::Function')}Parameters:
  BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /cdk/version }
`;
    const found = reading(text, {}, { [`asset.${hash}/app.js`]: '' });
    expect(served(found).functions[0]?.Handler).toMatch(
      new RegExp(`asset\\.${hash}/app\\.js#handler$`),
    );
    expect(problems(reading(text))).toEqual([
      '27:13 the code of Handler is not on this machine | write the folder of its source',
    ]);
  });

  it('a function of SAM without a folder has that of the template', () => {
    const text = MINIMAL.replace('CodeUri: src/', 'Description: x').replace('app.h', 'src/app.h');
    expect(served(reading(text)).config.Functions['Handler']?.Handler).toMatch(
      /\/src\/app\.mjs#handler$/,
    );
  });

  it('names what it leaves alone', () => {
    const text = `${MINIMAL}  Table: { Type: AWS::DynamoDB::Table }
  Role: { Type: AWS::IAM::Role, Properties: { Tags: !Cidr [a, b] } }
  Second: { Type: AWS::IAM::Role }
  Unused: { Type: AWS::Lambda::Function, Properties: { Runtime: java21 } }
`;
    expect([...served(reading(text)).ignored]).toEqual([
      ['AWS::DynamoDB::Table', ['Table']],
      ['AWS::IAM::Role', ['Role', 'Second']],
      ['AWS::Lambda::Function', ['Unused']],
    ]);
  });

  it('follows aliases and hash merges, as SAM and the AWS CLI do', () => {
    const text = withVariables('A: &a x\nB: *a').replace(
      'Properties: { ApiId: !Ref Chat, StageName: live, AutoDeploy: true }',
      'Properties: { <<: { ApiId: !Ref Chat, StageName: lost }, StageName: live, AutoDeploy: true }',
    );
    const found = served(reading(text));
    expect(found.functions[0]?.Environment).toEqual({ A: 'x', B: 'x' });
    expect(Object.keys(found.config.Apis['chat']?.Stages ?? {})).toEqual(['live']);
  });
});

describe('a note says what would be otherwise on AWS', () => {
  const notes = (text: string): readonly string[] =>
    served(reading(text)).notes.map(({ span, message }) => `${span.line} ${message}`);
  test.each([
    [
      'no permission',
      MINIMAL.replace('apigateway.amazonaws.com', 's3.amazonaws.com'),
      ['13 no AWS::Lambda::Permission lets API Gateway call Handler'],
    ],
    [
      'a permission for another API',
      MINIMAL.replace('${Chat}/*', 'abc123/*'),
      ['13 no AWS::Lambda::Permission lets API Gateway call Handler'],
    ],
    [
      'a role instead',
      MINIMAL.replace('apigateway.amazonaws.com', 's3.amazonaws.com').replace(
        'IntegrationType: AWS_PROXY',
        'IntegrationType: AWS_PROXY\n      CredentialsArn: arn:aws:iam::1:role/x',
      ),
      [],
    ],
    [
      'no deployment',
      MINIMAL.replace(', AutoDeploy: true', ''),
      ['14 the stage Live has no deployment'],
    ],
    [
      'a deployment without its routes',
      `${MINIMAL.replace('AutoDeploy: true', 'DeploymentId: !Ref Now')}  Now: { Type: AWS::ApiGatewayV2::Deployment, Properties: { ApiId: !Ref Chat } }\n`,
      ['30 Now does not depend on Connect'],
    ],
    [
      'a route response that is never sent',
      `${MINIMAL}  Answer: { Type: AWS::ApiGatewayV2::RouteResponse, Properties: { ApiId: !Ref Chat, RouteId: !Ref Connect, RouteResponseKey: $default } }\n`,
      ['30 the route response Answer is never sent'],
    ],
    [
      'an endpoint that is turned off',
      MINIMAL.replace(
        'ProtocolType: WEBSOCKET',
        "ProtocolType: WEBSOCKET, DisableExecuteApiEndpoint: 'true'",
      ),
      ['4 the own endpoint of Chat answers here'],
    ],
    [
      'a dynamic reference',
      withVariables("S: '{{resolve:ssm:secret}}'"),
      ['32 S is given as it is written'],
    ],
  ])('%s', (_, text, expected) => {
    expect(notes(text)).toEqual(expected);
  });
});

describe('what cannot be served is said at its place, all at once', () => {
  const change = (from: string, to: string): string => {
    expect(MINIMAL).toContain(from);
    return MINIMAL.replace(from, to);
  };
  test.each<[string, () => string, readonly string[]]>([
    ['nothing', () => '', ['1:1 the file is empty | a template has at least Resources']],
    ['a list', () => '- a', ['1:1 a template is a mapping, and this is a list']],
    ['a text', () => 'hello', ['1:1 a template is a mapping, and this is "hello"']],
    [
      'no resources',
      () => 'Parameters: {}',
      ['1:1 a template has Resources, and this file has none'],
    ],
    [
      'a gateway.yaml',
      () => 'Apis: {}',
      ['1:1 a template has Resources, and this file has none | for a gateway.yaml write --config'],
    ],
    [
      'resources that are a list',
      () => 'Resources: []',
      ['1:12 Resources is a mapping, and this is a list'],
    ],
    [
      'no API',
      () => 'Resources: {}',
      [
        '1:1 the template has no WebSocket API | write a resource of Type: AWS::ApiGatewayV2::Api with ProtocolType: WEBSOCKET',
      ],
    ],
    [
      'no type',
      () => `${MINIMAL}  X: {}\n`,
      ['30:3 the resource X has no Type | write Type: AWS::…'],
    ],
    [
      'properties that are a list',
      () => `${MINIMAL}  X: { Type: A::B::C, Properties: [] }\n`,
      ['30:35 Properties is a mapping, and this is a list'],
    ],
    [
      'an unknown tag',
      () => change('!Ref Chat, StageName', '!Reff Chat, StageName'),
      [
        '16:32 CloudFormation has no tag !Reff | there are !Ref, !Base64, !FindInMap, !GetAtt, !GetAZs, !If, !ImportValue, !Join, !Select, !Split, !Sub, !Condition, !And, !Equals, !Not, !Or, !Cidr, !Length, !ToJsonString, !Transform',
      ],
    ],
    [
      'a key twice',
      () => `${MINIMAL}  Live: {}\n`,
      ['30:3 the key stands twice in the same mapping'],
    ],
    [
      'an alias without anchor',
      () => change('StageName: live', 'StageName: *live'),
      ['16:48 there is no anchor &live before this'],
    ],
    [
      'a prototype key',
      () => change('StageName: live', '__proto__: { x: 1 }, StageName: live'),
      ['16:37 "__proto__" cannot be a key | choose another'],
    ],
    [
      'a resource that is its own',
      () =>
        change(
          'CodeUri: src/',
          'CodeUri: src/\n      Environment: { Variables: { A: !Ref Handler } }',
        ),
      [
        '24:3 resources refer to one another in a circle: Handler → Handler | break it at one place',
      ],
    ],
    [
      'a circle of resources',
      () =>
        `${MINIMAL}  A: { Type: X::Y::Z, Properties: { N: !Ref B } }\n  B: { Type: X::Y::Z, DependsOn: A }\n`,
      ['30:3 resources refer to one another in a circle: A → B → A | break it at one place'],
    ],
    [
      'a circle of conditions',
      () => `${MINIMAL}Conditions: { A: !Not [!Condition B], B: !Not [!Condition A] }\n`,
      ['30:15 conditions refer to one another in a circle: A → B → A | break it at one place'],
    ],
    [
      'a dependency that is not there',
      () => `${MINIMAL}  A: { Type: X::Y::Z, DependsOn: [Hadler] }\n`,
      ['30:35 there is no resource Hadler | did you mean Handler?'],
    ],
    [
      'a missing parameter',
      () => `${MINIMAL}Parameters: { Env: { Type: String } }\n`,
      ['30:15 the parameter Env has no default | give --parameter Env=…'],
    ],
    [
      'a parameter of the store',
      () =>
        `${MINIMAL}Parameters: { Env: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /x } }\nConditions: { C: !Equals [!Ref Env, a] }\n`,
      ['30:15 the parameter Env is read from the parameter store on AWS | give --parameter Env=…'],
    ],
    [
      'a parameter that is not allowed',
      () => `${MINIMAL}Parameters: { Env: { Type: String, Default: x, AllowedValues: [a, b] } }\n`,
      ['30:45 the parameter Env: "x" is none of a, b'],
    ],
    [
      'a secret parameter that is too short',
      () =>
        `${MINIMAL}Parameters: { Env: { Type: String, Default: secret, NoEcho: true, MinLength: 9 } }\n`,
      ['30:45 the parameter Env: its value is shorter than 9'],
    ],
    [
      'another protocol',
      () => change('WEBSOCKET', 'MQTT'),
      ['4:45 Chat has no ProtocolType that there is | write ProtocolType: WEBSOCKET'],
    ],
    [
      'an API of another stack',
      () => change('ApiId: !Ref Chat, StageName', 'ApiId: abc123, StageName'),
      [
        '16:26 Live belongs to the API abc123, which is not in this template | write ApiId: !Ref and the API',
      ],
    ],
    [
      'no ApiId',
      () => change('ApiId: !Ref Chat, StageName', 'StageName'),
      ['14:3 Live has no ApiId | write ApiId: !Ref and the API'],
    ],
    [
      'no stage',
      () => change('AWS::ApiGatewayV2::Stage', 'AWS::ApiGatewayV2::Deployment'),
      ['2:3 Stages: at least one stage'],
    ],
    [
      'a route twice',
      () =>
        `${MINIMAL}  Again: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Chat, RouteKey: $connect } }\n`,
      ['30:86 the API has $connect twice | keep one of them'],
    ],
    [
      'a function that is not here',
      () =>
        change(
          "${Handler.Arn}/invocations'",
          "arn:aws:lambda:eu-west-1:1:function:other/invocations'",
        ),
      ['13:28 the function other is not in this template | declare it here'],
    ],
    [
      'a function of a stage variable',
      () =>
        change(
          "${Handler.Arn}/invocations'",
          "arn:aws:lambda:eu-west-1:1:function:${!stageVariables.f}/invocations'",
        ),
      [
        '13:28 the function of "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:${stageVariables.f}/invocations" is not served yet | write the ARN of one function',
      ],
    ],
    [
      'code in S3',
      () => change('CodeUri: src/', 'CodeUri: s3://bucket/key'),
      ['27:16 the code of Handler is not on this machine | write the folder of its source'],
    ],
    [
      'code in a bucket',
      () => change('CodeUri: src/', 'CodeUri: { Bucket: a, Key: b }'),
      ['27:16 the code of Handler is not on this machine | write the folder of its source'],
    ],
    [
      'no code',
      () => change('      CodeUri: src/\n', '').replace('Serverless::Function', 'Lambda::Function'),
      ['24:3 Handler has no code | write CodeUri: and a folder'],
    ],
    [
      'a folder that is not there',
      () => change('src/', 'lib/'),
      ['27:16 there is no lib/ beside the template | write the folder of its source'],
    ],
    [
      'a handler that is none',
      () => change('app.handler', 'app'),
      ['28:16 "app" is no handler | write a file, a dot and the function: app.handler'],
    ],
    [
      'a handler above its folder',
      () => change('app.handler', '../app.handler'),
      ['28:16 "../app.handler" is no handler | write a file, a dot and the function: app.handler'],
    ],
    [
      'another runtime',
      () => change('nodejs22.x', 'java21'),
      ['29:16 the runtime java21 is not served | nodejs…x and python3.… are'],
    ],
    [
      'no runtime',
      () => change('      Runtime: nodejs22.x\n', ''),
      ['24:3 Handler has no Runtime | write Runtime: nodejs22.x'],
    ],
    [
      'an image',
      () => change('CodeUri: src/', 'PackageType: Image'),
      [
        '27:20 Handler is a container image, which is not served | use a function with Handler and Runtime',
      ],
    ],
    [
      'a wrong time-out',
      () => change('CodeUri: src/', 'CodeUri: src/\n      Timeout: soon'),
      ['28:16 Timeout is "soon" | write seconds from 1 to 900'],
    ],
    [
      'a limit that is no number',
      () =>
        change(
          'AutoDeploy: true',
          'AutoDeploy: true, DefaultRouteSettings: { ThrottlingRateLimit: fast }',
        ),
      ['16:117 ThrottlingRateLimit: Invalid input: expected number, received string'],
    ],
    [
      'a private connection',
      () =>
        change(
          'IntegrationType: AWS_PROXY',
          'IntegrationType: AWS_PROXY\n      ConnectionType: VPC_LINK',
        ),
      ['13:23 ConnectionType is not served yet'],
    ],
    [
      'a service that is no function',
      () =>
        MINIMAL.replace(
          'IntegrationType: AWS_PROXY',
          'IntegrationType: AWS\n      CredentialsArn: arn:aws:iam::1:role/x',
        ).replace(/lambda:path.*invocations/, 'dynamodb:action/PutItem'),
      [
        '14:28 an integration with dynamodb is not served | of AWS services functions are, and SQS by IntegrationType: AWS; let a function call the service',
      ],
    ],
    [
      'a proxy integration with a queue',
      () => MINIMAL.replace(/lambda:path.*invocations/, 'sqs:path/123456789012/q'),
      [
        '13:28 an integration with sqs is not served | of AWS services functions are, and SQS by IntegrationType: AWS; let a function call the service',
      ],
    ],
    [
      'an integration with a queue that it does not name',
      () =>
        MINIMAL.replace('IntegrationType: AWS_PROXY', 'IntegrationType: AWS').replace(
          /lambda:path.*invocations/,
          'sqs:action/SendMessage',
        ),
      [
        '13:28 "arn:aws:apigateway:eu-west-1:sqs:action/SendMessage" names no queue | write arn:aws:apigateway:REGION:sqs:path/ACCOUNT/QUEUE',
      ],
    ],
    [
      'what only HTTP APIs have',
      () => change('{ Name: chat,', '{ Name: chat, RouteKey: $default,'),
      [
        '4:41 only HTTP APIs have RouteKey | take it away and write routes and integrations as resources',
      ],
    ],
    [
      'bytes for a proxied function',
      () =>
        change(
          'IntegrationType: AWS_PROXY',
          'IntegrationType: AWS_PROXY\n      ContentHandlingStrategy: CONVERT_TO_BINARY',
        ),
      [
        '13:32 ContentHandlingStrategy: AWS_PROXY takes no bytes; decode event.body in the function',
      ],
    ],
    [
      'bytes for a client',
      () =>
        `${MINIMAL}  Answer: { Type: AWS::ApiGatewayV2::IntegrationResponse, Properties: { ApiId: !Ref Chat, IntegrationId: !Ref Mock, IntegrationResponseKey: $default, ContentHandlingStrategy: CONVERT_TO_BINARY } }
  Mock: { Type: AWS::ApiGatewayV2::Integration, Properties: { ApiId: !Ref Chat, IntegrationType: MOCK } }\n`,
      [
        '30:176 ContentHandlingStrategy: a response is converted to text or not at all: CONVERT_TO_TEXT',
      ],
    ],
    [
      'a parameter that a message cannot have',
      () =>
        change(
          'RouteKey: $connect,',
          "RouteKey: say, RequestParameters: { route.request.querystring.t: { Required: 'true' } },",
        ),
      [
        '7:102 route.request.querystring.t: only $connect has headers and a query string that can be required',
      ],
    ],
    [
      'a parameter that is none',
      () =>
        change(
          'RouteKey: $connect,',
          'RouteKey: $connect, RequestParameters: { route.request.body.t: { Required: true } },',
        ),
      ['7:100 route.request.body.t: write route.request.querystring.X or route.request.header.X'],
    ],
    [
      'an integration that is not there',
      () => change('${ConnectCall}', 'nobody'),
      ['7:70 Target: no integration is called nobody'],
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(reading(text()))).toEqual(expected);
  });

  it('a parameter that is not declared', () => {
    expect(problems(reading(MINIMAL, { parameters: { Evn: 'x' } }))).toEqual([
      '1:1 there is no parameter Evn | there are: none',
    ]);
  });

  it('several, in the order of the file', () => {
    const text = MINIMAL.replace('!Ref Chat, StageName', '!Ref Chta, StageName')
      .replace('java', 'x')
      .replace('app.handler', 'app');
    expect(problems(reading(`${text}Parameters: { Env: { Type: String } }\n`))).toEqual([
      '16:31 there is no parameter or resource Chta | did you mean Chat?',
      '28:16 "app" is no handler | write a file, a dot and the function: app.handler',
      '30:15 the parameter Env has no default | give --parameter Env=…',
    ]);
  });

  it('no secret is shown beside a problem', () => {
    const text = `${MINIMAL}  Key: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: short-secret } }\n`;
    const found = reading(
      `${text}Parameters: { P: { Type: String, NoEcho: true, Default: hidden-one, MinLength: 20 } }\n`,
    );
    expect(found.kind === 'problems' && found.shown).not.toMatch(/short-secret|hidden-one/);
    expect(problems(found).join('\n')).not.toMatch(/short-secret|hidden-one/);
    const broken = reading(`${text}: [\n`);
    expect(broken.kind === 'problems' && broken.shown).not.toContain('short-secret');
  });
});

describe('a hostile template is refused with one message, soon', () => {
  const bomb = (levels: number): string => {
    const lines = Array.from(
      { length: levels },
      (_, at) =>
        `  a${at + 1}: &a${at + 1} [${Array.from({ length: 9 }, () => `*a${at}`).join(', ')}]`,
    );
    return `Mappings:\n  a0: &a0 [x]\n${lines.join('\n')}\n`;
  };
  const doubled = Array.from(
    { length: 200 },
    (_, at) =>
      `  R${at + 1}: { Type: A::B::C, Properties: { TableName: !Sub '\${R${at}}\${R${at}}' } }`,
  ).join('\n');
  const conditions = Array.from(
    { length: 200 },
    (_, at) => `  C${at + 1}: !And [!Condition C${at}, !Condition C${at}]`,
  ).join('\n');
  const grown = (levels: number, wrap: (inner: unknown) => unknown, from = 'x'): string => {
    let value: unknown = from;
    for (let level = 0; level < levels; level += 1) value = wrap(value);
    return JSON.stringify(value);
  };
  test.each([
    [
      'a file of more than 1 MiB',
      `Description: ${'x'.repeat(1024 * 1024)}\n${MINIMAL}`,
      ['the template is larger than 1 MiB, and CloudFormation takes none | split it'],
    ],
    [
      'aliases of aliases',
      `${bomb(12)}${MINIMAL}`,
      ['the template stands for more than 100000 values | write it out'],
    ],
    [
      'an alias of itself',
      `Mappings: &a { b: *a }\n${MINIMAL}`,
      ['the values are nested too deep | write it out'],
    ],
    [
      'nesting',
      `Mappings: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n`,
      ['the values are nested too deep'],
    ],
    [
      'nesting of 200',
      `Mappings: ${'['.repeat(200)}${']'.repeat(200)}\n`,
      ['the values are nested too deep | write it out'],
    ],
    [
      '501 resources',
      `Resources:\n${Array.from({ length: 501 }, (_, at) => `  R${at}: { Type: A::B::C }`).join('\n')}\n`,
      ['CloudFormation takes 500 resources at most | split the template'],
    ],
    [
      'a text that is multiplied by Fn::Sub',
      withVariables(
        `V: ${grown(20, (inner) => ({ 'Fn::Sub': ['${x}'.repeat(10), { x: inner }] }))}`,
      ),
      ['its functions make a text that is too long | write the values out'],
    ],
    [
      'names in texts, each of which has many of the next',
      withVariables(`V: ${grown(20, (inner) => ({ 'Fn::Sub': ['${x}${x}', { x: inner }] }), '')}`),
      [],
    ],
    [
      'a text that grows in Fn::Base64',
      withVariables(`V: ${grown(90, (inner) => ({ 'Fn::Base64': inner }), 'x'.repeat(1000))}`),
      ['its functions make a text that is too long | write the values out'],
    ],
    [
      'a text that is joined by itself',
      withVariables(
        `V: ${grown(3, (inner) => ({ 'Fn::Join': [inner, { 'Fn::Split': ['x', inner] }] }), 'x'.repeat(100))}`,
      ),
      ['its functions make a text that is too long | write the values out'],
    ],
    [
      'a function whose code would be written somewhere else',
      `${MINIMAL}  "../../elsewhere": { Type: AWS::Lambda::Function }\n`,
      ['"../../elsewhere" is no logical id | write letters and digits, 255 at most'],
    ],
  ])('%s', (_, text, expected) => {
    const beganMs = performance.now();
    const found = problems(reading(text));
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    // Where the stack ends differs from machine to machine.
    expect(found.map((one) => one.replace(/^\d+:\d+ /, ''))).toEqual(expected);
  });

  it.each([
    [
      'names that are not there',
      `${MINIMAL}Outputs:\n${Array.from({ length: 20_000 }, (_, at) => `  O${at}: !Ref Nobody${at}`).join('\n')}\n`,
      20_000,
    ],
    [
      'conditions of conditions',
      `${MINIMAL}Conditions:\n  C0: !Equals [a, a]\n${Array.from({ length: 9000 }, (_, at) => `  C${at + 1}: !Not [!Condition C${at}]`).join('\n')}\n`,
      1,
    ],
  ])('%s, by thousands', (_, text, most) => {
    const beganMs = performance.now();
    expect(problems(reading(text)).length).toBeLessThanOrEqual(most);
    expect(performance.now() - beganMs).toBeLessThan(20_000);
  });

  it('names and conditions that are made of one another end', () => {
    const text = `${withVariables('V: !If [C200, !Ref R200, x]')}${doubled}\n  R0: { Type: A::B::C }\nConditions:\n  C0: !Equals [a, a]\n${conditions}\n`;
    const [one] = served(reading(text)).functions;
    expect(one?.Environment['V']).toHaveLength(1024);
  });
});

describe('AWS::Serverless::WebSocketApi', () => {
  const SAM = (properties: string): string => `Transform: AWS::Serverless-2016-10-31
Globals:
  WebSocketApi: { StageVariables: { shared: x }, DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 8 } }
Resources:
  ChatApi:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
${properties.replaceAll(/^/gm, '      ')}
  Handler:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: src, Handler: app.handler, Runtime: nodejs22.x }
  Reader:
    Type: AWS::DynamoDB::Table
    Properties: { TableName: !Sub '\${ChatApi.Stage}-\${ChatApi}' }
`;

  it('is taken apart as the serverless transform does', () => {
    const text = SAM(`StageName: live
StageVariables: { own: y }
Auth: { AuthType: CUSTOM, AuthArn: !GetAtt Handler.Arn, IdentitySource: [route.request.querystring.token] }
Routes:
  $connect: { FunctionArn: !GetAtt Handler.Arn, ApiKeyRequired: true }
  say: { FunctionArn: !GetAtt Handler.Arn, IntegrationTimeout: 1500, RouteResponseSelectionExpression: $default }`);
    const { config, notes } = served(reading(text));
    expect(notes).toEqual([]);
    expect(config.Apis['chat-api']).toMatchObject({
      ApiId: 'chatapi',
      Routes: {
        $connect: {
          AuthorizationType: 'CUSTOM',
          AuthorizerId: 'ChatApiConnectAuthorizer',
          ApiKeyRequired: true,
          Target: 'integrations/ChatApiConnectIntegration',
        },
        say: {
          AuthorizationType: 'NONE',
          Target: 'integrations/ChatApiSayIntegration',
          RouteResponseSelectionExpression: '$default',
        },
      },
      Integrations: {
        ChatApiConnectIntegration: { Handler: 'function:Handler', TimeoutInMillis: 29_000 },
        ChatApiSayIntegration: { Handler: 'function:Handler', TimeoutInMillis: 1500 },
      },
      Authorizers: {
        ChatApiConnectAuthorizer: {
          Handler: 'function:Handler',
          IdentitySource: ['route.request.querystring.token'],
        },
      },
      Stages: {
        live: {
          StageVariables: { shared: 'x', own: 'y' },
          DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 8 },
        },
      },
    });
  });

  it('has a stage called default, and may want signatures', () => {
    const text = SAM(`Auth: { AuthType: AWS_IAM }
Routes: { $connect: { FunctionArn: !GetAtt Handler.Arn } }`);
    const { config } = served(reading(text));
    expect(config.Apis['chat-api']).toMatchObject({
      Routes: { $connect: { AuthorizationType: 'AWS_IAM' } },
      Stages: { default: {} },
    });
    expect(config.Users['local']?.AccessKeys).toEqual({
      LOCALACCESSKEY01: { SecretAccessKey: 'local', Status: 'Active' },
    });
  });

  test.each([
    ['no routes', 'Name: x', ['5:3 ChatApi has no Routes | write Routes: and a route']],
    [
      'a route without a function',
      'Routes: { say: { ApiKeyRequired: true } }',
      ['9:17 the route say has no FunctionArn | write FunctionArn: !GetAtt and a function'],
    ],
    [
      'Auth without $connect',
      'Auth: { AuthType: NONE }\nRoutes: { say: { FunctionArn: !GetAtt Handler.Arn } }',
      ['9:13 Auth of ChatApi needs a route $connect | write one'],
    ],
  ])('refuses %s', (_, properties, expected) => {
    expect(problems(reading(SAM(properties)))).toEqual(expected);
  });
});

it('a model is one by its name, and numbers of its schema stay numbers', () => {
  const text = `${MINIMAL}  Say:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Chat
      RouteKey: say
      ModelSelectionExpression: $default
      RequestModels: { $default: !Ref Order }
      Target: !Sub 'integrations/\${ConnectCall}'
  Order:
    Type: AWS::ApiGatewayV2::Model
    Properties:
      ApiId: !Ref Chat
      Name: order
      ContentType: application/json
      Schema: { type: object, required: [a], properties: { a: { type: integer, minimum: 3, exclusiveMaximum: 7.5 } } }
`;
  expect(served(reading(text)).config.Apis['chat']).toMatchObject({
    Routes: { say: { RequestModels: { $default: 'order' } } },
    Models: { order: { Schema: { properties: { a: { minimum: 3, exclusiveMaximum: 7.5 } } } } },
  });
});
