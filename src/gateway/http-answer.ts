// HTTP answers written to a socket that node:http does not own: refused upgrades and the 101.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { LINGER_MS } from './limits.ts';
import type { HeaderField } from './request-head.ts';

/** Why and how an upgrade is refused. */
export interface Refusal {
  readonly status: number;
  /** The `message` of the JSON body. */
  readonly message: string;
  readonly headers?: readonly HeaderField[];
}

/** Refuses with the message that REST APIs give for the status; WebSocket APIs document none. */
export function refusal(status: number, headers: readonly HeaderField[] = []): Refusal {
  return { status, message: MESSAGES[status] ?? STATUS_CODES[status] ?? 'Refused', headers };
}

/** The text of a response head: status line, the fields in order, the empty line. */
export function responseHead(status: number, fields: readonly HeaderField[]): string {
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n');
}

/** The whole response that tells a client of a refusal; the connection ends with it. */
export function refusalText(refused: Refusal, wallMs: number): string {
  const body = JSON.stringify({ message: refused.message });
  return (
    responseHead(refused.status, [
      ['Date', new Date(wallMs).toUTCString()],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(Buffer.byteLength(body))],
      ...(refused.headers ?? []),
      ...(refused.headers?.some(([name]) => name === 'Connection') === true ? [] : [CLOSE]),
    ]) + body
  );
}

/**
 * Writes `text`, ends the socket, and destroys it when the peer has not ended in time. What the peer
 * still sends is read and thrown away, or a reset would overtake the answer.
 */
export function endWith(socket: Duplex, text: string, clock: Clock): void {
  const destroy = (): void => void socket.destroy();
  const cancel = clock.after(LINGER_MS, destroy);
  socket.once('close', cancel);
  socket.once('end', () => socket.end());
  socket.on('error', destroy);
  socket.resume();
  socket.end(text, 'latin1');
}

const CLOSE: HeaderField = ['Connection', 'close'];

const MESSAGES: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  500: 'Internal server error',
  502: 'Internal server error',
  504: 'Endpoint request timed out',
};
