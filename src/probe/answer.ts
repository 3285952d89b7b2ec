// What a plan makes the probe return or throw. Pure: when it is answered is decided elsewhere.
import { Buffer } from 'node:buffer';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { InvocationType } from '../result/evidence.ts';
import type { PlanAnswer } from '../scenario/model.ts';
import type { ProbeAnswer } from './contract.ts';

/**
 * The answer to one invocation. Without a plan an integration answers status 200 without a body, and
 * the authorizer allows what was asked for.
 */
export function buildAnswer(
  type: InvocationType,
  event: JsonObject,
  planned: PlanAnswer | undefined,
): ProbeAnswer {
  const answer = planned ?? (type === 'AUTHORIZER' ? ALLOW : OK);
  if (answer.kind === 'throw') return { v: 1, throw: answer.message };
  return { v: 1, return: returned(answer, event) };
}

function returned(answer: Exclude<PlanAnswer, { kind: 'throw' }>, event: JsonObject): Json {
  if (answer.kind === 'return') return answer.value;
  return answer.kind === 'integration'
    ? proxyResponse(answer, event)
    : authorizerResponse(answer, event);
}

type IntegrationAnswer = Extract<PlanAnswer, { kind: 'integration' }>;
type AuthorizerAnswer = Extract<PlanAnswer, { kind: 'authorizer' }>;

const OK: IntegrationAnswer = {
  kind: 'integration',
  status: 200,
  headers: {},
  body: undefined,
  echo: false,
};

/** What an authorizer answers without a plan. */
export const ALLOW: AuthorizerAnswer = {
  kind: 'authorizer',
  effect: 'allow',
  principalId: 'assay',
  context: undefined,
  policy: undefined,
  usageIdentifierKey: undefined,
};

// Keys without a value are left out: an emulator may take an empty `headers` or a null `body` amiss.
function proxyResponse(answer: IntegrationAnswer, event: JsonObject): JsonObject {
  return {
    statusCode: answer.status,
    ...(Object.keys(answer.headers).length > 0 && { headers: answer.headers }),
    ...(answer.echo ? echoOf(event) : answer.body !== undefined && { body: answer.body }),
  };
}

function echoOf(event: JsonObject): JsonObject {
  if (typeof event['body'] !== 'string') return {};
  const base64 = event['isBase64Encoded'] === true;
  return { body: event['body'], ...(base64 && { isBase64Encoded: true }) };
}

function authorizerResponse(answer: AuthorizerAnswer, event: JsonObject): JsonObject {
  const { resultBytes } = answer;
  if (resultBytes === undefined) return authorizerResult(answer, event);
  const fill = (length: number): JsonObject => {
    const context = { ...answer.context, filler: 'a'.repeat(length) };
    return authorizerResult({ ...answer, context }, event);
  };
  const missing = resultBytes - Buffer.byteLength(JSON.stringify(fill(0)));
  return fill(Math.max(0, missing));
}

function authorizerResult(answer: AuthorizerAnswer, event: JsonObject): JsonObject {
  return {
    principalId: answer.principalId,
    policyDocument: policyDocument(answer, event),
    ...(answer.context !== undefined && { context: answer.context }),
    ...(answer.usageIdentifierKey !== undefined && {
      usageIdentifierKey: answer.usageIdentifierKey,
    }),
  };
}

// A `policy` that is a list is the document's statements, one with an `Effect` is its only one,
// and anything else is the document as it stands, however malformed.
function policyDocument(answer: AuthorizerAnswer, event: JsonObject): Json {
  const { effect, policy } = answer;
  if (policy === undefined) return documentOf([statement(effect, event)]);
  const filled = fillPlaceholders(policy, placeholdersOf(event));
  if (Array.isArray(filled)) return documentOf(filled);
  return isJsonObject(filled) && 'Effect' in filled ? documentOf([filled]) : filled;
}

function documentOf(statements: readonly Json[]): JsonObject {
  return { Version: '2012-10-17', Statement: statements };
}

function statement(effect: 'allow' | 'deny', event: JsonObject): JsonObject {
  const { methodArn } = event;
  return {
    Action: 'execute-api:Invoke',
    Effect: effect === 'allow' ? 'Allow' : 'Deny',
    Resource: typeof methodArn === 'string' ? methodArn : '*',
  };
}

type Placeholders = Readonly<Record<string, string | undefined>>;

// arn:{partition}:execute-api:{region}:{account}:{apiId}/{stage}/{route}. The ARN comes first because it is
// what the policy is compared with.
function placeholdersOf(event: JsonObject): Placeholders {
  const methodArn = textOf(event['methodArn']);
  const context = isJsonObject(event['requestContext']) ? event['requestContext'] : {};
  const [, partition, , region, account, resource] = methodArn?.split(':') ?? [];
  const [apiId, stage] = resource?.split('/') ?? [];
  return {
    methodArn,
    partition,
    region,
    account: account ?? textOf(context['accountId']),
    apiId: apiId ?? textOf(context['apiId']),
    stage: stage ?? textOf(context['stage']),
  };
}

// What the event does not say stays as it was written, for all to see.
function fillPlaceholders(value: Json, known: Placeholders): Json {
  if (typeof value === 'string') {
    return value.replaceAll(
      /\{(methodArn|partition|apiId|stage|region|account)\}/g,
      (written, name: string) => known[name] ?? written,
    );
  }
  if (Array.isArray(value)) return value.map((item: Json) => fillPlaceholders(item, known));
  if (!isJsonObject(value)) return value;
  const filled = Object.entries(value).map(([key, item]) => [
    key,
    item === undefined ? undefined : fillPlaceholders(item, known),
  ]);
  return Object.fromEntries(filled) as JsonObject; // the same keys, values of the same kind
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
