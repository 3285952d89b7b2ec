// Why bytes are not what RFC 6455 allows after the handshake, or more than we take.
import { CLOSE_CODE } from './close-code.ts';

/** Stable codes. */
export type FrameViolationCode =
  | 'rsv-not-negotiated'
  | 'opcode-reserved'
  | 'control-fragmented'
  | 'control-too-long'
  | 'continuation-unexpected'
  | 'continuation-expected'
  | 'mask-unexpected'
  | 'mask-missing'
  | 'length-not-minimal'
  | 'length-invalid'
  | 'message-too-big'
  | 'too-many-fragments'
  | 'utf8-invalid'
  | 'close-length-invalid'
  | 'close-code-invalid'
  | 'close-reason-utf8'
  | 'data-after-close';

/** Most bytes of a frame that are kept to show what is wrong with it. */
export const EVIDENCE_BYTES = 64;

/** Thrown while a frame is read; the decoder catches it and nobody else sees it. */
export class FrameViolation extends Error {
  readonly code: FrameViolationCode;
  /** The close code to answer with. */
  readonly closeCode: number;
  /** The frame as far as it was read. */
  readonly bytes: Buffer;

  constructor(code: FrameViolationCode, message: string, closeCode: number, bytes: Buffer) {
    super(message);
    this.name = 'FrameViolation';
    this.code = code;
    this.closeCode = closeCode;
    this.bytes = Buffer.from(bytes.subarray(0, EVIDENCE_BYTES));
  }
}

/** Ends reading; `closeCode` is 1002 where RFC 6455 names no other. */
export function violate(
  bytes: Buffer,
  code: FrameViolationCode,
  message: string,
  closeCode: number = CLOSE_CODE.protocolError,
): never {
  throw new FrameViolation(code, message, closeCode, bytes);
}
