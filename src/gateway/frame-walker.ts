// Finds the frames in a stream of bytes without reading their payload (RFC 6455 section 5.2).

/** The head of one frame. */
export interface FrameHead {
  readonly fin: boolean;
  /** RSV1 to RSV3 as a number, 4 for RSV1. */
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** Payload length in bytes. */
  readonly length: number;
}

/** Opcodes that the gateway cares about. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Lets whole frames pass or drops them, as `admit` says when their head is complete. */
export class FrameWalker {
  readonly #admit: (head: FrameHead) => boolean;
  #head: Buffer = Buffer.alloc(0);
  #remaining = 0;
  #admitted = true;

  constructor(admit: (head: FrameHead) => boolean) {
    this.#admit = admit;
  }

  /** Gives what may pass of `chunk`, in order. */
  push(chunk: Buffer): readonly Buffer[] {
    const passed: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#remaining === 0) at += this.#readHead(chunk, at, passed);
      else at += this.#readPayload(chunk, at, passed);
    }
    return passed;
  }

  #readHead(chunk: Buffer, at: number, passed: Buffer[]): number {
    const had = this.#head.length;
    const bytes = Buffer.concat([this.#head, chunk.subarray(at, at + LONGEST_HEAD - had)]);
    const size = frameHeadSize(bytes);
    if (size === undefined || bytes.length < size) {
      this.#head = bytes;
      return bytes.length - had;
    }
    const head = frameHead(bytes);
    this.#head = Buffer.alloc(0);
    this.#remaining = head.length;
    this.#admitted = this.#admit(head);
    if (this.#admitted) passed.push(bytes.subarray(0, size));
    return size - had;
  }

  #readPayload(chunk: Buffer, at: number, passed: Buffer[]): number {
    const part = chunk.subarray(at, at + this.#remaining);
    this.#remaining -= part.length;
    if (this.#admitted) passed.push(part);
    return part.length;
  }
}

/** Size of the frame head that starts `bytes`; `undefined` with fewer than two bytes. */
export function frameHeadSize(bytes: Buffer): number | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  const extended = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
  return 2 + extended + (second & 0x80 ? 4 : 0);
}

/** Reads a complete frame head. */
export function frameHead(bytes: Buffer): FrameHead {
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  return {
    fin: (first & 0x80) !== 0,
    reserved: (first >> 4) & 7,
    opcode: first & 0x0f,
    masked: (second & 0x80) !== 0,
    length: payloadLength(bytes, second & 0x7f),
  };
}

const LONGEST_HEAD = 14;

function payloadLength(bytes: Buffer, short: number): number {
  if (short === 126) return bytes.readUInt16BE(2);
  return short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
}
