// What would go wrong on AWS although it works here: permissions, and the order in which a deployment is made.
import {
  type ApiResource,
  type Evaluated,
  evaluatedResource,
  exists,
  partsOf,
} from './api-resource.ts';
import { apiIdOf } from './attribute.ts';
import type { TemplateFunction } from './function.ts';
import type { Scope } from './scope.ts';
import { type TemplateNode, textOf, valueOf } from './template-node.ts';

/** A function that an API calls, and where the template says so. */
export interface FunctionCall {
  readonly api: ApiResource;
  readonly called: TemplateFunction;
  readonly at: TemplateNode;
  /** It says with which role it is called, so that the function need not permit it. */
  readonly hasRole: boolean;
}

/** Notes each function that API Gateway may not call on AWS. */
export function notePermissions(scope: Scope, calls: readonly FunctionCall[]): void {
  const permissions = [...scope.template.resources.values()]
    .filter((one) => one.type === 'AWS::Lambda::Permission' && exists(scope, one))
    .map((one) => evaluatedResource(scope, one));
  for (const call of calls) {
    if (call.hasRole || permissions.some((one) => permits(scope, one, call))) continue;
    const message = `no AWS::Lambda::Permission lets API Gateway call ${call.called.id}`;
    scope.findings.note(call.at.span, message, 'it is called here; on AWS the call fails');
  }
}

function permits(scope: Scope, { properties }: Evaluated, { api, called }: FunctionCall): boolean {
  const unclear = ['FunctionName', 'Principal', 'SourceArn'].some(
    (key) => valueOf(properties, key)?.kind === 'unknown',
  );
  if (unclear || properties.kind === 'unknown') return true;
  const name = textOf(valueOf(properties, 'FunctionName')) ?? '';
  const principal = textOf(valueOf(properties, 'Principal')) ?? '';
  const source = textOf(valueOf(properties, 'SourceArn'));
  if (!/^(\*|apigateway\.amazonaws\.com(\.cn)?)$/.test(principal)) return false;
  if ((/:function:([^:]+)/.exec(name)?.[1] ?? name.replace(/:.*$/, '')) !== called.name)
    return false;
  if (source === undefined) return true;
  const arn = `arn:aws:execute-api:${scope.region}:${scope.accountId}:${apiIdOf(api.id)}/`;
  return arn.startsWith(source.replace(/\*.*$/, '').slice(0, arn.length));
}

/** Notes each deployment that AWS may make before the routes of its API. */
export function noteDeployments(scope: Scope, api: ApiResource): void {
  for (const stage of partsOf(api, 'Stage')) {
    const deployed = valueOf(stage.properties, 'DeploymentId');
    const automatic = textOf(valueOf(stage.properties, 'AutoDeploy')) === 'true';
    if (automatic || deployed?.kind === 'unknown') continue;
    if (deployed === undefined) {
      const hint = 'on AWS it serves nothing; write DeploymentId or AutoDeploy: true';
      scope.findings.note(stage.span, `the stage ${stage.id} has no deployment`, hint);
      continue;
    }
    noteOrder(scope, api, textOf(deployed) ?? '');
  }
}

function noteOrder({ template, findings }: Scope, api: ApiResource, deployment: string): void {
  const resource = template.resources.get(deployment);
  if (resource === undefined) return;
  const first = new Set(resource.dependsOn.map(textOf));
  const late = partsOf(api, 'Route').filter(({ id }) => !first.has(id));
  if (late.length === 0) return;
  const names = late.map(({ id }) => id).join(', ');
  findings.note(
    resource.span,
    `${deployment} does not depend on ${names}`,
    'AWS may deploy without them; add DependsOn',
  );
}

/** Notes an endpoint that is turned off on AWS: here there is no other one. */
export function noteEndpoint({ findings }: Scope, { id, properties }: ApiResource): void {
  const disabled = valueOf(properties, 'DisableExecuteApiEndpoint');
  if (disabled === undefined || textOf(disabled)?.toLowerCase() !== 'true') return;
  const hint = 'on AWS only its custom domain does';
  findings.note(disabled.span, `the own endpoint of ${id} answers here`, hint);
}

/** Notes each response that would be sent nowhere. */
export function noteResponses({ findings }: Scope, api: ApiResource): void {
  const routes = partsOf(api, 'Route');
  for (const { id, span, properties } of partsOf(api, 'RouteResponse')) {
    const routeId = textOf(valueOf(properties, 'RouteId'));
    const route = routes.find((one) => one.id === routeId);
    if (
      route === undefined ||
      valueOf(route.properties, 'RouteResponseSelectionExpression') !== undefined
    )
      continue;
    const hint = `write RouteResponseSelectionExpression: $default for ${route.id}`;
    findings.note(span, `the route response ${id} is never sent`, hint);
  }
}
