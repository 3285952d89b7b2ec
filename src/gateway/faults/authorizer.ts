// Faults of the authorizer.
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import {
  type Authorization,
  type AuthorizerRules,
  identityValue,
  judgeAuthorizer,
  readAuthorizerResult,
  refuse,
} from '../authorizer.ts';
import type { Behaviour } from '../behaviour.ts';
import { authorizerOf } from '../connect.ts';
import type { AuthorizerContext, Closure } from '../event.ts';
import { refusal } from '../http-answer.ts';
import { drawId } from '../identifiers.ts';
import type { ConnectVerdict } from '../integration.ts';
import { evaluatePolicy } from '../policy.ts';
import { changeContext, type Fault, renameHeaders, without } from './fault.ts';

const REFUSED: Closure = { code: 1006, reason: '', cause: 'refused' };

/** Faults of the authorizer. */
export const AUTHORIZER_FAULTS: readonly Fault[] = [
  {
    name: 'identity-not-checked',
    description: 'calls the authorizer without looking at its identity source',
    breaks: [
      'auth/refused-behind-slash#integration-not-called',
      'auth/refused-behind-slash#not-opened',
      'authorizer/missing-identity#refused-with-401',
      'authorizer/missing-identity#authorizer-not-called',
      'authorizer/missing-identity#integration-not-called',
      'authorizer/empty-identity#refused-with-401',
      'authorizer/empty-identity#authorizer-not-called',
      'auth/refused-before-integration#refused',
      'auth/refused-before-integration#integration-not-called',
      'authorizer/one-identity-source-missing#refused-with-401',
      'authorizer/one-identity-source-missing#authorizer-not-called',
      'authorizer/stage-variable-missing#refused-with-401',
      'authorizer/stage-variable-missing#authorizer-not-called',
    ],
    change: () => ({ missingIdentity: () => [] }),
  },
  {
    name: 'empty-identity-passes',
    description: 'takes an empty identity source as present',
    breaks: [
      'authorizer/empty-identity#refused-with-401',
      'authorizer/empty-identity#authorizer-not-called',
    ],
    change: () => ({
      missingIdentity: (sources, facts) =>
        sources.filter((source) => identityValue(source, facts) === undefined),
    }),
  },
  {
    name: 'missing-identity-403',
    description: 'answers 403 when the identity source is missing',
    breaks: [
      'authorizer/missing-identity#refused-with-401',
      'authorizer/empty-identity#refused-with-401',
      'authorizer/one-identity-source-missing#refused-with-401',
      'authorizer/stage-variable-missing#refused-with-401',
    ],
    change: () => ({ missingIdentityRefusal: refusal(403) }),
  },
  {
    name: 'disconnect-after-denial',
    description: 'invokes $disconnect although authorization refused',
    breaks: ['authorizer/explicit-deny#no-disconnect'],
    change: (correct) => ({
      authorize: async (api, facts) => {
        const authorization = await correct.authorize(api, facts);
        if (authorization.kind === 'refused') {
          void api.behaviour.deliverDisconnect(api, facts, REFUSED);
        }
        return authorization;
      },
    }),
  },
  {
    name: 'integration-beside-authorizer',
    description: 'invokes $connect at the same time as the authorizer',
    breaks: [
      'authorizer/held#integration-waits',
      'authorizer/result-size#integration-not-called',
      'authorizer/explicit-deny#integration-not-called',
      'authorizer/implicit-deny#integration-not-called',
      'authorizer/throws-unauthorized#integration-not-called',
      'authorizer/throws#integration-not-called',
      'authorizer/malformed-result#integration-not-called',
      'authorizer/context#in-connect',
      'authorizer/context#as-strings',
      'api-key/from-authorizer-refused#integration-not-called',
      'integration/template-context#authorizer',
    ],
    change: (correct) => {
      const begun = new Map<string, Promise<ConnectVerdict>>();
      return {
        callAuthorizer: async (api, authorizer, facts) => {
          const integration = correct.integrate(api, facts);
          begun.set(facts.connectionId, integration);
          const authorization = await correct.callAuthorizer(api, authorizer, facts);
          await integration;
          if (authorization.kind === 'refused') begun.delete(facts.connectionId);
          return authorization;
        },
        integrate: (api, facts) => {
          const integration = begun.get(facts.connectionId);
          begun.delete(facts.connectionId);
          return integration ?? correct.integrate(api, facts);
        },
      };
    },
  },
  {
    name: 'deny-becomes-401',
    description: 'answers 401 when the policy does not allow',
    breaks: [
      'authorizer/explicit-deny#status-403',
      'authorizer/implicit-deny#status-403',
      'authorizer/multi-statement-policy#decided-by-all',
    ],
    change: restatus(403, 401),
  },
  {
    name: 'ignores-policy',
    description: 'admits with any well-formed policy',
    breaks: [
      'authorizer/explicit-deny#refused',
      'authorizer/explicit-deny#status-403',
      'authorizer/explicit-deny#integration-not-called',
      'authorizer/implicit-deny#refused',
      'authorizer/implicit-deny#status-403',
      'authorizer/implicit-deny#integration-not-called',
      'authorizer/multi-statement-policy#decided-by-all',
    ],
    change: withRules({ evaluate: () => 'allow' }),
  },
  {
    name: 'ignores-policy-resource',
    description: 'takes every statement to be about this route',
    breaks: [
      'authorizer/implicit-deny#refused',
      'authorizer/implicit-deny#status-403',
      'authorizer/implicit-deny#integration-not-called',
      'authorizer/multi-statement-policy#decided-by-all',
    ],
    change: withRules({
      evaluate: (statements, action, resource) =>
        evaluatePolicy(
          statements.map((statement) => ({ ...statement, resources: ['*'] })),
          action,
          resource,
        ),
    }),
  },
  {
    name: 'first-statement-only',
    description: 'evaluates only the first statement of a policy',
    breaks: ['authorizer/multi-statement-policy#decided-by-all'],
    change: withRules({
      evaluate: (statements, action, resource) =>
        evaluatePolicy(statements.slice(0, 1), action, resource),
    }),
  },
  {
    name: 'wildcards-not-expanded',
    description: 'compares Resource as text, wildcards included',
    breaks: ['authorizer/allow#opens'],
    change: withRules({
      evaluate: (statements, action, resource) =>
        evaluatePolicy(
          statements.map((statement) => ({
            ...statement,
            resources: statement.resources.filter((pattern) => pattern === resource),
          })),
          action,
          resource,
        ),
    }),
  },
  {
    name: 'thrown-unauthorized-500',
    description: 'answers 500 when the authorizer throws Unauthorized',
    breaks: ['authorizer/throws-unauthorized#refused', 'authorizer/throws-unauthorized#status-401'],
    change: (correct) => ({
      judgeAuthorizer: (outcome, methodArn) =>
        outcome.kind === 'failed' ? refuse(500) : correct.judgeAuthorizer(outcome, methodArn),
    }),
  },
  {
    name: 'authorizer-fault-401',
    description: 'answers 401 when the authorizer fails',
    breaks: ['authorizer/throws#status-500', 'authorizer/malformed-result#status-500'],
    change: restatus(500, 401),
  },
  {
    name: 'accepts-malformed-authorizer-result',
    description: 'admits with a result that is no principalId and policyDocument',
    breaks: [
      'authorizer/malformed-result#refused',
      'authorizer/malformed-result#status-500',
      'authorizer/malformed-result#integration-not-called',
      'authorizer/result-size#integration-not-called',
      'authorizer/result-size#too-long-is-refused',
      'authorizer/simple-response#refused',
    ],
    change: (correct) => ({
      judgeAuthorizer: (outcome, methodArn) =>
        outcome.kind === 'returned' && readAuthorizerResult(outcome.value) === undefined
          ? { kind: 'authorized', context: {} }
          : correct.judgeAuthorizer(outcome, methodArn),
    }),
  },
  {
    name: 'accepts-simple-response',
    description: 'admits with { isAuthorized: true }',
    breaks: ['authorizer/simple-response#refused'],
    change: (correct) => ({
      judgeAuthorizer: (outcome, methodArn) =>
        outcome.kind === 'returned' &&
        isJsonObject(outcome.value) &&
        outcome.value['isAuthorized'] === true
          ? { kind: 'authorized', context: {} }
          : correct.judgeAuthorizer(outcome, methodArn),
    }),
  },
  {
    name: 'new-id-after-authorizer',
    description: 'gives the authorizer another connectionId than the events after it',
    breaks: ['authorizer/held#one-connection-id'],
    change: (correct) => ({
      authorizerEvent: (facts, call) =>
        correct.authorizerEvent({ ...facts, connectionId: drawId() }, call),
    }),
  },
  {
    name: 'drops-context',
    description: 'principalId and context of the authorizer appear in no event',
    breaks: [
      'authorizer/context#in-connect',
      'authorizer/context#in-message',
      'authorizer/context#in-disconnect',
      'authorizer/context#as-strings',
      'integration/template-context#authorizer',
    ],
    change: (correct) => ({
      judgeAuthorizer: (outcome, methodArn) => {
        const authorization = correct.judgeAuthorizer(outcome, methodArn);
        return authorization.kind === 'authorized'
          ? { ...authorization, context: {} }
          : authorization;
      },
    }),
  },
  {
    name: 'context-only-in-connect',
    description: 'principalId and context appear in CONNECT events only',
    breaks: ['authorizer/context#in-message', 'authorizer/context#in-disconnect'],
    change: (correct) => {
      const drop = (event: JsonObject): JsonObject =>
        changeContext(event, (context) => without(context, 'authorizer'));
      return {
        messageEvent: (...asked) => drop(correct.messageEvent(...asked)),
        disconnectEvent: (...asked) => drop(correct.disconnectEvent(...asked)),
      };
    },
  },
  {
    name: 'context-not-stringified',
    description: 'numbers and booleans of the context keep their type',
    breaks: ['authorizer/context#as-strings'],
    change: withRules({
      read: (value) => {
        const result = readAuthorizerResult(value);
        const raw = isJsonObject(value) ? value['context'] : undefined;
        if (result === undefined || !isJsonObject(raw)) return result;
        // readAuthorizerResult has refused objects and arrays in it.
        return { ...result, context: { ...result.context, ...(raw as AuthorizerContext) } };
      },
    }),
  },
  {
    name: 'authorizer-for-each-message',
    description: 'calls the authorizer again for each message',
    breaks: ['authorizer/called-once#not-for-messages'],
    change: (correct) => ({
      handleMessage: (api, connection, message) => {
        const authorizer = authorizerOf(api.config);
        if (authorizer !== undefined) {
          void correct.callAuthorizer(api, authorizer, connection.facts);
        }
        return correct.handleMessage(api, connection, message);
      },
    }),
  },
  {
    name: 'asks-authorizer-twice',
    description: 'calls the authorizer twice for one upgrade',
    breaks: ['authorizer/called-once#not-for-messages'],
    change: (correct) => ({
      callAuthorizer: async (api, authorizer, facts) => {
        await correct.callAuthorizer(api, authorizer, facts);
        return correct.callAuthorizer(api, authorizer, facts);
      },
    }),
  },
  {
    name: 'authorizer-for-disconnect',
    description: 'calls the authorizer again before $disconnect',
    breaks: ['authorizer/not-called-for-disconnect#not-called'],
    change: (correct) => ({
      deliverDisconnect: async (api, facts, closure) => {
        const authorizer = authorizerOf(api.config);
        if (authorizer !== undefined) await correct.callAuthorizer(api, authorizer, facts);
        return correct.deliverDisconnect(api, facts, closure);
      },
    }),
  },
  {
    name: 'authorizer-event-has-path',
    description: 'the authorizer event has path, httpMethod, resource and pathParameters',
    breaks: ['authorizer/event#no-path'],
    change: (correct) => ({
      authorizerEvent: (facts, call) => ({
        ...correct.authorizerEvent(facts, call),
        path: `/${facts.stage}`,
        httpMethod: 'GET',
        resource: '/',
        pathParameters: {},
      }),
    }),
  },
  {
    name: 'method-arn-without-account',
    description: 'methodArn has an empty account id',
    breaks: [
      'authorizer/event#method-arn',
      'iam/signed#opens',
      'iam/presigned#opens',
      'iam/session-token#opens',
      'iam/identity#tells-the-caller',
      'iam/policy-arn#admitted-by-its-own-arn',
    ],
    change: (correct) => ({
      connectArn: (api, stage) => correct.connectArn({ ...api, accountId: '' }, stage),
    }),
  },
  {
    name: 'method-arn-of-another-api',
    description: 'methodArn names another API than requestContext',
    breaks: ['authorizer/event#method-arn-names-the-api'],
    change: otherMethodArn(/:([^:/]+)\//, ':a1b2c3d4e5/'),
  },
  {
    name: 'method-arn-of-another-stage',
    description: 'methodArn names the stage prod, whatever the stage is',
    breaks: ['authorizer/event#method-arn-names-the-stage'],
    change: otherMethodArn(/\/[^/]+\//, '/prod/'),
  },
  {
    name: 'method-arn-of-a-method',
    description: 'methodArn ends with GET instead of the route',
    breaks: ['authorizer/event#method-arn', 'authorizer/event#method-arn-names-the-route'],
    change: otherMethodArn(/\$connect$/, 'GET'),
  },
  {
    name: 'method-arn-of-no-account',
    description: 'methodArn has an account id that is none',
    breaks: ['authorizer/event#method-arn'],
    change: otherMethodArn(/:\d{12}:/, ':0:'),
  },
  {
    name: 'authorizer-without-upgrade-headers',
    description: 'Connection and Upgrade are not in the authorizer event',
    breaks: ['authorizer/event#upgrade-headers'],
    change: (correct) => ({
      authorizerEvent: (facts, call) =>
        renameHeaders(correct.authorizerEvent(facts, call), (name) =>
          /^(connection|upgrade)$/i.test(name) ? undefined : name,
        ),
    }),
  },
  {
    name: 'caches-authorizer-result',
    description: 'uses an authorizer result again for upgrades with the same headers',
    breaks: ['authorizer/no-result-cache#called-for-each'],
    change: (correct) => {
      const cache = new Map<string, Authorization>();
      return {
        callAuthorizer: async (api, authorizer, facts) => {
          const key = JSON.stringify([facts.apiId, facts.request.head.headers]);
          const known = cache.get(key);
          if (known !== undefined) return known;
          const authorization = await correct.callAuthorizer(api, authorizer, facts);
          cache.set(key, authorization);
          return authorization;
        },
      };
    },
  },
];

// Of the authorizer only; policies of callers are held against the right one.
function otherMethodArn(pattern: RegExp, replacement: string): Fault['change'] {
  return (correct) => ({
    callAuthorizer: (api, authorizer, facts) => {
      const connectArn: Behaviour['connectArn'] = (...asked) =>
        correct.connectArn(...asked).replace(pattern, () => replacement);
      const changed = { ...api, behaviour: { ...api.behaviour, connectArn } };
      return correct.callAuthorizer(changed, authorizer, facts);
    },
  });
}

/** A gateway that reads results, or evaluates policies, in another way. */
export function withRules(
  rules: Partial<AuthorizerRules>,
): (correct: Behaviour) => Partial<Behaviour> {
  const all = { read: readAuthorizerResult, evaluate: evaluatePolicy, ...rules };
  return () => ({
    judgeAuthorizer: (outcome, methodArn) => judgeAuthorizer(outcome, methodArn, all),
  });
}

function restatus(from: number, to: number): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    judgeAuthorizer: (outcome, methodArn) => {
      const authorization = correct.judgeAuthorizer(outcome, methodArn);
      const hit = authorization.kind === 'refused' && authorization.refusal.status === from;
      return hit ? refuse(to) : authorization;
    },
  });
}
