// A connected socket: name resolution, TCP, TLS. No HTTP, no deadlines: the caller cancels.
import { lookup } from 'node:dns';
import { isIP, Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { messageOf, systemCodeOf } from '../base/errors.ts';
import {
  sessionOf,
  type TlsOptions,
  type TlsSession,
  tlsConnectOptions,
  tlsReason,
} from './tls.ts';
import type { Phase } from './transcript.ts';

export type { TlsOptions } from './tls.ts';

/** Where to. */
export interface DialOptions {
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS or not. */
  readonly secure: boolean;
  readonly tls?: TlsOptions | undefined;
  /** Source address. @default the system's choice */
  readonly localAddress?: string | undefined;
}

/** What is told on the way, each at the instant it happens. */
export interface DialEvents {
  phase(phase: Phase): void;
  resolved(address: string): void;
  connected(ends: { readonly localPort: number; readonly remote: string }): void;
  secured(session: TlsSession): void;
}

/** A connected socket. */
export interface Line {
  /** To read and write; half-open on purpose: it never sends FIN by itself. */
  readonly socket: Socket | TLSSocket;
  /** Ends TCP with a RST. */
  reset(): void;
  /** Ends TCP, whatever is left. */
  destroy(): void;
}

/** Why there is none. */
export interface DialFailure {
  readonly phase: Phase;
  readonly code: string;
  readonly message: string;
}

/** A dial on its way. */
export interface Dialing {
  /** Never rejects, and never settles once cancelled. */
  readonly line: Promise<Line | DialFailure>;
  /** Destroys the socket, also one that was handed over. */
  cancel(): void;
}

/** Dials. The addresses of a name are tried one after the other until one accepts. */
export function dial(options: DialOptions, events: DialEvents): Dialing {
  const attempt = new Attempt(options, events);
  return { line: attempt.run(), cancel: () => attempt.cancel() };
}

/** True for a failure. */
export function isDialFailure(result: Line | DialFailure): result is DialFailure {
  return 'code' in result;
}

class Attempt {
  readonly #options: DialOptions;
  readonly #events: DialEvents;
  #sockets: Socket[] = [];
  #cancelled = false;

  constructor(options: DialOptions, events: DialEvents) {
    this.#options = options;
    this.#events = events;
  }

  cancel(): void {
    this.#cancelled = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  run(): Promise<Line | DialFailure> {
    return new Promise((resolve) => {
      const settle = (result: Line | DialFailure): void => {
        if (!this.#cancelled) resolve(result);
      };
      this.#resolve(settle);
    });
  }

  #resolve(settle: Settle): void {
    const { host } = this.#options;
    if (isIP(host) !== 0) {
      this.#resolved([host], settle);
      return;
    }
    this.#events.phase('dns');
    lookup(host, { all: true }, (error, addresses) => {
      if (this.#cancelled) return;
      if (error === null)
        this.#resolved(
          addresses.map(({ address }) => address),
          settle,
        );
      else settle(failure('dns', error));
    });
  }

  #resolved(addresses: readonly string[], settle: Settle): void {
    const [first, ...others] = addresses;
    if (first === undefined) {
      settle({ phase: 'dns', code: 'ENODATA', message: 'the name has no address' });
      return;
    }
    this.#events.resolved(first);
    this.#events.phase('tcp');
    this.#connect(first, others, settle);
  }

  #connect(address: string, others: readonly string[], settle: Settle): void {
    const { port, localAddress } = this.#options;
    const socket = new Socket({ allowHalfOpen: true });
    this.#sockets = [socket];
    const failed = (error: Error): void => {
      const [next, ...rest] = others;
      if (this.#cancelled) return;
      if (next === undefined) settle(failure('tcp', error));
      else this.#connect(next, rest, settle);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      socket.on('error', ignore);
      this.#connected(socket, settle);
    });
    try {
      // Some wrong arguments (an address of ours that is none) are thrown, not emitted.
      socket.connect({
        host: address,
        port,
        ...(localAddress === undefined ? {} : { localAddress }),
      });
    } catch (thrown) {
      settle(failure('tcp', thrown));
    }
  }

  #connected(socket: Socket, settle: Settle): void {
    socket.setNoDelay(true);
    this.#events.connected({
      localPort: socket.localPort ?? 0,
      remote: formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0),
    });
    if (this.#options.secure) this.#secure(socket, settle);
    else settle(lineOf(socket, socket));
  }

  #secure(tcp: Socket, settle: Settle): void {
    this.#events.phase('tls');
    let socket: TLSSocket;
    try {
      socket = connectTls(tlsConnectOptions(tcp, this.#options.host, this.#options.tls));
    } catch (thrown) {
      tcp.destroy();
      settle(failure('tls', thrown));
      return;
    }
    this.#sockets = [socket, tcp];
    const failed = (error: Error): void => {
      tcp.destroy();
      settle(failure('tls', error));
    };
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.off('error', failed);
      socket.on('error', ignore);
      this.#events.secured(sessionOf(socket));
      settle(lineOf(socket, tcp));
    });
  }
}

type Settle = (result: Line | DialFailure) => void;

// An `error` without a listener would end the process; those that matter have another listener.
function ignore(): void {}

function lineOf(socket: Socket | TLSSocket, tcp: Socket): Line {
  return {
    socket,
    // Of a TLS socket only the TCP socket below it can be reset.
    reset: () => {
      if (!tcp.destroyed) tcp.resetAndDestroy();
      socket.destroy();
    },
    destroy: () => {
      socket.destroy();
      tcp.destroy();
    },
  };
}

function failure(phase: Phase, thrown: unknown): DialFailure {
  return { phase, code: systemCodeOf(thrown) ?? 'UNKNOWN', message: tlsReason(messageOf(thrown)) };
}

function formatAddress(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
