// API keys and usage plans of a template as the gateway's configuration writes them.
import {
  type ApiResource,
  type Evaluated,
  evaluatedResource,
  exists,
  propertiesWithout,
} from './api-resource.ts';
import { apiIdOf } from './attribute.ts';
import type { Scope } from './scope.ts';
import { itemsOf, mapNode, type TemplateNode, textNode, textOf, valueOf } from './template-node.ts';

/** API keys and usage plans, by logical id. `drawKey` gives the value of a key that has none, as AWS would. */
export function keyConfig(
  scope: Scope,
  apis: readonly ApiResource[],
  drawKey: (id: string) => string,
): { readonly ApiKeys: TemplateNode; readonly UsagePlans: TemplateNode } {
  const all = (type: string): readonly Evaluated[] =>
    [...scope.template.resources.values()]
      .filter((one) => one.type === `AWS::ApiGateway::${type}` && exists(scope, one))
      .map((one) => evaluatedResource(scope, one));
  const keys = all('ApiKey').map((key) => [key.id, apiKeyConfig(scope, key, drawKey)] as const);
  const plans = all('UsagePlan').map(
    (plan) => [plan.id, planConfig(plan, { apis, keys: all('UsagePlanKey') })] as const,
  );
  const { span } = scope.template.root;
  return {
    ApiKeys: mapNode(Object.fromEntries(keys), span),
    UsagePlans: mapNode(Object.fromEntries(plans), span),
  };
}

function apiKeyConfig(scope: Scope, key: Evaluated, drawKey: (id: string) => string): TemplateNode {
  const { id, properties, span } = key;
  const enabled = valueOf(properties, 'Enabled');
  if (enabled === undefined) {
    scope.findings.note(
      span,
      `the API key ${id} is disabled`,
      'CloudFormation needs Enabled: true',
    );
  }
  return mapNode(
    {
      Value: valueOf(properties, 'Value') ?? textNode(drawKey(id), span),
      Enabled: enabled ?? { kind: 'scalar', value: false, text: 'false', span },
    },
    span,
  );
}

function planConfig(
  plan: Evaluated,
  { apis, keys }: { readonly apis: readonly ApiResource[]; readonly keys: readonly Evaluated[] },
): TemplateNode {
  const { span } = plan;
  const own = propertiesWithout(
    plan,
    new Set(['UsagePlanName', 'Description', 'Tags', 'ApiStages']),
  );
  const served = new Set(apis.map(({ id }) => apiIdOf(id)));
  const stages = itemsOf(valueOf(plan.properties, 'ApiStages')).filter((stage) => {
    const id = textOf(valueOf(stage, 'ApiId'));
    return id === undefined || served.has(id); // the others are REST APIs
  });
  const mine = keys.flatMap(({ properties }) => {
    const key = valueOf(properties, 'KeyId');
    return textOf(valueOf(properties, 'UsagePlanId')) === plan.id && key !== undefined ? [key] : [];
  });
  const lists = mapNode(
    {
      ApiStages: { kind: 'list', items: stages, span },
      KeyIds: { kind: 'list', items: mine, span },
    },
    span,
  );
  return {
    kind: 'map',
    entries: [...(own.kind === 'map' ? own.entries : []), ...lists.entries],
    span,
  };
}
