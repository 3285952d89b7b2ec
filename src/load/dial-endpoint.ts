// The sockets of attempts: plain ones read into one buffer that all of them share.
import type { Buffer } from 'node:buffer';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { own, ownConnect, type SocketOwner } from './owned-socket.ts';
import type { WiredEndpoint, Wiring } from './wiring.ts';

/** What hears of a socket that it dialled. */
export interface Dialler extends SocketOwner {
  read(bytes: Buffer): void;
  /** TCP is there, and TLS is not yet. */
  beneath(): void;
  /** TLS is there. */
  secured(socket: TLSSocket): void;
}

/** Of an endpoint that a plan does not have. */
export const NOWHERE: WiredEndpoint = { address: '', port: 0, tls: undefined };

/** Dials an endpoint of plain text. */
export function dialTcp(wiring: Wiring, endpoint: number, owner: Dialler): Socket {
  const socket = new Socket(readsInto(wiring.buffer, owner));
  own(socket, owner);
  ownConnect(socket);
  socket.connect(addressOf(wiring, endpoint));
  return socket;
}

/** Dials an endpoint of TLS; by way of `under`, where TCP itself is needed. */
export function dialTls(
  {
    wiring,
    endpoint,
    tls,
    under,
  }: {
    readonly wiring: Wiring;
    readonly endpoint: number;
    readonly tls: NonNullable<WiredEndpoint['tls']>;
    readonly under: Socket | undefined;
  },
  owner: Dialler,
): TLSSocket {
  const target = addressOf(wiring, endpoint);
  const session = wiring.sessionOf(endpoint);
  const socket = connectTls({
    ...(under === undefined ? target : { socket: under.connect(target) }),
    secureContext: tls.context,
    servername: tls.servername,
    ...(tls.servername === '' ? { host: target.host } : {}),
    rejectUnauthorized: !tls.insecure,
    ...(session === undefined ? {} : { session }),
  });
  own(socket, owner);
  if (under !== undefined) under.on('error', (error) => owner.failed(socket, error));
  (under ?? socket).on('connect', () => owner.beneath());
  socket.on('secureConnect', () => owner.secured(socket));
  if (tls.resume) socket.on('session', (ticket) => wiring.keepSession(endpoint, ticket));
  socket.on('data', (bytes) => owner.read(bytes));
  return socket;
}

function addressOf(wiring: Wiring, endpoint: number) {
  const { address, port } = wiring.endpoints[endpoint] ?? NOWHERE;
  return { host: address, port, autoSelectFamily: false, ...wiring.sources?.next() };
}

// Node takes `onread` here as well, as its documentation of net.connect says; its types do not.
function readsInto(
  buffer: Buffer,
  owner: Dialler,
): SocketConstructorOpts & { readonly onread: OnReadOpts } {
  return {
    onread: {
      buffer,
      callback: (length) => {
        owner.read(buffer.subarray(0, length));
        return true;
      },
    },
  };
}
