// What Ref and Fn::GetAtt give for a resource. Nothing is created here: what has no id of its own is called by its logical
// id, and an ARN is one that AWS could have given.
import type { Scope } from './scope.ts';
import type { Resource } from './template.ts';
import { type TemplateNode, textNode, textOf, valueOf } from './template-node.ts';

/** Which resource, and where that is asked. */
interface Asked {
  readonly id: string;
  readonly at: TemplateNode;
}

/** The value of `Ref` of a resource; unknown when there is none, which has been reported. */
export function referenceTo(scope: Scope, { id, at }: Asked): TemplateNode {
  const resource = scope.template.resources.get(id);
  if (resource === undefined) return generated(scope, id, at);
  const reading = { scope, resource, name: nameOf(scope, resource) };
  return textNode((REFERENCES[resource.type] ?? nameReference)(reading), at.span);
}

/** The value of `Fn::GetAtt`; unknown when there is no such resource, which has been reported. */
export function attributeOf(
  scope: Scope,
  { id, attribute, at }: Asked & { readonly attribute: string },
): TemplateNode {
  const resource = scope.template.resources.get(id);
  if (resource === undefined) return generated(scope, id, at, attribute);
  const name = nameOf(scope, resource);
  const reading = { scope, resource, name };
  if (isFunction(resource) && /^(Alias|Version)$/.test(attribute)) {
    return textNode(`${arnOf(reading)}:${attribute === 'Alias' ? 'live' : '1'}`, at.span);
  }
  if (attribute === 'Arn') return textNode(arnOf(reading), at.span);
  if (
    /^(ApiId|APIKeyId|Id|RouteId|IntegrationId|AuthorizerId|DeploymentId|ModelId)$/.test(attribute)
  ) {
    return textNode((REFERENCES[resource.type] ?? nameReference)(reading), at.span);
  }
  if (resource.type === 'AWS::SQS::Queue' && /^Queue(Name|Url)$/.test(attribute)) {
    return attribute === 'QueueName' ? textNode(name, at.span) : referenceTo(scope, { id, at });
  }
  if (attribute === 'ApiEndpoint') {
    return textNode(`wss://${apiIdOf(id)}.execute-api.${scope.region}.amazonaws.com`, at.span);
  }
  return textNode(`${id}.${attribute}`, at.span);
}

/** The id of an API, drawn from its logical id so that it is the same in every run. */
export function apiIdOf(logicalId: string): string {
  return logicalId.toLowerCase();
}

/** True for a Lambda function, however it is declared. */
export function isFunction({ type }: Pick<Resource, 'type'>): boolean {
  return type === 'AWS::Lambda::Function' || type === 'AWS::Serverless::Function';
}

/** True for an API that may be a WebSocket API. */
export function isApi({ type }: Pick<Resource, 'type'>): boolean {
  return type === 'AWS::ApiGatewayV2::Api';
}

/** The ARN of a function. */
function functionArn(scope: Scope, name: string): string {
  return `arn:aws:lambda:${scope.region}:${scope.accountId}:function:${name}`;
}

interface Reading {
  readonly scope: Scope;
  readonly resource: Resource;
  /** The name that a property gives it, or its logical id. */
  readonly name: string;
}

function nameReference({ name }: Reading): string {
  return name;
}

const logicalId = ({ resource }: Reading): string => resource.id;

const REFERENCES: Readonly<Record<string, (reading: Reading) => string>> = {
  'AWS::ApiGatewayV2::Api': ({ resource }) => apiIdOf(resource.id),
  'AWS::ApiGatewayV2::Authorizer': logicalId,
  'AWS::ApiGatewayV2::Model': ({ resource }) =>
    textOf(valueOf(resource.properties, 'Name')) ?? resource.id,
  'AWS::ApiGateway::ApiKey': logicalId,
  'AWS::ApiGateway::UsagePlan': logicalId,
  'AWS::Lambda::Alias': aliasArn,
  'AWS::Lambda::Version': ({ scope, name }) => `${functionArn(scope, name)}:1`,
  'AWS::SNS::Topic': arnOf,
  'AWS::SQS::Queue': ({ scope, name }) =>
    `https://sqs.${scope.region}.amazonaws.com/${scope.accountId}/${name}`,
};

// Of an alias or a version the name is that of the function, see nameOf.
function aliasArn({ scope, resource, name }: Reading): string {
  return `${functionArn(scope, name)}:${textOf(valueOf(resource.properties, 'Name')) ?? 'live'}`;
}

function arnOf({ scope, resource, name }: Reading): string {
  const { region, accountId } = scope;
  const [, service = 'service', kind = ''] = resource.type.toLowerCase().split('::');
  if (isFunction(resource)) return functionArn(scope, name);
  if (resource.type === 'AWS::IAM::Role') return `arn:aws:iam::${accountId}:role/${name}`;
  if (resource.type === 'AWS::S3::Bucket') return `arn:aws:s3:::${name.toLowerCase()}`;
  if (service === 'sns' || service === 'sqs')
    return `arn:aws:${service}:${region}:${accountId}:${name}`;
  const what = resource.type === 'AWS::Serverless::SimpleTable' ? 'table' : kind;
  const of = resource.type === 'AWS::Serverless::SimpleTable' ? 'dynamodb' : service;
  return `arn:aws:${of}:${region}:${accountId}:${what}/${name}`;
}

/** The name that AWS would give a resource: a property says it, or it is the logical id. */
function nameOf(scope: Scope, resource: Resource): string {
  const { names } = scope.known;
  // Each once: names that are made of one another would take time without end otherwise.
  const name = names.get(resource.id) ?? newName(scope, resource).slice(0, MAX_NAME);
  names.set(resource.id, name);
  return name;
}

/** Longer than any name on AWS. */
const MAX_NAME = 1024;

function newName(scope: Scope, { id, type, properties }: Resource): string {
  const property = NAMES.find((name) => valueOf(properties, name) !== undefined);
  const named = property === undefined ? undefined : valueOf(properties, property);
  if (named === undefined) return id;
  const text = textOf(scope.evaluate(named)) ?? id;
  // FunctionName of a version or an alias may be an ARN.
  return type.startsWith('AWS::Lambda::') ? (/:function:([^:]+)/.exec(text)?.[1] ?? text) : text;
}

const NAMES = [
  'FunctionName',
  'StageName',
  'TableName',
  'QueueName',
  'TopicName',
  'BucketName',
  'RoleName',
  'SecretName',
  'LogGroupName',
];

// What the serverless transform makes beside what is written: roles, aliases, stages.
function generated(scope: Scope, id: string, at: TemplateNode, attribute?: string): TemplateNode {
  const owner = generatedBy(scope, id);
  if (owner === undefined) return { kind: 'unknown', span: at.span };
  const stage = id.endsWith('.Stage') ? stageOf(scope, owner.id) : undefined;
  if (stage !== undefined) return referenceTo(scope, { id: stage, at });
  const { accountId } = scope;
  const [, alias] = /\.(Alias|Version)$/.exec(id) ?? [];
  if (alias !== undefined && isFunction(owner)) {
    return textNode(
      `${functionArn(scope, nameOf(scope, owner))}:${alias === 'Alias' ? 'live' : '1'}`,
      at.span,
    );
  }
  const arn = `arn:aws:iam::${accountId}:role/${id}`;
  return textNode(
    attribute === 'Arn' ? arn : attribute === undefined ? id : `${id}.${attribute}`,
    at.span,
  );
}

function stageOf({ template }: Scope, api: string): string | undefined {
  const parts = [...template.resources.values()].filter((one) => one.expandedFrom === api);
  return parts.find(({ type }) => type === 'AWS::ApiGatewayV2::Stage')?.id;
}

/** The serverless resource that a generated one such as `HelloRole` belongs to; `undefined` when there is none. */
export function generatedBy(scope: Pick<Scope, 'template'>, id: string): Resource | undefined {
  return [...scope.template.resources.values()].find(
    (resource) =>
      (resource.type.startsWith('AWS::Serverless::') || resource.expandedFrom !== undefined) &&
      id.startsWith(resource.id) &&
      id !== resource.id,
  );
}
