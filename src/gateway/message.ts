// Messages: which route they take, what is sent back, and what goes wrong visibly.
import type { JsonObject } from '../base/json.ts';
import type { Api } from './api.ts';
import { integrationOf, type RouteConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { Occasion } from './event.ts';
import { drawId } from './identifiers.ts';
import { type IntegrationOutcome, readProxyResponse } from './integration.ts';
import { runIntegration } from './run-integration.ts';
import { TOO_MANY_REQUESTS } from './throttle.ts';

/** A message as an event shows it. */
export interface ReceivedMessage {
  /** Text, or base64 of a binary message; those are refused, so it is text. */
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** What is sent to the client after a message. */
export type MessageReply =
  | { readonly kind: 'error'; readonly message: string; readonly cause: ErrorCause }
  | { readonly kind: 'body'; readonly body: string };

/** Why an error frame is sent. */
type ErrorCause = 'no-route' | 'throttled' | 'api-key' | 'model' | 'timed-out' | 'failed';

/** Routes one message and sends what there is to send. Messages of a connection may overlap. */
export async function handleMessage(
  api: Api,
  connection: Connection,
  message: ReceivedMessage,
): Promise<void> {
  const occasion = api.behaviour.newOccasion(api.clock.wallMs());
  const reply = await serve(api, connection, { message, occasion });
  if (reply === undefined) return;
  const frame = reply.kind === 'error' ? api.behaviour.errorFrame(connection, reply, occasion) : {};
  api.behaviour.reply(connection, reply, frame);
}

/** Sends a reply, an error as its `frame`, unless the connection has begun to close. */
export function sendReply(connection: Connection, reply: MessageReply, frame: JsonObject): void {
  if (!connection.isOpen()) return;
  connection.send(reply.kind === 'body' ? reply.body : JSON.stringify(frame));
}

/** An error names the connection and the request; one of a model names the message instead. */
export function errorFrame(
  { facts: { connectionId } }: Connection,
  { message, cause }: Extract<MessageReply, { kind: 'error' }>,
  { requestId }: Occasion,
): JsonObject {
  if (cause === 'model') return { message, connectionId, messageId: drawId() };
  return { message, connectionId, requestId };
}

/** An error frame for a failure; the body only where a route response is configured. */
export function judgeMessage(
  outcome: IntegrationOutcome,
  route: RouteConfig,
): MessageReply | undefined {
  if (outcome.kind === 'timed-out') return error('timed-out', 'Endpoint request timed out');
  if (outcome.kind !== 'returned') return error('failed', 'Internal server error');
  if (route.RouteResponseSelectionExpression === undefined) return undefined;
  const response = readProxyResponse(outcome.value);
  if (response === undefined) return error('failed', 'Internal server error');
  return response.body === undefined ? undefined : { kind: 'body', body: response.body };
}

interface Call {
  readonly message: ReceivedMessage;
  readonly occasion: Occasion;
}

async function serve(
  api: Api,
  connection: Connection,
  { message, occasion }: Call,
): Promise<MessageReply | undefined> {
  const { behaviour, config } = api;
  const routeKey = behaviour.routeKeyOf(config, message.body);
  const route = routeKey === undefined ? undefined : config.Routes[routeKey];
  if (routeKey === undefined || route === undefined) return error('no-route', 'Forbidden');
  const refused = refusalOf(api, connection, { routeKey, route });
  if (refused !== undefined) return refused;
  if (!behaviour.fitsModel(config, route, message.body)) return error('model', 'Bad request body');
  const integration = integrationOf(config, route);
  if (integration === undefined) return undefined;
  const event = behaviour.messageEvent(connection.facts, { routeKey, ...message }, occasion);
  const { stageVariables } = connection.facts.request;
  const timeoutMs = behaviour.messageTimeoutMs(integration.TimeoutInMillis);
  const request = { routeKey, event, stageVariables };
  const outcome = await runIntegration(api, integration, { request, timeoutMs });
  return behaviour.judgeMessage(outcome, route);
}

/** Throttling comes before the API key, as at the upgrade. */
function refusalOf(
  api: Api,
  { facts }: Connection,
  { routeKey, route }: { readonly routeKey: string; readonly route: RouteConfig },
): MessageReply | undefined {
  if (api.behaviour.throttle(api, { stage: facts.stage, routeKey }) !== 'admitted') {
    return error('throttled', TOO_MANY_REQUESTS.message);
  }
  if (!route.ApiKeyRequired) return undefined;
  const key = api.behaviour.requireApiKey(api, facts.apiKey);
  return key.kind === 'refused' ? error('api-key', key.refusal.message) : undefined;
}

function error(cause: ErrorCause, message: string): MessageReply {
  return { kind: 'error', message, cause };
}
