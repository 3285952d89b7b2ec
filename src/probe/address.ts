// Where the listener listens, and what a probe calls it.
import { isIPv6 } from 'node:net';
import { ToolError } from '../base/errors.ts';

/**
 * Splits `host:port` or `[::1]:port`.
 *
 * @throws {ToolError} USAGE for anything else
 */
export function parseListen(listen: string): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/.exec(listen);
  const { v6, host, port } = match?.groups ?? {};
  const name = v6 ?? host;
  if (name === undefined || Number(port) > 65_535) {
    throw new ToolError('USAGE', `"${listen}" is not an address to listen on`, {
      hint: 'Write host:port, for example 127.0.0.1:0',
    });
  }
  return { host: name, port: Number(port) };
}

/** The URL of a bound address, with the loopback in place of a wildcard. */
export function urlOf(address: string, port: number): string {
  const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`;
}

/**
 * The URL that probes are told to call. `port` is added to an `http:` one that names none.
 *
 * @throws {ToolError} USAGE when it is not a URL
 */
export function advertisedUrl(advertise: string, port: number): string {
  if (!URL.canParse(advertise)) {
    throw new ToolError('USAGE', `"${advertise}" is not a URL that a probe could call`, {
      hint: 'Write for example http://host.docker.internal',
    });
  }
  const url = new URL(advertise);
  if (url.protocol === 'http:' && !/:\d+(?:[/?#]|$)/.test(advertise)) url.port = String(port);
  return url.href.replace(/\/+$/, '');
}
