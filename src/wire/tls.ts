// TLS as people have it: own authorities, client certificates, SNI, pinned versions, ALPN, and
// `insecure`, which is never silent.
import { isIP, type Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { messageOf } from '../base/errors.ts';

/** How to secure a connection. Certificates are verified unless `insecure`. */
export interface TlsOptions {
  /** PEM text of the authorities to trust, instead of the system's. */
  readonly ca?: string | undefined;
  /** PEM text of a client certificate, and of its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Name to ask for (SNI) and to verify. @default the host of the URL, no SNI for an IP address */
  readonly servername?: string | undefined;
  /** Goes on whatever verification finds; the finding is told. @default false */
  readonly insecure?: boolean | undefined;
  /** Exactly this version: `1.0` to `1.3`. @default what Node allows, 1.2 and 1.3 */
  readonly version?: string | undefined;
  /** Protocols to offer by ALPN. @default none */
  readonly alpn?: readonly string[] | undefined;
}

/** What TLS agreed on. */
export interface TlsSession {
  readonly version: string;
  readonly cipher: string;
  readonly alpn: string | undefined;
  readonly verified: boolean;
  readonly problem?: string;
}

/** Node's options for TLS over `socket`; wrong ones are found by Node, which then throws. */
export function tlsConnectOptions(
  socket: Socket | TLSSocket,
  host: string,
  tls: TlsOptions = {},
): ConnectionOptions {
  const version = nodeVersion(tls.version);
  const alpn = tls.alpn ?? [];
  const servername = tls.servername ?? (isIP(host) === 0 ? host : '');
  // Options of Node are absent or set, never undefined; the version is checked by Node.
  return Object.fromEntries(
    Object.entries({
      socket,
      host,
      servername,
      ca: tls.ca,
      cert: tls.cert,
      key: tls.key,
      rejectUnauthorized: tls.insecure !== true,
      minVersion: version,
      maxVersion: version,
      // OpenSSL 3 refuses versions below 1.2 at its default security level.
      ciphers: isOld(version) ? 'DEFAULT@SECLEVEL=0' : undefined,
      ALPNProtocols: alpn.length === 0 ? undefined : [...alpn],
      allowHalfOpen: true,
    }).filter(([, value]) => value !== undefined),
  );
}

// Node spells 1.0 without its zero.
function nodeVersion(version: string | undefined): string | undefined {
  return version === undefined ? undefined : `TLSv${version === '1.0' ? '1' : version}`;
}

function isOld(version: string | undefined): boolean {
  return version === 'TLSv1' || version === 'TLSv1.1';
}

/** What the handshake of a connected socket agreed on. */
export function sessionOf(socket: TLSSocket): TlsSession {
  const { authorized, authorizationError, alpnProtocol } = socket;
  const session: TlsSession = {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    alpn: typeof alpnProtocol === 'string' ? alpnProtocol : undefined,
    verified: authorized,
  };
  return authorized ? session : { ...session, problem: messageOf(authorizationError) };
}

/** What OpenSSL means, out of what it says: `tlsv13 alert certificate required`. */
export function tlsReason(message: string): string {
  const [, reason] = /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  return reason ?? message;
}
