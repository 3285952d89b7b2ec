// The $connect pipeline: a valid handshake, a stage, room in the limits, the authorizer, the
// integration, and only then the 101. "The upgrade request remains pending until the integration completes."
import type { Duplex } from 'node:stream';
import type { Api } from './api.ts';
import type { Authorization } from './authorizer.ts';
import { sha256 } from './canonical-request.ts';
import {
  type ApiConfig,
  type AuthorizerConfig,
  integrationOf,
  type RouteConfig,
} from './config.ts';
import { type ConnectionFacts, hostName, sourceIpOf } from './event.ts';
import { judgeHandshake } from './handshake.ts';
import { endWith, type Refusal, refusalText } from './http-answer.ts';
import { drawTraceId } from './identifiers.ts';
import type { ConnectVerdict } from './integration.ts';
import { type Opening, openConnection } from './open.ts';
import { type PendingSocket, watchPending } from './pending.ts';
import { headerValues, pathOf, type RequestHead } from './request-head.ts';
import { parameterRefusal } from './route-parameters.ts';
import { runIntegration } from './run-integration.ts';

/** An upgrade request that waits for its answer. */
export interface UpgradeAttempt {
  readonly socket: Duplex;
  readonly remoteAddress: string | undefined;
  readonly head: RequestHead;
  /** What the client sent behind the request head. */
  readonly rest: Buffer;
}

/** A valid upgrade request to a stage that exists: now others decide. */
export interface Candidate {
  readonly pending: PendingSocket;
  readonly facts: ConnectionFacts;
}

/** Answers one upgrade request. Never rejects; one attempt never waits for another. */
export async function handleUpgrade(api: Api, attempt: UpgradeAttempt): Promise<void> {
  const pending = watchPending(attempt.socket, attempt.rest);
  const stage = api.behaviour.stageOf(api, attempt.head);
  const refused = judgeHandshake(attempt.head, api.behaviour.handshakeRules);
  if (refused !== undefined || stage === undefined) {
    refuseUpgrade(api, pending, refused ?? api.behaviour.unknownPathRefusal);
    return;
  }
  const candidate = { pending, facts: factsOf(api, attempt, stage) };
  const throttling = api.behaviour.throttle(api, { stage, routeKey: '$connect' });
  if (throttling === 'admitted') await api.behaviour.admit(api, candidate);
  else await api.behaviour.refuseThrottled(api, candidate);
}

/** Runs authorizer and integration, one after the other, and answers as they say. */
export async function admit(api: Api, candidate: Candidate): Promise<void> {
  const authorization = await api.behaviour.authorize(api, candidate.facts);
  if (authorization.kind === 'refused') {
    refuseUpgrade(api, candidate.pending, authorization.refusal);
    return;
  }
  const lacking = parameterRefusal(api.config, candidate.facts);
  if (lacking !== undefined) {
    refuseUpgrade(api, candidate.pending, lacking);
    return;
  }
  const facts = authorizedFacts(candidate.facts, authorization);
  const verdict = await api.behaviour.integrate(api, facts);
  if (verdict.kind === 'refused') refuseUpgrade(api, candidate.pending, verdict.refusal);
  else acceptUpgrade(api, { ...candidate, facts }, { verdict });
}

/** Writes the refusal and ends the socket. */
export function refuseUpgrade(api: Api, pending: PendingSocket, refused: Refusal): void {
  pending.release();
  endWith(pending.socket, refusalText(refused, api.clock.wallMs()), api.clock);
}

/** Opens the connection. A client that has gone gets none, and so no $disconnect. */
export function acceptUpgrade(
  api: Api,
  { pending, facts }: Candidate,
  how: Pick<Opening, 'verdict' | 'settled'>,
): void {
  if (pending.isGone()) pending.socket.destroy();
  else openConnection(api, { pending, facts, ...how });
}

/** What is known of a connection once it is authorized. */
export function authorizedFacts(
  facts: ConnectionFacts,
  { context, apiKey, caller }: Extract<Authorization, { kind: 'authorized' }>,
): ConnectionFacts {
  return { ...facts, authorizer: context, apiKey, caller };
}

/** Asks the authorizer of $connect, then looks at the API key. */
export async function authorize(api: Api, facts: ConnectionFacts): Promise<Authorization> {
  const authorization = await askAuthorizer(api, facts);
  if (authorization.kind === 'refused') return authorization;
  const key = api.behaviour.checkApiKey(api, facts, authorization.usageIdentifierKey);
  return key.kind === 'refused' ? key : { ...authorization, apiKey: key.apiKey };
}

// Without an authorizer everybody is authorized.
async function askAuthorizer(api: Api, facts: ConnectionFacts): Promise<Authorization> {
  if (api.config.Routes['$connect']?.AuthorizationType === 'AWS_IAM') return askIam(api, facts);
  const authorizer = authorizerOf(api.config);
  if (authorizer === undefined) return { kind: 'authorized', context: undefined };
  const { behaviour } = api;
  const missing = behaviour.missingIdentity(authorizer.IdentitySource, facts);
  if (missing.length > 0) return { kind: 'refused', refusal: behaviour.missingIdentityRefusal };
  return behaviour.callAuthorizer(api, authorizer, facts);
}

// Nothing but the head is signed: an upgrade request has no body.
function askIam(api: Api, facts: ConnectionFacts): Authorization {
  const verdict = api.behaviour.authorizeCaller(api, {
    head: facts.request.head,
    payloadHash: sha256(''),
    action: 'execute-api:Invoke',
    resource: api.behaviour.connectArn(api, facts.stage),
  });
  if (verdict.kind === 'permitted') {
    return { kind: 'authorized', context: undefined, caller: verdict.caller };
  }
  const { errorType, message } = verdict.refusal;
  return {
    kind: 'refused',
    refusal: {
      status: api.behaviour.iamStatus,
      message,
      headers: [['x-amzn-ErrorType', errorType]],
    },
  };
}

/** Invokes an authorizer and judges its result. */
export async function callAuthorizer(
  api: Api,
  authorizer: AuthorizerConfig,
  facts: ConnectionFacts,
): Promise<Authorization> {
  const { behaviour, clock, lambda } = api;
  const methodArn = behaviour.connectArn(api, facts.stage);
  const occasion = behaviour.newOccasion(clock.wallMs());
  const event = behaviour.authorizerEvent(facts, { occasion, methodArn });
  const startedUs = clock.nowUs();
  const outcome = await lambda.invoke(authorizer.Handler, event, authorizer.TimeoutInMillis);
  const authorization = behaviour.judgeAuthorizer(outcome, methodArn);
  if (authorization.kind === 'refused') return authorization;
  const integrationLatency = Math.round((clock.nowUs() - startedUs) / 1000);
  return { ...authorization, context: { ...authorization.context, integrationLatency } };
}

/** Invokes the $connect integration and judges its answer. */
export async function integrate(api: Api, facts: ConnectionFacts): Promise<ConnectVerdict> {
  const { behaviour, clock, config } = api;
  const integration = integrationOf(config, behaviour.connectRoute(config));
  if (integration === undefined) return behaviour.withoutIntegration;
  const event = behaviour.connectEvent(facts, behaviour.newOccasion(clock.wallMs()));
  const timeoutMs = behaviour.connectTimeoutMs(integration.TimeoutInMillis);
  const { stageVariables } = facts.request;
  const request = { routeKey: '$connect', event, stageVariables };
  return behaviour.judgeConnect(await runIntegration(api, integration, { request, timeoutMs }));
}

/** The route of an upgrade: $connect, and no other in its place. */
export function connectRoute(api: ApiConfig): RouteConfig | undefined {
  return api.Routes['$connect'];
}

/** The authorizer of $connect; `undefined` when it has none. */
export function authorizerOf(api: ApiConfig): AuthorizerConfig | undefined {
  const route = api.Routes['$connect'];
  const id = route?.AuthorizationType === 'CUSTOM' ? route.AuthorizerId : undefined;
  return id === undefined ? undefined : api.Authorizers[id];
}

/** The ARN of $connect, which policies are about. */
export function connectArn(api: Api, stage: string): string {
  return `arn:aws:execute-api:${api.region}:${api.accountId}:${api.config.ApiId}/${stage}/$connect`;
}

/**
 * The stage that a path names: `/{stage}` or `/{stage}/`, nothing below it; under a name of its own the
 * stage that is mapped to the path.
 */
export function stageOf(api: Api, head: RequestHead): string | undefined {
  const own = api.config.ApiMappings.filter(({ DomainName }) => DomainName === hostName(head));
  if (own.length > 0) {
    const key = /^\/([^/]*)\/?$/.exec(pathOf(head.target))?.[1];
    return own.find(({ ApiMappingKey }) => ApiMappingKey === key)?.Stage;
  }
  if (api.config.DisableExecuteApiEndpoint) return undefined;
  const stage = /^\/([^/]+)\/?$/.exec(pathOf(head.target))?.[1];
  return stage !== undefined && Object.hasOwn(api.config.Stages, stage) ? stage : undefined;
}

function factsOf(
  api: Api,
  { head, remoteAddress }: UpgradeAttempt,
  stage: string,
): ConnectionFacts {
  const connectedAtMs = api.clock.wallMs();
  return {
    connectionId: api.behaviour.drawConnectionId(head),
    connectedAtMs,
    apiId: api.config.ApiId,
    stage,
    domainName: api.config.DomainName ?? hostName(head),
    sourceIp: sourceIpOf(remoteAddress),
    userAgent: headerValues(head, 'user-agent')[0],
    authorizer: undefined,
    apiKey: undefined,
    request: {
      head,
      traceId: drawTraceId(connectedAtMs),
      stageVariables: api.config.Stages[stage]?.StageVariables ?? {},
    },
  };
}
