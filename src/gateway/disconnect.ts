// $disconnect: runs after the connection has been closed, once, and nobody waits for it.
import type { Api } from './api.ts';
import { integrationOf } from './config.ts';
import type { Closure, ConnectionFacts, Ending } from './event.ts';
import type { IntegrationOutcome } from './integration.ts';
import { runIntegration } from './run-integration.ts';

/**
 * Invokes the $disconnect integration of a connection that is gone; without a route, nothing. What
 * it returns has no effect on the client: the connection is already closed.
 */
export async function deliverDisconnect(
  api: Api,
  facts: ConnectionFacts,
  closure: Closure,
): Promise<IntegrationOutcome | undefined> {
  const { behaviour, clock, config } = api;
  const integration = integrationOf(config, config.Routes['$disconnect']);
  if (integration === undefined) return undefined;
  const occasion = behaviour.newOccasion(clock.wallMs());
  const event = behaviour.disconnectEvent(facts, closure, occasion);
  const { stageVariables } = facts.request;
  const request = { routeKey: '$disconnect', event, stageVariables };
  return runIntegration(api, integration, { request, timeoutMs: integration.TimeoutInMillis });
}

/**
 * What $disconnect says of an ending that the client chose: its code and reason, 1005 with a fixed
 * text for a close frame without a code, 1006 and nothing when there was no close frame.
 */
export function clientEnding(code: number, reason: string): Ending {
  if (code === 1005) return { code, reason: 'Client-side close frame status not set' };
  return { code, reason };
}
