// Frames as they are written (RFC 6455 section 5.2): exactly what is asked for, valid or not.
import { randomBytes } from 'node:crypto';

/** Opcodes of RFC 6455 section 5.2. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One frame. */
export interface Frame {
  /** 0 to 15. */
  readonly opcode: number;
  readonly fin: boolean;
  /** The three reserved bits as a number, 0 to 7; RSV1 is 4. */
  readonly rsv: number;
  readonly masked: boolean;
  /** Unmasked. */
  readonly payload: Uint8Array;
  /** Four bytes. @default random, when `masked` */
  readonly maskingKey?: Uint8Array;
}

/** The bytes of a frame, its length in the shortest form. Nothing is checked. */
export function encodeFrame(frame: Frame): Buffer {
  const { opcode, fin, rsv, masked, payload } = frame;
  const extension = lengthField(payload.length);
  const head = Buffer.alloc(2);
  head[0] = (fin ? 0x80 : 0) | ((rsv & 0x7) << 4) | (opcode & 0xf);
  head[1] = (masked ? 0x80 : 0) | extension.short;
  if (!masked) return Buffer.concat([head, extension.bytes, payload]);
  const key = frame.maskingKey ?? randomBytes(4);
  const body = Buffer.from(payload);
  applyMask(body, key);
  return Buffer.concat([head, extension.bytes, key, body]);
}

/**
 * The same as latin1 text, of a final frame with at most 125 bytes: what a load writes by the thousand, without a
 * buffer. `payload`: its bytes as latin1. `key`: the masking key as an unsigned number, the first byte highest.
 */
export function shortFrameText(opcode: number, payload: string, key: number): string {
  const codes = [
    0x80 | (opcode & 0xf),
    0x80 | payload.length,
    key >>> 24,
    (key >>> 16) & 0xff,
    (key >>> 8) & 0xff,
    key & 0xff,
  ];
  for (let at = 0; at < payload.length; at += 1) {
    codes.push(payload.charCodeAt(at) ^ (codes[2 + (at & 3)] ?? 0));
  }
  return String.fromCharCode(...codes);
}

/** The payload of a close frame as latin1 text: nothing without a code, whatever the reason. */
export function closePayloadText(code?: number, reason = ''): string {
  if (code === undefined) return '';
  const bytes = reason === '' ? '' : Buffer.from(reason, 'utf8').toString('latin1');
  return String.fromCharCode((code >>> 8) & 0xff, code & 0xff) + bytes;
}

/** Masks or unmasks in place; `offset` is the place of the first byte in the payload. */
export function applyMask(bytes: Uint8Array, key: Uint8Array, offset = 0): void {
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = (bytes[at] ?? 0) ^ (key[(offset + at) & 3] ?? 0);
  }
}

/** A whole message in one frame, masked as a client must. */
export function textFrame(text: string): Frame {
  return clientFrame(OPCODE.text, Buffer.from(text, 'utf8'));
}

/** A whole binary message in one frame, masked. */
export function binaryFrame(payload: Uint8Array): Frame {
  return clientFrame(OPCODE.binary, payload);
}

/** A ping, masked. */
export function pingFrame(payload: Uint8Array = new Uint8Array()): Frame {
  return clientFrame(OPCODE.ping, payload);
}

/** A pong, masked. */
export function pongFrame(payload: Uint8Array = new Uint8Array()): Frame {
  return clientFrame(OPCODE.pong, payload);
}

/** A close frame, masked; without a code its payload is empty, whatever the reason. */
export function closeFrame(code?: number, reason = ''): Frame {
  if (code === undefined) return clientFrame(OPCODE.close, new Uint8Array());
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code & 0xffff);
  return clientFrame(OPCODE.close, Buffer.concat([payload, Buffer.from(reason, 'utf8')]));
}

/** Cuts a message into frames of at most `size` bytes (at least 1); an empty one stays one frame. */
export function fragmentFrame(frame: Frame, size: number): readonly Frame[] {
  const { payload } = frame;
  const room = Math.max(1, Math.floor(size));
  const count = Math.max(1, Math.ceil(payload.length / room));
  return Array.from({ length: count }, (_, index) => ({
    ...frame,
    opcode: index === 0 ? frame.opcode : OPCODE.continuation,
    rsv: index === 0 ? frame.rsv : 0,
    fin: frame.fin && index === count - 1,
    payload: payload.subarray(index * room, (index + 1) * room),
  }));
}

/** True for close, ping, pong and the control opcodes that have no meaning yet. */
export function isControl(opcode: number): boolean {
  return (opcode & 0x8) !== 0;
}

function clientFrame(opcode: number, payload: Uint8Array): Frame {
  return { opcode, fin: true, rsv: 0, masked: true, payload };
}

function lengthField(length: number): { readonly short: number; readonly bytes: Buffer } {
  if (length < 126) return { short: length, bytes: Buffer.alloc(0) };
  if (length < 65_536) {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16BE(length);
    return { short: 126, bytes };
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return { short: 127, bytes };
}
