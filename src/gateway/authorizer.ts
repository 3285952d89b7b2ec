// A REQUEST authorizer on $connect: are its identity sources there, and what does its result say?
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { ValidApiKey } from './api-key.ts';
import { type AuthorizerContext, type ConnectionFacts, queryParameters } from './event.ts';
import { type Refusal, refusal } from './http-answer.ts';
import type { Caller } from './iam.ts';
import type { InvocationOutcome } from './lambda.ts';
import { AUTHORIZER_RESULT_BYTES } from './limits.ts';
import { evaluatePolicy, readPolicy, type Statement } from './policy.ts';
import { headerValues } from './request-head.ts';

/** What becomes of an upgrade after authorization. */
export type Authorization =
  | {
      readonly kind: 'authorized';
      readonly context: AuthorizerContext | undefined;
      /** The API key that the authorizer gave. */
      readonly usageIdentifierKey?: string | undefined;
      /** The valid API key of the request, where the API uses them. */
      readonly apiKey?: ValidApiKey | undefined;
      /** Who has signed the request, with AWS_IAM. */
      readonly caller?: Caller | undefined;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** An authorizer result after checking. */
export interface AuthorizerResult {
  readonly statements: readonly Statement[];
  /** principalId and the context, every value as text. */
  readonly context: AuthorizerContext;
  /** An API key; of no effect where the API takes keys from a header. */
  readonly usageIdentifierKey: string | undefined;
}

/** The identity sources that the request lacks; one that is empty counts as missing. */
export function missingIdentity(
  sources: readonly string[],
  facts: ConnectionFacts,
): readonly string[] {
  return sources.filter((source) => (identityValue(source, facts) ?? '') === '');
}

/**
 * Allowed by the policy: authorized. `Unauthorized` thrown: 401. Denied: 403. Any other failure, a
 * time-out or a result that is no principal with a policy document: 500.
 */
export function judgeAuthorizer(
  outcome: InvocationOutcome,
  methodArn: string,
  rules: AuthorizerRules = AUTHORIZER_RULES,
): Authorization {
  if (outcome.kind === 'failed' && outcome.errorMessage === 'Unauthorized') return refuse(401);
  const result = outcome.kind === 'returned' ? rules.read(outcome.value) : undefined;
  if (result === undefined) return refuse(500);
  const decision = rules.evaluate(result.statements, 'execute-api:Invoke', methodArn);
  if (decision !== 'allow') return refuse(403);
  const { context, usageIdentifierKey } = result;
  return { kind: 'authorized', context, usageIdentifierKey };
}

/** How a result is read and what its policy says. */
export interface AuthorizerRules {
  readonly read: (value: Json) => AuthorizerResult | undefined;
  readonly evaluate: typeof evaluatePolicy;
}

/** Refuses an upgrade for want of authorization. */
export function refuse(status: number): Authorization {
  return { kind: 'refused', refusal: refusal(status) };
}

/** Reads an authorizer result; `undefined` when it is malformed or larger than 8 KB. */
export function readAuthorizerResult(
  value: Json,
  bytes = AUTHORIZER_RESULT_BYTES,
): AuthorizerResult | undefined {
  if (!isJsonObject(value) || Buffer.byteLength(JSON.stringify(value)) > bytes) return undefined;
  const principalId = value['principalId'];
  const statements = readPolicy(value['policyDocument']);
  const context = readContext(value['context']);
  if (typeof principalId !== 'string' || principalId === '' || !statements || !context) {
    return undefined;
  }
  const key = value['usageIdentifierKey'];
  const usageIdentifierKey = typeof key === 'string' && key !== '' ? key : undefined;
  return { statements, context: { principalId, ...context }, usageIdentifierKey };
}

const AUTHORIZER_RULES: AuthorizerRules = { read: readAuthorizerResult, evaluate: evaluatePolicy };

// "You can't set a JSON object or array as a valid value of any key in the context map."
function readContext(value: Json | undefined): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  if (entries.some(([, item]) => typeof item === 'object')) return undefined;
  return Object.fromEntries(entries.map(([key, item]) => [key, textOf(item)]));
}

/** The value of an identity source in the request; `undefined` when it is not there. */
export function identityValue(source: string, facts: ConnectionFacts): string | undefined {
  const { request } = facts;
  const [, kind = '', name = ''] = SOURCE.exec(source) ?? [];
  if (kind === 'route.request.header') return headerValues(request.head, name).at(-1);
  if (kind === 'route.request.querystring') {
    return queryParameters(request.head).findLast(([key]) => key === name)?.[1];
  }
  if (kind === 'stageVariables') return request.stageVariables[name];
  return contextValue(name, facts);
}

const SOURCE =
  /^(route\.request\.header|route\.request\.querystring|stageVariables|context)\.(.+)$/;

function contextValue(name: string, facts: ConnectionFacts): string | undefined {
  const values: JsonObject = {
    connectionId: facts.connectionId,
    connectedAt: facts.connectedAtMs,
    apiId: facts.apiId,
    stage: facts.stage,
    domainName: facts.domainName,
    eventType: 'CONNECT',
    routeKey: '$connect',
    messageDirection: 'IN',
    'identity.sourceIp': facts.sourceIp,
    'identity.userAgent': facts.userAgent,
  };
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return value === undefined ? undefined : textOf(value);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
