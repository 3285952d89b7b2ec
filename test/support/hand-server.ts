// A WebSocket server written by hand on `node:net`, right in every respect that the suite
// rfc6455-handshake looks at, and open to having one rule broken. It shares no code with the client
// under test.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { portOf } from './process.ts';

/** A request head. Header names are lower-case; repeated headers are joined by `, `. */
export interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came. */
  readonly text: string;
}

/** A frame of the client. */
export interface ClientFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** What a server does differently; what is left out is done right. */
export interface Deviation {
  /** The answer to the request: bytes, or `undefined` to say nothing. `right` is the right answer. */
  readonly answer?: (
    request: Request,
    right: string,
    socket: Socket,
  ) => string | Buffer | undefined;
  /** Called when a right 101 has been decided on, before it is written: what goes behind it. */
  readonly behind101?: (request: Request) => Buffer;
  /** Called once the answer has been written. */
  readonly answered?: (socket: Socket, request: Request) => void;
  /** Handles a frame; `false`: the right thing is done. */
  readonly frame?: (frame: ClientFrame, socket: Socket, request: Request) => boolean;
  /** Headers of the 101 beside the three that it needs, each with CRLF. */
  readonly headers?: (request: Request) => string;
}

/** A running server. */
export interface HandServer {
  readonly port: number;
  readonly url: string;
  stop(): void;
}

/** Starts a server on 127.0.0.1. */
export async function startHandServer(
  deviation: Deviation = {},
  tls?: TlsOptions,
): Promise<HandServer> {
  return startSocketServer((socket) => converse(socket, deviation), tls);
}

/** Starts a server on 127.0.0.1 that calls `script` for every connection. */
export async function startSocketServer(
  script: (socket: Socket) => void,
  tls?: TlsOptions,
): Promise<HandServer> {
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    script(socket);
  };
  // Half-open: this server alone decides when its FIN goes out.
  const server: Server =
    tls === undefined
      ? createServer({ allowHalfOpen: true }, onSocket)
      : createTlsServer({ ...tls, allowHalfOpen: true }, onSocket);
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/`, stop };
}

/** The bytes of a frame as a server sends it, or as it must not. */
export function frame(
  opcode: number,
  payload: string | Buffer = '',
  { fin = true, rsv = 0, masked = false }: { fin?: boolean; rsv?: number; masked?: boolean } = {},
): Buffer {
  const body = Buffer.from(payload);
  if (body.length > 125) throw new RangeError('short frames only');
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | body.length];
  // The masking key 0 leaves the payload as it is.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), body]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: string | Buffer = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

/** The value of Sec-WebSocket-Accept. */
function acceptOf({ headers }: Request): string {
  const key = headers['sec-websocket-key'] ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** The right 101. */
export function right101(request: Request, headers = ''): string {
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${acceptOf(request)}\r\n${headers}\r\n`
  );
}

function rightAnswer(request: Request, headers: string): string {
  const wrong = refusalOf(request);
  return wrong === undefined ? right101(request, headers) : wrong;
}

function refusalOf({ method, headers }: Request): string | undefined {
  const key = Buffer.from(headers['sec-websocket-key'] ?? '', 'base64');
  const tokens = (headers['connection'] ?? '').toLowerCase().split(/[\t ,]+/);
  if (method !== 'GET') return refusal('405 Method Not Allowed', 'Allow: GET\r\n');
  if (headers['upgrade']?.toLowerCase() !== 'websocket') return refusal('426 Upgrade Required');
  if (!tokens.includes('upgrade')) return refusal('400 Bad Request');
  if (headers['sec-websocket-version'] === undefined) return refusal('400 Bad Request');
  if (headers['sec-websocket-version'] !== '13') {
    return refusal('426 Upgrade Required', 'Sec-WebSocket-Version: 13\r\n');
  }
  return key.length === 16 ? undefined : refusal('400 Bad Request');
}

function refusal(status: string, headers = ''): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`;
}

/** Reads a request head, then frames, and answers them. */
function converse(socket: Socket, deviation: Deviation): void {
  let request: Request | undefined;
  let pending = Buffer.alloc(0);
  socket.on('end', () => socket.end());
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    if (request === undefined) {
      const end = pending.indexOf('\r\n\r\n');
      if (end === -1) return;
      request = parseRequest(pending.toString('latin1', 0, end));
      pending = pending.subarray(end + 4);
      if (!answer(socket, request, deviation)) return;
    }
    for (let taken = takeFrame(pending); taken !== undefined; taken = takeFrame(pending)) {
      pending = pending.subarray(taken.size);
      const handled = deviation.frame?.(taken.frame, socket, request) ?? false;
      if (!handled) handle(taken.frame, socket);
    }
  });
}

function answer(socket: Socket, request: Request, deviation: Deviation): boolean {
  const right = rightAnswer(request, deviation.headers?.(request) ?? '');
  const given = deviation.answer === undefined ? right : deviation.answer(request, right, socket);
  if (given === undefined) return true;
  const bytes = Buffer.isBuffer(given) ? given : Buffer.from(given, 'latin1');
  const opens = /^HTTP\/1\.\d 101/m.test(bytes.toString('latin1'));
  const behind = opens ? deviation.behind101?.(request) : undefined;
  socket.write(behind === undefined ? bytes : Buffer.concat([bytes, behind]));
  deviation.answered?.(socket, request);
  if (!opens) socket.end();
  return opens;
}

function parseRequest(text: string): Request {
  const [line = '', ...fields] = text.split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { method, target, headers, text };
}

function takeFrame(bytes: Buffer): { frame: ClientFrame; size: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const masked = second >= 0x80;
  const short = second & 0x7f;
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  const head = 2 + wide + (masked ? 4 : 0);
  if (bytes.length < head) return undefined;
  const length =
    wide === 0 ? short : wide === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < head + length) return undefined;
  const key = bytes.subarray(head - 4, head);
  const payload = Buffer.from(bytes.subarray(head, head + length)).map((byte, i) =>
    masked ? byte ^ (key[i % 4] ?? 0) : byte,
  );
  const fields = { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, masked };
  return { frame: { ...fields, payload: Buffer.from(payload) }, size: head + length };
}

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

function handle({ opcode, fin, rsv, masked, payload }: ClientFrame, socket: Socket): void {
  const known = opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
  if (!masked || rsv !== 0 || !known) {
    socket.end(frame(CLOSE, closePayload(1002)));
  } else if (opcode === PING) {
    socket.write(frame(PONG, payload));
  } else if (opcode === CLOSE && socket.writable) {
    socket.end(frame(CLOSE, payload.subarray(0, 2)));
  } else if (opcode === TEXT && fin) {
    socket.write(frame(TEXT, payload));
  }
}
