// Sec-WebSocket-Key and the answer to it (RFC 6455 section 4.1 step 7, 4.2.2 step 5.4).
import { hash, randomBytes } from 'node:crypto';

/** A fresh key: "a randomly selected 16-byte value that has been base64-encoded". */
export function newKey(): string {
  return randomBytes(16).toString('base64');
}

/** The `Sec-WebSocket-Accept` value that answers `key`, whatever text that is. */
export function acceptFor(key: string): string {
  return hash('sha1', Buffer.from(key + GUID, 'latin1'), 'base64');
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
