// What has to hold of the stack and no validator knows: rules of WebSocket APIs, of least privilege, and of what ws-assay reads.
import { refOf, type Stack, type StackResource, type Value } from './stack.ts';

/** By name: what is wrong, a sentence for each place. */
export const RULES: Readonly<Record<string, (stack: Stack) => readonly string[]>> = {
  'an API is a WebSocket API with a route selection': ({ of }) =>
    of(API).flatMap(({ id, Properties: { ProtocolType, RouteSelectionExpression } }) =>
      ProtocolType === 'WEBSOCKET' && RouteSelectionExpression === '$request.body.action'
        ? []
        : [`${id}: ${ProtocolType}, ${RouteSelectionExpression}`],
    ),
  'an integration has a type that there is': ({ of }) =>
    of(INTEGRATION).flatMap(({ id, Properties: { IntegrationType: type } }) =>
      ['AWS_PROXY', 'AWS', 'HTTP', 'HTTP_PROXY', 'MOCK'].includes(type) ? [] : [`${id}: ${type}`],
    ),
  'only $connect is authorized, in a mode that WebSocket APIs have': ({ of }) =>
    of(ROUTE).flatMap(
      ({ id, Properties: { RouteKey, AuthorizationType: mode, ApiKeyRequired } }) => {
        if (RouteKey === '$connect')
          return ['NONE', 'AWS_IAM', 'CUSTOM'].includes(mode) ? [] : [`${id}: ${mode}`];
        return mode === undefined && ApiKeyRequired === undefined ? [] : [`${id}: ${RouteKey}`];
      },
    ),
  'each mode of authorization has its API': (stack) => {
    const modes = stack
      .of(ROUTE)
      .map(({ Properties: { AuthorizationType: mode, ApiKeyRequired: key } }) =>
        key === true ? 'API key' : mode,
      );
    return ['NONE', 'AWS_IAM', 'CUSTOM', 'API key'].filter((mode) => !modes.includes(mode));
  },
  'CUSTOM has a REQUEST authorizer of its own API': (stack) =>
    stack.of(ROUTE).flatMap(({ id, Properties: { AuthorizationType, AuthorizerId, ApiId } }) => {
      const authorizer = find(stack, refOf(AuthorizerId));
      if (AuthorizationType !== 'CUSTOM') return AuthorizerId === undefined ? [] : [id];
      const { AuthorizerType, ApiId: of } = authorizer?.Properties ?? {};
      return AuthorizerType === 'REQUEST' && refOf(of) === refOf(ApiId) ? [] : [id];
    }),
  'an authorizer has nothing of HTTP APIs': ({ of }) =>
    of('ApiGatewayV2::Authorizer').flatMap(({ id, Properties }) =>
      HTTP_ONLY.filter((key) => Object.hasOwn(Properties, key)).map((key) => `${id}: ${key}`),
    ),
  'a route leads to an integration of its own API': (stack) =>
    stack.of(ROUTE).flatMap(({ id, Properties: { Target, ApiId } }) => {
      const integration = find(stack, refOf(Target));
      const right =
        Target['Fn::Sub']?.startsWith('integrations/') === true &&
        integration?.Type === `AWS::${INTEGRATION}` &&
        refOf(integration.Properties.ApiId) === refOf(ApiId);
      return right ? [] : [id];
    }),
  'a stage is deployed, after all routes of its API': (stack) =>
    stack.of(STAGE).flatMap(({ id, DependsOn = [], Properties: { AutoDeploy, ApiId } }) => {
      const late = routesOf(stack, refOf(ApiId)).filter((route) => !DependsOn.includes(route.id));
      const undeployed = AutoDeploy === true ? [] : [`${id}: AutoDeploy`];
      return [...undeployed, ...late.map((route) => `${id}: ${route.id}`)];
    }),
  'a limit has a rate and a burst, of a route that there is': (stack) =>
    stack
      .of(STAGE)
      .flatMap(({ id, Properties: { RouteSettings = {}, DefaultRouteSettings, ApiId } }) => {
        const keys = routesOf(stack, refOf(ApiId)).map(({ Properties }) => Properties.RouteKey);
        const unknown = Object.keys(RouteSettings).filter((key) => !keys.includes(key));
        const limits = [
          ...Object.values<Value>(RouteSettings),
          ...[DefaultRouteSettings ?? []].flat(),
        ];
        const halves = limits.filter(
          (one) => !(one.ThrottlingRateLimit >= 0 && one.ThrottlingBurstLimit >= 0),
        );
        return [...unknown, ...halves.map(() => 'half a limit')].map((what) => `${id}: ${what}`);
      }),
  'the function lets each API call it, and nobody else': (stack) => {
    const permissions = stack.of('Lambda::Permission');
    const wide = permissions.filter(
      ({ Properties: { Principal, SourceArn, Action } }) =>
        Principal !== 'apigateway.amazonaws.com' ||
        Action !== 'lambda:InvokeFunction' ||
        !/:\$\{\w+\}\/\*$/.test(SourceArn?.['Fn::Sub'] ?? ''),
    );
    const allowed = permissions.map(({ Properties }) => refOf(Properties.SourceArn));
    const calls = stack.resources.filter(({ Properties: { IntegrationUri, AuthorizerUri } }) =>
      isLambda(IntegrationUri ?? AuthorizerUri),
    );
    const callers = new Set(calls.map(({ Properties }) => refOf(Properties.ApiId)));
    const unable = [...callers].filter((api) => !allowed.includes(api));
    return [
      ...wide.map(({ id }) => `${id}: too wide`),
      ...unable.map((api) => `${api}: not allowed`),
    ];
  },
  'what is no proxy answers $connect': (stack) =>
    stack.of(ROUTE).flatMap(({ id, Properties: { RouteKey, Target } }) => {
      const integration = find(stack, refOf(Target));
      if (RouteKey !== '$connect' || integration?.Properties.IntegrationType.endsWith('_PROXY'))
        return [];
      const answers = stack
        .of('ApiGatewayV2::IntegrationResponse')
        .some(({ Properties }) => refOf(Properties.IntegrationId) === integration?.id);
      return answers ? [] : [id];
    }),
  'a mock selects its template, which gives a status': ({ of }) =>
    of(INTEGRATION).flatMap(
      ({
        id,
        Properties: { IntegrationType, RequestTemplates, TemplateSelectionExpression: key },
      }) => {
        if (IntegrationType !== 'MOCK') return [];
        return /^\{"statusCode": \d{3}\}$/.test(RequestTemplates?.[key] ?? '') ? [] : [id];
      },
    ),
  'an answer is sent by a route that selects one': (stack) => {
    const answers = stack
      .of('ApiGatewayV2::RouteResponse')
      .map(({ Properties }) => refOf(Properties.RouteId));
    return stack
      .of(ROUTE)
      .filter(
        ({ id, Properties }) =>
          (Properties.RouteResponseSelectionExpression === '$default') !== answers.includes(id),
      )
      .map(({ id }) => id);
  },
  'what writes to the queue has a role for it, and a form': (stack) =>
    stack.of(INTEGRATION).flatMap(({ id, Properties }) => {
      if (Properties.IntegrationType !== 'AWS') return [];
      const role = find(stack, refOf(Properties.CredentialsArn));
      const service = role?.Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service;
      const form = Properties.RequestParameters?.['integration.request.header.Content-Type'];
      const template: string = Properties.RequestTemplates?.$default ?? '';
      const right =
        service === 'apigateway.amazonaws.com' &&
        form === "'application/x-www-form-urlencoded'" &&
        template.startsWith('Action=SendMessage&MessageBody=') &&
        Properties.PassthroughBehavior === 'NEVER';
      return right ? [] : [id];
    }),
  'a key is valid by a plan and a stage, and enabled': (stack) => {
    const plan = stack.of('ApiGateway::UsagePlan');
    const used = stack
      .of('ApiGateway::UsagePlanKey')
      .map(({ Properties }) => refOf(Properties.UsagePlanId));
    const valid = find(stack, 'ValidKey');
    const idle = plan.filter(({ id }) => !used.includes(id)).map(({ id }) => `${id}: no key`);
    const elsewhere = plan.flatMap(({ id, Properties: { ApiStages } }) =>
      ApiStages.filter((one: Value) => {
        const stage = find(stack, refOf(one.Stage));
        return stage === undefined || refOf(stage.Properties.ApiId) !== refOf(one.ApiId);
      }).map(() => `${id}: a stage of another API`),
    );
    const off = valid?.Properties.Enabled === true ? [] : ['ValidKey is disabled'];
    const unread = stack
      .of(ROUTE)
      .filter(
        ({ Properties: { ApiKeyRequired, ApiId } }) =>
          ApiKeyRequired === true &&
          find(stack, refOf(ApiId))?.Properties.ApiKeySelectionExpression === undefined,
      )
      .map(({ id }) => `${id}: its API does not say where the key is`);
    return [...idle, ...elsewhere, ...off, ...unread];
  },
  'a quota has a period that there is': ({ of }) =>
    of('ApiGateway::UsagePlan').flatMap(({ id, Properties: { Quota } }) =>
      Quota === undefined || ['DAY', 'WEEK', 'MONTH'].includes(Quota.Period) ? [] : [id],
    ),
  'a role allows what is named, on what is named': ({ of }) =>
    of('IAM::Role').flatMap(({ id, Properties: { Policies = [], ManagedPolicyArns } }) => {
      const statements: Value[] = Policies.flatMap((one: Value) => one.PolicyDocument.Statement);
      const wide = statements.filter(
        ({ Effect, Action, Resource }) =>
          Effect !== 'Allow' ||
          [Action].flat().some((one: string) => one.includes('*')) ||
          Resource?.['Fn::GetAtt'] === undefined,
      );
      const managed = ManagedPolicyArns === undefined ? [] : [`${id}: a policy of others`];
      return [...managed, ...wide.map(({ Sid }) => `${id}: ${Sid}`)];
    }),
  'no secret can be read': ({ parameters, outputs }) => {
    const told = Object.entries<Value>(outputs).filter(([, { Value: value }]) =>
      SECRETS.includes(refOf(value) ?? ''),
    );
    const echoed = SECRETS.filter(
      (name) => parameters[name]?.NoEcho !== true || parameters[name]?.Default !== undefined,
    );
    return [...told.map(([name]) => name), ...echoed];
  },
  'the function outlives an integration, and has a bound': ({ of }) =>
    of('Lambda::Function').flatMap(
      ({ id, Properties: { Timeout, ReservedConcurrentExecutions, Handler } }) =>
        Timeout > 29 &&
        Timeout <= 60 &&
        ReservedConcurrentExecutions !== undefined &&
        Handler === 'index.handler'
          ? []
          : [id],
    ),
  'all of it goes when the stack goes': ({ resources }) =>
    resources
      .filter(({ Type, DeletionPolicy }) => KEEPING.includes(Type) && DeletionPolicy !== 'Delete')
      .map(({ id }) => id),
  'what ws-assay reads is put out': (stack) => {
    const endpoints = Object.entries<Value>(stack.outputs).filter(([name]) =>
      name.startsWith('Endpoint'),
    );
    const dead = endpoints.filter(([, { Value: value }]) => {
      const [, api, name] = /^wss:\/\/\$\{(\w+)\}\..*\/(\w+)$/.exec(value['Fn::Sub']) ?? [];
      return !stack
        .of(STAGE)
        .some(({ Properties }) => refOf(Properties.ApiId) === api && Properties.StageName === name);
    });
    const missing = ['Region', 'Sink', 'Table', 'QueueUrl'].filter(
      (name) => !(name in stack.outputs),
    );
    const apis = stack
      .of(API)
      .filter(({ id }) => !endpoints.some(([, { Value: value }]) => refOf(value) === id));
    return [...dead.map(([name]) => name), ...missing, ...apis.map(({ id }) => id)];
  },
};

const API = 'ApiGatewayV2::Api';
const ROUTE = 'ApiGatewayV2::Route';
const STAGE = 'ApiGatewayV2::Stage';
const INTEGRATION = 'ApiGatewayV2::Integration';
const SECRETS = ['ProbeSecret', 'ApiKey'];
const KEEPING = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Logs::LogGroup'];
const HTTP_ONLY = [
  'AuthorizerResultTtlInSeconds',
  'AuthorizerPayloadFormatVersion',
  'EnableSimpleResponses',
  'JwtConfiguration',
];

const find = ({ resources }: Stack, id: string | undefined): StackResource | undefined =>
  resources.find((one) => one.id === id);

const routesOf = (stack: Stack, api: string | undefined): readonly StackResource[] =>
  stack.of(ROUTE).filter(({ Properties }) => refOf(Properties.ApiId) === api);

const isLambda = (uri: Value): boolean => uri?.['Fn::Sub']?.includes(':lambda:path/') === true;
