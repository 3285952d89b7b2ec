// Whether a `send` takes up a plan of the backend.
import type { SendSpec } from '../scenario/model.ts';
import { OPCODE } from '../wire/frame.ts';

/**
 * True when the backend has to be told what to do with what is sent. What invokes nobody must not take
 * up a plan: the next message would be answered with it. Of bytes nobody can say what they are; they do
 * with a plan of their own only.
 */
export function takesPlan(send: SendSpec): boolean {
  if (send.backend !== undefined) return true;
  if (send.kind === 'bytes' || send.kind === 'ping' || send.kind === 'pong') return false;
  if (send.kind !== 'frames') return true;
  return send.frames.some(({ opcode }) => opcode === OPCODE.text || opcode === OPCODE.binary);
}
