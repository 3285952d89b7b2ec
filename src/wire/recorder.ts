// Turns what happens on one connection into records: stamped, redacted, in order.
import type { Clock } from '../base/clock.ts';
import type { Redactor } from '../base/redact.ts';
import { readClose } from './close-payload.ts';
import { createFragmentCapture } from './fragment-capture.ts';
import { type Frame, OPCODE } from './frame.ts';
import { createPayloadCapture } from './payload.ts';
import type { Payload, WireRecord } from './transcript.ts';

/** A record before it is stamped. */
export type UnstampedRecord = WireRecord extends infer R
  ? R extends WireRecord
    ? Omit<R, 'atUs'>
    : never
  : never;

/** Takes the records of one connection. */
export interface Recorder {
  readonly redactor: Redactor;
  record(record: UnstampedRecord): void;
  /** Bytes of a frame or message as evidence; of too many of them only the beginnings. */
  capture(bytes: Uint8Array): Payload;
  /** The payload of a frame as evidence; the frames of each direction in their order. */
  captureFrame(direction: 'in' | 'out', frame: Frame): Payload;
  /** From here on nothing is recorded. */
  mute(): void;
}

/** A recorder that hands each record to `sink` at once. */
export function createRecorder(
  clock: Clock,
  redactor: Redactor,
  sink: (record: WireRecord) => void,
): Recorder {
  let muted = false;
  const capture = createPayloadCapture(redactor);
  const frames = {
    in: createFragmentCapture(redactor, capture),
    out: createFragmentCapture(redactor, capture),
  };
  return {
    redactor,
    capture,
    captureFrame: (direction, frame) => frames[direction](frame),
    record: (record) => {
      if (!muted) sink({ atUs: clock.nowUs(), ...record });
    },
    mute: () => {
      muted = true;
    },
  };
}

/** The record of a frame; the close code and reason are read where there can be any. */
export function frameRecord(
  direction: 'in' | 'out',
  frame: Frame,
  recorder: Recorder,
): Extract<UnstampedRecord, { readonly kind: 'frame' }> {
  const { opcode, fin, rsv, masked } = frame;
  const payload = recorder.captureFrame(direction, frame);
  const record = { kind: 'frame', direction, opcode, fin, rsv, masked, payload } as const;
  if (opcode !== OPCODE.close) return record;
  const close = readClose(frame.payload);
  return { ...record, close: { ...close, reason: recorder.redactor.text(close.reason) } };
}
