// Starts a gateway: one listener for each API, one Lambda runtime for all of them.
import { WebSocketServer } from 'ws';
import { type Clock, realClock } from '../base/clock.ts';
import { ToolError } from '../base/errors.ts';
import type { Api } from './api.ts';
import { checkConfig, type GatewayConfig, type GatewayConfigInput } from './config.ts';
import { behaviourWith } from './faults.ts';
import { type Lambda, startLambda } from './lambda.ts';
import { type Listener, listen } from './listener.ts';
import { findPython, isPythonHandler } from './python-runtime.ts';
import { replaceConfig } from './reload.ts';
import { surroundingsOf } from './surroundings.ts';
import { createBuckets } from './throttle.ts';
import { createUsagePlans, type Usage, type UsageProblem, type UsageQuery } from './usage-plan.ts';

/** A gateway that is running. */
export interface Gateway {
  /** By the names of the configuration. */
  readonly apis: Readonly<Record<string, RunningApi>>;
  /**
   * What the keys of a usage plan have used, as GetUsage gives it.
   *
   * @throws {ToolError} USAGE for an unknown plan, or days that make no range
   */
  usage(usagePlanId: string, query?: UsageQuery): Usage;
  /**
   * Loads all functions anew, and with `config` serves that from now on; connections stay open. What runs ends as it
   * began.
   *
   * @throws {ToolError} GATEWAY_CONFIG for a wrong configuration, or one with other APIs: those need a new start
   */
  reload(config?: GatewayConfigInput): Promise<void>;
  /** Stops listening, ends every connection without $disconnect, and ends all functions. */
  close(): Promise<void>;
}

/** Where a running API is. */
export interface RunningApi {
  readonly apiId: string;
  readonly port: number;
  /** The WebSocket URL of the first stage, such as `ws://127.0.0.1:4001/prod`. */
  readonly url: string;
  /** The URL of a connection of the first stage, with `{id}` for the percent-encoded id. */
  readonly managementUrl: string;
  /** How many connections are open now. */
  connectionCount(): number;
}

/** What can be set beside the configuration. */
export interface GatewayOptions {
  /** Ports by API name, before those of the configuration. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Environment of the handlers, before that of the configuration. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Names of faults from `FAULTS` that the gateway shall have. @default none */
  readonly faults?: readonly string[];
  /** Gets what functions write to standard output and error. @default nobody */
  readonly log?: (line: string) => void;
  /** How much of a function's provisioned concurrency is started, at most. @default all */
  readonly provisioned?: number;
  /** @default the real clock */
  readonly clock?: Clock;
}

/**
 * Starts a gateway and resolves when every API listens and its provisioned functions are loaded.
 *
 * @throws {ToolError} GATEWAY_CONFIG for a wrong configuration, a port that cannot be had, or a handler in Python
 * where there is no `python3`;
 * USAGE for an unknown fault or API name
 */
export async function startGateway(
  input: GatewayConfigInput,
  options: GatewayOptions = {},
): Promise<Gateway> {
  const config = checkedConfig(input);
  const { clock = realClock(), log = ignore, ports = {}, faults = [] } = options;
  checkPorts(config, ports);
  const behaviour = behaviourWith(faults);
  const python = needsPython(config) ? await findPython() : undefined;
  const origins = new Map<string, string>();
  const environment = { ...config.Environment, ...options.environment };
  const lambda = startLambda({
    clock,
    log,
    region: config.Region,
    accountId: config.AccountId,
    python,
    environment,
    functions: config.Functions,
    surroundings: (handler) => surroundingsOf(handler, apis, origins),
  });
  const usagePlans = createUsagePlans(config, clock);
  const account = { apiKeys: config.ApiKeys, usagePlans };
  const buckets = createBuckets(clock);
  const apis = makeApis(config, { clock, lambda, environment, behaviour, account, buckets, log });
  const listeners: Record<string, Listener> = {};
  const close = (): Promise<void> => closeAll(Object.values(listeners), lambda);
  try {
    for (const [name, api] of Object.entries(apis)) {
      const port = ports[name] ?? api.config.Port;
      listeners[name] = await listen(api, { name, host: config.Host, port });
    }
    for (const [name, { managementUrl }] of Object.entries(describeApis(config, apis, listeners))) {
      origins.set(name, new URL(managementUrl).origin);
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const { provisioned = Number.POSITIVE_INFINITY } = options;
  await warmUp(lambda, config, provisioned);
  let current = config;
  return {
    apis: describeApis(config, apis, listeners),
    usage: (usagePlanId, query = {}) => checkedUsage(account.usagePlans.usage(usagePlanId, query)),
    reload: async (next) => {
      const loaded = next === undefined ? undefined : checkedConfig(next);
      if (loaded !== undefined) {
        replaceConfig({ apis, account, clock, current }, loaded);
        current = loaded;
      }
      lambda.renew(loaded?.Functions);
      await warmUp(lambda, current, provisioned);
    },
    close,
  };
}

function checkedUsage(found: Usage | UsageProblem): Usage {
  if ('problem' in found) throw new ToolError('USAGE', found.message);
  return found;
}

function checkedConfig(input: GatewayConfigInput): GatewayConfig {
  const reading = checkConfig(input);
  if (reading.kind === 'config') return reading.config;
  const problems = reading.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ToolError('GATEWAY_CONFIG', `wrong gateway configuration\n${problems.join('\n')}`);
}

function checkPorts(config: GatewayConfig, ports: Readonly<Record<string, number>>): void {
  for (const name of Object.keys(ports)) {
    if (Object.hasOwn(config.Apis, name)) continue;
    const hint = `The configuration has: ${Object.keys(config.Apis).join(', ')}.`;
    throw new ToolError('USAGE', `a port is given for ${name}, which is no API`, { hint });
  }
}

function makeApis(
  config: GatewayConfig,
  shared: Pick<
    Api,
    'clock' | 'lambda' | 'environment' | 'behaviour' | 'account' | 'buckets' | 'log'
  >,
): Readonly<Record<string, Api>> {
  const { Region: region } = config;
  // Not in place, because the published types do not know closeTimeout yet.
  const { closeTimeoutMs: closeTimeout, messageLimitBytes: maxPayload } = shared.behaviour;
  const options = { ...WEB_SOCKET_OPTIONS, closeTimeout, maxPayload };
  const webSockets = new WebSocketServer(options);
  const entries = Object.entries(config.Apis).map(([name, api]): [string, Api] => {
    const accountId = api.AccountId ?? config.AccountId;
    const accountLimits = limitsOfAccount(config, accountId);
    const own = {
      config: api,
      region,
      accountId,
      accountLimits,
      users: config.Users,
      connections: new Map(),
    };
    return [name, { ...own, ...shared, webSockets }];
  });
  return Object.fromEntries(entries);
}

function limitsOfAccount(config: GatewayConfig, accountId: string): Api['accountLimits'] {
  const settings = config.Accounts[accountId]?.ThrottleSettings;
  return settings && { ratePerSecond: settings.RateLimit, burst: settings.BurstLimit };
}

const WEB_SOCKET_OPTIONS = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
};

function describeApis(
  config: GatewayConfig,
  apis: Readonly<Record<string, Api>>,
  listeners: Readonly<Record<string, Listener>>,
): Readonly<Record<string, RunningApi>> {
  const entries = Object.entries(apis).map(([name, api]): [string, RunningApi] => {
    const port = listeners[name]?.port ?? 0;
    const s = api.config.Tls === undefined ? '' : 's';
    const [stage = ''] = Object.keys(api.config.Stages);
    const place = `${hostInUrl(config.Host)}:${port}/${stage}`;
    return [
      name,
      {
        apiId: api.config.ApiId,
        port,
        url: `ws${s}://${place}`,
        managementUrl: `http${s}://${place}/@connections/{id}`,
        connectionCount: () => api.connections.size,
      },
    ];
  });
  return Object.fromEntries(entries);
}

// A wildcard address cannot be connected to by name.
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function needsPython(config: GatewayConfig): boolean {
  const own = Object.values(config.Functions).map(({ Handler }) => Handler);
  return [...own, ...provisionedOf(config).map(([handler]) => handler)].some(isPythonHandler);
}

async function warmUp(lambda: Lambda, config: GatewayConfig, atMost: number): Promise<void> {
  const counts = provisionedOf(config);
  await Promise.all(
    counts.map(([handler, count]) => lambda.warm(handler, Math.min(count, atMost))),
  );
}

// APIs may share a function; the one that wants most of it decides.
function provisionedOf(config: GatewayConfig): readonly (readonly [string, number])[] {
  const owners = Object.values(config.Apis).flatMap((api) => [
    ...Object.values(api.Integrations),
    ...Object.values(api.Authorizers),
  ]);
  const counts = new Map<string, number>();
  for (const { Handler, ProvisionedConcurrency } of owners) {
    if (Handler === undefined) continue;
    counts.set(Handler, Math.max(ProvisionedConcurrency, counts.get(Handler) ?? 0));
  }
  return [...counts];
}

async function closeAll(listeners: readonly Listener[], lambda: Lambda): Promise<void> {
  await lambda.close();
  await Promise.all(listeners.map((listener) => listener.close()));
}

function ignore(): void {}
