// A server on npm `ws` with something about it that a test knows: a delay, a refusal, a greeting, silence.
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Pair } from './certificate.ts';

/** What is known of it. */
export interface WsServerSetting {
  /** The 101 is never sent earlier than this after the request. */
  readonly delayMs?: number;
  /** The HTTP status of each answer, asked for each request; undefined: it opens. */
  readonly refuse?: (request: IncomingMessage) => number | undefined;
  readonly greeting?: string;
  /** Messages are answered by themselves. @default true */
  readonly echoes?: boolean;
  readonly tls?: Pair;
}

/** A running server, which ends with its test. */
export interface WsServer {
  readonly url: string;
  /** Request heads, in order. */
  readonly requests: readonly IncomingMessage[];
  /** What clients said. */
  readonly messages: readonly string[];
}

/** Starts one on 127.0.0.1. */
export async function startWsServer(setting: WsServerSetting = {}): Promise<WsServer> {
  const { delayMs = 0, refuse, greeting, echoes = true, tls } = setting;
  const requests: IncomingMessage[] = [];
  const messages: string[] = [];
  const server = tls === undefined ? createHttp() : createHttps(tls);
  const webSockets = new WebSocketServer({ noServer: true });
  const open = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    webSockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => {});
      client.on('message', (data: Buffer) => {
        messages.push(data.toString());
        if (echoes) client.send(data.toString());
      });
      if (greeting !== undefined) client.send(greeting);
    });
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(request);
    socket.on('error', () => {});
    const status = refuse?.(request);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    } else if (delayMs === 0) open(request, socket, head);
    else after(delayMs, () => open(request, socket, head));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const client of webSockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // of a TCP server
  return { url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}`, requests, messages };
}

// Timers of Node may be up to a millisecond early.
function after(ms: number, callback: () => void): void {
  const due = performance.now() + ms;
  const look = (): void => {
    const left = due - performance.now();
    if (left <= 0) callback();
    else setTimeout(look, Math.max(1, Math.ceil(left)));
  };
  look();
}
