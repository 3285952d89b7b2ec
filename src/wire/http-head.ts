// Reads HTTP response heads from bytes (RFC 9112), incrementally and within limits. What is wrong
// but can be read is read and reported; the raw bytes are the evidence. Not a strict parser: a
// refusal by a sloppy server is still a refusal.
import { createGrowingBuffer, type GrowingBuffer } from './growing-buffer.ts';
import type { Violation } from './handshake.ts';
import { decodeField, trimSpace } from './header-list.ts';
import type { HeaderField, ResponseHead } from './transcript.ts';

// Most bytes of an answer's heads, interim ones included.
const MAX_HEAD_BYTES = 64 * 1024;

/** Most header fields of one head. */
export const MAX_HEADERS = 200;

// Most interim (1xx, not 101) answers before the final one.
const MAX_INTERIM = 16;

/** One head that was read. */
export interface ParsedHead {
  readonly kind: 'interim' | 'final';
  readonly head: ResponseHead;
  /** As it stood on the wire; where a limit was met or it is not HTTP, as far as it was read. */
  readonly raw: Buffer;
  readonly violations: readonly Violation[];
  /** What follows a final head: its body, or frames. */
  readonly rest: Buffer;
}

/** Reads the heads of one answer. */
export interface HeadParser {
  /** The heads that these bytes complete; nothing any more after the final one. */
  push(bytes: Uint8Array): readonly ParsedHead[];
  /** What was read of a head that is not complete. */
  pending(): Buffer;
}

/** A parser at the beginning of an answer. */
export function createHeadParser(): HeadParser {
  const parser = new Parser();
  return { push: (bytes) => parser.push(bytes), pending: () => parser.pending() };
}

const EVIDENCE_BYTES = 8 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const NOT_HTTP: ResponseHead = { version: '', status: 0, phrase: '', headers: [] };

interface StatusLine {
  readonly version: string;
  readonly status: number;
  readonly phrase: string;
}

class Parser {
  readonly #buffer: GrowingBuffer = createGrowingBuffer();
  // Where the head being read begins, where its next line begins, up to where no LF was found.
  #headStart = 0;
  #lineStart = 0;
  #searched = 0;
  #interim = 0;
  #status: StatusLine | undefined;
  #headers: [name: string, value: string][] = [];
  // Of the whole answer: what is wrong in an interim head counts for the final one too.
  readonly #violations = new Set<Violation>();
  #heads: ParsedHead[] = [];
  #ended = false;

  push(bytes: Uint8Array): readonly ParsedHead[] {
    this.#heads = [];
    if (this.#ended) return [];
    this.#buffer.append(bytes);
    if (this.#isNotHttp()) this.#fail('not-http');
    while (!this.#ended && this.#readLine()) {
      // Each line is one step.
    }
    if (!this.#ended && this.#buffer.length > MAX_HEAD_BYTES) this.#fail('head-too-large');
    return this.#heads;
  }

  pending(): Buffer {
    return this.#ended ? Buffer.alloc(0) : this.#buffer.view().subarray(this.#headStart);
  }

  // Known at the first byte that differs: bytes of another protocol may never contain a line end.
  #isNotHttp(): boolean {
    const start = this.#buffer.view().subarray(this.#headStart, this.#headStart + 5);
    return start.toString('latin1') !== 'HTTP/'.slice(0, start.length);
  }

  // Reads one line; false when there is none yet.
  #readLine(): boolean {
    const buffer = this.#buffer.view();
    const end = buffer.indexOf(LF, this.#searched);
    this.#searched = buffer.length;
    if (end === -1) return false;
    if (end >= MAX_HEAD_BYTES) return this.#fail('head-too-large');
    const hasCr = end > this.#lineStart && buffer[end - 1] === CR;
    if (!hasCr) this.#violations.add('bare-lf');
    const line = buffer.toString('latin1', this.#lineStart, hasCr ? end - 1 : end);
    this.#lineStart = end + 1;
    this.#searched = end + 1;
    this.#takeLine(line);
    return true;
  }

  #takeLine(line: string): void {
    if (this.#status === undefined) {
      this.#takeStatusLine(line);
    } else if (line === '') {
      this.#endHead(this.#status);
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      this.#unfold(line);
    } else {
      this.#takeField(line);
    }
  }

  #takeStatusLine(line: string): void {
    const strict = STATUS_LINE.exec(line);
    const [, version, status, phrase = ''] = strict ?? LAX_STATUS_LINE.exec(line) ?? [];
    if (version === undefined || status === undefined) {
      this.#fail('not-http');
      return;
    }
    if (strict === null || CONTROL.test(phrase)) this.#violations.add('header-invalid');
    this.#status = { version, status: Number(status), phrase: decodeField(phrase) };
  }

  // obs-fold: "A sender MUST NOT generate a message that includes line folding" (RFC 9112 5.2).
  #unfold(line: string): void {
    this.#violations.add('header-invalid');
    const last = this.#headers.at(-1);
    if (last !== undefined) last[1] = trimSpace(`${last[1]} ${trimSpace(line)}`);
  }

  // "No whitespace is allowed between the field name and colon" (RFC 9112 5.1).
  #takeField(line: string): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    const value = trimSpace(line.slice(colon + 1));
    if (!TOKEN.test(name) || CONTROL.test(value)) this.#violations.add('header-invalid');
    if (colon !== -1) this.#headers.push([trimSpace(name), value]);
    if (this.#headers.length > MAX_HEADERS) this.#fail('too-many-headers');
  }

  #endHead(status: StatusLine): void {
    const isInterim = status.status < 200 && status.status !== 101;
    this.#interim += isInterim ? 1 : 0;
    if (this.#interim > MAX_INTERIM) {
      this.#fail('too-many-interim');
      return;
    }
    const raw = this.#copy(this.#headStart, this.#lineStart);
    const rest = isInterim ? Buffer.alloc(0) : this.#copy(this.#lineStart);
    this.#emit(isInterim ? 'interim' : 'final', this.#headSoFar(), raw, rest);
    if (isInterim) this.#beginHead();
  }

  #beginHead(): void {
    this.#headStart = this.#lineStart;
    this.#status = undefined;
    this.#headers = [];
    if (this.#isNotHttp()) this.#fail('not-http');
  }

  // Ends reading with what there is. Always true: the line that led here is taken.
  #fail(violation: Violation): true {
    this.#violations.add(violation);
    const end = Math.min(this.#buffer.length, this.#headStart + EVIDENCE_BYTES);
    const raw = this.#copy(this.#headStart, end);
    this.#emit('final', this.#headSoFar(), raw, Buffer.alloc(0));
    return true;
  }

  #headSoFar(): ResponseHead {
    if (this.#status === undefined) return NOT_HTTP;
    const headers = this.#headers.map(
      ([name, value]): HeaderField => [decodeField(name), decodeField(value)],
    );
    return { ...this.#status, headers };
  }

  #emit(kind: ParsedHead['kind'], head: ResponseHead, raw: Buffer, rest: Buffer): void {
    this.#ended = kind === 'final';
    this.#heads.push({ kind, head, raw, violations: [...this.#violations], rest });
  }

  #copy(start: number, end?: number): Buffer {
    return Buffer.from(this.#buffer.view().subarray(start, end));
  }
}

const STATUS_LINE = /^(HTTP\/\d\.\d) ([1-9]\d\d)(?: (.*))?$/s;
const LAX_STATUS_LINE = /^(HTTP\/\d+(?:\.\d+)?)[ \t]+([1-9]\d\d)(?:[ \t]+(.*))?$/s;
// RFC 9110 section 5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
