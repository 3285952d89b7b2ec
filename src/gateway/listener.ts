// The port of one API: node:http or node:https listens, and a tap in front of it reads the request
// head first. Upgrades never reach node:http; everything else does.
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf, systemCodeOf, ToolError } from '../base/errors.ts';
import type { Api } from './api.ts';
import { handleUpgrade } from './connect.ts';
import { endWith, refusal, refusalText } from './http-answer.ts';
import { HEAD_BYTES, HEAD_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './limits.ts';
import { handlePlainRequest } from './plain-http.ts';
import { headOf, type RequestHead, readRequestHead } from './request-head.ts';
import { readTls, servePlainTextToo } from './tls.ts';

/** A port that is being listened on. */
export interface Listener {
  readonly port: number;
  /** Stops listening and destroys every socket. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ListenOptions {
  /** The API's name in the configuration, for errors. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Listens for one API.
 *
 * @throws {ToolError} GATEWAY_CONFIG when the port is taken, the host is not ours, or the
 * certificate cannot be read
 */
export async function listen(api: Api, options: ListenOptions): Promise<Listener> {
  const server = await createHttpServer(api, options);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', ignore);
  });
  await bind(server, options);
  server.on('error', ignore);
  return {
    // A server that listens on TCP has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function createHttpServer(api: Api, { name }: ListenOptions): Promise<Server> {
  const { Tls } = api.config;
  const limits = {
    maxHeaderSize: HEAD_BYTES,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
  };
  const server =
    Tls === undefined
      ? createServer(limits)
      : createTlsServer({
          ...limits,
          ...(await readTls(Tls, name)),
          ...api.behaviour.tlsVersions,
          handshakeTimeout: HEAD_TIMEOUT_MS,
        });
  server.on('request', (request, response) => {
    handlePlainRequest(api, request, response).catch(giveUp(api, request.socket));
  });
  server.on('upgrade', (request, socket, rest) => {
    startUpgrade(api, socket, { head: headOf(request), rest });
  });
  server.on('connect', (_request, socket) => refuseEarly(api, socket, 405));
  server.on('clientError', (error, socket) => refuseEarly(api, socket, statusOf(error)));
  server.on('tlsClientError', ignore);
  putTapInFront(api, server, Tls === undefined ? 'connection' : 'secureConnection');
  if (Tls !== undefined && api.behaviour.servesPlainText) {
    servePlainTextToo(server, (socket) => readHead(api, socket, () => socket.destroy()));
  }
  return server;
}

// node:http's own listener for new sockets becomes what the tap hands plain requests to.
function putTapInFront(api: Api, server: Server, event: 'connection' | 'secureConnection'): void {
  const [serveHttp] = server.listeners(event);
  if (serveHttp === undefined) throw new Error(`node:http does not listen for ${event}`);
  // The emitter's type knows no 'secureConnection' on a plain server, and listeners are functions.
  const emitter: NodeJS.EventEmitter = server;
  emitter.removeListener(event, serveHttp as () => void);
  emitter.on(event, (socket: Socket) => {
    readHead(api, socket, (bytes) => {
      socket.pause();
      socket.unshift(bytes);
      serveHttp.call(server, socket);
      socket.resume();
    });
  });
}

function readHead(api: Api, socket: Socket, passOn: (bytes: Buffer) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const stop = (): void => {
    cancel();
    socket.off('data', read);
    socket.off('end', leave);
  };
  const leave = (): void => {
    stop();
    socket.destroy();
  };
  const read = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const reading = readRequestHead(bytes, api.behaviour.urlBytes);
    if (reading.kind === 'incomplete') return;
    stop();
    if (reading.kind === 'malformed') refuseEarly(api, socket, reading.status);
    else if (!api.behaviour.asksForUpgrade(reading.head)) passOn(bytes);
    else startUpgrade(api, socket, { head: reading.head, rest: bytes.subarray(reading.length) });
  };
  const cancel = api.clock.after(HEAD_TIMEOUT_MS, () => {
    stop();
    refuseEarly(api, socket, 408);
  });
  socket.on('data', read);
  socket.on('end', leave);
  socket.once('close', cancel);
  socket.on('error', ignore);
}

function startUpgrade(
  api: Api,
  socket: Duplex,
  { head, rest }: { readonly head: RequestHead; readonly rest: Buffer },
): void {
  const remoteAddress = 'remoteAddress' in socket ? String(socket.remoteAddress) : undefined;
  handleUpgrade(api, { socket, remoteAddress, head, rest }).catch(giveUp(api, socket));
}

// Nothing a client does leads here, but a mistake of ours must not end the process either.
function giveUp(api: Api, socket: Duplex): (thrown: unknown) => void {
  return (thrown) => {
    api.log(`gateway: ${messageOf(thrown)}`);
    socket.destroy();
  };
}

function refuseEarly(api: Api, socket: Duplex, status: number): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  endWith(socket, refusalText(refusal(status), api.clock.wallMs()), api.clock);
}

function statusOf(error: Error): number {
  const statuses: Readonly<Record<string, number>> = {
    HPE_HEADER_OVERFLOW: 431,
    ERR_HTTP_REQUEST_TIMEOUT: 408,
  };
  return statuses[systemCodeOf(error) ?? ''] ?? 400;
}

function bind(server: Server, { name, host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `API ${name} cannot listen on ${host} port ${port}: ${bindProblem(cause)}`;
      const hint = 'Choose another port, or 0 for a free one.';
      reject(new ToolError('PORT_UNAVAILABLE', message, { cause, hint }));
    });
    server.listen(port, host, () => resolve());
  });
}

function bindProblem(cause: unknown): string {
  const problems: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is taken',
    EACCES: 'this port needs more rights',
    EADDRNOTAVAIL: 'the address is not one of this machine',
    ENOTFOUND: 'the host name is unknown',
  };
  return problems[systemCodeOf(cause) ?? ''] ?? messageOf(cause);
}

function ignore(): void {}
