// The $connect pipeline: a valid handshake, a stage, the authorizer, the integration, and only then
// the 101. "The upgrade request remains pending until the integration completes."
import type { Duplex } from 'node:stream';
import { type Api, connectArn } from './api.ts';
import type { Authorization } from './authorizer.ts';
import { type AuthorizerConfig, integrationOf } from './config.ts';
import {
  type ConnectionFacts,
  hostName,
  newOccasion,
  sourceIpOf,
  type UpgradeRequest,
} from './event.ts';
import { judgeHandshake } from './handshake.ts';
import { endWith, type Refusal, refusal, refusalText } from './http-answer.ts';
import { drawId, drawTraceId } from './identifiers.ts';
import type { ConnectVerdict } from './integration.ts';
import { openConnection } from './open.ts';
import { type PendingSocket, watchPending } from './pending.ts';
import { headerValues, pathOf, type RequestHead } from './request-head.ts';

/** An upgrade request that waits for its answer. */
export interface UpgradeAttempt {
  readonly socket: Duplex;
  readonly remoteAddress: string | undefined;
  readonly head: RequestHead;
  /** What the client sent behind the request head. */
  readonly rest: Buffer;
}

/** Answers one upgrade request. Never rejects; one attempt never waits for another. */
export async function handleUpgrade(api: Api, attempt: UpgradeAttempt): Promise<void> {
  const pending = watchPending(attempt.socket, attempt.rest);
  const stage = stageOf(api, attempt.head);
  const refused =
    judgeHandshake(attempt.head, api.behaviour.handshakeRules) ??
    (stage === undefined ? refusal(403) : undefined);
  if (refused !== undefined || stage === undefined) {
    refuseUpgrade(api, pending, refused ?? refusal(403));
    return;
  }
  const facts = factsOf(api, attempt, stage);
  const request = requestOf(api, attempt.head, stage);
  await admit(api, { pending, facts, request });
}

/** The stage that a path names: `/{stage}` or `/{stage}/`, nothing below it. */
export function stageOf(api: Api, head: RequestHead): string | undefined {
  const stage = /^\/([^/]+)\/?$/.exec(pathOf(head.target))?.[1];
  return stage !== undefined && Object.hasOwn(api.config.Stages, stage) ? stage : undefined;
}

interface Candidate {
  readonly pending: PendingSocket;
  readonly facts: ConnectionFacts;
  readonly request: UpgradeRequest;
}

async function admit(api: Api, candidate: Candidate): Promise<void> {
  const authorization = await authorize(api, candidate);
  if (authorization.kind === 'refused') {
    refuseUpgrade(api, candidate.pending, authorization.refusal);
    return;
  }
  const facts = { ...candidate.facts, authorizer: authorization.context };
  const verdict = await integrate(api, { ...candidate, facts });
  if (verdict.kind === 'refused') refuseUpgrade(api, candidate.pending, verdict.refusal);
  else accept(api, { ...candidate, facts }, verdict.subprotocol);
}

// A client that has gone gets no connection, and so no $disconnect.
function accept(api: Api, candidate: Candidate, subprotocol: string | undefined): void {
  const { pending, facts, request } = candidate;
  if (pending.isGone()) {
    pending.socket.destroy();
    return;
  }
  openConnection(api, {
    socket: pending.socket,
    early: () => pending.release(),
    head: request.head,
    facts,
    subprotocol,
  });
}

function refuseUpgrade(api: Api, pending: PendingSocket, refused: Refusal): void {
  pending.release();
  endWith(pending.socket, refusalText(refused, api.clock.wallMs()), api.clock);
}

async function authorize(api: Api, candidate: Candidate): Promise<Authorization> {
  const route = api.config.Routes['$connect'];
  const id = route?.AuthorizationType === 'CUSTOM' ? route.AuthorizerId : undefined;
  const authorizer = id === undefined ? undefined : api.config.Authorizers[id];
  if (authorizer === undefined) return { kind: 'authorized', context: undefined };
  return callAuthorizer(api, authorizer, candidate);
}

async function callAuthorizer(
  api: Api,
  authorizer: AuthorizerConfig,
  { facts, request }: Candidate,
): Promise<Authorization> {
  const { behaviour, clock, lambda } = api;
  const missing = behaviour.missingIdentity(authorizer.IdentitySource, request, facts);
  if (missing.length > 0) return { kind: 'refused', refusal: refusal(401) };
  const methodArn = connectArn(api, facts.stage);
  const occasion = newOccasion(clock.wallMs());
  const event = behaviour.authorizerEvent(facts, request, { occasion, methodArn });
  const startedUs = clock.nowUs();
  const outcome = await lambda.invoke(authorizer.Handler, event, authorizer.TimeoutInMillis);
  const authorization = behaviour.judgeAuthorizer(outcome, methodArn);
  if (authorization.kind === 'refused') return authorization;
  const integrationLatency = Math.round((clock.nowUs() - startedUs) / 1000);
  return { ...authorization, context: { ...authorization.context, integrationLatency } };
}

async function integrate(api: Api, { facts, request }: Candidate): Promise<ConnectVerdict> {
  const integration = integrationOf(api.config, api.config.Routes['$connect']);
  // An integration on $connect is optional: without one the stage is open.
  if (integration === undefined) return { kind: 'accepted', subprotocol: undefined };
  const event = api.behaviour.connectEvent(facts, request, newOccasion(api.clock.wallMs()));
  const { Handler, TimeoutInMillis } = integration;
  return api.behaviour.judgeConnect(await api.lambda.invoke(Handler, event, TimeoutInMillis));
}

function factsOf(api: Api, attempt: UpgradeAttempt, stage: string): ConnectionFacts {
  return {
    connectionId: drawId(),
    connectedAtMs: api.clock.wallMs(),
    apiId: api.config.ApiId,
    stage,
    domainName: hostName(attempt.head),
    sourceIp: sourceIpOf(attempt.remoteAddress),
    userAgent: headerValues(attempt.head, 'user-agent')[0],
    authorizer: undefined,
  };
}

function requestOf(api: Api, head: RequestHead, stage: string): UpgradeRequest {
  const stageVariables = api.config.Stages[stage]?.StageVariables ?? {};
  return { head, stageVariables, traceId: drawTraceId(api.clock.wallMs()) };
}
