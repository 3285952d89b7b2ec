// Sockets that tell one owner what happens. One listener for all of them, not four for each: of a hundred thousand
// connections that are held, each closure counts.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** What hears of it. */
export interface SocketOwner {
  /** TCP is there. */
  connected(socket: Socket | TLSSocket): void;
  failed(socket: Socket | TLSSocket, error: Error): void;
  /** The peer's FIN. */
  finished(socket: Socket | TLSSocket): void;
  closed(socket: Socket | TLSSocket): void;
}

/** From now on `owner` hears how the socket ends. */
export function own(socket: Socket | TLSSocket, owner: SocketOwner): void {
  const owned: Owned = socket;
  owned[OWNER] = owner;
  socket.on('error', onError);
  socket.on('end', onEnd);
  socket.on('close', onClose);
}

/** And of its connection. */
export function ownConnect(socket: Socket | TLSSocket): void {
  socket.on('connect', onConnect);
}

const OWNER = Symbol('owner');
type Owned = (Socket | TLSSocket) & { [OWNER]?: SocketOwner };

function onConnect(this: Owned): void {
  this[OWNER]?.connected(this);
}

function onError(this: Owned, error: Error): void {
  this[OWNER]?.failed(this, error);
}

function onEnd(this: Owned): void {
  this[OWNER]?.finished(this);
}

function onClose(this: Owned): void {
  this[OWNER]?.closed(this);
}
