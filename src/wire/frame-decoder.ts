// Frames as they are read: an incremental decoder that enforces RFC 6455 sections 5 and 7.4 and
// stops at the first violation. The result does not depend on how the bytes were cut.
import { CLOSE_CODE } from './close-code.ts';
import { type CloseInfo, judgeClose, readClose } from './close-payload.ts';
import { applyMask, isControl, OPCODE } from './frame.ts';
import { type FrameHeader, headerLength, judgeFirstBytes, readHeader } from './frame-header.ts';
import {
  EVIDENCE_BYTES,
  FrameViolation,
  type FrameViolationCode,
  violate,
} from './frame-violation.ts';
import { createGrowingBuffer, type GrowingBuffer } from './growing-buffer.ts';
import { createUtf8Validator, type Utf8Validator } from './utf8.ts';

/** A frame that came in. */
export interface DecodedFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;
  /** Unmasked. */
  readonly payload: Buffer;
  /** Of a close frame; without `code` when it was empty. */
  readonly close?: CloseInfo;
}

/** What the decoder found. */
export type DecoderEvent =
  | { readonly kind: 'frame'; readonly frame: DecodedFrame }
  /** A complete message, after its last frame; not for compressed ones, which are not inflated. */
  | {
      readonly kind: 'message';
      readonly binary: boolean;
      readonly payload: Buffer;
      readonly fragments: number;
    }
  | {
      readonly kind: 'violation';
      readonly code: FrameViolationCode;
      readonly message: string;
      /** The close code to answer with. */
      readonly closeCode: number;
      /** The frame as far as it was read, at most 64 bytes, as it stood on the wire. */
      readonly bytes: Buffer;
    };

/** How to read. */
export interface DecoderOptions {
  /** True for frames of a client. @default false */
  readonly masked?: boolean;
  /** Reserved bits that a negotiated extension uses on the first frame of a message. @default 0 */
  readonly allowedRsv?: number;
  /** Longest message in bytes. @default 1 MiB */
  readonly maxMessageBytes?: number;
  /** Most frames a message may have. @default 4096 */
  readonly maxFragments?: number;
}

/** Reads frames from bytes. */
export interface FrameDecoder {
  /** What these bytes complete. Nothing more after a violation, or after a close frame but one. */
  push(bytes: Uint8Array): readonly DecoderEvent[];
}

/** A decoder at the beginning of a connection. */
export function createFrameDecoder(options: DecoderOptions = {}): FrameDecoder {
  const decoder = new Decoder(options);
  return { push: (bytes) => decoder.push(bytes) };
}

// Largest message taken by default, in bytes.
const MAX_MESSAGE_BYTES = 1024 * 1024;

// Most frames of one message taken by default.
const MAX_FRAGMENTS = 4096;

interface Message {
  readonly binary: boolean;
  readonly compressed: boolean;
  readonly payloads: Buffer[];
  readonly validator: Utf8Validator | undefined;
  bytes: number;
}

class Decoder {
  readonly #masked: boolean;
  readonly #allowedRsv: number;
  readonly #maxMessageBytes: number;
  readonly #maxFragments: number;
  #events: DecoderEvent[] = [];
  #state: 'header' | 'payload' | 'closed' | 'ended' = 'header';
  #head: GrowingBuffer = createGrowingBuffer();
  #header: FrameHeader | undefined;
  #payload: GrowingBuffer = createGrowingBuffer();
  #message: Message | undefined;

  constructor(options: DecoderOptions) {
    this.#masked = options.masked ?? false;
    this.#allowedRsv = options.allowedRsv ?? 0;
    this.#maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
    this.#maxFragments = options.maxFragments ?? MAX_FRAGMENTS;
  }

  push(bytes: Uint8Array): readonly DecoderEvent[] {
    this.#events = [];
    try {
      let rest = bytes;
      while (rest.length > 0 && this.#state !== 'ended') rest = this.#take(rest);
    } catch (thrown) {
      if (!(thrown instanceof FrameViolation)) throw thrown;
      this.#state = 'ended';
      const { code, message, closeCode, bytes: seen } = thrown;
      this.#events.push({ kind: 'violation', code, message, closeCode, bytes: seen });
    }
    return this.#events;
  }

  // Takes what it can use of `bytes` and returns the rest.
  #take(bytes: Uint8Array): Uint8Array {
    if (this.#state === 'header') return this.#takeHeader(bytes);
    if (this.#state === 'payload') return this.#takePayload(bytes);
    return this.#takeAfterClose(bytes);
  }

  #takeHeader(bytes: Uint8Array): Uint8Array {
    const need = headerLength(this.#head.view());
    const part = bytes.subarray(0, need - this.#head.length);
    this.#head.append(part);
    const raw = this.#head.view();
    if (raw.length === 2) {
      judgeFirstBytes(raw, { masked: this.#masked, allowedRsv: this.#allowedRsv });
      this.#judgeSequence(raw);
    }
    if (raw.length === headerLength(raw)) this.#beginPayload(raw);
    return bytes.subarray(part.length);
  }

  // Section 5.4: a fragmented message is a data frame, then continuations; only control frames may
  // stand between them.
  #judgeSequence(raw: Buffer): void {
    const opcode = (raw[0] ?? 0) & 0xf;
    const message = this.#message;
    if (isControl(opcode)) return;
    if (opcode !== OPCODE.continuation) {
      if (message === undefined) return;
      violate(raw, 'continuation-expected', 'a new message inside a fragmented one');
    }
    if (message === undefined) {
      return violate(raw, 'continuation-unexpected', 'a continuation of nothing');
    }
    if (message.payloads.length < this.#maxFragments) return;
    const what = `a message of more than ${this.#maxFragments} frames`;
    violate(raw, 'too-many-fragments', what, CLOSE_CODE.policyViolation);
  }

  #beginPayload(raw: Buffer): void {
    const header = readHeader(raw);
    const before = this.#message?.bytes ?? 0;
    if (!isControl(header.opcode) && before + header.length > this.#maxMessageBytes) {
      const message = `a message of more than ${this.#maxMessageBytes} bytes`;
      violate(raw, 'message-too-big', message, CLOSE_CODE.messageTooBig);
    }
    if (header.opcode === OPCODE.text || header.opcode === OPCODE.binary) {
      this.#message = beginMessage(header);
    }
    this.#header = header;
    this.#head = createGrowingBuffer();
    this.#payload = createGrowingBuffer();
    this.#state = 'payload';
    if (header.length === 0) this.#endFrame(header);
  }

  #takePayload(bytes: Uint8Array): Uint8Array {
    const header = this.#header;
    if (header === undefined) throw new Error('payload without a header');
    const offset = this.#payload.length;
    const part = Buffer.from(bytes.subarray(0, header.length - offset));
    if (header.maskingKey !== undefined) applyMask(part, header.maskingKey, offset);
    this.#payload.append(part);
    this.#validate(header, part, offset);
    if (this.#payload.length === header.length) this.#endFrame(header);
    return bytes.subarray(part.length);
  }

  // Section 8.1. At the first wrong byte, not at the end of the message: a peer that waits to be
  // told would else wait for ever.
  #validate(header: FrameHeader, part: Buffer, offset: number): void {
    if (isControl(header.opcode)) return;
    const wrong = this.#message?.validator?.push(part) ?? -1;
    if (wrong >= 0) this.#failText(header, 'text that is not UTF-8', offset + wrong + 1);
  }

  #failText(header: FrameHeader, message: string, upTo: number): never {
    return violate(this.#seen(header, upTo), 'utf8-invalid', message, CLOSE_CODE.invalidPayload);
  }

  // The frame as it stood on the wire, up to that byte of its payload.
  #seen(header: FrameHeader, upTo: number): Buffer {
    const end = Math.min(upTo, EVIDENCE_BYTES);
    const payload = Buffer.from(this.#payload.view().subarray(0, end));
    if (header.maskingKey !== undefined) applyMask(payload, header.maskingKey);
    return Buffer.concat([header.raw, payload]);
  }

  #endFrame(header: FrameHeader): void {
    const { opcode, fin, rsv, masked } = header;
    const payload = this.#payload.view();
    this.#state = 'header';
    this.#header = undefined;
    if (opcode === OPCODE.close) return this.#endClose(header, payload);
    this.#events.push({ kind: 'frame', frame: { opcode, fin, rsv, masked, payload } });
    if (isControl(opcode) || this.#message === undefined) return;
    this.#message.payloads.push(payload);
    this.#message.bytes += payload.length;
    if (fin) this.#endMessage(header, this.#message);
  }

  #endMessage(header: FrameHeader, message: Message): void {
    this.#message = undefined;
    if (message.validator?.complete === false) {
      this.#failText(header, 'text that ends inside a character', header.length);
    }
    if (message.compressed) return;
    const { binary, payloads } = message;
    const payload = Buffer.concat(payloads);
    this.#events.push({ kind: 'message', binary, payload, fragments: payloads.length });
  }

  // The frame is told also when it is wrong: it is who closed, and with what.
  #endClose(header: FrameHeader, payload: Buffer): void {
    const { opcode, fin, rsv, masked } = header;
    const frame = { opcode, fin, rsv, masked, payload, close: readClose(payload) };
    this.#events.push({ kind: 'frame', frame });
    this.#state = 'closed';
    const flaw = judgeClose(payload);
    if (flaw === undefined) return;
    violate(this.#seen(header, payload.length), flaw.code, flaw.message, flaw.closeCode);
  }

  // "The application MUST NOT send any more data frames after sending a Close frame." (5.5.1)
  // Control frames and rubbish are discarded, as section 1.4 has it.
  #takeAfterClose(bytes: Uint8Array): Uint8Array {
    this.#state = 'ended';
    const [first = 0] = bytes;
    if (!isControl(first & 0xf) && (first & 0xf) <= OPCODE.binary) {
      violate(
        Buffer.from(bytes.subarray(0, 1)),
        'data-after-close',
        'a data frame after a close frame',
      );
    }
    return bytes.subarray(bytes.length);
  }
}

function beginMessage(header: FrameHeader): Message {
  const compressed = header.rsv !== 0;
  const isPlainText = header.opcode === OPCODE.text && !compressed;
  return {
    binary: header.opcode === OPCODE.binary,
    compressed,
    payloads: [],
    validator: isPlainText ? createUtf8Validator() : undefined,
    bytes: 0,
  };
}
