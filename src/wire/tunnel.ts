// A tunnel through an HTTP proxy (RFC 9110 section 9.3.6): CONNECT is written, the head of the answer read, and
// from then on the socket is the endpoint's.
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { messageOf, systemCodeOf } from '../base/errors.ts';
import { createHeadParser, type ParsedHead } from './http-head.ts';
import type { Proxy } from './route.ts';

/** Why there is no tunnel. */
export interface TunnelFailure {
  /** `PROXY_REFUSED`, `PROXY_NOT_HTTP`, `PROXY_CLOSED`, or a system code. */
  readonly code: string;
  readonly message: string;
}

/** What is asked of the proxy. */
export interface TunnelRequest {
  readonly proxy: Proxy;
  readonly host: string;
  readonly port: number;
}

/**
 * Asks for a tunnel on a socket that is connected to the proxy. Resolves with `undefined` once the
 * proxy answered 2xx; what it sent beyond its head is then read next. Never rejects; the caller
 * ends it by destroying the socket.
 */
export function openTunnel(
  socket: Socket | TLSSocket,
  request: TunnelRequest,
): Promise<TunnelFailure | undefined> {
  return new Promise((resolve) => {
    const parser = createHeadParser();
    const settle = (failure: TunnelFailure | undefined): void => {
      socket.off('readable', read).off('end', ended).off('close', ended).off('error', failed);
      resolve(failure);
    };
    const ended = (): void => settle({ code: 'PROXY_CLOSED', message: 'it closed the connection' });
    const failed = (error: Error): void => {
      settle({ code: systemCodeOf(error) ?? 'UNKNOWN', message: messageOf(error) });
    };
    const read = (): void => {
      // Its type in Node is any.
      const bytes = socket.read() as Buffer | null;
      const final = bytes === null ? undefined : parser.push(bytes).find(isFinal);
      if (final === undefined) return;
      if (final.rest.length > 0) socket.unshift(final.rest);
      settle(judge(final));
    };
    // `readable`, not `data`: nothing is read beyond what is taken here.
    socket.on('readable', read).once('end', ended).once('close', ended).once('error', failed);
    socket.write(connectRequest(request), 'latin1');
  });
}

function isFinal({ kind }: ParsedHead): boolean {
  return kind === 'final';
}

function judge({ head: { status, phrase } }: ParsedHead): TunnelFailure | undefined {
  if (status >= 200 && status <= 299) return undefined;
  if (status === 0) return { code: 'PROXY_NOT_HTTP', message: 'its answer is not HTTP' };
  return { code: 'PROXY_REFUSED', message: `it answered CONNECT with ${status} ${phrase}`.trim() };
}

function connectRequest({ proxy, host, port }: TunnelRequest): string {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...authorization(proxy)];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function authorization({ user, password }: Proxy): readonly string[] {
  if (user === undefined) return [];
  const token = Buffer.from(`${user}:${password ?? ''}`, 'utf8').toString('base64');
  return [`Proxy-Authorization: Basic ${token}`];
}
