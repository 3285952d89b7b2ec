// Faults of API keys and usage plans.

import type { Api } from '../api.ts';
import { type ApiKeyVerdict, type ValidApiKey, validApiKey } from '../api-key.ts';
import type { Behaviour } from '../behaviour.ts';
import type { GatewayConfig } from '../config.ts';
import { type Closure, type ConnectionFacts, queryParameters } from '../event.ts';
import { refusal } from '../http-answer.ts';
import { headerValues } from '../request-head.ts';
import type { Metering } from '../usage-plan.ts';
import { type Fault, renameHeaders } from './fault.ts';

const REFUSED: Closure = { code: 1006, reason: '', cause: 'refused' };

/** Faults of API keys and usage plans. */
export const API_KEY_FAULTS: readonly Fault[] = [
  {
    name: 'ignores-api-key',
    description: 'admits everybody where a key is required',
    breaks: [
      'auth/refused-behind-slash#integration-not-called',
      'auth/refused-behind-slash#not-opened',
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
      'api-key/disabled#refused',
      'api-key/disabled#integration-not-called',
      'api-key/from-authorizer-refused#refused',
      'api-key/from-authorizer-refused#status-403',
      'api-key/from-authorizer-refused#integration-not-called',
      'api-key/usage-plan-quota#refused',
      'api-key/usage-plan-quota#status-429',
      'api-key/usage-plan-quota#integration-not-called',
      'auth/refused-before-integration#refused',
      'auth/refused-before-integration#integration-not-called',
      'api-key/usage-plan-rate#some-are-refused',
    ],
    prevents: ['api-key/usage-plan-rate#integration-not-called'],
    change: () => ({ requireApiKey: (_api, apiKey) => ({ kind: 'admitted', apiKey }) }),
  },
  {
    name: 'api-key-is-optional',
    description: 'checks a key where there is one, and admits without',
    breaks: [
      'auth/refused-behind-slash#integration-not-called',
      'auth/refused-behind-slash#not-opened',
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
      'api-key/from-authorizer-refused#refused',
      'api-key/from-authorizer-refused#status-403',
      'api-key/from-authorizer-refused#integration-not-called',
      'auth/refused-before-integration#refused',
      'auth/refused-before-integration#integration-not-called',
    ],
    change: (correct) => ({
      checkApiKey: (api, facts, fromAuthorizer) =>
        api.behaviour.presentedApiKey(api.config, facts, fromAuthorizer) === undefined
          ? { kind: 'admitted', apiKey: undefined }
          : correct.checkApiKey(api, facts, fromAuthorizer),
    }),
  },
  {
    name: 'accepts-any-api-key',
    description: 'asks for a key and takes any',
    breaks: [
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
      'api-key/disabled#refused',
      'api-key/disabled#integration-not-called',
      'api-key/from-authorizer-refused#refused',
      'api-key/from-authorizer-refused#status-403',
      'api-key/from-authorizer-refused#integration-not-called',
    ],
    change: () => ({
      validApiKey: (api, stage, value) =>
        validApiKey(api, stage, value) ?? { keyId: 'unknown', usagePlanId: 'none', value },
    }),
  },
  {
    name: 'accepts-disabled-api-key',
    description: 'takes a disabled key',
    breaks: ['api-key/disabled#refused', 'api-key/disabled#integration-not-called'],
    change: withKeys((key) => ({ ...key, Enabled: true })),
  },
  {
    name: 'accepts-api-key-without-plan',
    description: 'takes every enabled key of the account, whatever plan it is in',
    breaks: [
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
    ],
    change: () => ({
      validApiKey: (api, stage, value) => validApiKey(api, stage, value) ?? known(api, value),
    }),
  },
  {
    name: 'accepts-api-key-of-another-stage',
    description: 'takes a key of any usage plan of the API, whatever the stage',
    breaks: [
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
    ],
    change: () => ({
      validApiKey: (api, _stage, value) =>
        Object.keys(api.config.Stages)
          .map((stage) => validApiKey(api, stage, value))
          .find((key) => key !== undefined),
    }),
  },
  {
    name: 'api-key-without-case',
    description: 'compares keys without regard to case',
    breaks: [
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
    ],
    change: comparing((value, key) => value.toLowerCase() === key.toLowerCase()),
  },
  {
    name: 'beginning-of-an-api-key',
    description: 'takes the beginning of a key for the key',
    breaks: [
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
    ],
    change: comparing((value, key) => value.length > 3 && key.startsWith(value)),
  },
  {
    name: 'api-key-and-more',
    description: 'takes a key that goes on after its end',
    breaks: [
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
    ],
    change: comparing((value, key) => value.startsWith(key)),
  },
  {
    name: 'api-key-from-query',
    description: 'takes a key from the query too',
    breaks: [
      'api-key/refused#refused',
      'api-key/refused#status-403',
      'api-key/refused#integration-not-called',
    ],
    change: (correct) => ({
      presentedApiKey: (config, facts, fromAuthorizer) =>
        correct.presentedApiKey(config, facts, fromAuthorizer) ??
        queryParameters(facts.request.head).find(([name]) => name === 'x-api-key')?.[1],
    }),
  },
  {
    name: 'api-key-from-another-header',
    description: 'looks for the key in the header api-key',
    breaks: [
      'api-key/accepted#opens',
      'api-key/connect-only#disconnect-comes',
      'api-key/connect-only#header-is-empty',
      'api-key/usage-plan-quota#status-429',
      'api-key/usage-plan-rate#opened-or-429',
    ],
    change: (correct) => ({
      presentedApiKey: (config, facts, fromAuthorizer) =>
        config.ApiKeySelectionExpression === '$request.header.x-api-key'
          ? headerValues(facts.request.head, 'api-key')[0]
          : correct.presentedApiKey(config, facts, fromAuthorizer),
    }),
  },
  {
    name: 'ignores-usage-identifier-key',
    description: 'takes the key from the header although the authorizer is to give it',
    breaks: [
      'api-key/from-authorizer#opens',
      'api-key/from-authorizer-refused#refused',
      'api-key/from-authorizer-refused#status-403',
      'api-key/from-authorizer-refused#integration-not-called',
    ],
    change: () => ({
      presentedApiKey: (_config, facts) => headerValues(facts.request.head, 'x-api-key')[0],
    }),
  },
  {
    name: 'header-without-usage-identifier-key',
    description: 'takes the key from the header when the authorizer gives none',
    breaks: [
      'api-key/from-authorizer-refused#refused',
      'api-key/from-authorizer-refused#status-403',
      'api-key/from-authorizer-refused#integration-not-called',
    ],
    change: (correct) => ({
      presentedApiKey: (config, facts, fromAuthorizer) =>
        correct.presentedApiKey(config, facts, fromAuthorizer) ??
        headerValues(facts.request.head, 'x-api-key')[0],
    }),
  },
  {
    name: 'integration-before-api-key',
    description: 'invokes $connect before it refuses for want of a valid key',
    breaks: [
      'auth/refused-behind-slash#integration-not-called',
      'api-key/refused#integration-not-called',
      'api-key/disabled#integration-not-called',
      'api-key/from-authorizer-refused#integration-not-called',
      'auth/refused-before-integration#integration-not-called',
    ],
    change: integrationBefore((status) => status === 403),
  },
  {
    name: 'connection-before-api-key',
    description: 'invokes $connect and $disconnect of an upgrade that it refuses for want of a key',
    breaks: [
      'auth/refused-behind-slash#integration-not-called',
      'api-key/refused#integration-not-called',
      'api-key/disabled#integration-not-called',
      'api-key/from-authorizer-refused#integration-not-called',
      'auth/refused-before-integration#integration-not-called',
      'auth/refused-before-integration#no-disconnect',
    ],
    change: integrationBefore(
      (status) => status === 403,
      (api, facts) => void api.behaviour.deliverDisconnect(api, facts, REFUSED),
    ),
  },
  {
    name: 'integration-before-usage-plan',
    description: 'invokes $connect before it refuses for want of room in the usage plan',
    breaks: [
      'api-key/usage-plan-quota#integration-not-called',
      'api-key/usage-plan-rate#integration-not-called',
    ],
    change: integrationBefore((status) => status === 429),
  },
  {
    name: 'invalid-api-key-401',
    description: 'answers 401 without a valid key',
    breaks: ['api-key/refused#status-403', 'api-key/from-authorizer-refused#status-403'],
    change: refusing('invalid', 401),
  },
  {
    name: 'invalid-api-key-500',
    description: 'answers 500 without a valid key',
    breaks: [
      'api-key/refused#status-403',
      'api-key/from-authorizer-refused#status-403',
      'auth/refused-before-integration#refused',
    ],
    change: refusing('invalid', 500),
  },
  {
    name: 'ignores-usage-plan',
    description: 'neither limits nor counts the use of a key',
    breaks: [
      'api-key/usage-plan-quota#refused',
      'api-key/usage-plan-quota#status-429',
      'api-key/usage-plan-quota#integration-not-called',
      'api-key/usage-plan-rate#some-are-refused',
    ],
    prevents: ['api-key/usage-plan-rate#integration-not-called'],
    change: () => ({ meterApiKey: () => 'admitted' }),
  },
  {
    name: 'ignores-rate',
    description: 'counts the use of a key and admits beyond its rate',
    breaks: ['api-key/usage-plan-rate#some-are-refused'],
    prevents: ['api-key/usage-plan-rate#integration-not-called'],
    change: admitting('throttled'),
  },
  {
    name: 'throttled-503',
    description: 'answers 503 beyond the rate of a usage plan',
    breaks: ['api-key/usage-plan-rate#opened-or-429'],
    change: refusing('throttled', 503),
  },
  {
    name: 'ignores-quota',
    description: 'counts the use of a key and admits beyond its quota',
    breaks: [
      'api-key/usage-plan-quota#refused',
      'api-key/usage-plan-quota#status-429',
      'api-key/usage-plan-quota#integration-not-called',
    ],
    change: admitting('exhausted'),
  },
  {
    name: 'quota-exceeded-403',
    description: 'answers 403 beyond the quota of a usage plan',
    breaks: ['api-key/usage-plan-quota#status-429'],
    change: refusing('exhausted', 403),
  },
  {
    name: 'api-key-for-disconnect',
    description: 'does not invoke $disconnect where a key is required, because it carries none',
    breaks: ['api-key/connect-only#disconnect-comes', 'api-key/connect-only#header-is-empty'],
    change: (correct) => ({
      deliverDisconnect: async (api, facts, closure) =>
        api.config.Routes['$connect']?.ApiKeyRequired === true
          ? undefined
          : correct.deliverDisconnect(api, facts, closure),
    }),
  },
  {
    name: 'disconnect-without-api-key-header',
    description: 'the $disconnect event has no header x-api-key where a key was used',
    breaks: ['api-key/connect-only#header-is-empty'],
    change: (correct) => ({
      disconnectEvent: (facts, ending, occasion) => {
        const event = correct.disconnectEvent(facts, ending, occasion);
        return facts.apiKey === undefined
          ? event
          : renameHeaders(event, (name) => (name === 'x-api-key' ? undefined : name));
      },
    }),
  },
  {
    name: 'wrong-api-key-where-none-is-required',
    description: 'refuses an unknown key also where no key is required',
    breaks: ['api-key/not-required#opens'],
    change: (correct) => ({
      checkApiKey: (api, facts, fromAuthorizer) => {
        const [value] = headerValues(facts.request.head, 'x-api-key');
        const verdict = correct.checkApiKey(api, facts, fromAuthorizer);
        const fromHeader = api.config.ApiKeySelectionExpression.startsWith('$request.');
        const isWrong = value !== undefined && known(api, value) === undefined;
        return isWrong && fromHeader ? { kind: 'refused', refusal: refusal(403) } : verdict;
      },
    }),
  },
];

type ApiKey = GatewayConfig['ApiKeys'][string];

/** Looks up keys that are not what is configured. */
function withKeys(change: (key: ApiKey) => ApiKey): () => Partial<Behaviour> {
  return () => ({
    validApiKey: (api, stage, value) => {
      const entries = Object.entries(api.account.apiKeys).map(
        ([id, key]) => [id, change(key)] as const,
      );
      const account = { ...api.account, apiKeys: Object.fromEntries(entries) };
      return validApiKey({ ...api, account }, stage, value);
    },
  });
}

function comparing(
  equal: (value: string, key: string) => boolean,
): (correct: Behaviour) => Partial<Behaviour> {
  return () => ({
    validApiKey: (api, stage, value) => {
      const found = Object.values(api.account.apiKeys).find((key) => equal(value, key.Value));
      return validApiKey(api, stage, found?.Value ?? value);
    },
  });
}

/** An enabled key of the account, in whatever plan. */
function known(api: Api, value: string): ValidApiKey | undefined {
  const found = Object.entries(api.account.apiKeys).find(
    ([, key]) => key.Enabled && key.Value === value,
  );
  return found && { keyId: found[0], usagePlanId: 'none', value };
}

function integrationBefore(
  isMeant: (status: number) => boolean,
  also: (api: Api, facts: ConnectionFacts) => void = () => undefined,
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    checkApiKey: (api, facts, fromAuthorizer): ApiKeyVerdict => {
      const verdict = correct.checkApiKey(api, facts, fromAuthorizer);
      if (verdict.kind === 'refused' && isMeant(verdict.refusal.status)) {
        void api.behaviour.integrate(api, facts);
        also(api, facts);
      }
      return verdict;
    },
  });
}

function refusing(
  why: 'invalid' | 'throttled' | 'exhausted',
  status: number,
): (correct: Behaviour) => Partial<Behaviour> {
  return ({ apiKeyRefusals }) => ({
    apiKeyRefusals: { ...apiKeyRefusals, [why]: refusal(status) },
  });
}

function admitting(wrongly: Metering): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    meterApiKey: (plans, key) => {
      const metering = correct.meterApiKey(plans, key);
      return metering === wrongly ? 'admitted' : metering;
    },
  });
}
