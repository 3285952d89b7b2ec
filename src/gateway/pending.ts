// A socket whose upgrade has not been answered yet: keeps what the client sends too early, and
// notices when it goes.
import type { Duplex } from 'node:stream';
import { EARLY_BYTES } from './limits.ts';

/** A socket that waits for its 101 or refusal. */
export interface PendingSocket {
  readonly socket: Duplex;
  /** True once the client has closed, reset or half closed its side. */
  isGone(): boolean;
  /** Stops watching and gives what came early; the socket is paused. */
  release(): Buffer;
}

/** Watches a socket from the end of its request head; `rest` came in the same packet. */
export function watchPending(socket: Duplex, rest: Buffer): PendingSocket {
  const early = [rest];
  let size = rest.length;
  let gone = socket.destroyed;
  const keep = (chunk: Buffer): void => {
    early.push(chunk);
    size += chunk.length;
    if (size >= EARLY_BYTES) socket.pause();
  };
  const leave = (): void => {
    gone = true;
  };
  socket.on('data', keep);
  socket.on('end', leave);
  socket.on('close', leave);
  socket.on('error', leave);
  socket.resume();
  return {
    socket,
    isGone: () => gone,
    release: () => {
      socket.pause();
      socket.off('data', keep);
      return Buffer.concat(early);
    },
  };
}
