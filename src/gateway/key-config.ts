// The part of a configuration that is about API keys, in API Gateway's own words (CreateApiKey,
// CreateUsagePlan, CreateUsagePlanKey). Keys and plans belong to the account, not to one API.
import { z } from 'zod';
import type { ConfigProblem } from './config.ts';
import { API_KEY_LENGTH, QUOTA_OFFSET_DAYS } from './limits.ts';
import { ThrottleSettings } from './throttle-config.ts';

/** An API key. Its id is the name that it has in the configuration; its value is a secret. */
export const ApiKey = z.strictObject({
  Value: z
    .string()
    .min(API_KEY_LENGTH.least, `an API key has ${API_KEY_LENGTH.least} characters or more`)
    .max(API_KEY_LENGTH.most, `an API key has ${API_KEY_LENGTH.most} characters at most`)
    .regex(/^[\x21-\x7e]*$/, 'visible ASCII characters only, so that a header can carry it'),
  Enabled: z.boolean().default(true),
});

const Quota = z
  .strictObject({
    /** Requests of one key in one period. */
    Limit: z.int().min(0),
    Period: z.enum(['DAY', 'WEEK', 'MONTH']),
    /** The day on which the period begins: of a week 0 is Sunday, of a month 0 is the first. */
    Offset: z.int().min(0).default(0),
  })
  .superRefine(({ Period, Offset }, context) => {
    const most = QUOTA_OFFSET_DAYS[Period];
    if (Offset <= most) return;
    const message = most === 0 ? 'must be 0 for DAY' : `0 to ${most} for ${Period}`;
    context.addIssue({ code: 'custom', path: ['Offset'], message });
  });

/** A usage plan: which keys may use which stages, how fast and how often. */
export const UsagePlan = z.strictObject({
  ApiStages: z
    .array(z.strictObject({ ApiId: z.string().min(1), Stage: z.string().min(1) }))
    .default([]),
  /** The requests of one key. */
  Throttle: ThrottleSettings.optional(),
  Quota: Quota.optional(),
  /** The keys of the plan, by id. */
  KeyIds: z.array(z.string().min(1)).default([]),
});

/** Where the key of a request is found: the two values that API Gateway accepts. */
export const ApiKeySelectionExpression = z.enum([
  '$request.header.x-api-key',
  '$context.authorizer.usageIdentifierKey',
]);

/** What the problems are looked for in. */
interface KeyedConfig {
  readonly Apis: Readonly<
    Record<
      string,
      {
        readonly ApiId: string;
        readonly ApiKeySelectionExpression: string;
        readonly Stages: object;
        readonly Routes: Readonly<
          Record<string, { readonly ApiKeyRequired: boolean; readonly AuthorizationType: string }>
        >;
      }
    >
  >;
  readonly ApiKeys: Readonly<Record<string, z.output<typeof ApiKey>>>;
  readonly UsagePlans: Readonly<Record<string, z.output<typeof UsagePlan>>>;
}

/** What does not fit together. No message contains the value of a key. */
export function keyProblems(config: KeyedConfig): readonly ConfigProblem[] {
  return [
    ...equalKeys(config),
    ...Object.entries(config.UsagePlans).flatMap(([id, plan]) => planProblems(config, id, plan)),
    ...keysInTwoPlans(config),
    ...keysFromNobody(config),
  ];
}

function equalKeys({ ApiKeys }: KeyedConfig): readonly ConfigProblem[] {
  const first = new Map<string, string>();
  return Object.entries(ApiKeys).flatMap(([id, { Value }]) => {
    const other = first.get(Value);
    if (other === undefined) first.set(Value, id);
    const message = `has the same value as the key ${other}`;
    return other === undefined ? [] : [{ path: ['ApiKeys', id, 'Value'], message }];
  });
}

function planProblems(
  { Apis, ApiKeys }: KeyedConfig,
  id: string,
  plan: z.output<typeof UsagePlan>,
): readonly ConfigProblem[] {
  const at = ['UsagePlans', id];
  const stages = plan.ApiStages.flatMap(({ ApiId, Stage }, index) => {
    const api = Object.values(Apis).find((one) => one.ApiId === ApiId);
    const path = [...at, 'ApiStages', index];
    if (api === undefined)
      return [{ path: [...path, 'ApiId'], message: `no API has the id ${ApiId}` }];
    if (Object.hasOwn(api.Stages, Stage)) return [];
    return [{ path: [...path, 'Stage'], message: `${ApiId} has no stage ${Stage}` }];
  });
  const keys = plan.KeyIds.flatMap((key, index) =>
    Object.hasOwn(ApiKeys, key)
      ? []
      : [{ path: [...at, 'KeyIds', index], message: `no API key is called ${key}` }],
  );
  return [...stages, ...keys];
}

// "A given API key can only be associated with one usage plan for each stage of your API."
function keysInTwoPlans({ UsagePlans }: KeyedConfig): readonly ConfigProblem[] {
  const first = new Map<string, string>();
  return Object.entries(UsagePlans).flatMap(([id, plan]) =>
    plan.KeyIds.flatMap((key, index) =>
      plan.ApiStages.flatMap(({ ApiId, Stage }) => {
        const use = JSON.stringify([key, ApiId, Stage]);
        const other = first.get(use);
        first.set(use, id);
        if (other === undefined) return [];
        const where = other === id ? 'twice in this plan' : `in the plan ${other} already`;
        const message = `for stage ${Stage} of ${ApiId} this key is ${where}`;
        return [{ path: ['UsagePlans', id, 'KeyIds', index], message }];
      }),
    ),
  );
}

function keysFromNobody({ Apis }: KeyedConfig): readonly ConfigProblem[] {
  return Object.entries(Apis).flatMap(([name, api]) => {
    const required = Object.values(api.Routes).some((route) => route.ApiKeyRequired);
    const fromAuthorizer = api.ApiKeySelectionExpression.startsWith('$context.');
    if (!required || !fromAuthorizer) return [];
    if (api.Routes['$connect']?.AuthorizationType === 'CUSTOM') return [];
    const message = 'only a CUSTOM authorizer of $connect gives a usageIdentifierKey';
    return [{ path: ['Apis', name, 'ApiKeySelectionExpression'], message }];
  });
}
