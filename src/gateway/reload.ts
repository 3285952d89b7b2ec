// Serving another configuration without closing a connection.
import type { Clock } from '../base/clock.ts';
import { ToolError } from '../base/errors.ts';
import type { Api } from './api.ts';
import type { Account } from './api-key.ts';
import type { ApiConfig, GatewayConfig } from './config.ts';
import { createUsagePlans } from './usage-plan.ts';

/** What is being served, and is changed. */
export interface Served {
  readonly apis: Readonly<Record<string, Api>>;
  readonly account: Account;
  readonly clock: Clock;
  /** The configuration until now. */
  readonly current: GatewayConfig;
}

/**
 * Lets every API follow its new configuration from its next event on. What usage plans have counted is kept unless keys or
 * plans change.
 *
 * @throws {ToolError} GATEWAY_CONFIG when an API is new, gone, or another one by the same name
 */
export function replaceConfig(
  { apis, account, clock, current }: Served,
  config: GatewayConfig,
): void {
  if (fixedPart(current.Apis) !== fixedPart(config.Apis)) {
    throw new ToolError('GATEWAY_CONFIG', 'the APIs have changed', {
      hint: 'Start the gateway anew to serve them.',
    });
  }
  // Both are read anew at each use; that is what makes the change seen.
  for (const [name, api] of Object.entries(apis)) Object.assign(api, { config: config.Apis[name] });
  const keysOf = ({ ApiKeys, UsagePlans }: GatewayConfig): string =>
    JSON.stringify([ApiKeys, UsagePlans]);
  if (keysOf(config) === keysOf(current)) return;
  Object.assign(account, { apiKeys: config.ApiKeys, usagePlans: createUsagePlans(config, clock) });
}

function fixedPart(apis: Readonly<Record<string, ApiConfig>>): string {
  const parts = Object.entries(apis).map(([name, { ApiId, AccountId, Tls, DomainName }]) => [
    name,
    ApiId,
    AccountId ?? '',
    Tls?.Certificate ?? '',
    DomainName ?? '',
  ]);
  return JSON.stringify(parts);
}
