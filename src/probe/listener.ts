// Where probes report and wait: the HTTP server of the runner, its address, its token and its end.
// What is said on it is the desk's. Contract: docs/probe-contract.md.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { messageOf, ToolError } from '../base/errors.ts';
import { advertisedUrl, parseListen, urlOf } from './address.ts';
import { createDesk, type Desk, type ProbeConsumer } from './desk.ts';
import { drawToken } from './token.ts';

/** A listening probe listener. */
export interface ProbeListener {
  /** What a probe needs as `ASSAY_PROBE_URL`, without a slash at its end. */
  readonly url: string;
  /** What a probe needs as `ASSAY_PROBE_TOKEN`. Secret: register it with the redactor. */
  readonly token: string;
  /** Invocations that wait for their answer now. */
  readonly held: number;
  /**
   * Names who decides. Until then every invocation gets the answer of no plan.
   *
   * @throws {Error} when there is one already
   */
  serve(consumer: ProbeConsumer): void;
  /** Lets no one in any more, answers 503 to what is held, and closes. Resolves when all is closed. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ProbeListenerOptions {
  /** `host:port`, `[::1]:port`; port 0 takes a free one. @default '127.0.0.1:0' */
  readonly listen?: string | undefined;
  /**
   * How a probe reaches it, where that differs from the address listened on; the port bound is added
   * when it names none. @default the address, with the loopback in place of a wildcard
   */
  readonly advertise?: string | undefined;
  readonly clock: Clock;
  /** @default 256 random bits */
  readonly token?: string | undefined;
  /** Invocations that may wait for their answer at once; the next one gets 503. @default 10 000 */
  readonly maxHeld?: number | undefined;
}

/**
 * Starts to listen.
 *
 * @throws {ToolError} USAGE when `listen` is not an address or cannot be bound
 */
export async function startProbeListener(options: ProbeListenerOptions): Promise<ProbeListener> {
  const { listen = '127.0.0.1:0', advertise, clock, token = drawToken() } = options;
  const desk = createDesk({ clock, token, maxHeld: options.maxHeld ?? MAX_HELD });
  const server = createServer(desk.onRequest);
  const { address, port } = await bind(server, listen);
  let closed: Promise<void> | undefined;
  return {
    url: advertise === undefined ? urlOf(address, port) : advertisedUrl(advertise, port),
    token,
    get held() {
      return desk.held;
    },
    serve: (consumer) => desk.serve(consumer),
    close: () => {
      closed ??= closeAll(server, desk, clock);
      return closed;
    },
  };
}

const MAX_HELD = 10_000;
// Longer than the 511 of Node, for a rush of probes; the kernel cuts it to net.core.somaxconn.
const BACKLOG = 4096;
// What was refused needs a moment to be read before its connection is cut.
const CLOSING_GRACE_MS = 1000;

async function bind(server: Server, listen: string): Promise<AddressInfo> {
  const { host, port } = parseListen(listen);
  await new Promise<void>((resolve, reject) => {
    server.on('error', (cause) => {
      const message = `The runner cannot listen on ${listen}: ${messageOf(cause)}.`;
      const hint = 'Give another address in the target file, with port 0 for a free one.';
      reject(new ToolError('PORT_UNAVAILABLE', message, { cause, hint }));
    });
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
  return server.address() as AddressInfo; // a TCP server that listens has one
}

async function closeAll(server: Server, desk: Desk, clock: Clock): Promise<void> {
  desk.stop();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const cancel = clock.after(CLOSING_GRACE_MS, () => server.closeAllConnections());
  await closed;
  cancel();
}
