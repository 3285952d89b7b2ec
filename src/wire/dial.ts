// A connected socket: name resolution, TCP, a proxy's tunnel, TLS. No deadlines: the caller cancels.
import { lookup } from 'node:dns';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { messageOf, systemCodeOf } from '../base/errors.ts';
import { overriddenAddresses, type Proxy, proxyFor, proxyName, type Route } from './route.ts';
import { connectTcp, formatAddress } from './tcp.ts';
import {
  sessionOf,
  type TlsOptions,
  type TlsSession,
  tlsConnectOptions,
  tlsReason,
} from './tls.ts';
import type { Phase } from './transcript.ts';
import { openTunnel } from './tunnel.ts';

export type { TlsOptions } from './tls.ts';

/** Where to. */
export interface DialOptions {
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS or not. */
  readonly secure: boolean;
  readonly tls?: TlsOptions | undefined;
  /** Overrides of DNS, and proxies. @default the straight way */
  readonly route?: Route | undefined;
  /** Source address. @default the system's choice */
  readonly localAddress?: string | undefined;
}

/** What is told on the way, each at the instant it happens. */
export interface DialEvents {
  phase(phase: Phase): void;
  resolved(address: string): void;
  /** TCP to the endpoint stands; through a proxy: the tunnel, `remote` being the proxy's address. */
  connected(ends: {
    readonly localPort: number;
    readonly remote: string;
    readonly proxy?: string;
  }): void;
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

/** Dials. Of the addresses of a name, the first that accepts is taken. */
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
  readonly #proxy: Proxy | undefined;
  #cancels: (() => void)[] = [];
  #cancelled = false;

  constructor(options: DialOptions, events: DialEvents) {
    this.#options = options;
    this.#events = events;
    this.#proxy = proxyFor(options.route, options);
  }

  cancel(): void {
    this.#cancelled = true;
    for (const cancel of this.#cancels) cancel();
  }

  run(): Promise<Line | DialFailure> {
    return new Promise((resolve) => {
      const settle = (result: Line | DialFailure): void => {
        if (!this.#cancelled) resolve(result);
      };
      this.#resolve(settle);
    });
  }

  // Where TCP goes: the proxy, or the endpoint itself.
  get #hop(): { readonly host: string; readonly port: number } {
    return this.#proxy ?? this.#options;
  }

  #enter(phase: Phase): void {
    this.#events.phase(this.#proxy === undefined || phase === 'tls' ? phase : 'proxy');
  }

  #resolve(settle: Settle): void {
    const { host } = this.#hop;
    const known = isIP(host) === 0 ? overriddenAddresses(this.#options.route, this.#hop) : [host];
    if (known !== undefined) {
      this.#resolved(known, settle);
      return;
    }
    this.#enter('dns');
    lookup(host, { all: true }, (error, addresses) => {
      if (this.#cancelled) return;
      if (error === null)
        this.#resolved(
          addresses.map(({ address }) => address),
          settle,
        );
      else settle(this.#failure('dns', error));
    });
  }

  #resolved(addresses: readonly string[], settle: Settle): void {
    const [first] = addresses;
    if (first === undefined) {
      const nothing = Object.assign(new Error('the name has no address'), { code: 'ENODATA' });
      settle(this.#failure('dns', nothing));
      return;
    }
    if (this.#proxy === undefined) this.#events.resolved(first);
    this.#enter('tcp');
    void this.#connect(addresses, settle);
  }

  async #connect(addresses: readonly string[], settle: Settle): Promise<void> {
    const { localAddress } = this.#options;
    const attempt = connectTcp({ addresses, port: this.#hop.port, localAddress });
    this.#cancels = [() => attempt.cancel()];
    const tcp = await attempt.socket;
    if (tcp instanceof Error) {
      settle(this.#failure('tcp', tcp));
      return;
    }
    this.#cancels = [() => tcp.destroy()];
    if (this.#cancelled) tcp.destroy();
    else if (this.#proxy === undefined) this.#connected(tcp, tcp, settle);
    else await this.#tunnel(tcp, this.#proxy, settle);
  }

  async #tunnel(tcp: Socket, proxy: Proxy, settle: Settle): Promise<void> {
    const { host, port, route } = this.#options;
    const socket = proxy.secure ? await this.#secureProxy(tcp, proxy) : tcp;
    if (socket instanceof Error) {
      settle(this.#failure('proxy', socket));
      return;
    }
    // What the name stands for is known here, where the proxy would have to ask DNS.
    const [address = host] = overriddenAddresses(route, { host, port }) ?? [];
    const failed = await openTunnel(socket, { proxy, host: address, port });
    if (failed === undefined) {
      this.#connected(socket, tcp, settle);
      return;
    }
    tcp.destroy();
    settle(this.#failure('proxy', Object.assign(new Error(failed.message), failed)));
  }

  #secureProxy(tcp: Socket, proxy: Proxy): Promise<TLSSocket | Error> {
    // The client certificate, the name and `insecure` are about the endpoint, not about the proxy.
    return secure(tcp, proxy.host, { ca: this.#options.tls?.ca });
  }

  #connected(socket: Socket | TLSSocket, tcp: Socket, settle: Settle): void {
    this.#events.connected({
      localPort: tcp.localPort ?? 0,
      remote: formatAddress(tcp.remoteAddress ?? '', tcp.remotePort ?? 0),
      ...(this.#proxy === undefined ? {} : { proxy: proxyName(this.#proxy) }),
    });
    if (this.#options.secure) void this.#secure(socket, tcp, settle);
    else settle(lineOf(socket, tcp));
  }

  async #secure(below: Socket | TLSSocket, tcp: Socket, settle: Settle): Promise<void> {
    this.#enter('tls');
    const socket = await secure(below, this.#options.host, this.#options.tls);
    if (socket instanceof Error) {
      tcp.destroy();
      settle(this.#failure('tls', socket));
      return;
    }
    this.#events.secured(sessionOf(socket));
    settle(lineOf(socket, tcp));
  }

  #failure(phase: Phase, error: Error): DialFailure {
    const code = systemCodeOf(error) ?? 'UNKNOWN';
    const message = tlsReason(messageOf(error));
    if (this.#proxy === undefined || phase === 'tls') return { phase, code, message };
    const proxied = `the proxy ${proxyName(this.#proxy)}: ${message}`;
    return { phase: 'proxy', code, message: proxied };
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

/** TLS over a connected socket. The promise settles late where it is cancelled: never. */
function secure(
  below: Socket | TLSSocket,
  host: string,
  tls?: TlsOptions,
): Promise<TLSSocket | Error> {
  return new Promise((resolve) => {
    try {
      const socket = connectTls(tlsConnectOptions(below, host, tls));
      const failed = (error: Error): void => resolve(error);
      socket.once('error', failed);
      socket.once('secureConnect', () => {
        socket.off('error', failed);
        socket.on('error', ignore);
        resolve(socket);
      });
    } catch (thrown) {
      resolve(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  });
}
