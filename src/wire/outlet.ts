// The client's own side of the stream: what it writes and how it leaves, each recorded before it
// happens. Decides nothing; what is no longer possible is not done.
import type { Line } from './dial.ts';
import { encodeFrame, type Frame, OPCODE } from './frame.ts';
import { frameRecord, type Recorder } from './recorder.ts';

/** The writing side of one connection. */
export class Outlet {
  readonly #recorder: Recorder;
  #line: Line | undefined;
  #closeSent = false;
  #finSent = false;
  #silent = false;
  #gone = false;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** A close frame was written. */
  get closeSent(): boolean {
    return this.#closeSent;
  }

  /** FIN was sent, or silence began: nothing is written any more. */
  get left(): boolean {
    return this.#finSent || this.#silent;
  }

  get silent(): boolean {
    return this.#silent;
  }

  /** The socket is, or is being, destroyed. */
  get gone(): boolean {
    return this.#gone;
  }

  get canWrite(): boolean {
    return this.#line?.socket.writable === true && !this.#gone && !this.left;
  }

  attach(line: Line): void {
    this.#line = line;
  }

  write(bytes: Uint8Array): void {
    if (this.canWrite) this.#line?.socket.write(bytes);
  }

  /** Writes frames in one go. */
  writeFrames(frames: readonly Frame[]): void {
    if (!this.canWrite) return;
    for (const frame of frames) {
      this.#recorder.record(frameRecord('out', frame, this.#recorder));
      if (frame.opcode === OPCODE.close) this.#closeSent = true;
    }
    this.write(Buffer.concat(frames.map(encodeFrame)));
  }

  sendFin(): void {
    if (!this.canWrite) return;
    this.#recorder.record({ kind: 'fin', direction: 'out' });
    this.#finSent = true;
    this.#line?.socket.end();
  }

  /** Neither reads nor writes from here on; the socket stays. */
  fallSilent(): void {
    this.#recorder.record({ kind: 'silence' });
    this.#silent = true;
    this.#line?.socket.pause();
  }

  /** Ends TCP with a RST; false where there is no socket yet. */
  reset(code: string): boolean {
    this.#gone = true;
    if (this.#line === undefined) return false;
    this.#recorder.record({ kind: 'reset', direction: 'out', code });
    this.#line.reset();
    return true;
  }

  /** Ends TCP without a word; false where there is no socket yet. */
  destroy(): boolean {
    this.#gone = true;
    this.#line?.destroy();
    return this.#line !== undefined;
  }

  /** The other side, or the network, has ended the connection. */
  lose(): void {
    this.#gone = true;
  }
}
