// TCP to the first of several addresses that accepts. The next one is tried when one fails or after
// a short while, so that an address that swallows everything does not hide one that works
// (RFC 8305 section 5).
import { isIP, Socket } from 'node:net';

/** Where to. */
export interface TcpOptions {
  /** At least one; tried in this order. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Source address. @default the system's choice */
  readonly localAddress?: string | undefined;
}

/** TCP on its way. */
export interface TcpAttempt {
  /** A connected half-open socket without Nagle, or the last address's error. Never rejects. */
  readonly socket: Promise<Socket | Error>;
  /** Destroys every socket. */
  cancel(): void;
}

// The recommended Connection Attempt Delay.
const STAGGER_MS = 250;

/** Connects. */
export function connectTcp(options: TcpOptions): TcpAttempt {
  const race = new Race(options);
  return { socket: race.run(), cancel: () => race.end(undefined) };
}

/** `address:port`, an IPv6 address in brackets. */
export function formatAddress(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

class Race {
  readonly #options: TcpOptions;
  readonly #running = new Set<Socket>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #settle: (result: Socket | Error) => void = ignore;

  constructor(options: TcpOptions) {
    this.#options = options;
  }

  run(): Promise<Socket | Error> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#startNext();
    });
  }

  /** Ends all but the winner. */
  end(winner: Socket | undefined): void {
    clearTimeout(this.#timer);
    this.#next = this.#options.addresses.length;
    for (const socket of this.#running) if (socket !== winner) socket.destroy();
    this.#running.clear();
  }

  #startNext(): void {
    clearTimeout(this.#timer);
    const address = this.#options.addresses[this.#next];
    if (address === undefined) return;
    this.#next += 1;
    if (this.#next < this.#options.addresses.length) {
      this.#timer = setTimeout(() => this.#startNext(), STAGGER_MS);
    }
    this.#start(address);
  }

  #start(host: string): void {
    const { port, localAddress } = this.#options;
    const socket = new Socket({ allowHalfOpen: true });
    this.#running.add(socket);
    const failed = (error: Error): void => this.#fail(socket, error);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      socket.on('error', ignore);
      socket.setNoDelay(true);
      this.end(socket);
      this.#settle(socket);
    });
    try {
      // Some wrong arguments (an address of ours that is none) are thrown, not emitted.
      socket.connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    } catch (thrown) {
      this.#fail(socket, thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  #fail(socket: Socket, error: Error): void {
    if (!this.#running.delete(socket)) return;
    socket.on('error', ignore).destroy();
    if (this.#next < this.#options.addresses.length) this.#startNext();
    else if (this.#running.size === 0) this.#settle(error);
  }
}

// An `error` without a listener would end the process.
function ignore(): void {}
