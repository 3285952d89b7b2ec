// The way to an endpoint where it is not the straight one: addresses that stand in for a name, and
// the HTTP proxy in between. Pure: nothing here opens anything.
import { BlockList, isIP } from 'node:net';

/** How to get to endpoints. */
export interface Route {
  /** Addresses to use instead of asking DNS. @default none */
  readonly overrides?: readonly Override[] | undefined;
  /** Which proxy, if any. @default none */
  readonly proxies?: ProxyRules | undefined;
}

/** `--resolve host:port:address[,address]`. */
export interface Override {
  /** Lower case, without brackets. */
  readonly host: string;
  readonly port: number;
  /** At least one; IPv6 without brackets. They are tried in this order. */
  readonly addresses: readonly string[];
}

/** The proxy by scheme of the endpoint. Both make a tunnel with CONNECT (RFC 9110 section 9.3.6). */
export interface ProxyRules {
  /** For `ws:` and `http:`. */
  readonly plain: Proxy | undefined;
  /** For `wss:` and `https:`. */
  readonly secure: Proxy | undefined;
  /** Entries of NO_PROXY: endpoints that are reached without the proxy. */
  readonly except: readonly string[];
}

/** An HTTP proxy. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** TLS to the proxy itself. */
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Where a connection goes. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Reads `host:port:address[,address]`; addresses of IPv6 with or without brackets. */
export function parseOverride(text: string): Override | undefined {
  const [, host = '', port = '', rest = ''] = OVERRIDE.exec(text.trim()) ?? [];
  const addresses = rest.split(',').map((address) => unbracketed(address.trim()));
  if (!isPort(port) || !addresses.every((address) => isIP(address) !== 0)) return undefined;
  return { host: unbracketed(host).toLowerCase(), port: Number(port), addresses };
}

const OVERRIDE = /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5}):\s*(\S(?:.*\S)?)$/;

/** Reads `http://[user:password@]host[:port]` (or `https:`), also without the scheme. */
export function parseProxy(text: string): Proxy | undefined {
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(written)) return undefined;
  const url = new URL(written);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return undefined;
  const secure = url.protocol === 'https:';
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (url.hostname === '' || user === undefined || password === undefined) return undefined;
  return {
    host: unbracketed(url.hostname),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    user: url.username === '' && url.password === '' ? undefined : user,
    password: url.username === '' && url.password === '' ? undefined : password,
  };
}

/** The addresses that stand in for the name; `undefined`: ask DNS. */
export function overriddenAddresses(
  route: Route | undefined,
  { host, port }: Pick<Destination, 'host' | 'port'>,
): readonly string[] | undefined {
  const name = host.toLowerCase();
  return route?.overrides?.find((one) => one.host === name && one.port === port)?.addresses;
}

/** The proxy for an endpoint; `undefined`: none. */
export function proxyFor(route: Route | undefined, to: Destination): Proxy | undefined {
  const rules = route?.proxies;
  if (rules === undefined || rules.except.some((entry) => isExcept(entry, to))) return undefined;
  return to.secure ? rules.secure : rules.plain;
}

/** As it is shown: never with its password. */
export function proxyName({ host, port, secure }: Proxy): string {
  return `${secure ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/**
 * One entry of NO_PROXY, as curl and Go read it: `*`; a name, which stands for its subdomains too
 * (`.name` and `*.name` for these alone); an address or a CIDR block; each with an optional `:port`.
 */
function isExcept(entry: string, { host, port }: Destination): boolean {
  if (entry === '*') return true;
  const { name, wantsPort } = splitEntry(entry.toLowerCase());
  if (wantsPort !== undefined && wantsPort !== port) return false;
  if (isIP(host) !== 0) return isInBlock(name, host);
  const own = host.toLowerCase();
  if (name.startsWith('*.') || name.startsWith('.')) return own.endsWith(name.replace(/^\*/, ''));
  return own === name || own.endsWith(`.${name}`);
}

function splitEntry(entry: string): { name: string; wantsPort: number | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(entry);
  const plain = bracketed ?? /^([^:]+):(\d{1,5})$/.exec(entry);
  const [, name = entry, port] = plain ?? [];
  return { name, wantsPort: port === undefined ? undefined : Number(port) };
}

function isInBlock(block: string, address: string): boolean {
  const [network = '', bits] = block.split('/');
  const family = isIP(network);
  if (family === 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const widest = family === 6 ? 128 : 32;
  const length = bits === undefined ? widest : Number(bits);
  if (length > widest) return false;
  const list = new BlockList();
  list.addSubnet(network, length, type);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function isPort(text: string): boolean {
  return text !== '' && Number(text) > 0 && Number(text) <= 65_535;
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
