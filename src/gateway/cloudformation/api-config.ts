// An API of a template as the gateway's configuration writes it. Both have API Gateway's own words, so that what is not
// translated here is handed on as it is, and what the gateway does not serve yet is refused at its place.
import { type ApiResource, type Evaluated, partsOf, propertiesWithout } from './api-resource.ts';
import { apiIdOf } from './attribute.ts';
import { queueIntegration } from './queue-integration.ts';
import type { Scope } from './scope.ts';
import {
  mapNode,
  type TemplateEntry,
  type TemplateMap,
  type TemplateNode,
  textNode,
  textOf,
  valueOf,
} from './template-node.ts';

/** What an ARN of a Lambda function leads to: a reference of the configuration, or a finding. */
export type FunctionLookup = (uri: TemplateNode) => TemplateNode | undefined;

/** Writes the configuration of an API. */
export function apiConfig(
  scope: Scope,
  api: ApiResource,
  functionOf: FunctionLookup,
): TemplateNode {
  const { span } = api;
  const own = propertiesWithout(api, NOT_OF_A_GATEWAY.Api);
  const domain = `${apiIdOf(api.id)}.execute-api.${scope.region}.amazonaws.com`;
  const byId = (kind: string, make: (part: Evaluated) => TemplateNode): TemplateNode =>
    keyed({ scope, api, kind }, (part) => textNode(part.id, part.span), make);
  return {
    kind: 'map',
    span,
    entries: [
      ...mapNode(
        { ApiId: textNode(apiIdOf(api.id), span), DomainName: textNode(domain, span) },
        span,
      ).entries,
      ...(own.kind === 'map' ? own.entries : []),
      ...mapNode(
        {
          Routes: keyed(
            { scope, api, kind: 'Route' },
            (part) => valueOf(part.properties, 'RouteKey'),
            routeConfig,
          ),
          Integrations: byId('Integration', (part) =>
            integrationConfig({ scope, api, functionOf }, part),
          ),
          Authorizers: byId('Authorizer', (part) => authorizerConfig(part, functionOf)),
          Models: keyed({ scope, api, kind: 'Model' }, modelName, (part) =>
            propertiesWithout(part, NOT_OF_A_GATEWAY.Model),
          ),
          Stages: keyed(
            { scope, api, kind: 'Stage' },
            (part) => valueOf(part.properties, 'StageName'),
            stageConfig,
          ),
        },
        span,
      ).entries,
    ],
  };
}

/** Properties that say nothing about how messages are served. */
const NOT_OF_A_GATEWAY = {
  Api: new Set([
    'Name',
    'ProtocolType',
    'Description',
    'Tags',
    'Version',
    'DisableExecuteApiEndpoint',
    'FailOnWarnings',
    'IpAddressType',
  ]),
  Route: new Set(['ApiId', 'RouteKey', 'OperationName', 'AuthorizationScopes']),
  Integration: new Set(['ApiId', 'Description', 'CredentialsArn', 'PayloadFormatVersion']),
  Authorizer: new Set([
    'ApiId',
    'Name',
    'AuthorizerUri',
    'AuthorizerCredentialsArn',
    'AuthorizerResultTtlInSeconds',
  ]),
  IntegrationResponse: new Set(['ApiId', 'IntegrationId', 'IntegrationResponseKey']),
  Model: new Set(['ApiId', 'Name', 'Description']),
  Stage: new Set([
    'ApiId',
    'StageName',
    'DeploymentId',
    'AutoDeploy',
    'Description',
    'AccessLogSettings',
    'AccessPolicyId',
    'ClientCertificateId',
    'Tags',
  ]),
};

function keyed(
  { scope, api, kind }: { readonly scope: Scope; readonly api: ApiResource; readonly kind: string },
  keyOf: (part: Evaluated) => TemplateNode | undefined,
  make: (part: Evaluated) => TemplateNode,
): TemplateNode {
  const { findings } = scope;
  const entries = new Map<string, TemplateEntry>();
  for (const part of partsOf(api, kind)) {
    const name = keyOf(part);
    const key = textOf(name);
    if (name === undefined || key === undefined) {
      if (name?.kind !== 'unknown')
        findings.problem(name?.span ?? part.span, `${part.id} has no key`, KEY_HINTS[part.type]);
    } else if (entries.has(key)) {
      findings.problem(name.span, `the API has ${key} twice`, 'keep one of them');
    } else entries.set(key, { key, keySpan: name.span, value: make(part) });
  }
  return { kind: 'map', entries: [...entries.values()], span: api.span };
}

const KEY_HINTS: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Route': 'write RouteKey: $connect',
  'AWS::ApiGatewayV2::Stage': 'write StageName: and a name',
};

function modelName(model: Evaluated): TemplateNode {
  return valueOf(model.properties, 'Name') ?? textNode(model.id, model.span);
}

function routeConfig(route: Evaluated): TemplateNode {
  return propertiesWithout(route, NOT_OF_A_GATEWAY.Route);
}

function integrationConfig(
  {
    scope,
    api,
    functionOf,
  }: {
    readonly scope: Scope;
    readonly api: ApiResource;
    readonly functionOf: FunctionLookup;
  },
  integration: Evaluated,
): TemplateNode {
  const own = withResponses(scope, api, integration);
  const uri = valueOf(own, 'IntegrationUri');
  const type = textOf(valueOf(own, 'IntegrationType'));
  const service = SERVICE.exec(textOf(uri) ?? '')?.[1];
  if (uri !== undefined && service === 'sqs' && type === 'AWS') {
    return queueIntegration(scope, own, {
      uri,
      hasRole: valueOf(integration.properties, 'CredentialsArn') !== undefined,
    });
  }
  if (uri !== undefined && service !== undefined && service !== 'lambda') {
    scope.findings.problem(uri.span, `an integration with ${service} is not served`, ONLY_LAMBDA);
    return { kind: 'unknown', span: own.span };
  }
  if (uri === undefined || !/:lambda:/.test(textOf(uri) ?? '')) return own;
  // A proxy integration with Lambda calls by POST and passes everything through, whatever is written.
  const without = new Set([
    'IntegrationUri',
    'IntegrationMethod',
    ...(type === 'AWS_PROXY' ? ['PassthroughBehavior'] : []),
  ]);
  return handledBy(own, without, functionOf(uri));
}

/** An action of an AWS service: `arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem`. */
const SERVICE = /^arn:[\w-]+:apigateway:[\w-]*:([\w.-]+):(?:action|path)\//;

const ONLY_LAMBDA =
  'of AWS services functions are, and SQS by IntegrationType: AWS; let a function call the service';

// The internet is how every integration is reached; another connection is not.
function withResponses(
  { findings }: Scope,
  api: ApiResource,
  integration: Evaluated,
): TemplateNode {
  const own = propertiesWithout(integration, NOT_OF_A_GATEWAY.Integration);
  const mine = partsOf(api, 'IntegrationResponse').filter(
    ({ properties }) => textOf(valueOf(properties, 'IntegrationId')) === integration.id,
  );
  const responses = mine.map((part): TemplateEntry => {
    const key = valueOf(part.properties, 'IntegrationResponseKey');
    const value = propertiesWithout(part, NOT_OF_A_GATEWAY.IntegrationResponse);
    return { key: textOf(key) ?? '$default', keySpan: key?.span ?? part.span, value };
  });
  const entries = own.kind === 'map' ? own.entries : [];
  const kept = entries.filter(
    ({ key, value }) => key !== 'ConnectionType' || textOf(value) !== 'INTERNET',
  );
  const [first] = mine;
  if (first === undefined) return { kind: 'map', entries: kept, span: own.span };
  // AWS takes them, and does nothing with them.
  if ((textOf(valueOf(own, 'IntegrationType')) ?? '').endsWith('_PROXY')) {
    findings.note(
      first.span,
      `${first.id} changes nothing: a proxy integration answers for itself`,
    );
    return { kind: 'map', entries: kept, span: own.span };
  }
  const value = { kind: 'map' as const, entries: responses, span: first.span };
  return {
    kind: 'map',
    entries: [...kept, { key: 'IntegrationResponses', keySpan: first.span, value }],
    span: own.span,
  };
}

function authorizerConfig(authorizer: Evaluated, functionOf: FunctionLookup): TemplateNode {
  const own = propertiesWithout(authorizer, NOT_OF_A_GATEWAY.Authorizer);
  const uri = valueOf(authorizer.properties, 'AuthorizerUri');
  return handledBy(own, new Set(), uri === undefined ? undefined : functionOf(uri));
}

function handledBy(
  own: TemplateNode,
  without: ReadonlySet<string>,
  handler: TemplateNode | undefined,
): TemplateNode {
  const entries = own.kind === 'map' ? own.entries.filter(({ key }) => !without.has(key)) : [];
  const handled = handler ?? { kind: 'unknown' as const, span: own.span };
  return {
    kind: 'map',
    entries: [...entries, { key: 'Handler', keySpan: handled.span, value: handled }],
    span: own.span,
  };
}

function stageConfig(stage: Evaluated): TemplateNode {
  const own = propertiesWithout(stage, NOT_OF_A_GATEWAY.Stage);
  const entries =
    own.kind !== 'map'
      ? []
      : own.entries.flatMap((entry): readonly TemplateEntry[] => {
          if (entry.key === 'DefaultRouteSettings') {
            const value = throttlingOf(entry.value);
            return value === undefined ? [] : [{ ...entry, value }];
          }
          if (entry.key !== 'RouteSettings' || entry.value.kind !== 'map') return [entry];
          const routes = entry.value.entries.flatMap((route) => {
            const value = throttlingOf(route.value);
            return value === undefined ? [] : [{ ...route, value }];
          });
          return [{ ...entry, value: { ...entry.value, entries: routes } }];
        });
  return { kind: 'map', entries, span: own.span };
}

// Logging and metrics are not the gateway's. Of a limit whose other half is missing, AWS takes that of the account.
function throttlingOf(settings: TemplateNode): TemplateMap | undefined {
  const rate = valueOf(settings, 'ThrottlingRateLimit');
  const burst = valueOf(settings, 'ThrottlingBurstLimit');
  if (rate === undefined && burst === undefined) return undefined;
  const { span } = settings;
  return mapNode(
    {
      ThrottlingRateLimit: rate ?? { kind: 'scalar', value: 10_000, text: '10000', span },
      ThrottlingBurstLimit: burst ?? { kind: 'scalar', value: 5000, text: '5000', span },
    },
    span,
  );
}
