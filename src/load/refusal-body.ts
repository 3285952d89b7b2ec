// The answer to an attempt that was refused: read to its end, so that the server never sees a reset where it was only
// slow; of its body the beginning is kept.
import { Buffer } from 'node:buffer';
import type { JudgedAnswer } from '../wire/answer-memo.ts';
import { headerValues } from '../wire/header-list.ts';

/** A refusal as far as it was read. */
export interface Refusal {
  readonly answer: JudgedAnswer;
  body: Buffer;
  /** Bytes still to come; Infinity where the head does not tell. */
  left: number;
}

const BODY_BYTES = 1024;

/** A refusal of which the head was read. */
export function createRefusal(answer: JudgedAnswer): Refusal {
  const [length] = headerValues(answer.head.headers, 'content-length');
  return { answer, body: Buffer.alloc(0), left: length === undefined ? Infinity : Number(length) };
}

/** Takes more of the body; true when there is no more. */
export function takeBody(refusal: Refusal, bytes: Buffer): boolean {
  refusal.left -= bytes.length;
  if (refusal.body.length < BODY_BYTES) {
    refusal.body = Buffer.concat([refusal.body, bytes]).subarray(0, BODY_BYTES);
  }
  const isLastChunk = refusal.left === Infinity && bytes.includes('0\r\n\r\n');
  return refusal.left <= 0 || isLastChunk;
}
