// One open WebSocket connection: sending, closing, idle time and age, and the one ending it has.
import type { WebSocket } from 'ws';
import type { Clock } from '../base/clock.ts';
import type { Closure, ConnectionFacts, Ending } from './event.ts';
import { SEND_BUFFER_BYTES } from './limits.ts';

/** What passes over a connection, by direction; answers to pings count as those. */
export type Traffic = 'message' | 'ping' | 'sent';

/** A connection that exists. */
export interface Connection {
  readonly facts: ConnectionFacts;
  /** False from the moment either side has begun to close. */
  isOpen(): boolean;
  /** Epoch milliseconds of the last traffic in either direction. */
  lastActiveAtMs(): number;
  /** Sends one message, text unless `binary`; false when the client reads too slowly to take it. */
  send(text: string, binary?: boolean): boolean;
  /**
   * Closes with a close frame. It says what $disconnect says, or `sent`; 1005 makes it empty.
   */
  close(closure: Closure, sent?: Ending): void;
}

/** A connection as those see it who carry its traffic. */
export interface TrackedConnection extends Connection {
  /** Notes traffic, which starts the idle time anew. */
  touch(traffic: Traffic): void;
  /** Says how the connection ended when ws has to end it for a violation. */
  endedBy(closure: Closure): void;
  /** Replaces the facts when more is known about the connection. */
  learn(facts: ConnectionFacts): void;
}

/** What a connection needs. */
export interface ConnectionOptions {
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly maxDurationMs: number;
  /** Whether it starts the idle time anew. */
  readonly keepsAlive: (traffic: Traffic) => boolean;
  /** How an idle or too old connection is closed. */
  readonly goingAway: Closure;
  /** Called once, when the connection is gone; without a closure when the client ended it. */
  readonly onEnd: (closure: Closure | undefined, code: number, reason: string) => void;
}

/** Takes over a WebSocket that has just been opened. */
export function trackConnection(
  webSocket: WebSocket,
  initialFacts: ConnectionFacts,
  options: ConnectionOptions,
): TrackedConnection {
  const { clock, idleTimeoutMs, maxDurationMs, goingAway } = options;
  let facts = initialFacts;
  let lastActiveAtMs = clock.wallMs();
  let ending: Closure | undefined;
  const isOpen = (): boolean => webSocket.readyState === webSocket.OPEN;
  const close = (closure: Closure, sent: Ending = closure): void => {
    if (!isOpen()) return;
    ending ??= closure;
    if (sent.code === 1005) webSocket.close();
    else webSocket.close(sent.code, sent.reason);
  };
  const goAway = (): void => close(goingAway);
  let cancelIdle = clock.after(idleTimeoutMs, goAway);
  const cancelAge = clock.after(maxDurationMs, goAway);
  const touch = (traffic: Traffic): void => {
    lastActiveAtMs = clock.wallMs();
    if (!options.keepsAlive(traffic)) return;
    cancelIdle();
    if (isOpen()) cancelIdle = clock.after(idleTimeoutMs, goAway);
  };
  webSocket.once('close', (code, reason) => {
    cancelIdle();
    cancelAge();
    options.onEnd(ending, code, reason.toString('utf8'));
  });
  return {
    get facts() {
      return facts;
    },
    isOpen,
    lastActiveAtMs: () => lastActiveAtMs,
    send: (text, binary = false) => {
      if (webSocket.bufferedAmount > SEND_BUFFER_BYTES) return false;
      webSocket.send(text, { binary }, ignore);
      touch('sent');
      return true;
    },
    close,
    touch,
    endedBy: (closure) => {
      ending ??= closure;
    },
    learn: (known) => {
      facts = known;
    },
  };
}

// The socket's own 'close' tells what there is to tell.
function ignore(): void {}
