// Fragments of a message as evidence. Each is recorded when it comes, and a secret may go on in the next
// one: neither half would be recognised by itself. The whole message is recorded besides.
import { Buffer } from 'node:buffer';
import type { Redactor } from '../base/redact.ts';
import { type Frame, OPCODE } from './frame.ts';
import type { CapturePayload } from './payload.ts';
import type { Payload } from './transcript.ts';

/**
 * Captures the frames of one direction in their order. A fragment after the one in which a secret begins is hidden
 * whole; a secret of more than 4 KiB is not recognised across fragments.
 */
export function createFragmentCapture(
  redactor: Redactor,
  capture: CapturePayload,
): (frame: Frame) => Payload {
  let before = '';
  return ({ opcode, fin, payload }) => {
    if (opcode >= OPCODE.close) return capture(payload);
    if (opcode !== OPCODE.continuation) before = '';
    if (fin && before === '') return capture(payload);
    const text = before + Buffer.from(payload).toString('latin1');
    const isFirst = before === '';
    before = fin ? '' : text.slice(-LONGEST);
    if (isFirst) return capture(payload, (part) => redactor.cut(part));
    const hasSecret = (fin ? redactor.text(text) : redactor.cut(text)) !== text;
    return hasSecret ? capture(payload, hide) : capture(payload);
  };
}

const LONGEST = 4096;

function hide(text: string): string {
  return text === '' ? '' : '[redacted]';
}
