// Reads the body of an HTTP answer (RFC 9112 section 6) up to a limit: by length, by chunks, or until
// the connection ends.
import { createGrowingBuffer, type GrowingBuffer } from './growing-buffer.ts';
import { headerValues, splitList } from './header-list.ts';
import type { ResponseHead } from './transcript.ts';

/** Reads one body. */
export interface BodyReader {
  /** True when no more bytes are wanted: it is complete, too long, or cannot be read on. */
  readonly done: boolean;
  push(bytes: Uint8Array): void;
  /** The connection has ended: the end of a body that has no other. */
  end(): void;
  result(): Body;
}

/** A body as far as it was read. */
export interface Body {
  readonly bytes: Buffer;
  /** `partial`: the connection ended or time was up; `cut`: longer than the limit; `invalid`: bad chunks. */
  readonly state: 'complete' | 'partial' | 'cut' | 'invalid';
}

/** A reader for the body that follows `head`, the answer to a request with `method`. */
export function createBodyReader(
  head: ResponseHead,
  method: string,
  limitBytes: number,
): BodyReader {
  return new Reader(framingOf(head, method), limitBytes);
}

type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' | 'until-close' };

// RFC 9112 section 6.3. Lengths that contradict one another say nothing.
function framingOf(head: ResponseHead, method: string): Framing {
  const { status, headers } = head;
  const isEmpty =
    method.toUpperCase() === 'HEAD' || status < 200 || status === 204 || status === 304;
  if (isEmpty) return { kind: 'length', bytes: 0 };
  const codings = headerValues(headers, 'transfer-encoding').flatMap(splitList);
  if (codings.at(-1)?.toLowerCase() === 'chunked') return { kind: 'chunked' };
  const lengths = new Set(headerValues(headers, 'content-length').flatMap(splitList));
  const [length = ''] = lengths;
  const isPlain = codings.length === 0 && lengths.size === 1 && /^\d{1,15}$/.test(length);
  return isPlain ? { kind: 'length', bytes: Number(length) } : { kind: 'until-close' };
}

// A chunk's size with its extensions, or a trailer field.
const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 100;
const LF = 0x0a;

class Reader implements BodyReader {
  readonly #framing: Framing;
  readonly #limit: number;
  readonly #body: GrowingBuffer = createGrowingBuffer();
  #state: Body['state'] | undefined;
  // Of the body, or of the chunk being read; the line being read instead, if any.
  #left: number;
  #expect: 'data' | 'size' | 'chunk-end' | 'trailer';
  #line: GrowingBuffer = createGrowingBuffer();
  #trailers = 0;

  constructor(framing: Framing, limit: number) {
    this.#framing = framing;
    this.#limit = limit;
    this.#left = framing.kind === 'length' ? framing.bytes : Number.POSITIVE_INFINITY;
    this.#expect = framing.kind === 'chunked' ? 'size' : 'data';
    if (this.#left === 0) this.#state = 'complete';
  }

  get done(): boolean {
    return this.#state !== undefined;
  }

  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0 && !this.done) {
      rest = this.#expect === 'data' ? this.#takeData(rest) : this.#takeLine(rest);
    }
  }

  end(): void {
    this.#state ??= this.#framing.kind === 'until-close' ? 'complete' : 'partial';
  }

  result(): Body {
    return { bytes: Buffer.from(this.#body.view()), state: this.#state ?? 'partial' };
  }

  #takeData(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, this.#left);
    const room = this.#limit - this.#body.length;
    this.#body.append(part.subarray(0, room));
    if (part.length > room) {
      this.#state = 'cut';
      return part.subarray(part.length);
    }
    this.#left -= part.length;
    if (this.#left === 0) this.#endData();
    return bytes.subarray(part.length);
  }

  #endData(): void {
    if (this.#framing.kind === 'chunked') this.#expect = 'chunk-end';
    else this.#state = 'complete';
  }

  #takeLine(bytes: Uint8Array): Uint8Array {
    const end = bytes.indexOf(LF);
    const part = end === -1 ? bytes : bytes.subarray(0, end + 1);
    this.#line.append(part);
    if (this.#line.length > MAX_LINE_BYTES) this.#state = 'invalid';
    else if (end !== -1) this.#endLine();
    return bytes.subarray(part.length);
  }

  #endLine(): void {
    const line = this.#line
      .view()
      .toString('latin1')
      .replace(/\r?\n$/, '');
    this.#line = createGrowingBuffer();
    if (this.#expect === 'size') this.#takeSize(line);
    else if (this.#expect === 'trailer') this.#takeTrailer(line);
    else this.#endChunk(line);
  }

  #endChunk(line: string): void {
    this.#expect = 'size';
    if (line !== '') this.#state = 'invalid';
  }

  #takeSize(line: string): void {
    const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) {
      this.#state = 'invalid';
      return;
    }
    this.#left = Number.parseInt(size, 16);
    this.#expect = this.#left === 0 ? 'trailer' : 'data';
  }

  #takeTrailer(line: string): void {
    this.#trailers += 1;
    if (line === '') this.#state = 'complete';
    else if (this.#trailers > MAX_TRAILERS) this.#state = 'invalid';
  }
}
