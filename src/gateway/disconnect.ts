// $disconnect: runs after the connection has been closed, once, and nobody waits for it.
import type { Api } from './api.ts';
import { integrationOf } from './config.ts';
import { type ConnectionFacts, type Ending, newOccasion } from './event.ts';

/** Invokes the $disconnect integration of a connection that is gone. Without a route, nothing. */
export async function deliverDisconnect(
  api: Api,
  facts: ConnectionFacts,
  ending: Ending,
): Promise<void> {
  const integration = integrationOf(api.config, api.config.Routes['$disconnect']);
  if (integration === undefined) return;
  const event = api.behaviour.disconnectEvent(facts, ending, newOccasion(api.clock.wallMs()));
  // What it returns has no effect: the connection is already closed.
  await api.lambda.invoke(integration.Handler, event, integration.TimeoutInMillis);
}
