// Stands between the socket and ws, in both directions: the gateway's own frame limits are applied
// to what comes in, and what goes out can be looked at and changed before it is written.
import { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { type FrameHead, FrameWalker, frameHead, frameHeadSize } from './frame-walker.ts';
import { LINGER_MS } from './limits.ts';

/** A whole frame on its way to the client; server frames are not masked. */
export interface OutgoingFrame {
  readonly opcode: number;
  readonly head: Buffer;
  readonly payload: Buffer;
}

/** A final server frame, not masked; its payload has at most 125 bytes, as of control frames. */
export function encodeServerFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
}

/** What is written instead of a frame. */
export type Replacement = readonly Buffer[];

/** What a tap does with frames. */
export interface TapOptions {
  readonly clock: Clock;
  /** Called with each frame head from the client; a frame that is not admitted is skipped. */
  readonly admit: (head: FrameHead) => boolean;
  /** The bytes to write instead of a frame; none to swallow it. Absent: frames pass untouched. */
  readonly outgoing: ((frame: OutgoingFrame) => Replacement | Promise<Replacement>) | undefined;
  /** Sees what comes in, whatever becomes of it. */
  readonly incoming: ((chunk: Buffer) => void) | undefined;
  /** Whether the server's end of the WebSocket is the end of TCP, as it should be. */
  readonly endsTcp: boolean;
}

/** A stream of frames for ws, made over the socket that carries them. Reads nothing until `start`. */
export class FrameTap extends Duplex {
  readonly #socket: Duplex;
  readonly #walker: FrameWalker;
  readonly #options: TapOptions;
  #unsent: Buffer = Buffer.alloc(0);
  #headWritten = false;
  #lost: 'fin' | 'reset' | undefined;

  constructor(socket: Duplex, options: TapOptions) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#options = options;
    this.#walker = new FrameWalker(options.admit);
    socket.on('close', () => this.destroy());
    // A broken connection is an ending, not an error of the gateway.
    socket.on('error', () => {
      this.#lost ??= 'reset';
      this.destroy();
    });
  }

  /** Begins to read; `early` is what the client sent before its 101. */
  start(early: Buffer): void {
    this.#receive(early);
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('end', () => {
      this.#lost ??= 'fin';
      this.push(null);
    });
    this.#socket.resume();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  // ws writes the head and the payload of a frame one after the other: one write, one packet.
  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#options.endsTcp) {
      done();
      return;
    }
    const cancel = this.#options.clock.after(LINGER_MS, () => void this.#socket.destroy());
    this.#socket.once('close', cancel);
    this.#socket.end(() => done());
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#options.endsTcp) this.#socket.destroy();
    done(null);
  }

  /** True when the client's side was lost by a reset; false when it ended, or has not ended. */
  wasReset(): boolean {
    return this.#lost === 'reset';
  }

  #receive(chunk: Buffer): void {
    this.#options.incoming?.(chunk);
    for (const part of this.#walker.push(chunk)) {
      if (!this.push(part)) this.#socket.pause();
    }
  }

  async #replace(chunk: Buffer, outgoing: NonNullable<TapOptions['outgoing']>): Promise<Buffer> {
    this.#unsent = Buffer.concat([this.#unsent, chunk]);
    const written: Buffer[] = [];
    for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame()) {
      written.push(...(await outgoing(frame)));
    }
    return Buffer.concat(written);
  }

  #nextFrame(): OutgoingFrame | undefined {
    const size = frameHeadSize(this.#unsent);
    if (size === undefined || this.#unsent.length < size) return undefined;
    const { opcode, length } = frameHead(this.#unsent);
    if (this.#unsent.length < size + length) return undefined;
    const frame = {
      opcode,
      head: this.#unsent.subarray(0, size),
      payload: this.#unsent.subarray(size, size + length),
    };
    this.#unsent = this.#unsent.subarray(size + length);
    return frame;
  }

  // The first thing that ws writes is the 101; frames come after it.
  #send(chunk: Buffer, done: (error?: Error | null) => void): void {
    const { outgoing } = this.#options;
    const isHead = !this.#headWritten;
    this.#headWritten = true;
    if (isHead || outgoing === undefined) this.#write(chunk, done);
    else void this.#replace(chunk, outgoing).then((bytes) => this.#write(bytes, done));
  }

  #write(bytes: Buffer, done: (error?: Error | null) => void): void {
    if (bytes.length === 0 || this.#socket.destroyed) done();
    else this.#socket.write(bytes, () => done());
  }
}
