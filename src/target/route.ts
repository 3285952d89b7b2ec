// From what a target and the environment say about proxies and addresses to the way a dial takes.
import {
  overriddenAddresses,
  type ProxyRules,
  parseProxy,
  proxyFor,
  proxyName,
  type Route,
} from '../wire/route.ts';
import { placeOf } from '../wire/url.ts';
import type { Network, Target } from './model.ts';

/** The way to the endpoints of a target. A proxy that is named is used for all of them. */
export function routeOf({ overrides, proxy, environment }: Network): Route {
  if (proxy === 'direct') return { overrides };
  if (proxy === undefined) return { overrides, proxies: environment };
  return { overrides, proxies: { plain: proxy, secure: proxy, except: [] } };
}

/** What of the way to a target is not the straight one, a line each; no credentials. */
export function routeFacts({ endpoints, management, network }: Target): readonly string[] {
  const route = routeOf(network);
  const urls = [...Object.values(endpoints), { url: management ?? '' }].flatMap((one) =>
    'management' in one && one.management !== undefined ? [one.url, one.management] : [one.url],
  );
  const places = urls.flatMap((url) => placeOf(url.replaceAll('{id}', 'id')) ?? []);
  const proxies = places.flatMap((place) => proxyFor(route, place) ?? []);
  const met = network.overrides.filter((one) =>
    places.some(({ host, port }) => overriddenAddresses({ overrides: [one] }, { host, port })),
  );
  return [
    ...new Set(proxies.map((proxy) => `through the proxy ${proxyName(proxy)}`)),
    ...met.map(({ host, port, addresses }) => `${host}:${port} at ${addresses.join(', ')}`),
  ];
}

/** An environment variable that names no HTTP proxy. */
export interface BadProxyVariable {
  readonly variable: string;
  readonly scheme: 'plain' | 'secure';
}

/**
 * The proxies by environment, as curl and Go read it: `https_proxy` for `wss:` and `https:`,
 * `http_proxy` for `ws:` and `http:`, `all_proxy` for either, `no_proxy` for what goes without; in
 * lower case first, then in upper case. Loopback never goes through a proxy of the environment.
 */
export function proxiesByEnvironment(env: Readonly<Record<string, string | undefined>>): {
  readonly rules: ProxyRules;
  readonly bad: readonly BadProxyVariable[];
} {
  const bad: BadProxyVariable[] = [];
  const proxyOf = (scheme: BadProxyVariable['scheme'], name: string): ProxyRules['plain'] => {
    const set = [name, 'all_proxy'].flatMap((one) => [one, one.toUpperCase()]);
    const variable = set.find((one) => (env[one] ?? '') !== '');
    if (variable === undefined) return undefined;
    const proxy = parseProxy(env[variable] ?? '');
    if (proxy === undefined) bad.push({ variable, scheme });
    return proxy;
  };
  const rules = {
    plain: proxyOf('plain', 'http_proxy'),
    secure: proxyOf('secure', 'https_proxy'),
  };
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  const listed = noProxy.split(/[\s,]+/).filter((entry) => entry !== '');
  return { rules: { ...rules, except: [...listed, ...LOOPBACK] }, bad };
}

const LOOPBACK = ['localhost', '127.0.0.0/8', '::1'] as const;
