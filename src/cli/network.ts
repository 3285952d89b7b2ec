// How endpoints are reached, by options and environment: certificates, proxies, addresses.
import { resolve } from 'node:path';
import { ToolError } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import type { Network, Target } from '../target/model.ts';
import { proxiesByEnvironment } from '../target/route.ts';
import { type Override, type Proxy, parseOverride, parseProxy, proxyFor } from '../wire/route.ts';
import { placeOf } from '../wire/url.ts';
import type { Io } from './io.ts';
import { readText } from './workspace.ts';

/** What the command line says about it. */
export interface NetworkOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly insecure?: boolean;
  /** A URL; `false` (`--no-proxy`): none, whatever file and environment say. */
  readonly proxy?: string | boolean;
  /** `host:port:address`, each. */
  readonly resolve?: readonly string[];
}

/**
 * The target as options and environment say it is reached; they win over its file. A proxy's
 * password becomes a secret.
 *
 * @throws {ToolError} USAGE
 */
export function withNetwork(
  target: Target,
  options: NetworkOptions,
  { io, redactor }: { readonly io: Io; readonly redactor: Redactor },
): Target {
  const own = { ...target.network, ...certificatesOf(io, options), ...routeOptions(options) };
  const overrides = [...overridesOf(options), ...target.network.overrides];
  const { rules, bad } = proxiesByEnvironment(io.env);
  const network: Network = { ...own, overrides, environment: rules };
  for (const proxy of [network.proxy, rules.plain, rules.secure]) registerProxy(redactor, proxy);
  if (network.proxy === undefined) for (const one of bad) demandUnused(one, target, network);
  return { ...target, network };
}

function certificatesOf(io: Io, options: NetworkOptions): Partial<Network> {
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new ToolError('USAGE', '--cert and --key go together.');
  }
  const pem = (path: string): string => {
    const text = readText(resolve(io.cwd, path));
    if (text.includes('-----BEGIN ')) return text;
    throw new ToolError('USAGE', `${path} is not a PEM file: it has no line -----BEGIN ….`);
  };
  return {
    ...(options.ca === undefined ? {} : { ca: pem(options.ca) }),
    ...(options.cert === undefined ? {} : { cert: pem(options.cert) }),
    ...(options.key === undefined ? {} : { key: pem(options.key) }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.insecure === true ? { insecure: true } : {}),
  };
}

function routeOptions({ proxy }: NetworkOptions): Partial<Network> {
  if (proxy === undefined || proxy === true) return {};
  if (proxy === false) return { proxy: 'direct' };
  const parsed = parseProxy(proxy);
  if (parsed !== undefined) return { proxy: parsed };
  // Not repeated: it may hold a password.
  throw new ToolError('USAGE', '--proxy is not the URL of an HTTP proxy.', {
    hint: 'Write http://host:port, with user:password@ before the host where the proxy asks for them. SOCKS is not supported.',
  });
}

function overridesOf({ resolve: given = [] }: NetworkOptions): readonly Override[] {
  return given.map((text) => {
    const parsed = parseOverride(text);
    if (parsed !== undefined) return parsed;
    throw new ToolError('USAGE', `--resolve ${text} is not host:port:address.`, {
      hint: 'For example --resolve chat.example.com:443:127.0.0.1, or …:443:[::1].',
    });
  });
}

function registerProxy(redactor: Redactor, proxy: Network['proxy']): void {
  if (proxy === undefined || proxy === 'direct' || proxy.password === undefined) return;
  redactor.register('proxy', proxy.password);
  redactor.register('proxy', `${proxy.user ?? ''}:${proxy.password}`);
}

const STAND_IN: Proxy = {
  host: 'stand-in',
  port: 1,
  secure: false,
  user: undefined,
  password: undefined,
};

/** A variable that names no HTTP proxy (SOCKS, say) matters only where it would have been used. */
function demandUnused(
  { variable, scheme }: { readonly variable: string; readonly scheme: 'plain' | 'secure' },
  target: Target,
  { environment }: Network,
): void {
  const proxies = {
    plain: undefined,
    secure: undefined,
    except: environment?.except ?? [],
    [scheme]: STAND_IN,
  };
  const urls = [...Object.values(target.endpoints).map(({ url }) => url), target.management ?? ''];
  const meant = urls.find((url) => {
    const place = placeOf(url.replaceAll('{id}', 'id'));
    return place !== undefined && proxyFor({ proxies }, place) !== undefined;
  });
  if (meant === undefined) return;
  throw new ToolError('USAGE', `${variable} of the environment names no HTTP proxy.`, {
    hint: 'Write http://host:port there (SOCKS is not supported), give one with --proxy, or go without by --no-proxy.',
  });
}
