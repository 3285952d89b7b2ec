// The APIs of a template with all that belongs to each: stages, routes, integrations, authorizers.
import { apiIdOf } from './attribute.ts';
import { conditionHolds } from './condition.ts';
import { evaluatedProperties } from './evaluate.ts';
import type { Scope } from './scope.ts';
import type { Resource } from './template.ts';
import { entriesOf, type TemplateNode, textOf, valueOf } from './template-node.ts';

/** A resource that exists, with its properties evaluated. */
export interface Evaluated {
  readonly id: string;
  readonly type: string;
  readonly span: Resource['span'];
  readonly properties: TemplateNode;
}

/** A WebSocket API and the resources that name it. */
export interface ApiResource extends Evaluated {
  readonly parts: readonly Evaluated[];
}

/** What a gateway serves. Everything else of a template is named and left alone. */
export const PART_TYPES: readonly string[] = [
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Deployment',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::IntegrationResponse',
  'AWS::ApiGatewayV2::Model',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::Stage',
];

/** True for a resource whose condition holds, or that has none. */
export function exists(scope: Scope, { condition }: Pick<Resource, 'condition'>): boolean {
  return condition === undefined || conditionHolds(scope, condition) === true;
}

/** The WebSocket APIs of a template. A template without any is a finding. */
export function apiResources(scope: Scope): readonly ApiResource[] {
  const resources = [...scope.template.resources.values()].filter((one) => exists(scope, one));
  const evaluated = (type: (name: string) => boolean): readonly Evaluated[] =>
    resources.filter((one) => type(one.type)).map((one) => evaluatedResource(scope, one));
  const declared = evaluated((type) => type === 'AWS::ApiGatewayV2::Api');
  const apis = declared.filter((one) => isWebSocket(scope, one));
  const others = new Set(
    declared.filter((one) => !apis.includes(one)).map(({ id }) => apiIdOf(id)),
  );
  const parts = evaluated((type) => PART_TYPES.includes(type));
  for (const part of parts) checkOwner(scope, part, { apis, others });
  return apis.map((api) => ({
    ...api,
    parts: parts.filter(
      ({ properties }) => textOf(valueOf(properties, 'ApiId')) === apiIdOf(api.id),
    ),
  }));
}

/** A resource with its properties evaluated. */
export function evaluatedResource(scope: Scope, resource: Resource): Evaluated {
  const { id, type, span } = resource;
  return { id, type, span, properties: evaluatedProperties(scope, resource) };
}

/** Properties that make a route, or a whole API, at once. */
const QUICK_CREATE = ['Body', 'BodyS3Location', 'CorsConfiguration', 'RouteKey', 'Target'];
const RESOURCES = 'take it away and write routes and integrations as resources';

function isWebSocket({ findings }: Scope, { id, span, properties }: Evaluated): boolean {
  const protocol = valueOf(properties, 'ProtocolType');
  const name = textOf(protocol);
  if (name === 'WEBSOCKET') {
    for (const key of QUICK_CREATE) {
      const value = valueOf(properties, key);
      if (value !== undefined)
        findings.problem(value.span, `only HTTP APIs have ${key}`, RESOURCES);
    }
    return true;
  }
  if (name === 'HTTP') findings.note(span, `${id} is an HTTP API and is not served`);
  else if (protocol?.kind !== 'unknown' && valueOf(properties, 'Body') === undefined) {
    findings.problem(
      protocol?.span ?? span,
      `${id} has no ProtocolType that there is`,
      'write ProtocolType: WEBSOCKET',
    );
  } else
    findings.note(span, `${id} is described by an OpenAPI document, so it is no WebSocket API`);
  return false;
}

function checkOwner(
  { findings }: Scope,
  { id, span, properties }: Evaluated,
  { apis, others }: { readonly apis: readonly Evaluated[]; readonly others: ReadonlySet<string> },
): void {
  const owner = valueOf(properties, 'ApiId');
  if (owner?.kind === 'unknown' || properties.kind === 'unknown') return;
  const apiId = textOf(owner);
  if (apiId !== undefined && (others.has(apiId) || apis.some((api) => apiIdOf(api.id) === apiId)))
    return;
  const message =
    apiId === undefined
      ? `${id} has no ApiId`
      : `${id} belongs to the API ${apiId}, which is not in this template`;
  findings.problem(owner?.span ?? span, message, 'write ApiId: !Ref and the API');
}

/** The parts of one type. */
export function partsOf(api: ApiResource, kind: string): readonly Evaluated[] {
  return api.parts.filter(({ type }) => type === `AWS::ApiGatewayV2::${kind}`);
}

/** The properties of a resource without some. */
export function propertiesWithout(
  { properties, span }: Evaluated,
  names: ReadonlySet<string>,
): TemplateNode {
  const entries = entriesOf(properties).filter(({ key }) => !names.has(key));
  return { kind: 'map', entries, span };
}
