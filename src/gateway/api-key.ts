// The API key of an upgrade: where it is, whether it is valid for the stage, and whether its usage
// plan has room. Its value is a secret: it goes into events, and into nothing else.
import type { Api } from './api.ts';
import type { ApiConfig, GatewayConfig } from './config.ts';
import type { ConnectionFacts } from './event.ts';
import { type Refusal, refusal } from './http-answer.ts';
import { headerValues } from './request-head.ts';
import type { PlanKey, UsagePlans } from './usage-plan.ts';

/** The API keys of an account and the plans that they are in. */
export interface Account {
  readonly apiKeys: GatewayConfig['ApiKeys'];
  readonly usagePlans: UsagePlans;
}

/** A key that may use the stage it was presented to. */
export interface ValidApiKey extends PlanKey {
  readonly value: string;
}

/** What becomes of a request after its API key was looked at. */
export type ApiKeyVerdict =
  | { readonly kind: 'admitted'; readonly apiKey: ValidApiKey | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Looks for the key of an upgrade and, where $connect requires one, refuses it without. It runs after
 * the authorizer, which may be what gives the key; the order of the two is not documented otherwise.
 */
export function checkApiKey(
  api: Api,
  facts: ConnectionFacts,
  usageIdentifierKey: string | undefined,
): ApiKeyVerdict {
  const { behaviour, config } = api;
  if (!usesApiKeys(config)) return { kind: 'admitted', apiKey: undefined };
  const value = behaviour.presentedApiKey(config, facts, usageIdentifierKey);
  const apiKey = value === undefined ? undefined : behaviour.validApiKey(api, facts.stage, value);
  if (config.Routes['$connect']?.ApiKeyRequired !== true) return { kind: 'admitted', apiKey };
  return behaviour.requireApiKey(api, apiKey);
}

/** The value at the place that the API's selection expression names; nothing else is looked at. */
export function presentedApiKey(
  config: ApiConfig,
  facts: ConnectionFacts,
  usageIdentifierKey: string | undefined,
): string | undefined {
  return config.ApiKeySelectionExpression === '$request.header.x-api-key'
    ? headerValues(facts.request.head, 'x-api-key').at(-1)
    : usageIdentifierKey;
}

/** The key with this very value, when it is enabled and in a usage plan of the stage. */
export function validApiKey(api: Api, stage: string, value: string): ValidApiKey | undefined {
  const { apiKeys, usagePlans } = api.account;
  const found = Object.entries(apiKeys).find(([, key]) => key.Enabled && key.Value === value);
  if (found === undefined) return undefined;
  const [keyId] = found;
  const usagePlanId = usagePlans.planOf(keyId, { apiId: api.config.ApiId, stage });
  return usagePlanId === undefined ? undefined : { keyId, usagePlanId, value };
}

/**
 * Without a valid key 403. With one, its plan decides and counts: 429 beyond its rate or its quota,
 * told apart by the message, as REST APIs do.
 */
export function requireApiKey(api: Api, apiKey: ValidApiKey | undefined): ApiKeyVerdict {
  const { meterApiKey, apiKeyRefusals } = api.behaviour;
  if (apiKey === undefined) return { kind: 'refused', refusal: apiKeyRefusals.invalid };
  const metering = meterApiKey(api.account.usagePlans, apiKey);
  if (metering === 'admitted') return { kind: 'admitted', apiKey };
  return { kind: 'refused', refusal: apiKeyRefusals[metering] };
}

/** How requests are refused for want of a key, or of room in its plan. */
export const API_KEY_REFUSALS: Readonly<Record<'invalid' | 'throttled' | 'exhausted', Refusal>> = {
  invalid: refusal(403),
  throttled: { status: 429, message: 'Too Many Requests' },
  exhausted: { status: 429, message: 'Limit Exceeded' },
};

function usesApiKeys({ Routes }: ApiConfig): boolean {
  return Object.values(Routes).some(({ ApiKeyRequired }) => ApiKeyRequired);
}
