// The payload of a close frame (RFC 6455 section 5.5.1): "the first two bytes of the body MUST be a
// 2-byte unsigned integer (in network byte order) representing a status code", the rest UTF-8.
import { isUtf8 } from 'node:buffer';
import { CLOSE_CODE, isSendableCloseCode } from './close-code.ts';

/** What a close frame says; without `code` when it is too short to have one. */
export interface CloseInfo {
  readonly code?: number;
  /** Not UTF-8: with replacement characters. */
  readonly reason: string;
}

/** What is wrong with it. */
export interface CloseFlaw {
  readonly code: 'close-length-invalid' | 'close-code-invalid' | 'close-reason-utf8';
  readonly message: string;
  readonly closeCode: number;
}

/** Reads a close frame's payload, valid or not. */
export function readClose(payload: Uint8Array): CloseInfo {
  const bytes = bufferOf(payload);
  if (bytes.length < 2) return { reason: '' };
  return { code: bytes.readUInt16BE(0), reason: bytes.toString('utf8', 2) };
}

/** The first flaw of a close frame's payload; `undefined` for a valid one. */
export function judgeClose(payload: Uint8Array): CloseFlaw | undefined {
  const { protocolError, invalidPayload } = CLOSE_CODE;
  if (payload.length === 0) return undefined;
  const { code } = readClose(payload);
  if (code === undefined) {
    const message = 'a close frame with half a code';
    return { code: 'close-length-invalid', message, closeCode: protocolError };
  }
  if (!isSendableCloseCode(code)) {
    const message = `a close frame with code ${code}`;
    return { code: 'close-code-invalid', message, closeCode: protocolError };
  }
  if (isUtf8(payload.subarray(2))) return undefined;
  const message = 'a close reason that is not UTF-8';
  return { code: 'close-reason-utf8', message, closeCode: invalidPayload };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
