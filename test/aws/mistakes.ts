// Mistakes that were seeded into the template of the probe's stack: who catches it, what it is, and what is written instead of what.

type Mistake = readonly [by: string, what: string, from: string, to: string];

/** Those that a rule of ours must catch, each by its name. */
export const MISTAKES: readonly Mistake[] = [
  [
    'an API is a WebSocket API with a route selection',
    'another protocol',
    api('Mock'),
    api('Mock').replace('WEBSOCKET', 'WEBSOKET'),
  ],
  [
    'an API is a WebSocket API with a route selection',
    'no route selection',
    api('NoDefault'),
    api('NoDefault').replace(/ +RouteSel.*\n/, ''),
  ],
  [
    'only $connect is authorized, in a mode that WebSocket APIs have',
    'a mode of HTTP APIs',
    '!Ref NoDisconnect, RouteKey: $connect, AuthorizationType: NONE',
    '!Ref NoDisconnect, RouteKey: $connect, AuthorizationType: JWT',
  ],
  [
    'only $connect is authorized, in a mode that WebSocket APIs have',
    'a signature of $disconnect',
    '{ ApiId: !Ref Iam, RouteKey: $disconnect,',
    '{ ApiId: !Ref Iam, RouteKey: $disconnect, AuthorizationType: AWS_IAM,',
  ],
  [
    'only $connect is authorized, in a mode that WebSocket APIs have',
    'a key of messages',
    '{ ApiId: !Ref Keyed, RouteKey: $default,',
    '{ ApiId: !Ref Keyed, RouteKey: $default, ApiKeyRequired: true,',
  ],
  [
    'each mode of authorization has its API',
    'an API key that nobody asks for',
    ', ApiKeyRequired: true',
    '',
  ],
  [
    'each mode of authorization has its API',
    'signatures that nobody asks for',
    'AuthorizationType: AWS_IAM',
    'AuthorizationType: NONE',
  ],
  [
    'CUSTOM has a REQUEST authorizer of its own API',
    'CUSTOM without an authorizer',
    'AuthorizerId: !Ref CustomAuthorizer, ',
    '',
  ],
  [
    'CUSTOM has a REQUEST authorizer of its own API',
    'an authorizer of another API',
    '{ ApiId: !Ref Custom, Name: probe',
    '{ ApiId: !Ref Iam, Name: probe',
  ],
  [
    'CUSTOM has a REQUEST authorizer of its own API',
    'an authorizer without CUSTOM',
    '!Ref OneWay, RouteKey: $connect, ',
    '!Ref OneWay, RouteKey: $connect, AuthorizerId: !Ref CustomAuthorizer, ',
  ],
  [
    'an authorizer has nothing of HTTP APIs',
    'results that are kept',
    'AuthorizerType: REQUEST,',
    'AuthorizerType: REQUEST, AuthorizerResultTtlInSeconds: 300,',
  ],
  [
    'an integration has a type that there is',
    'a word that is misspelt',
    'ApiId: !Ref NoConnect, IntegrationType: AWS_PROXY',
    'ApiId: !Ref NoConnect, IntegrationType: AWS_PROXI',
  ],
  [
    'a route leads to an integration of its own API',
    'the integration of another API',
    '{ ApiId: !Ref Iam, RouteKey: secret, RouteResponseSelectionExpression: $default, Target: !Sub "integrations/${IamProbe}" }',
    '{ ApiId: !Ref Iam, RouteKey: secret, RouteResponseSelectionExpression: $default, Target: !Sub "integrations/${OpenProbe}" }',
  ],
  [
    'a route leads to an integration of its own API',
    'a target without its kind',
    'Target: !Sub "integrations/${MockAdmits}"',
    'Target: !Sub "${MockAdmits}"',
  ],
  [
    'a stage is deployed, after all routes of its API',
    'a route that may come after the stage',
    'DependsOn: [NoDefaultConnect, NoDefaultDisconnect, NoDefaultKnown]',
    'DependsOn: [NoDefaultConnect, NoDefaultKnown]',
  ],
  [
    'a stage is deployed, after all routes of its API',
    'a stage that serves nothing',
    '{ ApiId: !Ref Mock, StageName: probe, AutoDeploy: true }',
    '{ ApiId: !Ref Mock, StageName: probe }',
  ],
  [
    'a limit has a rate and a burst, of a route that there is',
    'half a limit',
    'StageName: throttled, AutoDeploy: true, RouteSettings: { $connect: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 10 } }',
    'StageName: throttled, AutoDeploy: true, RouteSettings: { $connect: { ThrottlingRateLimit: 1 } }',
  ],
  [
    'a limit has a rate and a burst, of a route that there is',
    'a limit of no route',
    'RouteSettings: { $default: {',
    'RouteSettings: { $defualt: {',
  ],
  [
    'the function lets each API call it, and nobody else',
    'a permission for everybody',
    ', SourceArn: !Sub "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${NoConnect}/*"',
    '',
  ],
  [
    'the function lets each API call it, and nobody else',
    'a permission for all APIs of the account',
    '${AWS::AccountId}:${Keyed}/*"',
    '${AWS::AccountId}:*"',
  ],
  [
    'what is no proxy answers $connect',
    'a queue that never opens',
    '{ ApiId: !Ref Direct, IntegrationId: !Ref DirectBegin,',
    '{ ApiId: !Ref Direct, IntegrationId: !Ref DirectGoOn,',
  ],
  [
    'a mock selects its template, which gives a status',
    'a mock that selects nothing',
    'TemplateSelectionExpression: "200"',
    'TemplateSelectionExpression: "201"',
  ],
  [
    'a mock selects its template, which gives a status',
    'a mock without a status',
    `'{"statusCode": 200}'`,
    `'{"status": 200}'`,
  ],
  [
    'an answer is sent by a route that selects one',
    'an answer that is never sent',
    '{ ApiId: !Ref Keyed, RouteKey: $default,',
    '{ ApiId: !Ref Keyed, RouteKey: $default, RouteResponseSelectionExpression: $default,',
  ],
  [
    'what writes to the queue has a role for it, and a form',
    'the role of the function',
    'Principal: { Service: apigateway.amazonaws.com }',
    'Principal: { Service: lambda.amazonaws.com }',
  ],
  [
    'a key is valid by a plan and a stage, and enabled',
    'a plan of a stage of another API',
    '{ ApiStages: [{ ApiId: !Ref Keyed, Stage: !Ref KeyedOtherStage }]',
    '{ ApiStages: [{ ApiId: !Ref Keyed, Stage: !Ref IamOtherStage }]',
  ],
  [
    'a key is valid by a plan and a stage, and enabled',
    'the valid key is disabled',
    '{ Enabled: true, Value: !Ref ApiKey }',
    '{ Enabled: false, Value: !Ref ApiKey }',
  ],
  [
    'a key is valid by a plan and a stage, and enabled',
    'a key that is looked for nowhere',
    '      ApiKeySelectionExpression: $request.header.x-api-key\n',
    '',
  ],
  [
    'a quota has a period that there is',
    'a period that there is not',
    'Period: MONTH',
    'Period: HOUR',
  ],
  [
    'a role allows what is named, on what is named',
    'every action of the table',
    '"dynamodb:PutItem"',
    '"dynamodb:*"',
  ],
  [
    'a role allows what is named, on what is named',
    'every queue',
    'Statement: [{ Sid: Queue, Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn }]',
    'Statement: [{ Sid: Queue, Effect: Allow, Action: "sqs:SendMessage", Resource: "*" }]',
  ],
  [
    'no secret can be read',
    'a secret that is shown',
    'ProbeSecret:\n    Type: String\n    NoEcho: true',
    'ProbeSecret:\n    Type: String\n    NoEcho: false',
  ],
  [
    'no secret can be read',
    'a key that is put out',
    'Sink: { Value: !Ref Sink }',
    'Sink: { Value: !Ref Sink }\n  Key: { Value: !Ref ApiKey }',
  ],
  [
    'no secret can be read',
    'a key that everybody knows',
    'ApiKey:\n    Type: String\n',
    'ApiKey:\n    Type: String\n    Default: 01234567890123456789\n',
  ],
  [
    'the function outlives an integration, and has a bound',
    'a function that ends first',
    'Timeout: 35',
    'Timeout: 10',
  ],
  [
    'the function outlives an integration, and has a bound',
    'a function without a bound',
    '      ReservedConcurrentExecutions: !Ref ReservedConcurrency\n',
    '',
  ],
  [
    'all of it goes when the stack goes',
    'a table that stays',
    'Type: AWS::DynamoDB::Table\n    DeletionPolicy: Delete',
    'Type: AWS::DynamoDB::Table\n    DeletionPolicy: Retain',
  ],
  [
    'what ws-assay reads is put out',
    'a URL of a stage that is not',
    'wss://${NoConnect}.execute-api.${AWS::Region}.${AWS::URLSuffix}/probe',
    'wss://${NoConnect}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod',
  ],
  [
    'what ws-assay reads is put out',
    'a table that nobody finds',
    '  Table: { Value: !Ref Events }\n',
    '',
  ],
];

/** Those that the validator of AWS must catch, each by the id of its rule. */
export const INVALID: readonly Mistake[] = [
  [
    'F1020',
    'a reference to nothing',
    'FunctionName: !Ref Probe, Principal: apigateway.amazonaws.com, SourceArn: !Sub "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Iam}/*"',
    'FunctionName: !Ref Prob, Principal: apigateway.amazonaws.com, SourceArn: !Sub "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Iam}/*"',
  ],
  ['E9004', 'an attribute that there is not', '!GetAtt ProbeLog.Arn', '!GetAtt ProbeLog.Arm'],
  ['F3006', 'a type that there is not', 'Type: AWS::Logs::LogGroup', 'Type: AWS::Logs::LogGruop'],
  ['F3002', 'a property that there is not', 'MemorySize: 256', 'MemorySiz: 256'],
  [
    'F3003',
    'a property that is missing',
    '      Runtime: nodejs22.x\n      Architectures: [arm64]\n      Handler: index.handler\n      Role: !GetAtt ProbeRole.Arn\n',
    '      Runtime: nodejs22.x\n      Architectures: [arm64]\n      Handler: index.handler\n',
  ],
  ['F3012', 'a text where a number belongs', 'MemorySize: 256', 'MemorySize: much'],
  ['E2533', 'a runtime that is gone', 'Runtime: nodejs22.x', 'Runtime: nodejs10.x'],
  [
    'F3004',
    'a stage that waits for itself',
    'DependsOn: [MockConnect]',
    'DependsOn: [MockConnect, MockProbeStage]',
  ],
  ['E3005', 'an order after nothing', 'DependsOn: [MockConnect]', 'DependsOn: [MockConect]'],
  ['E1028', 'a condition that there is not', '!If [ToQueue,', '!If [ToQeue,'],
  ['F0000', 'a resource twice', '  MockAdmitted:\n', '  MockAdmits:\n'],
  [
    'E3039',
    'a key of a table that is no attribute',
    'AttributeName: sk, KeyType: RANGE',
    'AttributeName: so, KeyType: RANGE',
  ],
];

function api(id: string): string {
  const name = id.toLowerCase();
  return `Name: !Sub \${AWS::StackName}-${name}\n      ProtocolType: WEBSOCKET\n      RouteSelectionExpression: $request.body.action\n`;
}
