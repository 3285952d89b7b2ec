// Sets up the probe behind the APIs of a target by the calls that one would make to AWS, and removes
// all of it again: API Gateway V2 and Lambda, served by whatever speaks them.
import type { Clock } from '../base/clock.ts';
import { messageOf, ToolError } from '../base/errors.ts';
import type { Endpoint, Provision, Target } from './model.ts';
import { makeFunction } from './provision-function.ts';
import { ROLE_APIS, type RoleApi } from './provision-role.ts';
import { type ControlPlane, openControlPlane } from './provision-sdk.ts';
import { call, removeAll, type Work } from './provision-work.ts';

/** Where the id of an API goes in the URLs of a target. */
const API_ID = '{apiId}';

/** The stage of every API that is provisioned. */
const STAGE = 'probe';

/** What was set up. */
export interface Provisioned {
  /** The target with the ids of its APIs in its URLs. */
  readonly target: Target;
  /** Deletes what was made, each thing once, and tells what could not be deleted. Never rejects. */
  readonly remove: () => Promise<readonly string[]>;
}

/** What setting up needs. */
export interface Provisioning {
  readonly probe: { readonly url: string; readonly token: string };
  readonly clock: Clock;
  /** Aborts when nobody wants it any more. */
  readonly signal?: AbortSignal | undefined;
  /** @default the clients of AWS's SDK */
  readonly open?: (provision: Provision) => Promise<ControlPlane>;
}

/**
 * Makes an API for each endpoint whose URL has `{apiId}`, with the probe behind it.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED, naming each role and the call that was refused; what was made is removed then
 */
export async function provisionTarget(
  target: Target,
  provision: Provision,
  { probe, clock, signal, open = openControlPlane }: Provisioning,
): Promise<Provisioned> {
  const plane = await open(provision);
  const work: Work = { plane, probe, clock, signal, timeoutMs: timeoutOf(target), made: [] };
  const roles = Object.keys(target.endpoints).filter((role) => isProvisioned(target, role));
  const ids: Record<string, string> = {};
  const refused: string[] = [];
  for (const role of roles) {
    try {
      ids[role] = await makeApi(role, work);
    } catch (thrown) {
      refused.push(`${role}: ${messageOf(thrown)}`);
      if (signal?.aborted === true) break;
    }
  }
  const remove = (): Promise<readonly string[]> => removeAll(work.made);
  if (refused.length === 0) return { target: withIds(target, ids), remove };
  await remove();
  const message = `The target could not be set up at ${provision.endpoint}:\n  ${refused.join('\n  ')}`;
  const hint =
    'Leave the roles that it refuses out of endpoints: what needs them is then not applicable.';
  throw new ToolError('TARGET_LAUNCH_FAILED', message, { hint });
}

// As long as AWS lets an integration take.
const LONGEST_MS = 29_000;

function timeoutOf({ limits }: Target): number {
  return limits['integrationTimeout'] ?? LONGEST_MS;
}

function isProvisioned(target: Target, role: string): boolean {
  return target.endpoints[role]?.url.includes(API_ID) === true;
}

async function makeApi(role: string, work: Work): Promise<string> {
  const api = ROLE_APIS[role];
  if (api === undefined) {
    throw new Error(
      `no API is known for this role; known are ${Object.keys(ROLE_APIS).join(', ')}`,
    );
  }
  const { gateway } = work.plane;
  const name = `assay-${role}-${work.probe.token.slice(0, 8)}`;
  const { ApiId = '' } = await call('CreateApi', work, (options) =>
    gateway.createApi(
      { Name: name, ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
      options,
    ),
  );
  work.made.push({
    what: `API ${ApiId}`,
    remove: (options) => gateway.deleteApi({ ApiId }, options),
  });
  const handler = await makeFunction(`${name}-handler`, 'probe.handler', work);
  const IntegrationId = await makeIntegration(ApiId, handler, work);
  const connect = await connectOf({ ApiId, name, api }, work);
  for (const RouteKey of api.routes) {
    const own = RouteKey === '$connect' ? connect : {};
    await makeRoute({ ApiId, IntegrationId, RouteKey, own, twoWay: api.twoWay }, work);
  }
  await call('CreateStage', work, (options) =>
    gateway.createStage(
      { ApiId, StageName: STAGE, AutoDeploy: true, StageVariables: { ...api.stageVariables } },
      options,
    ),
  );
  return ApiId;
}

interface Connect {
  readonly IntegrationId?: string;
  readonly AuthorizationType?: 'CUSTOM';
  readonly AuthorizerId?: string | undefined;
}

/** What is special about `$connect`. */
async function connectOf(
  { ApiId, name, api }: { readonly ApiId: string; readonly name: string; readonly api: RoleApi },
  work: Work,
): Promise<Connect> {
  if (api.mock === true) return { IntegrationId: await makeMock(ApiId, work) };
  const { identitySource } = api;
  if (identitySource === undefined) return {};
  const arn = await makeFunction(`${name}-authorizer`, 'probe.authorizer', work);
  const { AuthorizerId } = await call('CreateAuthorizer', work, (options) =>
    work.plane.gateway.createAuthorizer(
      {
        ApiId,
        Name: 'probe',
        AuthorizerType: 'REQUEST',
        AuthorizerUri: invocationOf(arn),
        IdentitySource: [...identitySource],
      },
      options,
    ),
  );
  return { AuthorizationType: 'CUSTOM', AuthorizerId };
}

async function makeIntegration(ApiId: string, arn: string, work: Work): Promise<string> {
  const { IntegrationId = '' } = await call('CreateIntegration', work, (options) =>
    work.plane.gateway.createIntegration(
      {
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: invocationOf(arn),
        TimeoutInMillis: work.timeoutMs,
      },
      options,
    ),
  );
  return IntegrationId;
}

async function makeMock(ApiId: string, work: Work): Promise<string> {
  const { gateway } = work.plane;
  const { IntegrationId = '' } = await call('CreateIntegration', work, (options) =>
    gateway.createIntegration(
      {
        ApiId,
        IntegrationType: 'MOCK',
        RequestTemplates: { $default: '{"statusCode": 200}' },
        TemplateSelectionExpression: String.raw`\$default`,
      },
      options,
    ),
  );
  await call('CreateIntegrationResponse', work, (options) =>
    gateway.createIntegrationResponse(
      { ApiId, IntegrationId, IntegrationResponseKey: '$default' },
      options,
    ),
  );
  return IntegrationId;
}

async function makeRoute(
  route: {
    readonly ApiId: string;
    readonly IntegrationId: string;
    readonly RouteKey: string;
    readonly own: Connect;
    readonly twoWay: readonly string[] | undefined;
  },
  work: Work,
): Promise<void> {
  const { ApiId, RouteKey, own } = route;
  const { gateway } = work.plane;
  const { IntegrationId = route.IntegrationId, ...authorization } = own;
  const answers = route.twoWay?.includes(RouteKey) === true;
  const { RouteId = '' } = await call(`CreateRoute ${RouteKey}`, work, (options) =>
    gateway.createRoute(
      {
        ApiId,
        RouteKey,
        Target: `integrations/${IntegrationId}`,
        ...authorization,
        ...(answers ? { RouteResponseSelectionExpression: '$default' } : {}),
      },
      options,
    ),
  );
  if (!answers) return;
  await call('CreateRouteResponse', work, (options) =>
    gateway.createRouteResponse({ ApiId, RouteId, RouteResponseKey: '$default' }, options),
  );
}

/** How API Gateway names the invocation of a function. */
function invocationOf(arn: string): string {
  const [, partition, , region] = arn.split(':');
  return `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
}

/** Each endpoint has its own API, and its connections are managed there. */
function withIds(target: Target, ids: Readonly<Record<string, string>>): Target {
  const { management } = target;
  const filled = Object.entries(target.endpoints).map(([role, endpoint]): [string, Endpoint] => {
    const id = ids[role];
    if (id === undefined) return [role, endpoint];
    const managed = endpoint.management ?? management;
    return [
      role,
      {
        ...endpoint,
        url: endpoint.url.replaceAll(API_ID, id),
        ...(managed === undefined ? {} : { management: managed.replaceAll(API_ID, id) }),
      },
    ];
  });
  return {
    ...target,
    endpoints: Object.fromEntries(filled),
    management: management?.replaceAll(API_ID, ids['open'] ?? API_ID),
  };
}
