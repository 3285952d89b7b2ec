// The APIs of the roles, as targets/reference/gateway.yaml has them, in what the control plane can be told.

/** What stands behind `$connect`, and which routes there are. */
export interface RoleApi {
  readonly routes: readonly string[];
  /** Routes whose answer is sent to the client. */
  readonly twoWay?: readonly string[];
  /** Identity sources of the REQUEST authorizer of `$connect`; none without one. */
  readonly identitySource?: readonly string[];
  readonly stageVariables?: Readonly<Record<string, string>>;
  /** `$connect` is a mock integration that makes 200. */
  readonly mock?: true;
}

const ROUTES = ['$connect', '$disconnect', '$default'] as const;

/** By role. Other roles cannot be provisioned. */
export const ROLE_APIS: Readonly<Record<string, RoleApi>> = {
  open: { routes: [...ROUTES, 'echo'], twoWay: ['$default', 'echo'] },
  'two-way': { routes: [...ROUTES, 'echo'], twoWay: ['$default', 'echo'] },
  'stage-variables': { routes: ROUTES, stageVariables: { assay: 'stage-value' } },
  custom: {
    routes: [...ROUTES, 'echo'],
    twoWay: ['$default', 'echo'],
    identitySource: ['route.request.querystring.auth'],
  },
  'several-sources': {
    routes: ROUTES,
    identitySource: [
      'route.request.header.Auth',
      'route.request.querystring.auth',
      'stageVariables.tenant',
      'context.identity.sourceIp',
    ],
    stageVariables: { tenant: 'assay' },
  },
  'no-identity-source': { routes: ROUTES, identitySource: [] },
  'no-connect-route': { routes: ['$default'] },
  'no-default-route': { routes: ['$connect', '$disconnect', 'known'] },
  'no-disconnect-route': { routes: ['$connect', '$default'] },
  mock: { routes: ['$connect'], mock: true },
};
