// One open WebSocket connection: sending, closing, idle time and age, and the one ending it has.
import type { WebSocket } from 'ws';
import type { Clock } from '../base/clock.ts';
import type { ConnectionFacts, Ending } from './event.ts';
import { SEND_BUFFER_BYTES } from './limits.ts';

/** A connection that exists. */
export interface Connection {
  readonly facts: ConnectionFacts;
  /** False from the moment either side has begun to close. */
  isOpen(): boolean;
  /** Epoch milliseconds of the last traffic in either direction. */
  lastActiveAtMs(): number;
  /** Sends one text message; false when the client reads too slowly to take it. */
  send(text: string): boolean;
  /** Notes traffic, which starts the idle time anew. */
  touch(): void;
  /** Closes with a close frame; $disconnect tells the same unless `told` differs. */
  close(code: number, reason: string, told?: Ending): void;
  /** Says how the connection ended when ws has to end it for a violation. */
  endedBy(ending: Ending): void;
  /** Ends the connection at once, without a close frame. */
  terminate(): void;
}

/** What a connection needs. */
export interface ConnectionOptions {
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly maxDurationMs: number;
  /** How an idle or too old connection is closed. */
  readonly goingAway: Ending;
  /** Called once, when the connection is gone. */
  readonly onEnd: (ending: Ending) => void;
}

/** Takes over a WebSocket that has just been opened. */
export function trackConnection(
  webSocket: WebSocket,
  facts: ConnectionFacts,
  options: ConnectionOptions,
): Connection {
  const { clock, idleTimeoutMs, maxDurationMs, goingAway } = options;
  let lastActiveAtMs = clock.wallMs();
  let ending: Ending | undefined;
  const isOpen = (): boolean => webSocket.readyState === webSocket.OPEN;
  const close = (code: number, reason: string, told: Ending = { code, reason }): void => {
    if (!isOpen()) return;
    ending ??= told;
    webSocket.close(code, reason);
  };
  const goAway = (): void => close(goingAway.code, goingAway.reason);
  let cancelIdle = clock.after(idleTimeoutMs, goAway);
  const cancelAge = clock.after(maxDurationMs, goAway);
  const touch = (): void => {
    lastActiveAtMs = clock.wallMs();
    cancelIdle();
    if (isOpen()) cancelIdle = clock.after(idleTimeoutMs, goAway);
  };
  webSocket.once('close', (code, reason) => {
    cancelIdle();
    cancelAge();
    options.onEnd(ending ?? clientEnding(code, reason.toString('utf8')));
  });
  return {
    facts,
    isOpen,
    lastActiveAtMs: () => lastActiveAtMs,
    send: (text) => {
      if (webSocket.bufferedAmount > SEND_BUFFER_BYTES) return false;
      webSocket.send(text, ignore);
      touch();
      return true;
    },
    touch,
    close,
    endedBy: (told) => {
      ending ??= told;
    },
    terminate: () => webSocket.terminate(),
  };
}

/**
 * What $disconnect says of an ending that the client chose: its code and reason, 1005 with a fixed
 * text for a close frame without a code, 1006 and nothing when there was no close frame.
 */
export function clientEnding(code: number, reason: string): Ending {
  if (code === 1005) return { code, reason: 'Client-side close frame status not set' };
  return { code, reason };
}

// The socket's own 'close' tells what there is to tell.
function ignore(): void {}
