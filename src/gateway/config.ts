// The configuration of a gateway, in API Gateway's own words (CreateApi, CreateRoute,
// CreateIntegration, CreateAuthorizer, CreateStage). Everything wrong is reported at once.
import { z } from 'zod';
import { FunctionConfiguration, functionProblems } from './function-config.ts';
import { Runtime, withHandler } from './handler-config.ts';
import { ConnectionsAuthorizationType, iamProblems, Users } from './iam-config.ts';
import {
  Integration,
  ProvisionedConcurrency,
  type TemplatePlace,
  TimeoutInMillis,
} from './integration-config.ts';
import { ApiKey, ApiKeySelectionExpression, keyProblems, UsagePlan } from './key-config.ts';
import { IDLE_TIMEOUT_MS, MAX_DURATION_MS } from './limits.ts';
import { BODY_EXPRESSION, Model, modelProblems, REQUEST_MODELS } from './model-config.ts';
import { parameterProblems, RouteParameters } from './route-parameters.ts';
import { Accounts, STAGE_THROTTLING, throttleProblems } from './throttle-config.ts';

/** A route: what serves `$connect`, `$disconnect`, `$default` or a key of your own. */
const Route = z.strictObject({
  AuthorizationType: z.enum(['NONE', 'AWS_IAM', 'CUSTOM']).default('NONE'),
  AuthorizerId: z.string().optional(),
  /** Whether a key of a usage plan of the stage is needed; $disconnect never needs one. */
  ApiKeyRequired: z.boolean().default(false),
  Target: z
    .string()
    .regex(/^integrations\/.+$/, 'write integrations/ and the id of an integration')
    .optional(),
  RouteResponseSelectionExpression: z.literal('$default').optional(),
  RequestParameters: RouteParameters.optional(),
  ...REQUEST_MODELS,
});

const IDENTITY_SOURCE = /^(route\.request\.(header|querystring)|stageVariables|context)\.\S+$/;

/** A Lambda authorizer; WebSocket APIs know REQUEST only. */
const Authorizer = z.strictObject({
  AuthorizerType: z.literal('REQUEST').default('REQUEST'),
  Handler: z.string(),
  Runtime,
  IdentitySource: z
    .array(
      z
        .string()
        .regex(
          IDENTITY_SOURCE,
          'write route.request.header.X, route.request.querystring.X, stageVariables.X or context.X',
        ),
    )
    .default([]),
  TimeoutInMillis,
  ProvisionedConcurrency,
});

/** A stage: the first path segment of its URL. */
const Stage = z.strictObject({
  StageVariables: z.record(z.string(), z.string()).default({}),
  ...STAGE_THROTTLING,
});

/** A stage under a name of one's own; an empty key is the name alone. */
const ApiMapping = z.strictObject({
  DomainName: z.string().min(1),
  ApiMappingKey: z
    .string()
    .regex(/^[\w-]*$/, 'letters, digits, _ and - only')
    .default(''),
  Stage: z.string(),
});

const AccountId = z.string().regex(/^\d{12}$/, 'write twelve digits');

const ID = z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and - only');

/** One WebSocket API with its own port. */
const Api = z
  .strictObject({
    ApiId: z.string().regex(/^[A-Za-z0-9-]+$/, 'letters, digits and - only'),
    /**
     * The name that events call it by, and under which handlers reach its `@connections` by HTTPS as on AWS.
     * Without one events have that of the request.
     */
    DomainName: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write a domain name, such as chat.example.com')
      .optional(),
    /** The account that the API is in, when it is not that of the configuration. */
    AccountId: AccountId.optional(),
    Port: z.int().min(0).max(65_535).default(0),
    /** Certificate and key, as PEM text or as the path of a PEM file. */
    Tls: z.strictObject({ Certificate: z.string().min(1), Key: z.string().min(1) }).optional(),
    RouteSelectionExpression: z
      .string()
      .regex(BODY_EXPRESSION, 'write $request.body. and a path, such as $request.body.action')
      .default('$request.body.action'),
    ApiKeySelectionExpression: ApiKeySelectionExpression.default('$request.header.x-api-key'),
    ConnectionsAuthorizationType,
    Routes: z.record(z.string().min(1), Route).default({}),
    Integrations: z.record(z.string().min(1), Integration).default({}),
    Authorizers: z.record(z.string().min(1), withHandler(Authorizer)).default({}),
    Models: z.record(ID, Model).default({}),
    Stages: z
      .record(ID, Stage)
      .refine((stages) => Object.keys(stages).length > 0, 'at least one stage'),
    /** Names under which stages of it are reached, each by a key instead of the stage. */
    ApiMappings: z.array(ApiMapping).default([]),
    /** Whether it is reached by those names only. */
    DisableExecuteApiEndpoint: z.boolean().default(false),
    IdleTimeoutInMillis: z.int().min(1).default(IDLE_TIMEOUT_MS),
    MaxDurationInMillis: z.int().min(1).default(MAX_DURATION_MS),
  })
  .superRefine((api, context) => {
    for (const problem of [
      ...referenceProblems(api),
      ...modelProblems(api),
      ...mappingProblems(api),
      ...parameterProblems(api),
    ]) {
      context.addIssue({ code: 'custom', path: [...problem.path], message: problem.message });
    }
  });

const Config = z
  .strictObject({
    Region: z.string().default('us-east-1'),
    AccountId: AccountId.default('123456789012'),
    Accounts,
    /** Where all APIs listen. */
    Host: z.string().default('127.0.0.1'),
    /** Environment of every handler, beside that of the gateway. */
    Environment: z.record(z.string(), z.string()).default({}),
    Apis: z
      .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name such as open or no-connect-route'), Api)
      .refine((apis) => Object.keys(apis).length > 0, 'at least one API'),
    /** Functions with an environment of their own; `Handler: function:<name>` of an integration calls one. */
    Functions: z.record(ID, withHandler(FunctionConfiguration)).default({}),
    ApiKeys: z.record(ID, ApiKey).default({}),
    UsagePlans: z.record(ID, UsagePlan).default({}),
    Users,
  })
  .superRefine((config, context) => {
    for (const problem of [
      ...keyProblems(config),
      ...throttleProblems(config),
      ...iamProblems(config),
      ...functionProblems(config),
    ]) {
      context.addIssue({ code: 'custom', path: [...problem.path], message: problem.message });
    }
  });

/** A configuration with all defaults filled in. */
export type GatewayConfig = z.output<typeof Config>;
/** A configuration as it may be written. */
export type GatewayConfigInput = z.input<typeof Config>;
/** One API of a configuration. */
export type ApiConfig = GatewayConfig['Apis'][string];
/** One route of an API. */
export type RouteConfig = ApiConfig['Routes'][string];
/** One integration of an API. */
export type IntegrationConfig = ApiConfig['Integrations'][string];
/** One usage plan of the account. */
export type UsagePlanConfig = GatewayConfig['UsagePlans'][string];
/** One authorizer of an API. */
export type AuthorizerConfig = ApiConfig['Authorizers'][string];

/** Something that is wrong in a configuration, and where. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The place in the text of a template that the value is. */
  readonly within?: TemplatePlace;
}

/** What checking a configuration gives. */
export type ConfigReading =
  | { readonly kind: 'config'; readonly config: GatewayConfig }
  | { readonly kind: 'problems'; readonly problems: readonly ConfigProblem[] };

/** Checks a configuration that is already data, and fills in the defaults. */
export function checkConfig(value: unknown): ConfigReading {
  const parsed = Config.safeParse(value);
  if (parsed.success) return { kind: 'config', config: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'invalid_key') {
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    }
    if (issue.code !== 'unrecognized_keys') {
      const within =
        issue.code === 'custom' ? (issue.params?.['within'] as TemplatePlace) : undefined;
      return [{ path, message: issue.message, ...(within !== undefined && { within }) }];
    }
    return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown key' }));
  });
  return { kind: 'problems', problems };
}

/** The integration behind a route; `undefined` when it has none. */
export function integrationOf(
  api: ApiConfig,
  route: RouteConfig | undefined,
): IntegrationConfig | undefined {
  const id = route?.Target?.replace(/^integrations\//, '');
  return id === undefined ? undefined : api.Integrations[id];
}

function mappingProblems(api: {
  readonly ApiMappings: readonly z.output<typeof ApiMapping>[];
  readonly Stages: object;
}): readonly ConfigProblem[] {
  return api.ApiMappings.flatMap(({ Stage: stage }, index) =>
    Object.hasOwn(api.Stages, stage)
      ? []
      : [{ path: ['ApiMappings', index, 'Stage'], message: `no stage is called ${stage}` }],
  );
}

function referenceProblems(api: {
  readonly Routes: Readonly<Record<string, z.output<typeof Route>>>;
  readonly Integrations: object;
  readonly Authorizers: object;
}): readonly ConfigProblem[] {
  return Object.entries(api.Routes).flatMap(([key, route]) => {
    const at = (name: string, message: string): ConfigProblem => ({
      path: ['Routes', key, name],
      message,
    });
    const id = route.Target?.replace(/^integrations\//, '');
    return [
      id !== undefined && !Object.hasOwn(api.Integrations, id)
        ? at('Target', `no integration is called ${id}`)
        : undefined,
      route.AuthorizationType !== 'NONE' && key !== '$connect'
        ? at('AuthorizationType', 'only $connect can be authorized')
        : undefined,
      route.AuthorizationType === 'CUSTOM' && route.AuthorizerId === undefined
        ? at('AuthorizerId', 'CUSTOM needs an AuthorizerId')
        : undefined,
      route.AuthorizerId !== undefined && !Object.hasOwn(api.Authorizers, route.AuthorizerId)
        ? at('AuthorizerId', `no authorizer is called ${route.AuthorizerId}`)
        : undefined,
      key.startsWith('$') && !PREDEFINED.has(key)
        ? { path: ['Routes', key], message: 'only $connect, $disconnect and $default start with $' }
        : undefined,
    ].filter((problem) => problem !== undefined);
  });
}

const PREDEFINED = new Set(['$connect', '$disconnect', '$default']);
