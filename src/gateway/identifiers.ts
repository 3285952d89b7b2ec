// Identifiers in the forms that API Gateway hands out.
import { randomBytes, randomUUID } from 'node:crypto';

/** A connection, request or message id: base64url of 11 bytes and `=`, 16 characters. */
export function drawId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** True for text that could be a connection id: what is not, `@connections` answers with 400. */
export function isConnectionId(text: string): boolean {
  return /^[A-Za-z0-9_-]{15}=$/.test(text);
}

/** `Root=1-{epoch seconds}-{96 bits}`, the value of X-Amzn-Trace-Id. */
export function drawTraceId(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** A request id as management responses carry it. */
export function drawRequestUuid(): string {
  return randomUUID();
}
