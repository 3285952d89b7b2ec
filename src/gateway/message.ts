// Messages: which route they take, what is sent back, and what goes wrong visibly.
import { isJsonObject, type Json } from '../base/json.ts';
import type { Api } from './api.ts';
import { type ApiConfig, integrationOf, type RouteConfig } from './config.ts';
import type { Connection } from './connection.ts';
import type { Occasion } from './event.ts';
import { readProxyResponse } from './integration.ts';
import type { InvocationOutcome } from './lambda.ts';
import { TOO_MANY_REQUESTS } from './throttle.ts';

/** A message as an event shows it. */
export interface ReceivedMessage {
  /** Text, or base64 of a binary message; those are refused, so it is text. */
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Routes one message and sends what there is to send. Messages of a connection may overlap. */
export async function handleMessage(
  api: Api,
  connection: Connection,
  message: ReceivedMessage,
): Promise<void> {
  const occasion = api.behaviour.newOccasion(api.clock.wallMs());
  const routeKey = routeKeyOf(api.config, message.body);
  const route = routeKey === undefined ? undefined : api.config.Routes[routeKey];
  if (routeKey === undefined || route === undefined) {
    sendError(connection, 'Forbidden', occasion);
    return;
  }
  if (api.behaviour.throttle(api, { stage: connection.facts.stage, routeKey }) !== 'admitted') {
    sendError(connection, TOO_MANY_REQUESTS.message, occasion);
    return;
  }
  if (route.ApiKeyRequired) {
    const key = api.behaviour.requireApiKey(api, connection.facts.apiKey);
    if (key.kind === 'refused') {
      sendError(connection, key.refusal.message, occasion);
      return;
    }
  }
  const integration = integrationOf(api.config, route);
  if (integration === undefined) return;
  const event = api.behaviour.messageEvent(connection.facts, { routeKey, ...message }, occasion);
  const { Handler, TimeoutInMillis } = integration;
  const outcome = await api.lambda.invoke(Handler, event, TimeoutInMillis);
  const reply = judgeMessage(outcome, route);
  if (reply?.kind === 'error') sendError(connection, reply.message, occasion);
  else if (reply?.kind === 'body' && connection.isOpen()) connection.send(reply.body);
}

/** What is sent to the client after a message; `undefined` for nothing. */
type MessageReply =
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'body'; readonly body: string };

/** An error frame for a failure; the body only where a route response is configured. */
function judgeMessage(outcome: InvocationOutcome, route: RouteConfig): MessageReply | undefined {
  if (outcome.kind === 'timed-out') return { kind: 'error', message: 'Endpoint request timed out' };
  if (outcome.kind === 'failed') return { kind: 'error', message: 'Internal server error' };
  if (route.RouteResponseSelectionExpression === undefined) return undefined;
  const response = readProxyResponse(outcome.value);
  if (response === undefined) return { kind: 'error', message: 'Internal server error' };
  return response.body === undefined ? undefined : { kind: 'body', body: response.body };
}

/**
 * The route that the selection expression chooses; `$default` for text that is not JSON or matches
 * no route; `undefined` when there is none. The predefined keys cannot be asked for.
 */
function routeKeyOf(api: ApiConfig, text: string): string | undefined {
  const selected = selectedKey(api.RouteSelectionExpression, text);
  if (selected !== undefined && !selected.startsWith('$') && Object.hasOwn(api.Routes, selected)) {
    return selected;
  }
  return Object.hasOwn(api.Routes, '$default') ? '$default' : undefined;
}

function selectedKey(expression: string, text: string): string | undefined {
  const [, , ...path] = expression.split('.');
  let value: Json | undefined = parseQuietly(text);
  for (const key of path) {
    value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function sendError(connection: Connection, message: string, occasion: Occasion): void {
  if (!connection.isOpen()) return;
  const { connectionId } = connection.facts;
  connection.send(JSON.stringify({ message, connectionId, requestId: occasion.requestId }));
}

function parseQuietly(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives Json
  } catch {
    return undefined;
  }
}
