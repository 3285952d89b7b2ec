// What a client does with frames once the connection is open: records them, answers pings and the
// close frame, and fails the connection when RFC 6455 says so.
import { CLOSE_CODE } from './close-code.ts';
import { judgeClose } from './close-payload.ts';
import { closeFrame, type Frame, OPCODE, pongFrame } from './frame.ts';
import {
  createFrameDecoder,
  type DecodedFrame,
  type DecoderEvent,
  type FrameDecoder,
} from './frame-decoder.ts';
import { frameRecord, type Recorder } from './recorder.ts';
import type { Payload } from './transcript.ts';

/** What the session asks of its connection. */
export interface SessionActions {
  /** Sends a frame of the client's own accord; not after its close frame. */
  reply(frame: Frame): void;
  /** The server's close frame came and was answered: what is left is TCP. */
  closing(): void;
  /** The connection has failed, nothing more is read; `pours`: because there is no end to it. */
  failed(pours: boolean): void;
}

/** Reads the frames of an open connection. */
export interface FrameSession {
  push(bytes: Uint8Array): void;
}

/** Most frames recorded of one connection: what an endless stream may cost. */
export const MAX_FRAMES = 10_000;

// Most bytes taken from one connection.
const MAX_STREAM_BYTES = 64 * 1024 * 1024;

/** Starts a session; `allowedRsv` as for the decoder. */
export function startFrameSession(
  recorder: Recorder,
  allowedRsv: number,
  actions: SessionActions,
): FrameSession {
  return new Session(recorder, createFrameDecoder({ allowedRsv }), actions);
}

const STREAM_TOO_LONG = 'stream-too-long';

class Session implements FrameSession {
  readonly #recorder: Recorder;
  readonly #decoder: FrameDecoder;
  readonly #actions: SessionActions;
  // Of the frame before: a message of one frame has the same.
  #lastPayload: Payload | undefined;
  #frames = 0;
  #bytes = 0;
  #failed = false;

  constructor(recorder: Recorder, decoder: FrameDecoder, actions: SessionActions) {
    this.#recorder = recorder;
    this.#decoder = decoder;
    this.#actions = actions;
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    for (const event of this.#decoder.push(bytes)) {
      if (!this.#failed) this.#handle(event);
    }
    if (this.#bytes > MAX_STREAM_BYTES) this.#failLimit(`more than ${MAX_STREAM_BYTES} bytes`);
  }

  #handle(event: DecoderEvent): void {
    switch (event.kind) {
      case 'frame':
        this.#takeFrame(event.frame);
        break;
      case 'message': {
        const { kind, binary, fragments } = event;
        const own = fragments === 1 ? this.#lastPayload : undefined;
        const payload = own ?? this.#recorder.capture(event.payload);
        this.#recorder.record({ kind, binary, payload, fragments });
        break;
      }
      case 'violation':
        this.#fail(event.code, event.message, event.closeCode, event.bytes);
        break;
    }
  }

  #takeFrame(frame: DecodedFrame): void {
    const record = frameRecord('in', frame, this.#recorder);
    this.#lastPayload = record.payload;
    this.#recorder.record(record);
    this.#frames += 1;
    if (this.#frames > MAX_FRAMES) this.#failLimit(`more than ${MAX_FRAMES} frames`);
    else if (frame.opcode === OPCODE.ping) this.#actions.reply(pongFrame(frame.payload));
    else if (frame.opcode === OPCODE.close) this.#answerClose(frame);
  }

  // "When sending a Close frame in response, the endpoint typically echos the status code it
  // received" (5.5.1). A close frame that is wrong is answered by what follows it: the violation.
  #answerClose({ close, payload }: DecodedFrame): void {
    if (judgeClose(payload) !== undefined) return;
    this.#actions.reply(closeFrame(close?.code));
    this.#actions.closing();
  }

  #failLimit(what: string): void {
    const none = new Uint8Array();
    this.#fail(STREAM_TOO_LONG, `the server sent ${what}`, CLOSE_CODE.policyViolation, none);
  }

  // Section 7.1.7, _Fail the WebSocket Connection_.
  #fail(code: string, message: string, closeCode: number, bytes: Uint8Array): void {
    if (this.#failed) return;
    this.#failed = true;
    const payload = this.#recorder.capture(bytes);
    this.#recorder.record({ kind: 'protocolError', code, message, closeCode, bytes: payload });
    this.#actions.reply(closeFrame(closeCode));
    this.#actions.failed(code === STREAM_TOO_LONG);
  }
}
