// The header of one frame (RFC 6455 section 5.2) and the rules that it alone can break.
import { isControl, OPCODE } from './frame.ts';
import { violate } from './frame-violation.ts';

/** A header that was read. */
export interface FrameHeader {
  /** As it stood on the wire. */
  readonly raw: Buffer;
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;
  /** Of the payload, in bytes. */
  readonly length: number;
  readonly maskingKey: Buffer | undefined;
}

/** How long the header is, in bytes, as far as its beginning tells. */
export function headerLength(raw: Buffer): number {
  const second = raw[1];
  if (second === undefined) return 2;
  const extended = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
  return 2 + extended + ((second & 0x80) === 0 ? 0 : 4);
}

/**
 * Judges the first two bytes of a frame.
 *
 * @throws {FrameViolation} the first rule that they break
 */
export function judgeFirstBytes(
  raw: Buffer,
  { masked: mustMask, allowedRsv }: { readonly masked: boolean; readonly allowedRsv: number },
): void {
  const { opcode, fin, rsv, masked } = readBits(raw);
  // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
  const allowed = opcode === OPCODE.text || opcode === OPCODE.binary ? allowedRsv : 0;
  if ((rsv & ~allowed) !== 0) violate(raw, 'rsv-not-negotiated', `reserved bits ${rsv} are set`);
  // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
  if (!KNOWN_OPCODES.has(opcode)) {
    violate(raw, 'opcode-reserved', `opcode ${opcode} has no meaning`);
  }
  // "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
  if (isControl(opcode) && !fin) violate(raw, 'control-fragmented', 'a control frame without FIN');
  if (isControl(opcode) && shortLength(raw) > 125) {
    violate(raw, 'control-too-long', 'a control frame longer than 125 bytes');
  }
  // "A client MUST close a connection if it detects a masked frame." "The server MUST close the
  // connection upon receiving a frame that is not masked."
  if (masked && !mustMask) violate(raw, 'mask-unexpected', 'a frame of a server is masked');
  if (!masked && mustMask) violate(raw, 'mask-missing', 'a frame of a client is not masked');
}

/**
 * Reads a whole header.
 *
 * @throws {FrameViolation} when its length is not encoded as it must be
 */
export function readHeader(raw: Buffer): FrameHeader {
  const bits = readBits(raw);
  const maskingKey = bits.masked ? raw.subarray(raw.length - 4) : undefined;
  return { ...bits, raw, length: payloadLength(raw), maskingKey };
}

const KNOWN_OPCODES: ReadonlySet<number> = new Set(Object.values(OPCODE));

function readBits(raw: Buffer): Pick<FrameHeader, 'opcode' | 'fin' | 'rsv' | 'masked'> {
  const [first = 0, second = 0] = raw;
  return {
    opcode: first & 0xf,
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 0x7,
    masked: (second & 0x80) !== 0,
  };
}

function shortLength(raw: Buffer): number {
  return (raw[1] ?? 0) & 0x7f;
}

// "The minimal number of bytes MUST be used to encode the length"; of eight, "the most significant
// bit MUST be 0".
function payloadLength(raw: Buffer): number {
  const short = shortLength(raw);
  if (short < 126) return short;
  const length = short === 126 ? raw.readUInt16BE(2) : Number(raw.readBigUInt64BE(2));
  if (length >= 2 ** 63) violate(raw, 'length-invalid', 'a length with its highest bit set');
  if (length < (short === 126 ? 126 : 65_536)) {
    violate(raw, 'length-not-minimal', `the length ${length} in a longer form than it needs`);
  }
  return length;
}
