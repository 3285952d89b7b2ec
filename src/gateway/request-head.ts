// The head of an HTTP/1.x request as plain data, read before node:http sees it, so that the gateway
// itself decides about every upgrade (RFC 9112 section 2, RFC 6455 section 4.2.1).
import type { IncomingMessage } from 'node:http';
import { HEAD_BYTES, URL_BYTES } from './limits.ts';

/** One header field: name as it was spelt, value without surrounding blanks. */
export type HeaderField = readonly [name: string, value: string];

/** A request line and its header fields. */
export interface RequestHead {
  readonly method: string;
  /** The request target as sent. */
  readonly target: string;
  /** `1.1` for HTTP/1.1. */
  readonly version: string;
  readonly headers: readonly HeaderField[];
}

/** What the bytes received so far are. */
export type HeadReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed'; readonly status: number }
  /** `length` bytes are the head; the rest belongs to what follows it. */
  | { readonly kind: 'complete'; readonly head: RequestHead; readonly length: number };

/** Reads a request head from the start of `bytes`. Bytes are taken as Latin-1. */
export function readRequestHead(bytes: Buffer, urlBytes = URL_BYTES): HeadReading {
  const start = leadingLineBreaks(bytes);
  const end = bytes.indexOf('\r\n\r\n', start, 'latin1');
  if (end === -1) return unfinished(bytes, start);
  if (end - start > HEAD_BYTES) return { kind: 'malformed', status: 431 };
  const [requestLine = '', ...lines] = bytes.toString('latin1', start, end).split('\r\n');
  const request = REQUEST_LINE.exec(requestLine);
  const headers = lines.map(readField);
  if (request === null || !headers.every((field) => field !== undefined)) return MALFORMED;
  const [, method = '', target = '', version = ''] = request;
  if (target.length > urlBytes) return { kind: 'malformed', status: 414 };
  return { kind: 'complete', head: { method, target, version, headers }, length: end + 4 };
}

/** The head of a request that node:http has read. */
export function headOf(request: IncomingMessage): RequestHead {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
  return { method, target: url, version: httpVersion, headers };
}

/** All values of a header, in order, the name compared without case. */
export function headerValues(head: RequestHead, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return head.headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

/** True when a comma-separated header has the token, without case. */
export function hasToken(head: RequestHead, name: string, token: string): boolean {
  const tokens = headerValues(head, name).flatMap((value) => value.split(','));
  return tokens.some((part) => part.trim().toLowerCase() === token);
}

/** The path of a request target, without its query; absolute-form targets are understood. */
export function pathOf(target: string): string {
  return withoutAuthority(target).replace(/[?#].*$/s, '');
}

/** The query of a request target, without `?`; empty without one. */
export function queryOf(target: string): string {
  const at = target.indexOf('?');
  return at === -1 ? '' : target.slice(at + 1).replace(/#.*$/s, '');
}

const MALFORMED: HeadReading = { kind: 'malformed', status: 400 };

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/([0-9]\.[0-9])$/;
// oxlint-disable-next-line no-control-regex -- field values may hold tabs and bytes above 127 only
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)$/;

function readField(line: string): HeaderField | undefined {
  const match = FIELD.exec(line);
  return match === null ? undefined : [match[1] ?? '', (match[2] ?? '').trimEnd()];
}

// RFC 9112 section 2.2: "a server ... SHOULD ignore at least one empty line (CRLF) received prior to
// the request-line".
function leadingLineBreaks(bytes: Buffer): number {
  return bytes.length >= 2 && bytes[0] === CR && bytes[1] === LF ? 2 : 0;
}

// A head that can no longer become a good one is refused at once, not when the time-out comes.
function unfinished(bytes: Buffer, start: number): HeadReading {
  if (bytes.length - start > HEAD_BYTES) return { kind: 'malformed', status: 431 };
  const lineEnd = bytes.indexOf(LF, start);
  if (lineEnd === -1)
    return METHOD_START.test(bytes.toString('latin1', start, start + 32)) ? INCOMPLETE : MALFORMED;
  const line = bytes.toString('latin1', start, lineEnd).replace(/\r$/, '');
  return bytes[lineEnd - 1] === CR && REQUEST_LINE.test(line) ? INCOMPLETE : MALFORMED;
}

const INCOMPLETE: HeadReading = { kind: 'incomplete' };
const METHOD_START =
  /^(?:\r?|[!#$%&'*+.^_`|~0-9A-Za-z-]{1,31}( .*)?|[!#$%&'*+.^_`|~0-9A-Za-z-]{32})$/s;
const CR = 0x0d;
const LF = 0x0a;

function withoutAuthority(target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^wss?:\/\/[^/?#]*/i, '') || '/';
}
