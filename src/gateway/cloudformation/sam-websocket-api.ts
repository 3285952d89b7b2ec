// `AWS::Serverless::WebSocketApi` as the resources that the serverless transform makes of it (SAM, "Generated CloudFormation
// resources").
import type { SourceSpan } from '../../base/source-span.ts';
import type { Findings } from './problem.ts';
import { withGlobals } from './serverless.ts';
import type { Resource, Template } from './template.ts';
import {
  entriesOf,
  mapNode,
  type TemplateEntry,
  type TemplateNode,
  textNode,
  textOf,
  valueOf,
} from './template-node.ts';

/** The template with every serverless WebSocket API taken apart. */
export function expandWebSocketApis(template: Template, findings: Findings): Template {
  const resources = new Map<string, Resource>();
  for (const resource of template.resources.values()) {
    const made =
      resource.type === 'AWS::Serverless::WebSocketApi'
        ? expanded(template, resource, findings)
        : [resource];
    for (const one of made) resources.set(one.id, one);
  }
  return { ...template, resources };
}

function expanded(template: Template, resource: Resource, findings: Findings): readonly Resource[] {
  const { id, span } = resource;
  const properties = withGlobals(template, resource, 'WebSocketApi');
  const routes = entriesOf(valueOf(properties, 'Routes'));
  const auth = valueOf(properties, 'Auth');
  const make = maker(resource);
  if (routes.length === 0)
    findings.problem(span, `${id} has no Routes`, 'write Routes: and a route');
  const connect = routes.find(({ key }) => key === '$connect');
  if (auth !== undefined && connect === undefined) {
    findings.problem(auth.span, `Auth of ${id} needs a route $connect`, 'write one');
  }
  const api = {
    ...picked(properties, API_PROPERTIES),
    ProtocolType: textNode('WEBSOCKET', span),
  };
  return [
    { ...make(id, 'AWS::ApiGatewayV2::Api', api, span), dependsOn: resource.dependsOn },
    stageOf(make, id, properties),
    ...routes.flatMap((route) => routeParts(make, { id, route, auth, findings })),
    ...authorizerParts(make, id, auth),
  ];
}

const API_PROPERTIES = [
  'ApiKeySelectionExpression',
  'DisableSchemaValidation',
  'Name',
  'RouteSelectionExpression',
];
const STAGE_PROPERTIES = ['DefaultRouteSettings', 'RouteSettings', 'StageVariables'];
const ROUTE_PROPERTIES = [
  'ApiKeyRequired',
  'ModelSelectionExpression',
  'RequestModels',
  'RequestParameters',
  'RouteResponseSelectionExpression',
];

type Values = Readonly<Record<string, TemplateNode | undefined>>;
type Make = (id: string, type: string, values: Values, span: SourceSpan) => Resource;

function maker({ id: expandedFrom, condition, metadata, typeSpan }: Resource): Make {
  return (id, type, values, span) => ({
    id,
    type,
    span,
    typeSpan,
    properties: mapNode(values, span),
    condition,
    dependsOn: [],
    metadata,
    expandedFrom,
  });
}

function picked(node: TemplateNode | undefined, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, valueOf(node, name)]));
}

function stageOf(make: Make, api: string, properties: TemplateNode): Resource {
  const name = valueOf(properties, 'StageName');
  const { span } = name ?? properties;
  const plain = name === undefined ? 'Default' : (textOf(name) ?? '');
  const values = {
    ...picked(properties, STAGE_PROPERTIES),
    ApiId: refTo(api, span),
    StageName: name ?? textNode('default', span),
    AutoDeploy: textNode('true', span),
  };
  return make(`${api}${plain}Stage`, 'AWS::ApiGatewayV2::Stage', values, span);
}

function routeParts(
  make: Make,
  {
    id,
    route,
    auth,
    findings,
  }: {
    readonly id: string;
    readonly route: TemplateEntry;
    readonly auth: TemplateNode | undefined;
    readonly findings: Findings;
  },
): readonly Resource[] {
  const { key, keySpan: span, value } = route;
  const name = key.replace(/^\$/, '');
  const base = `${id}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const called = valueOf(value, 'FunctionArn');
  if (called === undefined) {
    findings.problem(
      span,
      `the route ${key} has no FunctionArn`,
      'write FunctionArn: !GetAtt and a function',
    );
    return [];
  }
  const type = valueOf(auth, 'AuthType');
  const authorization =
    key !== '$connect' || type === undefined
      ? {}
      : {
          AuthorizationType: type,
          AuthorizerId:
            textOf(type) === 'CUSTOM' ? refTo(`${id}ConnectAuthorizer`, type.span) : undefined,
        };
  const target = call(
    'Fn::Join',
    [
      textNode('/', span),
      list([textNode('integrations', span), refTo(`${base}Integration`, span)], span),
    ],
    span,
  );
  return [
    make(
      `${base}Route`,
      'AWS::ApiGatewayV2::Route',
      {
        ...picked(value, ROUTE_PROPERTIES),
        ...authorization,
        ApiId: refTo(id, span),
        RouteKey: textNode(key, span),
        Target: target,
      },
      span,
    ),
    make(
      `${base}Integration`,
      'AWS::ApiGatewayV2::Integration',
      {
        ApiId: refTo(id, span),
        IntegrationType: textNode('AWS_PROXY', span),
        IntegrationUri: uriOf(called),
        TimeoutInMillis: valueOf(value, 'IntegrationTimeout'),
      },
      span,
    ),
    permission(make, `${base}Permission`, called),
  ];
}

function authorizerParts(
  make: Make,
  api: string,
  auth: TemplateNode | undefined,
): readonly Resource[] {
  const called = valueOf(auth, 'AuthArn');
  if (auth === undefined || called === undefined || textOf(valueOf(auth, 'AuthType')) !== 'CUSTOM')
    return [];
  const { span } = called;
  const role = valueOf(auth, 'InvokeRole');
  const authorizer = make(
    `${api}ConnectAuthorizer`,
    'AWS::ApiGatewayV2::Authorizer',
    {
      ApiId: refTo(api, span),
      AuthorizerType: textNode('REQUEST', span),
      AuthorizerUri: uriOf(called),
      AuthorizerCredentialsArn: role,
      IdentitySource: valueOf(auth, 'IdentitySource'),
    },
    span,
  );
  return role === undefined
    ? [authorizer, permission(make, `${api}AuthorizerPermission`, called)]
    : [authorizer];
}

function permission(make: Make, id: string, called: TemplateNode): Resource {
  const { span } = called;
  const values = {
    Action: textNode('lambda:InvokeFunction', span),
    FunctionName: called,
    Principal: textNode('apigateway.amazonaws.com', span),
  };
  return make(id, 'AWS::Lambda::Permission', values, span);
}

function uriOf(functionArn: TemplateNode): TemplateNode {
  const { span } = functionArn;
  const text =
    'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionArn}/invocations';
  return call('Fn::Sub', [textNode(text, span), mapNode({ FunctionArn: functionArn }, span)], span);
}

function refTo(id: string, span: SourceSpan): TemplateNode {
  return mapNode({ Ref: textNode(id, span) }, span);
}

function call(name: string, items: readonly TemplateNode[], span: SourceSpan): TemplateNode {
  return mapNode({ [name]: list(items, span) }, span);
}

function list(items: readonly TemplateNode[], span: SourceSpan): TemplateNode {
  return { kind: 'list', items, span };
}
