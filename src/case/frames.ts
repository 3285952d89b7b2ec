// From a `send` step to frames.
import { Buffer } from 'node:buffer';
import type { PayloadSpec, SendSpec } from '../scenario/model.ts';
import { fillNonce } from '../scenario/variables.ts';
import type { Frame } from '../wire/frame.ts';

/** The bytes of a payload; `${nonce}` in its text is the connection's. */
function payloadBytes(spec: PayloadSpec, nonce: string): Uint8Array {
  if ('text' in spec) return Buffer.from(fillNonce(spec.text, nonce), 'utf8');
  if ('hex' in spec) return Buffer.from(spec.hex, 'hex');
  return Buffer.alloc(spec.size, 'a');
}

/** The frames of a `send` step; `bytes` is not frames and is written as it stands. */
export function framesOf(
  send: Exclude<SendSpec, { kind: 'bytes' }>,
  nonce: string,
): readonly Frame[] {
  if (send.kind === 'frames') {
    return send.frames.map((frame) => ({ ...frame, payload: payloadBytes(frame.payload, nonce) }));
  }
  const payload = payloadBytes(send.payload, nonce);
  const opcode = OPCODES[send.kind];
  if (send.fragmentSize === undefined)
    return [{ opcode, fin: true, rsv: 0, masked: true, payload }];
  return fragments(opcode, payload, send.fragmentSize);
}

const OPCODES = { text: 1, binary: 2, ping: 9, pong: 10 } as const;

function fragments(opcode: number, payload: Uint8Array, size: number): readonly Frame[] {
  const starts = Array.from(
    { length: Math.max(1, Math.ceil(payload.length / size)) },
    (_, i) => i * size,
  );
  return starts.map((start, i) => ({
    opcode: i === 0 ? opcode : 0,
    fin: i === starts.length - 1,
    rsv: 0,
    masked: true,
    payload: payload.subarray(start, start + size),
  }));
}
